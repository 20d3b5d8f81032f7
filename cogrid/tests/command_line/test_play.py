"""`cogrid play` serves a page until it is stopped."""

from __future__ import annotations

import io
import os
import pathlib
import signal
import subprocess
import sys
import urllib.request

import pytest

import cogrid
from cogrid.command_line.command import Exit
from cogrid.command_line.terminal import actions_of_keys
from cogrid.recording.trajectory import Trajectory
from cogrid.tests.checkout import CHECKOUT
from cogrid.tests.command_line.commands import Told, run_command


def test_it_prints_an_address_that_has_the_page_and_ends_at_ctrl_c() -> None:
    # A job in the background is born deaf to Ctrl-C, and so are the processes that it starts.
    hears_ctrl_c = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start = f"{hears_ctrl_c}; from cogrid.command_line import main; raise SystemExit(main())"
    command = [sys.executable, "-c", start, "play", "GoalSeeking-Fixed-V0", "--no-browser", "--seed", "5"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            address, _, seed = process.stdout.readline().split()[0].partition("#")
            with urllib.request.urlopen(address) as answer:
                page = answer.read().decode()
            process.send_signal(signal.SIGINT)
            status = process.wait(timeout=30)
        finally:
            process.kill()

    assert address.startswith("http://127.0.0.1:")
    assert seed == "world=GoalSeeking-Fixed-V0&seed=5"
    assert "<title>GoalSeeking-Fixed-V0</title>" in page
    assert status == Exit.INTERRUPTED


def test_a_world_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    told = run_command(capsys, "play", "GoalSeeking-Fixd-V0")

    assert told.status == Exit.USAGE
    assert "GoalSeeking-Fixed-V0" in told.err


KEYS = "d\x1b[A d.zq1x"


def play_here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, keys: str, *arguments: str) -> Told:
    monkeypatch.setattr(sys, "stdin", io.StringIO(keys))
    return run_command(capsys, "play", *arguments, "--terminal", "--seed", "3")


def test_keys_in_the_terminal_are_steps_and_x_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    file = tmp_path / "played.npz"

    told = play_here(capsys, monkeypatch, KEYS, "Overcooked-CrampedRoom-V0", "--save", str(file))

    trajectory = Trajectory.load(file)
    assert told.status == Exit.OK
    assert trajectory.actions[:, 0].tolist() == [3, 0, 4, 3, 6, 5]
    assert trajectory.check(cogrid.make("Overcooked-CrampedRoom-V0")) == []
    assert told.out.count("You are agent_0.") == 7
    assert "time 6" in told.out


def test_a_world_with_hooks_can_be_played_in_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = play_here(capsys, monkeypatch, "wasd", "SearchRescue-Small-V0", "--agent", "agent_1", "--partner", "random")

    assert told.status == Exit.OK
    assert "You are agent_1." in told.out
    assert "time 4" in told.out


def test_the_end_of_an_episode_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    told = play_here(capsys, monkeypatch, "....", "GoalSeeking-Fixed-V0", "--set", "max_steps=2")

    assert told.out.rstrip().endswith("The episode is over.")


def test_an_agent_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    told = run_command(capsys, "play", "GoalSeeking-Fixed-V0", "--terminal", "--agent", "agent_7")

    assert told.status == Exit.USAGE
    assert "agent_0, agent_1" in told.err


def test_keys_fit_the_actions_of_a_world() -> None:
    turning = actions_of_keys(("Forward", "PickupDrop", "Toggle", "Noop", "RotateLeft", "RotateRight"))
    own = actions_of_keys(("Noop", "Forward", "StepLeft", "Zap", "Clean"))

    assert (turning["w"], turning["a"], turning["\x1b[C"], turning["q"]) == (0, 4, 5, 2)
    assert "s" not in turning
    assert (own[" "], own["q"], own["1"], own["2"], own["."]) == (3, 4, 2, 3, 0)
