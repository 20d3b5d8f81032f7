"""Compiled kernels play what the array step plays, bit for bit: states, rewards, ends, observations and resets."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.errors import ConfigError, RuleError
from cogrid.kernel.threads import LEAST_PER_PIECE, N_TRIED
from cogrid.vector.environment import CoGridVectorEnv

pytest.importorskip("numba")

WORLDS: dict[str, dict[str, Any]] = {
    "Overcooked-CrampedRoom-V0": {"max_steps": 30},
    "Overcooked-CounterCircuit-V0": {"max_steps": 20, "num_agents": 4},
    "JaxMARLOvercooked-CrampedRoom-V0": {"max_steps": 40},
    "OvercookedV2-AsymmAdvantages-V0": {"max_steps": 30},
    "OvercookedAI-CrampedRoom-V0": {"max_steps": 40},
    "GoalSeeking-Random-V0": {"max_steps": 15},
    "LevelBasedForaging-8x8-V0": {"max_steps": 20},
    "Warehouse-Tiny-V0": {"max_steps": 25},
    "CleanUp-River-V0": {"max_steps": 25},
    "Harvest-Orchard-V0": {"max_steps": 20},
    "MiniGrid-DoorKey-5x5-V0": {"max_steps": 30},
    "MiniGrid-Dynamic-Obstacles-6x6-V0": {"max_steps": 20},
    "SearchRescue-Small-V0": {"max_steps": 20},
    "OvercookedOrders-MixedKitchen-V0": {"max_steps": 20},
}
"""A world of each family whose step kernels read, with short episodes."""

N_ENVS = 5
N_STEPS = 70
MODES = ("NextStep", "SameStep", "Disabled")


def make_pair(id: str, mode: str = "NextStep", **settings: Any) -> tuple[Any, Any]:
    """The same environments twice: stepped by kernels and by arrays."""
    made = [
        cogrid.make_vec(id, N_ENVS, autoreset_mode=mode, engine=name, **settings) for name in ("compiled", "arrays")
    ]
    return made[0], made[1]


def assert_equal_infos(actual: Any, expected: Any) -> None:
    """Assert that two dicts of arrays are equal, dicts in them too, with the dtypes of arrays."""
    assert actual.keys() == expected.keys()
    for name, values in expected.items():
        if isinstance(values, dict):
            assert_equal_infos(actual[name], values)
        else:
            np.testing.assert_array_equal(actual[name], values, err_msg=name, strict=True)


def assert_equal_states(compiled: Any, arrays: Any) -> None:
    """Assert that two environments are in the same states."""
    for leaf in ("cells", "numbers"):
        actual, expected = (getattr(envs.get_state(), leaf) for envs in (compiled, arrays))
        np.testing.assert_array_equal(actual, expected, err_msg=leaf, strict=True)


def play_both(compiled: Any, arrays: Any, n_steps: int = N_STEPS, seed: int = 0) -> int:
    """Play the same actions on both, and assert that everything is equal; how many episodes have ended."""
    draw = np.random.default_rng(seed)
    n_ended = 0
    for _ in range(n_steps):
        actions = draw.integers(arrays.single_action_space.n, size=(N_ENVS, arrays.num_agents))
        made, expected = compiled.step(actions), arrays.step(actions)
        for name, one, other in zip(("obs", "reward", "terminated", "truncated"), made, expected, strict=False):
            np.testing.assert_array_equal(one, other, err_msg=name, strict=True)
        assert_equal_infos(made[4], expected[4])
        assert_equal_states(compiled, arrays)
        n_ended += int(expected[4]["_episode"].sum())
    return n_ended


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("id", WORLDS)
def test_every_family_is_played_as_by_the_array_step(id: str, mode: str) -> None:
    compiled, arrays = make_pair(id, mode, **WORLDS[id])

    assert (compiled.engine, arrays.engine) == ("compiled", "arrays")
    np.testing.assert_array_equal(compiled.reset(seed=3)[0], arrays.reset(seed=3)[0], strict=True)
    assert_equal_states(compiled, arrays)
    assert play_both(compiled, arrays) >= N_ENVS


def test_a_masked_reset_starts_the_same_episodes() -> None:
    compiled, arrays = make_pair("Overcooked-CrampedRoom-V0", max_steps=9)
    for envs in (compiled, arrays):
        envs.reset(seed=[7, 1, 5, 9, 3])
    play_both(compiled, arrays, n_steps=5)
    options = {"reset_mask": np.array([True, False, True, False, False])}

    np.testing.assert_array_equal(compiled.reset(options=options)[0], arrays.reset(options=options)[0])
    assert_equal_states(compiled, arrays)
    np.testing.assert_array_equal(
        compiled.reset(seed=11, options=options)[0], arrays.reset(seed=11, options=options)[0]
    )
    assert_equal_states(compiled, arrays)


def test_the_end_of_a_leader_ends_the_episode_for_all() -> None:
    compiled, arrays = (
        cogrid.make_single_agent_vec(
            "GoalSeeking-Random-V0", N_ENVS, partners=lambda obs, key: np.zeros(len(obs), dtype=int), engine=engine
        )
        for engine in ("compiled", "arrays")
    )
    draw = np.random.default_rng(1)
    for envs in (compiled, arrays):
        envs.reset(seed=2)
    n_ended = 0
    for _ in range(200):
        actions = draw.integers(7, size=N_ENVS)
        made, expected = compiled.step(actions), arrays.step(actions)
        for one, other in zip(made[:4], expected[:4], strict=True):
            np.testing.assert_array_equal(one, other, strict=True)
        n_ended += int(expected[2].sum())
    assert n_ended > 0


def test_a_copy_of_environments_plays_on_by_itself() -> None:
    envs, _ = make_pair("Overcooked-CrampedRoom-V0")
    envs.reset(seed=0)
    twin = copy.copy(envs)
    before = envs.get_state()

    twin.step(np.ones((N_ENVS, 2), dtype=int))

    assert twin.engine == "compiled"
    np.testing.assert_array_equal(envs.get_state().numbers, before.numbers)
    assert (twin.get_state().time == 1).all()


def test_what_no_kernel_reads_is_played_by_the_array_step_and_said_by_name() -> None:
    settings: dict[str, Any] = {"random_reset": True}
    assert cogrid.make_vec("OvercookedV2-CrampedRoom-V0", 2, **settings).engine == "arrays"
    with pytest.raises(ConfigError, match="start_hook"):
        cogrid.make_vec("OvercookedV2-CrampedRoom-V0", 2, engine="compiled", **settings)


def test_the_engine_can_be_chosen_and_is_told() -> None:
    chosen = cogrid.make_vec("Overcooked-CrampedRoom-V0", 2)
    assert "compiled" in repr(chosen)
    assert "arrays" in repr(cogrid.make_vec("Overcooked-CrampedRoom-V0", 2, engine="arrays"))
    with pytest.raises(ConfigError, match=r"no engine 'array'.*arrays"):
        cogrid.make_vec("Overcooked-CrampedRoom-V0", 2, engine="array")


@pytest.mark.parametrize("name", ["Overcooked-CrampedRoom-V0", "SearchRescue-Small-V0"])
def test_several_threads_play_what_one_plays(name: str) -> None:
    n_envs = 2 * LEAST_PER_PIECE
    one, two = (cogrid.make_vec(name, n_envs, threads=threads, features=["agent_dir"]) for threads in (1, 2))
    for envs in (one, two):
        envs.reset(seed=4)
    generator = np.random.default_rng(2)
    for _ in range(2 * N_TRIED):  # The second half by two threads.
        actions = generator.integers(0, one.single_action_space.n, (n_envs, one.num_agents))
        expected, actual = one.step(actions), two.step(actions)
        for ours, theirs in zip(actual[:4], expected[:4], strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert_equal_states(two, one)


@pytest.mark.parametrize("name", ["agent_value", "agent_dir", "agent_cell", "cells"])
def test_a_hook_that_leaves_the_tables_later_in_an_episode_is_refused_before_kernels_look_there(name: str) -> None:
    def step_hook(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> EnvState:
        if state.time.max() < 2:
            return state
        array = getattr(state, name)
        return state.replace(**{name: np.full_like(array, 77)})

    rules = cogrid.Rules(name="leaves_the_tables", objects=(), step_hook=step_hook, start_direction=0)
    config = cogrid.EnvConfig(rules=rules, layout=["12  "], features=("agent_position",))
    envs = CoGridVectorEnv(config, 3, engine="compiled")
    envs.reset(seed=0)
    actions = np.zeros((3, 2), dtype=np.int32)
    envs.step(actions)
    envs.step(actions)
    with pytest.raises(RuleError, match=f"step_hook.*{name}.*out of range"):
        envs.step(actions)
