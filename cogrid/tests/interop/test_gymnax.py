"""One agent among partners is a gymnax environment: its wrappers, its rollouts, its two ways to end an episode."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

gymnax = pytest.importorskip("gymnax")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
from gymnax.environments.environment import Environment  # noqa: E402  # pyright: ignore[reportMissingImports]
from gymnax.experimental.rollout import RolloutWrapper  # noqa: E402  # pyright: ignore[reportMissingImports]
from gymnax.wrappers.gym import GymnaxToGymWrapper  # noqa: E402  # pyright: ignore[reportMissingImports]
from gymnax.wrappers.purerl import (  # noqa: E402  # pyright: ignore[reportMissingImports]
    FlattenObservationWrapper,
    LogWrapper,
)

import cogrid  # noqa: E402
from cogrid import EnvConfig  # noqa: E402
from cogrid.cogrid_env import CoGridEnv  # noqa: E402
from cogrid.core.grid_object import object_to_idx  # noqa: E402
from cogrid.errors import ConfigError  # noqa: E402
from cogrid.interop.gymnax import GymnaxEnv, PureJaxRLEnv  # noqa: E402
from cogrid.single_agent.environment import SingleAgentEnv  # noqa: E402
from cogrid.tests.vector.reference import GATES, NOOP, TOGGLE, random_actions  # noqa: E402

ENV_ID = "Overcooked-CrampedRoom-V0"
SEED = 5
GATES_OF_THREE = dataclasses.replace(GATES, num_agents=3, layout="E  \n   \n  S")
SIDE_BY_SIDE = dataclasses.replace(
    GATES, rules=dataclasses.replace(GATES.rules, start_direction=0), layout="1E\n2E", max_steps=5
)
"""Each agent faces a gate of its own from the first step on."""


def by_sight(observation: Any, key: Any) -> Any:
    """A partner whose action depends on all that it sees."""
    flat = jnp.ravel(observation).astype(jnp.int32)
    return (flat * jnp.arange(1, flat.size + 1)).sum() % 7


def same_in_numpy(observation: np.ndarray, key: np.ndarray) -> int:
    """`by_sight` without JAX."""
    flat = observation.ravel().astype(np.int64)
    return int((flat * np.arange(1, flat.size + 1)).sum() % 7)


def at_random(observation: Any, key: Any) -> Any:
    return jax.random.randint(key, (), 0, 7)


def noop(observation: Any, key: Any) -> int:
    return NOOP


def wrap(config: EnvConfig, *args: Any) -> GymnaxEnv:
    return GymnaxEnv(CoGridEnv(config, backend="jax"), *args)


def seed_key(seed: int) -> np.ndarray:
    return np.array([0, seed], dtype=np.uint32)


def test_it_is_a_gymnax_environment_with_spaces_of_its_own() -> None:
    env = wrap(GATES, noop)
    params = env.default_params
    obs, state = env.reset(jax.random.key(0), params)
    assert isinstance(env, Environment)
    assert (env.name, env.num_actions, params.max_steps_in_episode) == (GATES.name, 7, 12)
    assert env.action_space(params).n == 7
    assert obs.shape == env.observation_space(params).shape == (2, 3, 15)
    assert obs.dtype == env.observation_space(params).dtype
    assert bool(env.observation_space(params).contains(obs))
    np.testing.assert_array_equal(env.observe(jax.random.key(0), state, None, params), obs)
    assert env.render(state, params).shape[2] == 3
    assert wrap(dataclasses.replace(GATES, max_steps=None), noop).default_params.max_steps_in_episode == 2**31 - 1


@pytest.mark.parametrize("controlled_agent", [0, 1])
def test_a_whole_episode_is_that_of_the_single_agent_env_and_of_jax_step_bit_for_bit(controlled_agent: int) -> None:
    env = wrap(GATES_OF_THREE, by_sight, controlled_agent)
    single = SingleAgentEnv(GATES_OF_THREE, same_in_numpy, controlled_agent)
    seen, _ = single.reset(seed=SEED)
    obs, state = env.reset(seed_key(SEED))
    plain, _ = env.env.jax_reset(seed_key(SEED))
    is_over, n_steps = False, 0
    while not is_over:
        np.testing.assert_array_equal(obs, seen)
        action = int(random_actions(GATES, 1, 12, seed=controlled_agent)[n_steps, 0, 0])
        everyone = env.env.observation(plain)
        joint = [action if idx == controlled_agent else int(by_sight(everyone[idx], None)) for idx in range(3)]
        plain, all_obs, rewards, _, _ = env.env.jax_step(plain, np.array(joint, dtype=np.int32))
        told = env.step(jax.random.key(n_steps), state, action)
        obs, state, reward, terminated, truncated, info = told
        seen, paid, ended, cut, _ = single.step(action)
        n_steps += 1
        is_over = ended or cut
        np.testing.assert_array_equal(info["final_observation"], seen)
        np.testing.assert_array_equal(info["final_observation"], all_obs[controlled_agent])
        assert (float(reward), bool(terminated), bool(truncated)) == (paid, ended, cut)
        assert reward.dtype == rewards.dtype == jnp.float32
        assert float(reward) == float(rewards[controlled_agent])
        if not is_over:
            for ours, theirs in zip(jax.tree.leaves(state.env_state), jax.tree.leaves(plain), strict=True):
                np.testing.assert_array_equal(ours, theirs)
    assert n_steps > 1
    assert int(state.time) == 0


def test_an_end_by_the_rules_is_terminated_one_by_the_clock_truncated_and_the_last_observation_is_kept() -> None:
    env = wrap(SIDE_BY_SIDE, noop)
    first, state = env.reset(jax.random.key(0))
    obs, begun, reward, terminated, truncated, info = env.step(jax.random.key(1), state, TOGGLE)
    assert (float(reward), bool(terminated), bool(truncated), float(info["discount"])) == (5.0, True, False, 0.0)
    assert int(begun.time) == 0
    np.testing.assert_array_equal(obs, first)
    assert (np.asarray(info["final_observation"]) != np.asarray(first)).any()

    ends = []
    for step in range(SIDE_BY_SIDE.max_steps or 0):
        _, state, _, terminated, truncated, info = env.step(jax.random.key(step), state, NOOP)
        ends.append((bool(terminated), bool(truncated), float(info["discount"])))
    assert ends == [(False, False, 1.0)] * 4 + [(False, True, 1.0)]

    short = env.default_params.replace(max_steps_in_episode=1)
    _, state = env.reset(jax.random.key(0), short)
    assert [bool(flag) for flag in env.step(jax.random.key(1), state, TOGGLE, short)[3:5]] == [True, False]
    assert [bool(flag) for flag in env.step(jax.random.key(1), state, NOOP, short)[3:5]] == [False, True]


def test_partners_draw_from_the_steps_key() -> None:
    env = wrap(GATES_OF_THREE, [at_random, noop], 1)
    _, state = env.reset(jax.random.key(0))
    keys = jax.random.split(jax.random.key(1), 40)
    _, after, *_ = jax.vmap(env.step_env, in_axes=(0, None, None))(keys, state, NOOP)
    moved = np.asarray(after.env_state.agent_dir != state.env_state.agent_dir)
    assert 0 < moved[:, 0].sum() < 40
    assert not moved[:, 1:].any()


def test_its_rollouts_run_under_vmap_and_jit_and_its_log_tells_returns() -> None:
    n_envs, n_steps = 3, 30
    env = wrap(GATES, at_random)
    rollout = RolloutWrapper(env=env, num_env_steps=n_steps)
    obs, _, _, next_obs, done, _ = rollout.batch_rollout(jax.random.split(jax.random.key(0), n_envs), None)
    assert obs.shape == next_obs.shape == (n_envs, n_steps, 2, 3, 15)
    assert done.sum(axis=1).min() >= 2

    logged = LogWrapper(FlattenObservationWrapper(env))

    def step(carry: Any, key: Any) -> Any:
        keys = jax.random.split(key, n_envs)
        actions = jax.vmap(env.action_space().sample)(keys)
        obs, state, *told = jax.vmap(logged.step)(keys, carry, actions)
        return state, (obs, told)

    def play(key: Any) -> Any:
        _, state = jax.vmap(logged.reset)(jax.random.split(key, n_envs))
        return jax.lax.scan(step, state, jax.random.split(key, n_steps))

    _, (obs, (rewards, terminated, truncated, info)) = jax.jit(play)(jax.random.key(0))
    is_over = np.asarray(terminated | truncated)
    assert obs.shape == info["final_observation"].shape == (n_steps, n_envs, 90)
    assert is_over.any(axis=0).all()
    assert not np.asarray(terminated & truncated).any()
    for idx in range(n_envs):
        starts = [0, *(np.flatnonzero(is_over[:, idx]) + 1).tolist()]
        for start, end in itertools.pairwise(starts):
            assert int(info["returned_episode_lengths"][end - 1, idx]) == end - start
            assert float(info["returned_episode_returns"][end - 1, idx]) == float(rewards[start:end, idx].sum())


def test_it_becomes_a_gymnasium_environment_through_gymnaxs_wrapper() -> None:
    env = GymnaxToGymWrapper(wrap(GATES, noop))
    obs, _ = env.reset(seed=3)
    told = [env.step(NOOP) for _ in range(12)]
    assert env.observation_space.contains(np.asarray(obs))
    assert [bool(truncated) for *_, truncated, _ in told] == [False] * 11 + [True]


def test_infos_tell_the_shaped_reward() -> None:
    env = GymnaxEnv(
        ENV_ID, noop, features=["agent_position"], rewards=[], shaped_rewards=["onion_in_pot_reward"], max_steps=5
    )
    onion = object_to_idx("onion", scope="overcooked")
    _, state = env.reset(jax.random.key(0))
    before_the_pot = {"agent_pos": [[2, 3], [3, 3]], "agent_dir": [3, 0], "agent_inv": [[onion], [-1]]}
    state = state._replace(env_state=env.env.state_from_arrays(**before_the_pot))
    _, state, reward, *_, info = env.step(jax.random.key(0), state, 4)
    assert float(reward) == 0
    assert info["shaped_reward"] == np.float32(0.1)
    assert float(env.step(jax.random.key(0), state, 4)[-1]["shaped_reward"]) == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "1 agents beside agent_0 need a partner each, and 0 are given"),
        ({"partners": [noop, noop]}, "1 agents beside agent_0 need a partner each, and 2 are given"),
        ({"partners": noop, "controlled_agent": 2}, "index, 0 to 1, not 2"),
        ({"partners": noop, "controlled_agent": True}, "index, 0 to 1, not True"),
        ({"partners": noop, "max_step": 5}, "max_step"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        GymnaxEnv(ENV_ID, **settings)


def test_an_environment_of_the_other_backend_is_refused() -> None:
    with pytest.raises(ConfigError, match='make it with backend="jax"'):
        GymnaxEnv(cogrid.make(ENV_ID), noop)


def test_the_form_with_one_done_runs_in_a_training_loop_of_its_time() -> None:
    env, twin = (
        kind(ENV_ID, at_random, max_steps=5, features=["agent_position"]) for kind in (PureJaxRLEnv, GymnaxEnv)
    )
    params, keys = env.default_params, jax.random.split(jax.random.key(SEED), 4)
    assert env.observation_space(params).shape == (2,)

    def step(carry: Any, key: Any) -> Any:
        state, returns = carry
        own = jax.random.split(key, 4)
        actions = jax.vmap(env.action_space(params).sample)(own)
        obs, state, reward, done, info = jax.vmap(env.step, in_axes=(0, 0, 0, None))(own, state, actions, params)
        other = jax.vmap(twin.step, in_axes=(0, 0, 0, None))(own, carry[0], actions, params)
        return (state, jnp.where(done, 0.0, returns + reward)), (done, info["truncated"], obs, other[0], other[4])

    _, state = jax.vmap(env.reset, in_axes=(0, None))(keys, params)
    carry = (state, jnp.zeros(4))
    _, (done, truncated, obs, expected, ended) = jax.lax.scan(step, carry, jax.random.split(jax.random.key(1), 11))

    np.testing.assert_array_equal(np.flatnonzero(done[:, 0]), [4, 9])
    np.testing.assert_array_equal(done, truncated)
    np.testing.assert_array_equal(done, ended)
    np.testing.assert_array_equal(obs, expected)
