"""`cogrid train`, `eval`, `watch` and `xplay`: one small run, and what can be done with it."""

from __future__ import annotations

import json
import pathlib
import sys
import textwrap

import pytest
from PIL import Image

from cogrid.backend._dispatch import has_jax
from cogrid.extras import installing
from cogrid.tests.command_line.commands import run_command
from cogrid.tests.test_without_jax import run_without_jax

Capture = pytest.CaptureFixture[str]

MODULE = """
    import cogrid
    from cogrid.tests.learning.lamps import CONFIG

    cogrid.register("LampsOfMine-V0", cogrid.config_factory(CONFIG))
"""


@pytest.fixture
def here(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A working directory with a module that registers a world."""
    from cogrid.envs import registry

    (tmp_path / "lamps_of_mine.py").write_text(textwrap.dedent(MODULE))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))
    monkeypatch.delitem(sys.modules, "lamps_of_mine", raising=False)
    return tmp_path


TRAIN = (
    "train",
    "LampsOfMine-V0",
    "--import",
    "lamps_of_mine",
    "--out",
    "run",
    "--quiet",
    "--goal",
    "0",
    "--steps",
    "64",
)
SMALL = ("--with", "n_envs=4", "--with", "n_steps=16", "--with", "n_minibatches=2", "--with", "width=8")


@pytest.mark.long
def test_a_world_of_ones_own_is_trained_in_evaluated_watched_and_crossed(capsys: Capture, here: pathlib.Path) -> None:
    pytest.importorskip("optax")
    trained = run_command(capsys, *TRAIN, *SMALL, "--steps", "64", "--seeds", "2")
    evaluated = run_command(capsys, "eval", "run", "--episodes", "3", "--json").read_json()
    watched = run_command(capsys, "watch", "run", "--gif", "seen.gif", "--json").read_json()
    crossed = run_command(capsys, "xplay", "run", "--episodes", "3", "--out", "crossed")

    assert trained.status == 0
    assert "a return of 0 was reached after 64 steps" in trained.out
    assert "run/curve.png" in trained.out
    assert [one["name"] for one in evaluated["policies"]] == ["run/seed_0", "run/seed_1"]
    assert watched["steps"] == 16
    with Image.open(here / "seen.gif") as picture:
        assert picture.format == "GIF"
    matrix = json.loads((here / "crossed" / "xplay.json").read_text())["matrix"]
    assert [matrix[idx][idx] for idx in range(2)] == [one["return"] for one in evaluated["policies"]]
    assert (here / "crossed" / "xplay.png").exists()
    assert "gap between the means" in crossed.out
    played = run_command(capsys, "run", "LampsOfMine-V0", "--policy", "run/seed_0.safetensors")
    assert played.status == 0


@pytest.mark.skipif(not has_jax(), reason="JAX is not installed")
def test_what_makes_no_sense_is_refused_with_what_would(capsys: Capture, here: pathlib.Path) -> None:
    pytest.importorskip("optax")
    for match, arguments in (
        ("no setting 'entropie'", [*TRAIN, "--with", "entropie=1"]),
        ("--with takes NAME=VALUE", [*TRAIN, "--with", "entropy"]),
        ("'cnm'", [*TRAIN, "--network", "cnm"]),
        ("'nowhere' cannot be imported", ["train", "LampsOfMine-V0", "--import", "nowhere"]),
        ("not a whole number", ["train", "GoalSeeking-Fixed-V0", "--steps", "1.5"]),
        ("There is no file 'runs/y'", ["eval", "runs/y"]),
        ("--world", ["xplay", "random"]),
        ("writes a .gif", ["watch", "random", "--gif", "seen.png"]),
    ):
        told = run_command(capsys, *arguments)
        assert told.status == 2
        assert match in told.err


def test_without_jax_training_says_what_to_install() -> None:
    told = run_without_jax(
        """
        from cogrid.command_line import main

        sys.stderr = sys.stdout
        commands = ("train GoalSeeking-Fixed-V0", "clone cramped_room", "eval runs/x", "watch runs/x random")
        for command in commands:
            assert main(command.split()) == 2
        """
    )

    assert told.count(installing("learn")) == 4
