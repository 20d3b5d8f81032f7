"""A thousand environments at once are a thousand environments."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import cogrid  # noqa: E402
from cogrid.backend.env_state import EnvState  # noqa: E402
from cogrid.cogrid_env import CoGridEnv  # noqa: E402
from cogrid.tests.engines import first_of  # noqa: E402
from cogrid.tests.states import arrays_of, assert_same_bits, assert_same_states  # noqa: E402

N_ENVS = 1024
N_STEPS = 5
CHECKED = (0, 1, 2, 3, 512, 1021, 1022, 1023)
REWARD_TOLERANCE = 1e-7

on_three_layouts = pytest.mark.parametrize(
    "layout_name", first_of(["CrampedRoom", "AsymmetricAdvantages", "CoordinationRing"])
)


@functools.cache
def make_env(layout_name: str) -> CoGridEnv:
    return cogrid.make(f"Overcooked-{layout_name}-V0", backend="jax")


@functools.cache
def batched(layout_name: str) -> tuple[Any, Any]:
    """The batched reset and step of an environment."""
    env = make_env(layout_name)
    return jax.vmap(env.jax_reset), jax.vmap(env.jax_step)


def keys() -> Any:
    return jax.random.split(jax.random.key(42), N_ENVS)


@functools.cache
def batched_rollout(layout_name: str) -> tuple[Any, list[Any], np.ndarray]:
    """What a batch gives after reset and after each of five steps of varied actions, and the actions."""
    reset, step = batched(layout_name)
    env = make_env(layout_name)
    n_actions = env.action_space("agent_0").n
    actions = np.random.default_rng(123).integers(0, n_actions, (N_STEPS, N_ENVS, 2)).astype(np.int32)
    first = reset(keys())
    results, state = [], first[0]
    for joint in actions:
        results.append(step(state, joint))
        state = results[-1][0]
    return first, results, actions


def assert_leading_axis(state: EnvState, single: EnvState) -> None:
    """Every array of the state has the batch in front of its own shape; the sizes have none."""
    shapes = {name: values.shape for name, values in arrays_of(single)}
    assert {name: values.shape for name, values in arrays_of(state)} == {
        name: (N_ENVS, *shape) for name, shape in shapes.items()
    }
    assert type(state.n_agents) is int
    assert (state.n_agents, state.height, state.width) == (single.n_agents, single.height, single.width)
    assert state.action_set == "cardinal"


def assert_is_member(batch: EnvState, idx: int, single: EnvState) -> None:
    """One environment of the batch reads as the single environment, its key through JAX's own reading of it."""
    expected = dict(arrays_of(single))
    for name, values in arrays_of(batch):
        assert_same_bits(values[idx], expected[name], f"{name} of environment {idx}")
    np.testing.assert_array_equal(jax.random.key_data(batch.rng_key)[idx], jax.random.key_data(single.rng_key))


@on_three_layouts
def test_vmap_reset_shapes(layout_name: str) -> None:
    env = make_env(layout_name)
    single, single_obs = env.jax_reset(jax.random.key(0))

    state, obs = batched(layout_name)[0](keys())

    assert obs.shape == (N_ENVS, *single_obs.shape) == (N_ENVS, 2, 443)
    assert obs.dtype == single_obs.dtype == env.observation_space("agent_0").dtype
    assert bool(np.isfinite(np.asarray(obs)).all())
    assert_leading_axis(state, single)


@on_three_layouts
def test_vmap_step_shapes(layout_name: str) -> None:
    env = make_env(layout_name)
    reset, step = batched(layout_name)
    state, _ = reset(keys())

    state, obs, rewards, done, infos = step(state, np.zeros((N_ENVS, 2), np.int32))

    assert obs.shape == (N_ENVS, 2, 443)
    assert bool(np.isfinite(np.asarray(obs)).all())
    assert rewards.shape == (N_ENVS, 2)
    assert rewards.dtype == np.float32
    assert done.shape == (N_ENVS,)
    assert done.dtype == np.bool_
    assert infos == {}
    assert_leading_axis(state, env.jax_reset(jax.random.key(0))[0])
    np.testing.assert_array_equal(state.time, np.ones(N_ENVS))


@on_three_layouts
def test_vmap_reset_parity(layout_name: str) -> None:
    env = make_env(layout_name)
    (state, obs), _, _ = batched_rollout(layout_name)

    for idx in CHECKED:
        single, single_obs = env.jax_reset(keys()[idx])
        assert_same_bits(obs[idx], single_obs, f"observation of environment {idx}")
        assert_is_member(state, idx, single)


@on_three_layouts
def test_vmap_step_parity(layout_name: str) -> None:
    env = make_env(layout_name)
    _, results, actions = batched_rollout(layout_name)

    for idx in CHECKED:
        single, _ = env.jax_reset(keys()[idx])
        for (state, obs, rewards, done, _), joint in zip(results, actions, strict=True):
            single, single_obs, single_rewards, single_done, info = env.jax_step(single, joint[idx])
            assert info == {}
            assert_same_bits(obs[idx], single_obs, f"observation of environment {idx}")
            np.testing.assert_allclose(rewards[idx], single_rewards, rtol=0, atol=REWARD_TOLERANCE)
            assert_same_bits(done[idx], single_done, f"done of environment {idx}")
            assert_is_member(state, idx, single)
    assert len({tuple(np.asarray(results[-1][0].agent_pos[idx]).reshape(-1).tolist()) for idx in CHECKED}) > 1


def test_vmap_jit_composition() -> None:
    """`jit(vmap(f))` gives what `vmap(f)` gives, and so does a vmapped scan of steps under `jit`."""
    env = make_env("CrampedRoom")
    reset, step = jax.jit(jax.vmap(env.jax_reset)), jax.jit(jax.vmap(env.jax_step))
    (_, first_obs), results, actions = batched_rollout("CrampedRoom")

    state, obs = reset(keys())
    assert_same_bits(obs, first_obs)
    for joint, expected in zip(actions, results, strict=True):
        stepped = step(state, joint)
        state = stepped[0]
        for one, other in zip(stepped[1:4], expected[1:4], strict=True):
            assert_same_bits(one, other)
    assert_same_states(state, results[-1][0])

    def roll(key: Any, joint: Any) -> Any:
        return jax.lax.scan(lambda state, joint: env.jax_step(state, joint)[:2], env.jax_reset(key)[0], joint)

    rolled_state, rolled_obs = jax.jit(jax.vmap(roll))(keys(), np.moveaxis(actions, 0, 1))
    assert_same_states(rolled_state, state)
    assert_same_bits(np.asarray(rolled_obs)[:, -1], results[-1][1])
