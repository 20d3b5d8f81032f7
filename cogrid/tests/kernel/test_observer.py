"""What compiled code shows of a batch is what the observation shows, bit for bit."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

import cogrid
from cogrid.feature_space.feature import ArrayFeature
from cogrid.kernel import view_tables
from cogrid.kernel.memory import MIN_BYTES, ReusedMemory
from cogrid.kernel.observer import KernelObserver
from cogrid.vector.environment import CoGridVectorEnv

NUM_ENVS = 5
N_STEPS = 20

TIMES = ArrayFeature(lambda state: state.agent_dir[..., None] + state.time[..., None, None], shape=(1,), high=5000)

SCALED = {"observation_dtype": "float32", "scale_observations": True}

WORLDS: list[tuple[str, dict[str, Any]]] = [
    ("Overcooked-CrampedRoom-V0", {}),
    ("Overcooked-CrampedRoom-V0", {"features": ["object_planes"]}),
    (
        "Overcooked-CrampedRoom-V0",
        {"features": ["ego_view_2", "symbolic"], "observation_dtype": "float32", "scale_observations": True},
    ),
    ("Overcooked-CrampedRoom-V0", {"features": ["agent_dir", TIMES, "symbolic"]}),
    ("LevelBasedForaging-8x8-V0", {}),
    ("GoalSeeking-Random-V0", {"features": ["object_planes", "local_view_1"]}),
    ("OvercookedV2-GroundedCoordSimple-V0", {}),
    ("OvercookedOrders-MixedRoom-V0", {"features": ["object_planes"]}),
    ("Warehouse-Tiny-V0", {}),
    ("MiniGrid-DoorKey-5x5-V0", {}),
    ("Harvest-Orchard-V0", {}),
    ("SearchRescue-Small-V0", {}),
]


def played(world: tuple[str, dict[str, Any]]) -> CoGridVectorEnv:
    """Environments at the start of an episode."""
    name, settings = world
    envs = cogrid.make_vec(name, NUM_ENVS, **settings)
    envs.reset(seed=3)
    return envs


def assert_shown_alike(envs: CoGridVectorEnv, observer: KernelObserver) -> None:
    """Play at random, and compare what is observed."""
    generator = np.random.default_rng(5)
    for time in range(N_STEPS):
        envs.step(generator.integers(0, envs.single_action_space.n, (NUM_ENVS, envs.num_agents)))
        state = envs.running_state()
        expected, seen = envs.game.observation(state), observer(state)
        assert seen.dtype == expected.dtype
        np.testing.assert_array_equal(seen, expected, err_msg=f"at time {time}")


@pytest.mark.parametrize("world", WORLDS)
def test_blocks_are_shown_as_arrays_show_them(world: tuple[str, dict[str, Any]]) -> None:
    envs = played(world)
    assert_shown_alike(envs, KernelObserver(envs.game, NUM_ENVS, copy=True))


@pytest.mark.parametrize("world", [WORLDS[1], WORLDS[5]])
def test_maps_too_large_for_templates_are_shown_place_by_place(
    world: tuple[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_tables, "MAX_TEMPLATE_BYTES", 0)
    envs = played(world)
    assert_shown_alike(envs, KernelObserver(envs.game, NUM_ENVS, copy=True))


def test_without_copies_every_call_returns_one_array_and_writes_all_of_it() -> None:
    envs = played(WORLDS[1])
    observer = KernelObserver(envs.game, NUM_ENVS, copy=False)
    seen = observer(envs.running_state())
    expected = seen.copy()
    seen[...] = 77
    assert observer(envs.running_state()) is seen
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize("world", [WORLDS[1], WORLDS[3]])
def test_some_worlds_are_observed_anew_in_a_copy(world: tuple[str, dict[str, Any]]) -> None:
    envs = played(world)
    observer = KernelObserver(envs.game, NUM_ENVS, copy=True)
    before = observer(envs.running_state())
    kept = before.copy()
    envs.step(np.zeros((NUM_ENVS, 2), dtype=np.int32))
    mask = np.array([True, False, False, True, False])
    seen = observer.replace(before, envs.running_state(), mask)
    expected = envs.game.observation(envs.running_state())
    np.testing.assert_array_equal(seen, np.where(mask.reshape(-1, *[1] * (seen.ndim - 1)), expected, kept))
    np.testing.assert_array_equal(before, kept)


def test_memory_is_used_again_once_nobody_has_it_or_a_part_of_it() -> None:
    memory = ReusedMemory((2, MIN_BYTES), np.dtype(np.uint8))
    first = memory.take()
    address, part = first.ctypes.data, first[1, 3:9]
    del first
    gc.collect()
    other = memory.take()
    assert other.ctypes.data != address
    del part
    gc.collect()
    assert address in [memory.take().ctypes.data, memory.take().ctypes.data]
