"""The page: one file that needs nothing else, and episodes in it that the library reads."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import urllib.error
import urllib.request
from threading import Thread

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.overcooked_ai.trajectory_json import read_trajectories, write_trajectories
from cogrid.errors import ConfigError
from cogrid.page.export import page_text, write_page
from cogrid.page.scripts import joined_script
from cogrid.page.server import page_server
from cogrid.policy import policy_key, random_policy
from cogrid.rendering import render_ansi
from cogrid.tests.command_line.commands import run_command
from cogrid.tests.page.transitions import NODE

needs_node = pytest.mark.skipif(NODE is None, reason="needs Node")

IDS = (
    "Overcooked-CrampedRoom-V0",
    "OvercookedAI-CrampedRoom-V0",
    "OvercookedV2-GroundedCoordSimple-V0",
    "GoalSeeking-Random-V0",
)
STEPS = 120
PLAYER = pathlib.Path(__file__).with_name("play_page.mjs")


def worlds() -> list[CoGridEnv]:
    """A world of each family, with short episodes, and one with a set of layouts."""
    envs = [cogrid.make(env_id, max_steps=STEPS) for env_id in IDS]
    layouts = cogrid.LayoutSet(["CrampedRoom", "CoordinationRing"])
    return [*envs, cogrid.make("Overcooked-CounterCircuit-V0", layout=layouts, num_agents=3, max_steps=STEPS)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[pathlib.Path, dict[str, list[str]]]:
    """A folder with an episode of each world that Node has played at random, and each state as text."""
    folder = tmp_path_factory.mktemp("page")
    file = write_page(worlds(), folder)
    return folder, play(file, folder, STEPS, "random")


def play(file: pathlib.Path, folder: pathlib.Path, n_steps: int, *players: str) -> dict[str, list[str]]:
    """Have agents of the page play its worlds under Node, and keep what they would let people download."""
    command = [str(NODE), str(PLAYER), str(file), str(folder), "7", str(n_steps), *players]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_node
@pytest.mark.parametrize("env", worlds(), ids=lambda env: env.config.name)
def test_a_file_from_the_page_is_read_and_checked(
    env: CoGridEnv, played: tuple[pathlib.Path, dict[str, list[str]]]
) -> None:
    trajectory = cogrid.Trajectory.load(played[0] / f"{env.config.name}.npz")

    assert trajectory.seed == 7
    assert trajectory.n_steps > 3
    assert trajectory.check(env) == []


@needs_node
@pytest.mark.parametrize("env", worlds(), ids=lambda env: env.config.name)
def test_the_page_writes_states_as_the_library_does(
    env: CoGridEnv, played: tuple[pathlib.Path, dict[str, list[str]]]
) -> None:
    trajectory = cogrid.Trajectory.load(played[0] / f"{env.config.name}.npz")
    env.set_state(trajectory.start_state(env))
    texts = [render_ansi(env.get_state())]
    for joint in trajectory.actions.tolist():
        env.step({agent: joint[env.possible_agents.index(agent)] for agent in env.agents})
        texts.append(render_ansi(env.get_state()))

    assert played[1][env.config.name] == texts


@needs_node
def test_random_play_in_the_page_is_the_librarys(played: tuple[pathlib.Path, dict[str, list[str]]]) -> None:
    env = cogrid.make(IDS[0], max_steps=STEPS)
    trajectory = cogrid.Trajectory.load(played[0] / f"{IDS[0]}.npz")
    policy = random_policy(len(env.tables.action_set), 2)
    state, obs = env.game.reset(np.array([0, 7], dtype=np.uint32))
    drawn = []
    for _ in range(STEPS):
        drawn.append(policy(obs, policy_key(state)))
        state = env.game.advance(state, drawn[-1]).state

    np.testing.assert_array_equal(trajectory.actions, np.array(drawn))


@needs_node
@pytest.mark.parametrize(
    ("env_id", "deliveries"),
    [
        ("Overcooked-CrampedRoom-V0", 3),
        ("Overcooked-ForcedCoordination-V0", 2),  # Neither can do it alone: they hand over.
        ("OvercookedAI-CounterCircuit-V0", 1),  # Soups of several kinds, cooked by hand.
        ("OvercookedV2-GroundedCoordSimple-V0", 2),  # A recipe that changes.
    ],
)
def test_partners_that_plan_deliver_soups(env_id: str, deliveries: int, tmp_path: pathlib.Path) -> None:
    env = cogrid.make(env_id, max_steps=200)
    play(write_page([env], tmp_path), tmp_path, 200, "planner")
    trajectory = cogrid.Trajectory.load(tmp_path / f"{env_id}.npz")

    assert trajectory.check(env) == []
    assert (trajectory.rewards[:, 0] > 0).sum() >= deliveries


@needs_node
def test_an_episode_is_written_for_overcooked_ai_as_the_library_writes_it(tmp_path: pathlib.Path) -> None:
    env = cogrid.make("OvercookedAI-CounterCircuit-V0", max_steps=150)
    play(write_page([env], tmp_path), tmp_path, 150, "planner")
    trajectory = cogrid.Trajectory.load(tmp_path / f"{env.config.name}.npz")
    file = tmp_path / f"{env.config.name}.json"

    assert read_trajectories(file)[0].check() == []
    ours = write_trajectories(tmp_path / "ours.json", env, [trajectory])
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(ours.read_text(encoding="utf-8"))


@needs_node
def test_a_partner_that_plans_walks_to_its_goal(tmp_path: pathlib.Path) -> None:
    env = cogrid.make("GoalSeeking-Random-V0")
    play(write_page([env], tmp_path), tmp_path, 200, "planner")
    trajectory = cogrid.Trajectory.load(tmp_path / f"{env.config.name}.npz")

    assert trajectory.terminations.any(axis=0).all()
    assert trajectory.n_steps < 40


def test_the_page_is_one_file_that_asks_for_nothing_else() -> None:
    text = page_text([cogrid.make(IDS[0])])
    addresses = re.findall(r"""(?:src|href)=["']([^"'$]*)["']|url\(([^)]*)\)""", text + joined_script())

    assert {kind for first, second in addresses for kind in [(first or second).partition(":")[0]]} == {"data"}
    assert set(re.findall(r"https?://[\w./]+", text + joined_script())) <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text
    assert not re.search(r"\{\{\w+\}\}", text)


@pytest.mark.parametrize("env_id", IDS)
def test_the_page_of_a_world_is_small(env_id: str) -> None:
    assert len(page_text([cogrid.make(env_id)])) < 300_000


def test_worlds_share_what_is_equal() -> None:
    one, two = (cogrid.make(f"Overcooked-{name}-V0") for name in ("CrampedRoom", "CoordinationRing"))

    assert len(page_text([one, two])) < len(page_text([one])) + 5_000


def test_a_world_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="Overcooked-CrampedRoom-V0 stands in the page twice"):
        page_text([cogrid.make(IDS[0]), cogrid.make(IDS[0])])


@needs_node
@pytest.mark.parametrize("entry", ["app/main.js", "app/replay_main.js"])
def test_the_joined_script_is_javascript(entry: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "joined.js"
    file.write_text(joined_script(entry), encoding="utf-8")
    done = subprocess.run([str(NODE), "--check", str(file)], capture_output=True, text=True, check=False)

    assert done.stderr == ""


@pytest.mark.parametrize("entry", ["app/main.js", "app/replay_main.js"])
def test_a_script_has_each_module_once_and_no_import_is_left(entry: str) -> None:
    script = joined_script(entry)
    classes = re.findall(r"^class (\w+)", script, re.MULTILINE)

    assert "Board" in classes
    assert len(classes) == len(set(classes))
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('import board from "./b.js";\n', "cannot be joined: import board"),
        ("export default 3;\n", "cannot be joined: export default"),
        ('import { a } from "./b.js";\nexport const b = 1;\n', "a.js and b.js need each other|b.js and a.js need"),
    ],
    ids=["import", "export", "circle"],
)
def test_a_module_that_cannot_be_joined_is_refused(
    text: str, message: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogrid.page.scripts.FOLDER", tmp_path)
    (tmp_path / "a.js").write_text(text, encoding="utf-8")
    (tmp_path / "b.js").write_text('import { b } from "./a.js";\nexport const a = 1;\n', encoding="utf-8")

    with pytest.raises(ConfigError, match=message):
        joined_script.__wrapped__("a.js")


def test_a_server_has_the_page_and_nothing_else() -> None:
    with page_server("the page") as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        with urllib.request.urlopen(f"{address}/?seed=3") as answer:
            assert answer.read() == b"the page"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/../../etc/passwd")
        server.shutdown()


def test_the_command_writes_a_page(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = run_command(capsys, "page", IDS[0], IDS[3], "--out", str(tmp_path / "there"), "--set", "max_steps=50")

    assert told.status == 0
    assert "there/index.html: 2 worlds, " in told.out
    assert "GoalSeeking" not in (tmp_path / "there" / "index.html").read_text(encoding="utf-8")[:2000]


def test_a_world_that_cannot_be_exported_is_refused_by_the_command(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run_command(capsys, "page", "OvercookedOrders-MixedRoom-V0", "--out", str(tmp_path))

    assert told.status == 2
    assert "OvercookedOrders-MixedRoom-V0 cannot be played in the page" in told.err
