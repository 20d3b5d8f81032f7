"""Episodes as pages, from Python and by the command."""

from __future__ import annotations

import base64
import html
import json
import pathlib
import re
import zlib
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.command import Exit
from cogrid.page.replay import replay_states, replay_text
from cogrid.recording.trajectory import Trajectory
from cogrid.rendering import render_ansi
from cogrid.tests.command_line.commands import run_command
from cogrid.tests.page.browser import needs_browser, open_browser

KITCHEN = "Overcooked-CrampedRoom-V0"


def record(env: CoGridEnv, n_steps: int = 40) -> Trajectory:
    """An episode in which both agents do this and that."""
    recorder = cogrid.TrajectoryRecorder(env)
    recorder.reset(seed=2)
    generator = np.random.default_rng(1)
    for _ in range(n_steps):
        recorder.step({agent: int(generator.integers(6)) for agent in env.agents})
    return recorder.trajectory()


def read_data(page: str) -> dict[str, Any]:
    """The document in a page."""
    packed = re.findall(r'<script id="data" type="text/plain">([^<]*)<', page)[0]
    data = zlib.decompress(base64.b64decode(packed))
    return json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])


def test_the_states_of_an_episode_are_those_that_were_played() -> None:
    env = cogrid.make(KITCHEN)
    trajectory = record(env)
    last = render_ansi(env.get_state())

    states = replay_states(trajectory, cogrid.make(KITCHEN))

    assert len(states) == 41
    assert render_ansi(states[-1]) == last


@pytest.mark.parametrize("env_id", ["OvercookedOrders-MixedRoom-V0", "SearchRescue-Small-V0"])
def test_a_world_with_hooks_can_be_shown(env_id: str) -> None:
    env = cogrid.make(env_id)
    page = read_data(replay_text(record(env), env))

    assert page["replay"]["n_steps"] == 40
    assert page["replay"]["channels"] == list(env.observation_channels)
    assert page["worlds"][0]["id"] == env_id


def test_only_the_values_that_appear_are_drawn() -> None:
    env = cogrid.make(KITCHEN)
    cells = read_data(replay_text(record(env), env))["worlds"][0]["pictures"]["cells"][0]

    assert 5 < sum(number >= 0 for number in cells) < 40


def test_observations_that_are_too_many_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogrid.page.replay.MAX_OBSERVATION_BYTES", 1000)
    env = cogrid.make(KITCHEN)

    assert read_data(replay_text(record(env), env))["replay"]["observations"] is None


def test_a_notebook_shows_an_episode_or_says_why_not() -> None:
    shown = record(cogrid.make(KITCHEN))._repr_html_()
    other = record(cogrid.make(KITCHEN, max_steps=60))._repr_html_()

    assert shown is not None
    assert other is not None
    assert read_data(html.unescape(shown))["worlds"][0]["id"] == KITCHEN
    assert other.startswith(f"<p>Trajectory of {KITCHEN}: 40 steps.")


def test_the_command_writes_a_page_and_a_moving_picture(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = record(cogrid.make(KITCHEN, max_steps=60), 8).save(tmp_path / "episode")
    written = tmp_path / "episode.html", tmp_path / "episode.gif"
    options = ("--set", "max_steps=60", "--html", str(written[0]), "--gif", str(written[1]))

    told = run_command(capsys, "replay", str(file), *options)

    assert told.status == Exit.OK
    assert told.out.startswith(f"{KITCHEN}, 8 steps: what the rules make of its actions")
    assert read_data(written[0].read_text(encoding="utf-8"))["replay"]["seed"] == 2
    assert written[1].read_bytes()[:3] == b"GIF"


def test_the_command_tells_of_an_episode_that_the_rules_do_not_give(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trajectory = record(cogrid.make(KITCHEN), 8)
    trajectory.rewards[3] = 5
    file = trajectory.save(tmp_path / "episode")

    told = run_command(capsys, "replay", str(file), "--html", str(tmp_path / "episode.html"))

    assert told.status == Exit.PROBLEM
    assert "NOT what the rules make of its actions; rewards of step 3" in told.out


def test_an_episode_of_other_settings_is_refused(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = record(cogrid.make(KITCHEN, max_steps=60), 8).save(tmp_path / "episode")

    told = run_command(capsys, "replay", str(file), "--html", str(tmp_path / "episode.html"))

    assert told.status == Exit.USAGE
    assert "the same settings" in told.err


@needs_browser
def test_a_replay_is_stepped_forth_and_back(tmp_path: pathlib.Path) -> None:
    env = cogrid.make(KITCHEN)
    trajectory = record(env)
    texts = [render_ansi(state) for state in replay_states(trajectory, env)]
    file = tmp_path / "episode.html"
    file.write_text(replay_text(trajectory, env), encoding="utf-8")
    with open_browser() as played:
        played.page.goto(f"file://{file}")
        played.page.wait_for_selector("#time:not(:empty)")
        seen = [played.text]
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End"):
            played.page.keyboard.press(key)
            seen.append(played.text)
        played.page.evaluate("() => { const at = document.getElementById('at'); at.value = 17; }")
        played.page.dispatch_event("#at", "input")
        seen.append(played.text)

    assert seen == [texts[at] for at in (0, 1, 2, 1, 40, 17)]
