"""The three steps for batches: who is reset, when, and what is kept of the episode that ended."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.jax_step import envstate_to_dict, jax_step
from cogrid.game import StepResult
from cogrid.tests.engines import first_of, needs_jax
from cogrid.tests.vector.reference import GATES, KITCHEN, NOOP, random_actions
from cogrid.vector.auto_reset import AutoReset, Progress, next_episode, register_progress

B = 3
ENV = CoGridEnv(GATES)
ACTIONS = random_actions(GATES, B, 11)
DISABLED, SAME_STEP, NEXT_STEP = (
    AutoReset(ENV.game, mode) for mode in (AutoresetMode.DISABLED, AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP)
)


def start(seed: int = 0) -> Any:
    """A batch of first states."""
    keys = np.stack([np.zeros(B), np.arange(seed, seed + B)], axis=-1).astype(np.uint32)
    return ENV.jax_reset(keys)[0]


@functools.cache
def before_the_last_step() -> Any:
    """States of which the clock ends one at the next step, whatever is done."""
    state = start()
    for actions in ACTIONS:
        state = step(DISABLED, state, actions).state
    return state.replace(time=np.array([11, 3, 5], dtype=np.int32))


def step(functions: AutoReset, state: Any, actions: Any, is_over: Any = (False,) * B) -> StepResult:
    """A step from states, whose episodes are over where it is said."""
    is_over = np.asarray(is_over)
    nothing = np.zeros((B, 2), dtype=np.float32), np.zeros(B, dtype=np.int32)
    return functions.step(Progress(state, is_over, *nothing), actions)[1]


def assert_equal_states(actual: Any, expected: Any, rows: Any = slice(None)) -> None:
    """Assert that some rows of two batches of states are equal."""
    expected_arrays = envstate_to_dict(expected)
    for name, values in envstate_to_dict(actual).items():
        if name != "pot_positions" and np.ndim(values) > 0:
            np.testing.assert_array_equal(values[rows], expected_arrays[name][rows], err_msg=name)


@pytest.mark.parametrize("config", [GATES, KITCHEN], ids=["drawn starts", "drawn directions"])
def test_the_next_episode_is_the_one_that_a_reset_without_a_seed_starts(config: Any) -> None:
    env = CoGridEnv(config)
    env.reset(seed=5)
    for _ in range(2):
        env.step(dict.fromkeys(env.agents, NOOP))
    before = env.get_state()
    env.reset()

    state = next_episode(before)

    for name, values in envstate_to_dict(env.get_state()).items():
        np.testing.assert_array_equal(getattr(state, name), values, err_msg=name)


def test_without_reset_it_is_the_plain_step() -> None:
    state, actions = before_the_last_step(), np.full((B, 2), 1, dtype=np.int32)

    made = step(DISABLED, state, actions)
    after, obs, reward, done, _ = jax_step(state, actions, ENV.observation, ENV.reward)

    assert_equal_states(made.state, after)
    np.testing.assert_array_equal(made.obs, obs)
    np.testing.assert_array_equal(made.final_obs, obs)
    np.testing.assert_array_equal(made.reward, reward)
    np.testing.assert_array_equal(made.done, done)
    assert made.done.tolist() == [True, False, False]
    assert not (made.terminated & made.truncated).any()


def test_a_reset_in_the_same_step_keeps_the_last_observation_reward_and_ends() -> None:
    state, actions = before_the_last_step(), np.full((B, 2), 1, dtype=np.int32)

    plain = step(DISABLED, state, actions)
    made = step(SAME_STEP, state, actions)

    np.testing.assert_array_equal(made.final_obs, plain.obs)
    for name in ("reward", "terminated", "truncated", "done"):
        np.testing.assert_array_equal(getattr(made, name), getattr(plain, name), err_msg=name)
    assert made.state.time.tolist() == [0, 4, 6]
    assert_equal_states(made.state, next_episode(plain.state), rows=0)
    assert_equal_states(made.state, plain.state, rows=slice(1, None))
    np.testing.assert_array_equal(made.obs, ENV.observation(made.state))


def test_a_reset_in_the_next_step_ignores_the_action_and_pays_nothing() -> None:
    state = before_the_last_step()
    is_over = np.array([False, True, False])
    other = np.full((B, 2), NOOP, dtype=np.int32)

    plain = step(DISABLED, state, ACTIONS[0])
    made = step(NEXT_STEP, state, ACTIONS[0], is_over)
    idle = step(NEXT_STEP, state, other, is_over)

    assert made.state.time.tolist() == [12, 0, 6]
    assert made.done.tolist() == [True, False, False]
    for told in (made, idle):
        assert_equal_states(told.state, next_episode(state), rows=1)
        assert not told.reward[1].any()
        assert not told.terminated[1].any()
        assert not told.truncated[1].any()
    for row in (0, 2):
        assert_equal_states(made.state, plain.state, rows=row)
        np.testing.assert_array_equal(made.reward[row], plain.reward[row])
    np.testing.assert_array_equal(made.obs, ENV.observation(made.state))


def test_only_states_that_begin_are_observed_beside_the_batch() -> None:
    asked = []

    def observe(state: Any) -> Any:
        asked.append(state.time.tolist())
        return ENV.observation(state)

    made = step(dataclasses.replace(SAME_STEP, observe=observe), before_the_last_step(), ACTIONS[0])

    assert asked == [[12, 4, 6]]
    np.testing.assert_array_equal(made.obs, ENV.observation(made.state))


def test_no_step_changes_the_states_that_it_was_given() -> None:
    state = before_the_last_step()
    copies = {name: np.array(values) for name, values in envstate_to_dict(state).items() if np.ndim(values) > 0}

    for functions in (DISABLED, SAME_STEP, NEXT_STEP):
        step(functions, state, ACTIONS[0], (True, False, True))

    for name, values in copies.items():
        np.testing.assert_array_equal(getattr(state, name), values, err_msg=name)


@needs_jax
@pytest.mark.parametrize(
    "functions", first_of([NEXT_STEP, SAME_STEP, DISABLED]), ids=lambda functions: functions.mode.value
)
def test_compiled_and_mapped_steps_equal_those_of_numpy(functions: AutoReset) -> None:
    import jax

    register_progress()
    is_over = np.array([False, True, False])
    expected = step(functions, before_the_last_step(), ACTIONS[0], is_over)
    nothing = np.zeros((B, 2), dtype=np.float32), np.zeros(B, dtype=np.int32)
    progress = jax.tree.map(jax.numpy.asarray, Progress(before_the_last_step(), is_over, *nothing))

    for compiled in (jax.jit(functions.step), jax.jit(jax.vmap(functions.step))):
        _, made = compiled(progress, ACTIONS[0])
        assert_equal_states(made.state, expected.state)
        for field in StepResult._fields[1:]:
            np.testing.assert_array_equal(getattr(made, field), getattr(expected, field), err_msg=field)
