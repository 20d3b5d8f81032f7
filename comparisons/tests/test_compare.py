"""The comparison with peers: who runs when and with what, what is made of the figures; never how fast anything is."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from cogrid.backend._dispatch import has_jax
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ConfigError
from cogrid.tests.engines import needs_jax
from comparisons import compare, measuring, peer_environments
from comparisons.chart import draw_chart, scaling_lines
from comparisons.compare import Options, choose_races, describe_machine, main, prepare_peers, read_options, write
from comparisons.measuring import Crew, Result, WorkerProcess, run_race
from comparisons.own_worker import BUILDERS, make_env
from comparisons.peer_environments import PEERS, SCRIPTS, PeerEnvironments, PeerError
from comparisons.peers import worker_protocol
from comparisons.peers.worker_protocol import Prepared, Work, Worker, count_kernels, draw_actions
from comparisons.race_list import all_races
from comparisons.races import JAXMARL, OLD, OWN, Contestant, Race, Settings
from comparisons.report import brief, closing_lines, details, fill_in, is_met, race_lines, ratios, summary
from comparisons.worlds import PUBLISHED, dials, kitchen, kitchen_drawing

LOOP = Work(kind="jax_loop", n_envs=8)
MACHINE = {
    "processor": "Abacus 7",
    "cores": 2,
    "system": "Linux x86_64",
    "load": "0.1",
    "python": "3.11.1",
    "numpy": "2.1.0",
    "jax": "0.6.0",
    "device": "cpu (cpu)",
}


class Stand:
    """Answers as a worker does, with figures that were made up; remembers what it was asked."""

    def __init__(self, name: str, figures: dict[str, list[float]], asked: list[tuple[str, str]]) -> None:
        self.name, self.figures, self.asked = name, figures, asked

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer with the next figure; the end of the figures is the end of the worker."""
        self.asked.append((self.name, request["do"]))
        if request["do"] == "measure":
            if not self.figures[self.name]:
                raise PeerError("The worker ended with status 1:\nout of memory")
            return {"steps_per_second": self.figures[self.name].pop(0)}
        if request["do"] == "prepare":
            return {"first_step_seconds": 1.5}
        return {"observation": "(2, 3) uint8", "state_bytes": 94.0, "python": "3.11.1", "versions": {}, "device": None}

    def close(self) -> None:
        """Leave."""
        self.asked.append((self.name, "close"))


def made_up(race: Race, figures: dict[str, list[float]], rounds: int = 3) -> tuple[Result, list[tuple[str, str]]]:
    """The result of a race with given figures, and what was asked of whom."""
    asked: list[tuple[str, str]] = []
    crew = Crew(lambda library: Stand(library, {name: list(values) for name, values in figures.items()}, asked))
    return run_race(race, crew, Settings(rounds=rounds)), asked


def pair(**settings: Any) -> Race:
    """A race of ours and a peer."""
    contestants = (Contestant(library=OWN, work=LOOP), Contestant(library=JAXMARL, work=LOOP))
    return Race(**{"name": "jax_loop_planes", "title": "eight", "contestants": contestants, **settings})


def made_up_results(own: list[float], theirs: list[float], **settings: Any) -> Result:
    """The results of a comparison of two, with a scaling race and a cost race."""
    named = {OWN: own, JAXMARL: theirs}
    lines = (
        Contestant(library=OWN, work=LOOP, series="CoGrid, JAX, planes", size=8),
        Contestant(library=JAXMARL, work=LOOP, series="JaxMARL, planes", size=8),
    )
    scaling = pair(name="scaling", section="scaling", title="8 environments", contestants=lines)
    points = tuple(
        Contestant(library=OWN, work=dataclasses.replace(LOOP, grid=side), series="JAX", size=side * side)
        for side in (5, 10)
    )
    cost = pair(name="cost_grid", section="cost", title="cells", contestants=points)
    races = [made_up(pair(**settings), named), made_up(scaling, named), made_up(cost, {OWN: [200, 100] * 3})]
    return {
        "version": "1.0.0",
        "date": "2026-02-03",
        "is_quick": False,
        "settings": Settings().as_json(),
        "machine": MACHINE,
        "requirements": {},
        "races": [result for result, _ in races],
        "libraries": {},
    }


def test_contestants_take_turns() -> None:
    result, asked = made_up(pair(), {OWN: [1, 2, 3], JAXMARL: [4, 5, 6]})
    turns = [name for name, request in asked if request == "measure"]

    assert turns == [OWN, JAXMARL] * 3
    assert [entry["trials"] for entry in result["contestants"]] == [[1, 2, 3], [4, 5, 6]]


def test_all_workers_forget_after_a_race() -> None:
    _, asked = made_up(pair(), {OWN: [1, 2, 3], JAXMARL: [4, 5, 6]})

    assert asked[-2:] == [(OWN, "forget"), (JAXMARL, "forget")]


def test_a_worker_that_cannot_change_its_backend_ends_with_its_race() -> None:
    contestants = (Contestant(library=OWN, work=LOOP), Contestant(library=OLD, work=LOOP))
    _, asked = made_up(pair(contestants=contestants), {OWN: [1, 2, 3], OLD: [4, 5, 6]})

    assert asked[-1] == (OLD, "close")


def test_the_first_step_is_taken_in_a_fresh_process_each_time() -> None:
    result, asked = made_up(pair(figure="first_step_seconds", section="size"), {})

    fresh = ["describe", "prepare"]

    assert [request for name, request in asked if name == OWN] == [*[*fresh, "close"] * 2, *fresh, "forget"]
    assert result["contestants"][0]["trials"] == [1.5] * 3


def test_memory_is_looked_at_once() -> None:
    result, _ = made_up(pair(figure="state_bytes", section="size"), {})

    assert [entry["trials"] for entry in result["contestants"]] == [[94.0], [94.0]]


def test_a_worker_that_ends_keeps_its_figures_says_why_and_leaves_the_race_to_the_others() -> None:
    figures = {OWN: [1, 2, 3], JAXMARL: []}
    result, asked = made_up(pair(), figures)
    own, theirs = result["contestants"]

    assert own["trials"] == [1, 2, 3]
    assert theirs["trials"] == []
    assert "out of memory" in theirs["error"]
    assert asked.count((JAXMARL, "measure")) == 1


def test_peers_are_there_before_anything_is_measured_and_one_that_is_not_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def start(library: str) -> Stand:
        if library == JAXMARL:
            raise PeerError("pip said no")
        return Stand(library, {}, [])

    crew = Crew(start)
    prepare_peers([pair(), pair(contestants=(Contestant(library=OLD, work=LOOP),))], crew)

    assert set(crew.descriptions) == {OWN, OLD}
    assert capsys.readouterr().err == "jaxmarl-0.2.0 is left out: pip said no\n"


def test_a_peer_that_cannot_be_installed_is_tried_once() -> None:
    tried = []

    def start(library: str) -> Stand:
        tried.append(library)
        raise PeerError("pip said no")

    crew = Crew(start)
    for _ in range(2):
        with pytest.raises(PeerError, match="pip said no"):
            crew.ask(OWN, {"do": "forget"})

    assert tried == [OWN]


def test_ratios_are_taken_round_by_round() -> None:
    result, _ = made_up(pair(), {OWN: [100, 300, 200], JAXMARL: [10, 60, 10]})

    assert ratios(result) == [10, 5, 20]


def test_where_less_is_better_the_ratio_is_turned_round() -> None:
    result, _ = made_up(pair(figure="first_step_seconds", section="size"), {})
    result["contestants"][1]["trials"] = [3.0, 4.5, 6.0]

    assert ratios(result) == [2, 3, 4]


@pytest.mark.parametrize(
    ("settings", "own", "met"),
    [
        ({"least_ratio": 5}, [100, 300, 200], True),
        ({"least_ratio": 12}, [100, 300, 200], False),
        ({"greatest": 150}, [100, 300, 200], False),
        ({"greatest": 250}, [100, 300, 200], True),
        ({}, [100, 300, 200], None),
        ({"least_ratio": 5}, [], None),
    ],
)
def test_a_target_is_met_by_the_median(settings: dict[str, float], own: list[float], met: bool | None) -> None:
    result, _ = made_up(pair(**settings), {OWN: own, JAXMARL: [10, 60, 10]})

    assert is_met(result) is met


def test_the_terminal_shows_medians_ranges_ratio_and_target() -> None:
    result, _ = made_up(pair(least_ratio=12), {OWN: [100, 300, 200], JAXMARL: [10, 60, 10]})
    lines = [" ".join(line.split()) for line in race_lines(result)]

    assert "CoGrid 200 steps/s (100 to 300) observes (2, 3) uint8" in lines
    assert "JaxMARL 0.2.0 10 steps/s (10 to 60) observes (2, 3) uint8" in lines
    assert "ratio 10 x (5 to 20)" in lines
    assert "target at least 12 x: missed" in lines


def test_a_peer_that_is_ahead_and_a_target_that_is_missed_are_said_openly() -> None:
    text = "\n".join(closing_lines(made_up_results([100, 100, 100], [200, 400, 200], least_ratio=2)))

    assert "- eight: JaxMARL 0.2.0 is ahead of CoGrid, 2 x (2 to 4)." in text
    assert "- 8 environments: JaxMARL, planes is ahead of CoGrid, JAX, planes, 2 x (2 to 4)." in text
    assert "- eight: at least 2 x: missed, 0.5 x (0.25 to 0.5)." in text


def test_it_is_also_said_when_nobody_is_ahead() -> None:
    lines = closing_lines(made_up_results([300, 300, 300], [100, 100, 100], least_ratio=2))

    assert lines == ["Where a peer is ahead: nowhere in what was measured.", "Targets missed: none of those measured."]


def test_a_missing_figure_is_explained() -> None:
    text = "\n".join(closing_lines(made_up_results([300, 300, 300], [])))

    assert "- eight: JaxMARL 0.2.0 gave no figure: out of memory" in text


def test_markdown_tables_hold_every_figure() -> None:
    text = details(made_up_results([400, 400, 400], [100, 200, 100], least_ratio=2))

    assert "| eight | 400 steps/s (400 to 400) | JaxMARL 0.2.0: 100 steps/s (100 to 200) | 4 x (2 to 4) |" in text
    assert "| at least 2 x: met |" in text
    assert "| environments | CoGrid, JAX, planes | JaxMARL, planes |" in text
    assert "| 8 | 400 (400 to 400) | 100 (100 to 200) |" in text
    assert "| microseconds a step; cells | 25 | 100 | growth |" in text
    assert "| JAX | 5,000 | 10,000 | 2 x (size 4 x) |" in text
    assert "Abacus 7, 2 cores" in text


def test_every_row_of_a_markdown_table_has_as_many_cells_as_its_head() -> None:
    tables = [part for part in details(made_up_results([4, 4, 4], [1])).split("\n\n") if part.startswith("|")]

    assert len(tables) == 3
    assert all(len({line.count("|") for line in table.splitlines()}) == 1 for table in tables)


def test_a_page_has_its_blocks_replaced_and_the_rest_left_alone() -> None:
    page = "Before.\n<!-- comparison: summary -->\nold\n<!-- comparison: end -->\nAfter.\n"
    results = made_up_results([4, 4, 4], [1, 1, 1], least_ratio=2)
    filled = fill_in(page, results)

    assert filled.startswith("Before.\n<!-- comparison: summary -->\n| |")
    assert filled.endswith("\n<!-- comparison: end -->\nAfter.\n")
    assert "old" not in filled
    assert summary(results) in filled
    assert fill_in(filled, results) == filled


def test_a_summary_has_the_races_with_a_target_and_the_details_have_all() -> None:
    results = made_up_results([4, 4, 4], [1, 1, 1])
    title = results["races"][0]["title"]

    assert title not in summary(results)
    assert title in details(results)


def test_the_shortest_table_has_medians_of_the_races_that_it_names() -> None:
    results = made_up_results([400, 500, 600], [100, 100, 100])
    results["races"][0]["name"] = "numpy_vector"

    assert "| 1,024 worlds at once, NumPy | 500 | JaxMARL 0.2.0: 100 | 5 |" in brief(results)
    assert brief(results).count("\n| ") == 1


def test_a_page_without_blocks_becomes_the_whole_report() -> None:
    results = made_up_results([4, 4, 4], [1, 1, 1])

    assert fill_in("", results) == details(results)


def test_an_unknown_block_is_refused() -> None:
    page = "<!-- comparison: sumary -->\n<!-- comparison: end -->"

    with pytest.raises(ConfigError, match="Did you mean 'summary'"):
        fill_in(page, made_up_results([4, 4, 4], [1, 1, 1]))


def test_a_quick_run_says_that_its_figures_mean_nothing() -> None:
    results = {**made_up_results([4, 4, 4], [1, 1, 1]), "is_quick": True}

    assert "figures mean nothing" in summary(results)


def test_results_are_written_and_can_be_written_again_from_their_file(tmp_path: pathlib.Path) -> None:
    results = made_up_results([4, 4, 4], [1, 1, 1])
    figures, page, again = (tmp_path / name for name in ("figures.json", "page.md", "again.md"))
    environments = PeerEnvironments(directory=tmp_path)
    write(results, Options(settings=Settings(), environments=environments, json_file=figures, markdown_files=(page,)))

    assert json.loads(figures.read_text(encoding="utf-8")) == results
    assert main(["--from", str(figures), "--markdown", str(again)]) == 0
    assert again.read_text(encoding="utf-8") == page.read_text(encoding="utf-8") == details(results)


@pytest.mark.parametrize("name", ["chart.svg", "chart.png"])
def test_the_chart_is_drawn_log_log_with_the_machine_on_it(tmp_path: pathlib.Path, name: str) -> None:
    pytest.importorskip("matplotlib")
    draw_chart(made_up_results([4e6, 4e6, 4e6], [1e6, 1e6, 2e6]), tmp_path / name)
    drawn = (tmp_path / name).read_bytes()

    assert drawn.startswith((b"<?xml", b"\x89PNG"))
    assert name.endswith(".png") or b"Abacus 7" in drawn


def test_the_chart_has_a_line_for_each_series() -> None:
    lines = scaling_lines(made_up_results([4, 4, 4], [1, 1, 2]))

    assert lines == {"CoGrid, JAX, planes": [(8, [4, 4, 4])], "JaxMARL, planes": [(8, [1, 1, 2])]}


def test_a_chart_without_scaling_is_refused(tmp_path: pathlib.Path) -> None:
    pytest.importorskip("matplotlib")
    results = {**made_up_results([4, 4, 4], [1, 1, 2]), "races": []}

    with pytest.raises(ConfigError, match="these were not run"):
        draw_chart(results, tmp_path / "chart.svg")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "jax_lop"], "invalid choice: 'jax_lop'"),
        (["--peers", "gym"], "invalid choice: 'gym'"),
        (["--device", "tpu"], "invalid choice: 'tpu'"),
        (["--rounds", "2"], "rounds must be at least 3, not 2"),
        (["--seconds", "0"], "seconds must be more than 0"),
        (["--json", "no/such/folder/x.json"], "There is no folder"),
        (["--from", "no-such-file.json"], "There are no results in 'no-such-file.json'"),
        (["--python", "jaxmarl"], "--python takes PEER=FILE"),
        (["--python", "jaxmarl-0.2.0=no-such-python"], "--python takes PEER=FILE"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(arguments)

    assert ended.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--chart", "chart.xyz"], "A chart is one of"),
        (["--chart", "chart.svg", "--only", "jax_scan"], "The chart shows the races `scaling`"),
    ],
)
def test_charts_that_cannot_be_drawn_are_refused_before_anything_is_measured(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(SystemExit):
        read_options(arguments)

    assert message in " ".join(capsys.readouterr().err.split())


@needs_jax
def test_a_gpu_that_is_not_there_is_said_clearly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(compare, "has_gpu", lambda: False)
    with pytest.raises(SystemExit):
        read_options(["--device", "gpu"])

    assert "There is no GPU that JAX can use here" in capsys.readouterr().err


@needs_jax
def test_on_a_gpu_only_jax_runs_and_batches_grow_to_a_million(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "has_gpu", lambda: True)
    races = choose_races(read_options(["--device", "gpu"]))
    works = [entrant.work for race in races for entrant in race.contestants]

    assert {work.kind for work in works} == {"jax_single", "jax_loop", "jax_scan"}
    assert {entrant.size for race in races if race.name == "scaling" for entrant in race.contestants} == {
        1024 * 4**power for power in range(6)
    }


@needs_jax
def test_on_a_gpu_the_workers_are_told_to_use_it(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    started = {}

    def start(command: list[str], directory: str, environment: dict[str, str]) -> Stand:
        started.update(environment)
        return Stand(OWN, {}, [])

    monkeypatch.setattr(measuring, "WorkerProcess", start)
    with measuring.start_crew(PeerEnvironments(directory=tmp_path, device="gpu")) as crew:
        crew.describe(OWN)

    assert started["JAX_PLATFORMS"] == "cuda"


@needs_jax
def test_on_a_gpu_the_peers_get_the_libraries_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer_environments, "cuda_extra", lambda: "cuda12")

    assert "jax[cuda12]" in PEERS[JAXMARL].wanted("gpu")
    assert not [entry for entry in PEERS[JAXMARL].wanted("cpu") if "cuda" in entry]


def test_only_the_races_and_peers_that_are_named_take_part() -> None:
    options = Options(
        settings=Settings(), environments=PeerEnvironments(directory=pathlib.Path()), peers=(), only=("numpy_vector",)
    )

    assert [[entrant.library for entrant in race.contestants] for race in choose_races(options)] == [[OWN]]


def test_every_race_has_ours_first_and_the_same_number_of_steps_for_all() -> None:
    for race in all_races(Settings()):
        assert race.contestants[0].library == OWN
        assert len({entrant.work.n_steps for entrant in race.contestants}) == 1
        assert len({entrant.work.seed for entrant in race.contestants}) == 1


def test_the_targets_are_the_ones_that_were_set() -> None:
    targets = {race.name: race.least_ratio or race.greatest for race in all_races(Settings())}

    assert {name: target for name, target in targets.items() if target is not None} == {
        "numpy_single": 75,
        "numpy_single_original": 4,
        "numpy_single_planes": 12,
        "jax_single": 8,
        "numpy_vector": 8,
        "jax_loop_planes": 5,
        "jax_loop_numbers": 10,
        "jax_scan": 6,
        "jax_large": 0.7,
        "jax_large_fresh": 0.5,
        "rules_jaxmarl": 4,
        "rules_classic": 0.667,
        "rules_classic_numpy": 0.667,
        "published_numpy": 5,
        "published_jax": 20,
        "first_step": 2,
        "memory": 200,
    }


def test_a_quick_run_has_the_same_races() -> None:
    full, quick = (all_races(settings) for settings in (Settings(), Settings().quick()))

    assert list(dict.fromkeys(race.name for race in full)) == list(dict.fromkeys(race.name for race in quick))


@pytest.mark.parametrize("settings", [{"n_steps": 0}, {"n_steps": 401}, {"rounds": 2}, {"seconds": 0.0}])
def test_bad_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Settings(**settings)


def test_a_peers_environment_is_made_once_for_the_same_requirements(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[list[str]] = []

    def install(_: PeerEnvironments, folder: pathlib.Path, python: pathlib.Path, wanted: list[str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        installed.append(wanted)

    monkeypatch.setattr(PeerEnvironments, "_install", install)
    environments = PeerEnvironments(directory=tmp_path)
    peer = PEERS["overcooked-ai-1.1.0"]
    pythons = {environments.python(peer) for _ in range(2)}
    environments.python(dataclasses.replace(peer, requirements=("overcooked-ai==1.1.0",)))

    assert len(pythons) == 1
    assert pythons.pop().is_relative_to(tmp_path)
    assert installed == [["overcooked-ai==1.1.0", "numpy<2", "scipy", "setuptools<81"], ["overcooked-ai==1.1.0"]]


def test_a_python_that_has_a_peer_is_taken_as_it_is(tmp_path: pathlib.Path) -> None:
    mine = pathlib.Path(sys.executable)
    environments = PeerEnvironments(directory=tmp_path, pythons={JAXMARL: mine})

    assert environments.python(PEERS[JAXMARL]) == mine
    assert list(tmp_path.iterdir()) == []


def test_what_pip_said_is_told(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, stdout="", stderr="ERROR: No matching distribution found")
    monkeypatch.setattr(peer_environments.venv, "create", lambda *_, **__: None)
    monkeypatch.setattr(peer_environments.subprocess, "run", lambda *_, **__: failed)

    with pytest.raises(PeerError, match="No matching distribution found"):
        PeerEnvironments(directory=tmp_path).python(PEERS["overcooked-ai-1.1.0"])


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_a_peers_script_imports_nothing_of_this_package(peer: peer_environments.Peer) -> None:
    text = (SCRIPTS / peer.script).read_text(encoding="utf-8")

    assert "from worker_protocol import" in text
    assert "import cogrid" not in text
    assert "from cogrid" not in text


def test_actions_are_random_the_same_at_every_run_and_use_every_action() -> None:
    work = Work(kind="numpy_vector", n_envs=5, n_steps=50)
    actions = draw_actions(work, 7)

    assert actions.shape == (50, 5, 2)
    assert set(actions.flat) == set(range(7))
    np.testing.assert_array_equal(actions, draw_actions(work, 7))


def test_a_large_batch_has_few_different_actions() -> None:
    work = Work(kind="jax_loop", n_envs=2**20)

    assert worker_protocol.n_different_steps(work) == worker_protocol.CALIBRATION_STEPS


def played(seconds_a_step: float) -> tuple[Prepared, list[int]]:
    """Work whose steps all take the same time, and the lengths of its repetitions."""
    lengths: list[int] = []

    def play(n_steps: int) -> float:
        lengths.append(n_steps)
        return n_steps * seconds_a_step

    return Prepared(play=play, observe=lambda: np.zeros((2, 3))), lengths


@pytest.mark.parametrize(("seconds_a_step", "length"), [(0.001, 400), (0.01, 100), (5.0, 8)])
def test_a_repetition_is_an_episode_or_as_long_as_the_measurement(seconds_a_step: float, length: int) -> None:
    prepared, _ = played(seconds_a_step)

    assert worker_protocol.repetition_length(prepared, LOOP, seconds=1.0) == length


def test_a_scan_has_the_length_that_it_was_compiled_for() -> None:
    prepared = dataclasses.replace(played(5.0)[0], has_fixed_length=True)

    assert worker_protocol.repetition_length(prepared, LOOP, seconds=1.0) == LOOP.n_steps


def test_a_measurement_repeats_until_the_steps_have_taken_long_enough() -> None:
    prepared, lengths = played(0.01)

    assert worker_protocol.measure(prepared, 40, n_envs=8, seconds=1.0) == pytest.approx(800)
    assert lengths == [40] * 3


def test_a_worker_builds_work_once_until_it_is_told_to_forget() -> None:
    built: list[Work] = []

    def build(work: Work) -> Prepared:
        built.append(work)
        return played(0.01)[0]

    worker = Worker(None, {"jax_loop": build})
    measure = {"do": "measure", "work": dataclasses.asdict(LOOP), "seconds": 0.1}
    figures = [worker.answer(measure) for _ in range(2)]
    worker.answer({"do": "forget"})
    figures.append(worker.answer(measure))

    assert built == [LOOP, LOOP]
    assert [figure["steps_per_second"] for figure in figures] == [pytest.approx(800)] * 3
    assert worker.answer({**measure, "do": "observe"}) == {"observation": "(2, 3) float64"}
    assert worker.answer({**measure, "do": "prepare"})["first_step_seconds"] > 0


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_games_are_played_with_resets_where_episodes_end(name: str) -> None:
    n_agents = make_env(Work(kind="numpy_episodes", observation="own", env_id=name), "numpy").tables.n_agents
    work = Work(kind="numpy_episodes", observation="own", env_id=name, n_agents=n_agents)

    assert BUILDERS["numpy_episodes"](work).play(60) > 0


def test_kernels_are_the_operations_of_the_entry_that_run() -> None:
    program = """HloModule step
fused {
  ROOT add = f32[2]{0} add(a, b)
}

ENTRY main.5 (p: f32[2]) -> (f32[2], f32[2]) {
  p = f32[2]{0} parameter(0)
  c = f32[] constant(1)
  %fusion = f32[2]{0} fusion(p, c), kind=kLoop, calls=fused, metadata={op_name="jit(step)/add (twice)"}
  loop = (s32[], f32[2]{0:T(128)}) while(p), condition=a, body=b
  g = f32[2]{0} get-tuple-element(loop), index=1
  ROOT t = (f32[2]{0}, f32[2]{0}) tuple(g, %fusion)
}
"""

    assert count_kernels(program) == 2


@pytest.mark.long
@needs_jax
def test_a_jitted_step_is_inspected() -> None:
    inspected = BUILDERS["jax_loop"](dataclasses.replace(LOOP, n_steps=8)).inspect()

    assert set(inspected) == {"state_bytes", "kernels"}
    assert 0 < inspected["state_bytes"] <= 200
    assert inspected["kernels"] > 0


KINDS = [pytest.param(kind, marks=[needs_jax, pytest.mark.long] if kind.startswith("jax") else []) for kind in BUILDERS]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_work_plays_and_observes(kind: str) -> None:
    n_envs = 1 if kind.endswith(("single", "episodes")) else 3
    work = Work(kind=kind, n_envs=n_envs, n_steps=8)
    prepared = BUILDERS[kind](work)
    observed = worker_protocol.describe_arrays(prepared.observe())
    space = make_env(work, "numpy").observation_space("agent_0")

    assert prepared.play(8) > 0
    assert observed == f"{(2, *(space.shape or ()))} {space.dtype}"


@pytest.mark.long
@needs_jax
def test_a_loop_that_reuses_memory_makes_as_many_steps_as_it_is_asked_for() -> None:
    prepared = BUILDERS["jax_loop"](dataclasses.replace(LOOP, n_steps=8, reuses_memory=True))

    assert prepared.play(8) > 0
    assert prepared.play(3) > 0


def test_cost_curves_and_large_batches_reuse_memory_and_nobody_does_beside_a_peer() -> None:
    for race in all_races(Settings()):
        reuses = {entrant.work.reuses_memory for entrant in race.contestants if entrant.work.kind == "jax_loop"}
        if race.name in {"cost_grid", "cost_agents", "cost_values", "jax_large"}:
            assert reuses <= {True}
        else:
            assert reuses <= {False}


def test_a_kitchen_without_its_outer_wall_has_the_cells_of_its_peers() -> None:
    env = make_env(Work(kind="numpy_single", has_outer_wall=False), "numpy")

    assert (env.tables.height, env.tables.width) == (4, 5)


def test_what_the_short_observation_has_is_what_its_features_have() -> None:
    env = make_env(Work(kind="numpy_single", observation="short"), "numpy")

    assert env.observation_space("agent_0").shape == (2 + 4 + 4 + 1,)


@pytest.mark.parametrize("side", [5, 8, 16])
def test_a_kitchen_has_the_size_that_is_asked_for_and_furniture_that_grows_with_it(side: int) -> None:
    drawing = kitchen_drawing(side)
    furniture = sum(character not in "# " for row in drawing for character in row)

    assert {len(row) for row in [drawing, *drawing]} == {side}
    assert furniture == ((side - 2) // 2) ** 2


def test_a_kitchen_can_hold_the_most_agents_that_are_measured() -> None:
    env = CoGridEnv(kitchen(16, 32, ("object_planes",), max_steps=10))
    observations, _ = env.reset(seed=0)

    assert len(observations) == 32


def test_a_kitchen_that_is_too_small_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least 5 rows"):
        kitchen_drawing(4)


def test_dials_have_as_many_values_as_asked_for_and_go_through_them() -> None:
    env = CoGridEnv(dials(16, 2, ("agent_position",), max_steps=40))
    env.reset(seed=0)
    before = set()
    for _ in range(16):
        before |= set(np.unique(env.get_state().cells))
        env.step(dict.fromkeys(env.agents, 6))

    assert env.tables.rules.n_cell_values >= 16
    assert len(before) == 16 + 2, "all positions, floor and wall"


def test_dials_without_values_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 1 value"):
        dials(0, 2, ("agent_position",), max_steps=40)


def test_a_worker_process_tells_its_last_words(tmp_path: pathlib.Path) -> None:
    worker = WorkerProcess([sys.executable, "-c", "raise SystemExit('no such library')"], str(tmp_path), {})

    with pytest.raises(PeerError, match=r"status 1:\nno such library"):
        worker.ask({"do": "describe"})
    worker.close()


def test_a_machine_is_described_by_what_its_worker_says() -> None:
    machine = describe_machine({"python": "3.11.1", "versions": {}, "device": None})

    assert set(machine) == set(MACHINE)
    assert machine["jax"] == "none"


def test_a_tiny_race_of_ours_alone_runs_from_end_to_end(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "page.md"
    arguments = ["--quick", "--seconds", "0.001", "--peers", "--only", "numpy_single"]
    status = main([*arguments, "--json", str(figures), "--markdown", str(page)])
    results = json.loads(figures.read_text(encoding="utf-8"))
    (race,) = results["races"]

    assert status == 0
    assert [len(entry["trials"]) for entry in race["contestants"]] == [3]
    assert race["contestants"][0]["observation"] == "(2, 443) uint8"
    assert "not measured" in race_lines(race)[-1]
    assert "[numpy_single]" in capsys.readouterr().out
    assert results["machine"]["jax"] != "none" or not has_jax()
    assert page.read_text(encoding="utf-8") == details(results)
