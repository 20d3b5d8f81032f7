"""The demo runs, compares, and says so."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
import types

import numpy as np
import pytest
from PIL import Image, ImageSequence

from cogrid import demo, make
from cogrid.tests.engines import needs_jax

N_STEPS = 80
SHORT = ["--skip-benchmark", "--steps", str(N_STEPS)]


def test_the_demo_delivers_soups_and_writes_a_moving_picture(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "has_jax", lambda: False)
    status = demo.main([*SHORT, "--out", str(tmp_path / "deep" / "folder")])
    told = capsys.readouterr().out

    assert status == 0
    assert "soups delivered: 1" in told
    assert "JAX is not installed" in told
    path = tmp_path / "deep" / "folder" / "cramped_room.gif"
    assert str(path.resolve()) in told
    with Image.open(path) as image:
        assert sum(1 for _ in ImageSequence.Iterator(image)) > N_STEPS // 2
        assert image.size == (7 * demo.TILE_SIZE, 6 * demo.TILE_SIZE)


@needs_jax
def test_the_demo_finds_both_backends_equal(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = demo.main([*SHORT, "--out", str(tmp_path)])

    assert status == 0
    assert f"equal, bit for bit, after the reset and at each of the {N_STEPS} steps" in capsys.readouterr().out


@needs_jax
def test_the_demo_says_so_when_the_backends_differ(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "first_difference", lambda moments, others: "step 3, rewards, agent_0: 1.0 against 0.0")

    assert demo.main([*SHORT, "--out", str(tmp_path)]) == 1
    assert "NumPy and JAX DIFFER: step 3, rewards, agent_0" in capsys.readouterr().out


def test_the_demo_fails_when_no_soup_is_delivered(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "has_jax", lambda: False)

    assert demo.main(["--skip-benchmark", "--steps", "5", "--out", str(tmp_path)]) == 1


@pytest.mark.parametrize("arguments", [["--seed", "-1"], ["--steps", "0"]])
def test_the_demo_refuses_bad_settings_with_a_message(
    arguments: list[str], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main(["--skip-benchmark", "--out", str(tmp_path), *arguments]) == 2
    assert capsys.readouterr().err.strip()


def test_the_demo_runs_the_benchmark_suite_unless_told_not_to(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    suite = types.SimpleNamespace(run_benchmark_suite=lambda: runs.append("run"))
    monkeypatch.setitem(sys.modules, "cogrid.benchmarks.benchmark_suite", suite)
    monkeypatch.setattr(demo, "has_jax", lambda: False)
    demo.main([*SHORT, "--out", str(tmp_path)])
    assert runs == []
    demo.main(["--steps", "5", "--out", str(tmp_path)])
    assert runs == ["run"]


@pytest.mark.parametrize("part", ["observations", "rewards", "ends"])
def test_a_difference_is_found_and_named(part: str) -> None:
    moments = demo.play(make(demo.ENV_ID, max_steps=4), seed=0)
    changed = {
        "observations": {agent: np.asarray(seen) + 1 for agent, seen in moments[3].observations.items()},
        "rewards": dict.fromkeys(moments[3].rewards, np.float32(0.5)),
        "ends": dict.fromkeys(moments[3].ends, (True, False)),
    }
    others = [*moments[:3], dataclasses.replace(moments[3], **{part: changed[part]}), *moments[4:]]

    assert demo.first_difference(moments, moments) is None
    assert str(demo.first_difference(moments, others)).startswith(f"step 3, {part}, agent_0")


def test_another_state_or_another_length_is_a_difference() -> None:
    moments = demo.play(make(demo.ENV_ID, max_steps=4), seed=0)
    others = [dataclasses.replace(moments[0], state=moments[1].state), *moments[1:]]

    assert str(demo.first_difference(moments, others)).startswith("step 0, state, ")
    assert demo.first_difference(moments, moments[:-1]) == "one lasts 4 steps, the other 3"
