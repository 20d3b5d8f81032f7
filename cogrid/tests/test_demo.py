"""The demo runs, compares, and says so."""

from __future__ import annotations

import dataclasses
import pathlib
import sys
import types

import pytest
from PIL import Image, ImageSequence

from cogrid import demo, make
from cogrid.recording.trajectory import TrajectoryRecorder
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
    assert f"open {path.with_name('page').resolve() / 'index.html'} in a browser" in told
    with Image.open(path) as image:
        assert sum(1 for _ in ImageSequence.Iterator(image)) > N_STEPS // 2
        assert image.size == (7 * demo.TILE_SIZE, 6 * demo.TILE_SIZE)


@pytest.mark.long
@needs_jax
def test_the_demo_finds_both_backends_equal(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = demo.main([*SHORT, "--out", str(tmp_path)])

    assert status == 0
    assert f"equal, bit for bit, after the reset and at each of the {N_STEPS} steps" in capsys.readouterr().out


@needs_jax
def test_the_demo_says_so_when_the_backends_differ(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = TrajectoryRecorder(make(demo.ENV_ID, max_steps=4))
    recorder.reset(seed=1)
    while recorder.env.agents:
        recorder.step({"agent_0": 0, "agent_1": 1})
    played = recorder.trajectory()
    rewards = played.rewards.copy()
    rewards[2, 0] = 0.5

    assert demo.compare_with_jax(played)
    assert not demo.compare_with_jax(dataclasses.replace(played, rewards=rewards))
    assert "NumPy and JAX DIFFER: rewards of step 2" in capsys.readouterr().out


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
