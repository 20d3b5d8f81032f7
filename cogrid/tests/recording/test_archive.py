"""An environment in mid-episode is copied, saved and loaded bit for bit, and a broken file is refused."""

from __future__ import annotations

import copy
import io
import json
import pathlib
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend._dispatch import has_jax
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import EpisodeError, StateError
from cogrid.recording.fingerprint import fingerprint
from cogrid.recording.trajectory import Trajectory, TrajectoryRecorder
from cogrid.tests.engines import first_of, needs_jax

BACKENDS = ["numpy", pytest.param("jax", marks=needs_jax)]
WORLDS = ["Overcooked-CrampedRoom-V0", "OvercookedOrders-MixedRoom-V0", "GoalSeeking-Random-V0"]


def mid_episode(env_id: str = WORLDS[0], backend: str = "numpy", n_steps: int = 25, **overrides: Any) -> CoGridEnv:
    env = cogrid.make(env_id, backend=backend, **overrides)
    env.reset(seed=11)
    play(env, n_steps, seed=1)
    return env


def play(env: CoGridEnv, n_steps: int, seed: int) -> list[list[object]]:
    """Random steps, across ends of episodes; what came back."""
    rng = np.random.default_rng(seed)
    told: list[list[object]] = []
    for _ in range(n_steps):
        if not env.agents:
            observations, _ = env.reset()
            told.append([observations[agent].tolist() for agent in env.agents])
        actions = {agent: int(rng.integers(env.action_space(agent).n)) for agent in env.agents}
        observations, rewards, terminations, truncations, _ = env.step(actions)
        seen = [values.tolist() for values in observations.values()]
        told.append([seen, *(list(values.values()) for values in (rewards, terminations, truncations))])
    return told


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("env_id", first_of(WORLDS))
def test_a_loaded_environment_goes_on_bit_for_bit_on_either_backend(
    env_id: str, backend: str, tmp_path: pathlib.Path
) -> None:
    env = mid_episode(env_id, backend, max_steps=40)
    where = env.save(tmp_path / "state")
    assert where == tmp_path / "state.npz"
    going_on = play(env, 40, seed=2)
    for other in ("numpy", "jax") if has_jax() else ("numpy",):
        loaded = cogrid.make(env_id, backend=other, max_steps=40)
        loaded.load(where)
        assert play(loaded, 40, seed=2) == going_on


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_goes_its_own_way(duplicate: Callable[[CoGridEnv], CoGridEnv], backend: str) -> None:
    env = mid_episode(backend=backend)
    twin = duplicate(env)
    assert twin.tables is env.tables
    assert twin.action_space("agent_0") is not env.action_space("agent_0")
    first = play(env, 30, seed=3)
    assert int(twin.get_state().time) == 25
    assert play(twin, 30, seed=3) == first


def test_a_copy_of_an_environment_before_reset_is_not_reset_either() -> None:
    twin = copy.copy(cogrid.make(WORLDS[0]))
    with pytest.raises(EpisodeError, match=r"call env\.reset"):
        twin.get_state()


def test_a_state_of_other_settings_is_refused(tmp_path: pathlib.Path) -> None:
    where = mid_episode().save(tmp_path / "state.npz")
    for other in (
        cogrid.make("Overcooked-CoordinationRing-V0"),
        cogrid.make(WORLDS[0], num_agents=3),
        cogrid.make(WORLDS[0], max_steps=7),
        cogrid.make("OvercookedAI-CrampedRoom-V0"),
    ):
        with pytest.raises(StateError, match=r"is of 'Overcooked-CrampedRoom-V0', and its rules, map or settings"):
            other.load(where)


def test_equal_worlds_have_one_fingerprint_and_others_have_others() -> None:
    settings: list[dict[str, Any]] = [
        {},
        {"features": ["object_planes"]},
        {"num_agents": 3},
        {"action_set": "rotation"},
    ]
    prints = [fingerprint(cogrid.make(WORLDS[0], **overrides).tables) for overrides in settings]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


def rewritten(where: pathlib.Path, **changes: object) -> pathlib.Path:
    """The file with something in its header, or one of its arrays, changed; None leaves it out."""
    with np.load(where) as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(str(arrays["header"]))
    for name, value in changes.items():
        place = f"state.{name}"
        if place in arrays and value is None:
            del arrays[place]
        elif place in arrays:
            arrays[place] = np.asarray(value)
        else:
            header[name] = value
    arrays["header"] = np.array(json.dumps(header))
    np.savez(where, **arrays)
    return where


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 99}, "is of version 99 of the format"),
        ({"version": 1}, "is of version 1 of the format.* reads version 2"),
        ({"version": "two"}, "is of version 'two' of the format"),
        ({"version": None}, "is of version None of the format"),
        ({"version": [2]}, r"is of version \[2\] of the format"),
        ({"format": 5}, "is a 5 file"),
        ({"fingerprint": None}, "is of 'Overcooked-CrampedRoom-V0', and its rules, map or settings"),
        ({"format": "cogrid trajectory"}, "is a 'cogrid trajectory' file"),
        ({"cells": None}, "has no array 'state.cells'"),
        ({"agent_cell": [1, 2, 3, 4, 5]}, "shape"),
        ({"time": -4}, "time .* out of range"),
        ({"time": 1.5}, "time must hold integers"),
        ({"agent_dir": ["up", "up"]}, "agent_dir must hold integers"),
        ({"terminated": [np.nan, 0]}, "terminated must hold integers"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(changes: dict[str, object], message: str, tmp_path: pathlib.Path) -> None:
    env = mid_episode()
    where = rewritten(env.save(tmp_path / "state.npz"), **changes)
    with pytest.raises(StateError, match=message):
        env.load(where)


def test_what_is_no_archive_is_refused_and_nothing_in_it_is_run(tmp_path: pathlib.Path) -> None:
    env = mid_episode()
    with pytest.raises(StateError, match="There is no file"):
        env.load(tmp_path / "nothing.npz")
    (tmp_path / "text.npz").write_text("cogrid", encoding="utf-8")
    with pytest.raises(StateError, match="not a file that CoGrid wrote"):
        env.load(tmp_path / "text.npz")
    np.savez(tmp_path / "objects.npz", header=np.array([{"format": "cogrid state"}], dtype=object))
    with pytest.raises(StateError, match="not a file that CoGrid wrote"):
        env.load(tmp_path / "objects.npz")
    assert int(env.get_state().time) == 25


def archive_of(header: bytes, content: bytes = b"") -> bytes:
    """A zip archive with one array, of which the header is written as it is given."""
    text = header.ljust(118) + b"\n"
    array = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("header.npy", array)
    return stream.getvalue()


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }",
        b"{'descr': '<i8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
        b"{'descr': '<U999999999', 'fortran_order': False, 'shape': (), }",
        b"{'descr': '|O', 'fortran_order': False, 'shape': (), }",
        b"{'descr': '<i8', 'fortran_order': False, 'shape': (-1,), }",
        b"[" * 90,
        b"",
    ],
)
def test_an_array_header_that_promises_what_is_not_there_takes_no_memory(header: bytes, tmp_path: pathlib.Path) -> None:
    where = tmp_path / "huge.npz"
    where.write_bytes(archive_of(header))
    tracemalloc.start()
    with pytest.raises(StateError, match=r"not a file that CoGrid wrote, or it is damaged"):
        mid_episode(n_steps=0).load(where)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_damaged_file_is_refused_or_read_as_it_was(tmp_path: pathlib.Path) -> None:
    env = mid_episode()
    recorder = TrajectoryRecorder(env)
    recorder.reset(seed=3)
    recorder.step(dict.fromkeys(env.agents, 0))
    trajectory = recorder.trajectory()
    files = [env.save(tmp_path / "state").read_bytes(), trajectory.save(tmp_path / "episode").read_bytes()]
    assert 0 < sum(survives_damage(env, trajectory, files, number, tmp_path) for number in range(300)) < 100


def survives_damage(
    env: CoGridEnv, trajectory: Trajectory, files: list[bytes], number: int, folder: pathlib.Path
) -> bool:
    """Damage one of the files at random; whether it can still be read, in which case it says what it said."""
    rng, where = np.random.default_rng(number), folder / "damaged.npz"
    damaged = bytearray(files[number % 2])
    for _ in range(rng.integers(1, 5)):
        damaged[rng.integers(len(damaged))] = rng.integers(256)
    where.write_bytes(damaged if rng.random() < 0.9 else damaged[: rng.integers(len(damaged))])
    before = env.get_state()
    try:
        if number % 2:
            np.testing.assert_equal(vars(Trajectory.load(where)), vars(trajectory))
        else:
            env.load(where)
    except StateError:
        return False
    np.testing.assert_array_equal(env.get_state().numbers, before.numbers)
    return True


def test_a_zip_archive_or_an_array_file_of_something_else_is_refused(tmp_path: pathlib.Path) -> None:
    np.savez(tmp_path / "other.npz", values=np.zeros(3))
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "list.npz", header=np.array("[1, 2]"))
    np.savez(tmp_path / "deep.npz", header=np.array("[" * 100_000))
    for name in ("other.npz", "array.npy", "list.npz", "deep.npz"):
        with pytest.raises(StateError, match="not a file that CoGrid wrote"):
            mid_episode(n_steps=0).load(tmp_path / name)
        with pytest.raises(StateError, match="not a file that CoGrid wrote"):
            Trajectory.load(tmp_path / name)
