"""`cogrid run`."""

from __future__ import annotations

import json
import pathlib
import sys

import numpy as np
import pytest
from PIL import Image, ImageSequence

from cogrid.command_line.output import print_json
from cogrid.envs.registry import make
from cogrid.recording.trajectory import Trajectory
from cogrid.tests.command_line.commands import run_command
from cogrid.tests.engines import needs_jax

Capture = pytest.CaptureFixture[str]
KITCHEN = "Overcooked-CrampedRoom-V0"


def test_scripted_cooks_deliver_and_the_world_at_the_end_is_shown(capsys: Capture) -> None:
    told = run_command(capsys, "run", KITCHEN, "--policy", "scripted", "--steps", "100")
    lines = told.out.splitlines()

    assert told.status == 0
    assert lines[0] == f"{KITCHEN} on numpy, scripted play, seed 0: 100 steps, stopped"
    assert "delivery 1" in lines[1]
    assert lines[-1] == "time 100"


def test_one_seed_gives_one_episode_and_another_seed_another(capsys: Capture) -> None:
    first, again, other = (
        run_command(capsys, "run", KITCHEN, "--seed", seed, "--steps", "30").out.splitlines()[1:]
        for seed in ("3", "3", "4")
    )

    assert first == again
    assert first != other


def test_an_episode_ends_by_the_clock_or_because_all_agents_are_done(capsys: Capture) -> None:
    clock = run_command(capsys, "run", KITCHEN, "--set", "max_steps=7", "--json").read_json()
    done = run_command(
        capsys, "run", "GoalSeeking-Fixed-V0", "--agents", "1", "--set", "layout=['+A']", "--steps", "100", "--json"
    ).read_json()

    assert (clock["steps"], clock["ending"]) == (7, "truncated")
    assert done["ending"] == "terminated"
    assert done["steps"] < 100
    assert done["returns"] == {"agent_0": 1.0}
    assert done["events"] == {"agent_0": {"goal_reached": 1}}


def test_json_has_null_for_what_is_no_finite_number(capsys: Capture) -> None:
    print_json({"returns": {"agent_0": np.float32("inf")}})

    assert json.loads(capsys.readouterr().out) == {"returns": {"agent_0": None}}


@needs_jax
def test_both_backends_tell_the_same(capsys: Capture) -> None:
    numpy, jax = (
        run_command(
            capsys, "run", KITCHEN, "--policy", "scripted", "--steps", "60", "--backend", backend, "--json"
        ).read_json()
        for backend in ("numpy", "jax")
    )

    assert numpy.pop("backend") == "numpy"
    assert jax.pop("backend") == "jax"
    assert numpy == jax
    assert any(numpy["events"].values())


def test_a_policy_of_ones_own_is_found_in_the_working_directory(
    tmp_path: pathlib.Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "def toggles(obs, key):\n    return 5\n"
    (tmp_path / "own_agents_of_this_test.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    told = run_command(
        capsys, "run", KITCHEN, "--policy", "own_agents_of_this_test:toggles", "--steps", "4", "--save", "episode"
    )

    assert told.status == 0
    assert (Trajectory.load(tmp_path / "episode.npz").actions == 5).all()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def act(obs, key):\n    return None\n", "The action of 'agent_0' is an integer, not None"),
        ("def act(obs, key):\n    return 7\n", "The action 7 of 'agent_0' is out"),
        ("def act(obs):\n    return 1\n", ":act' is not a function (obs, key) -> action"),
        ("def act(\n", "cannot be imported: '(' was never closed"),
    ],
)
def test_a_policy_that_does_not_play_is_named(
    source: str, message: str, tmp_path: pathlib.Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"policy_with_fault_{abs(hash(source))}"
    (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])

    told = run_command(capsys, "run", KITCHEN, "--policy", f"{module}:act", "--steps", "2")

    assert (told.status, told.out) == (2, "")
    assert message in told.err


def test_the_trajectory_is_kept_and_obeys_the_rules(tmp_path: pathlib.Path, capsys: Capture) -> None:
    path = tmp_path / "episode.npz"
    told = run_command(
        capsys, "run", KITCHEN, "--seed", "5", "--steps", "12", "--save", str(path), "--json"
    ).read_json()
    trajectory = Trajectory.load(path)

    assert told["save"] == str(path)
    assert (trajectory.n_steps, trajectory.seed) == (12, 5)
    assert trajectory.start_state(make(KITCHEN)).time == 0


def test_a_moving_picture_has_a_frame_for_each_state(tmp_path: pathlib.Path, capsys: Capture) -> None:
    path = tmp_path / "deep" / "cooks.gif"
    told = run_command(capsys, "run", KITCHEN, "--policy", "scripted", "--steps", "6", "--gif", str(path))

    assert told.out.splitlines()[-1] == f"moving picture: {path}"
    with Image.open(path) as image:
        assert 4 <= sum(1 for _ in ImageSequence.Iterator(image)) <= 7  # Frames that are equal are joined.
        assert image.size[0] % 7 == image.size[1] % 6 == 0
