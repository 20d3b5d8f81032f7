"""Our environments are jumanji's: its own random-episode test, its wrappers, and its ways to end an episode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

jumanji = pytest.importorskip("jumanji")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
from jumanji import types, wrappers  # noqa: E402  # pyright: ignore[reportMissingImports]
from jumanji.testing.env_not_smoke import (  # noqa: E402  # pyright: ignore[reportMissingImports]
    check_env_does_not_smoke,
    check_env_specs_does_not_smoke,
)

import cogrid  # noqa: E402
from cogrid.cogrid_env import CoGridEnv  # noqa: E402
from cogrid.core.grid_object import object_to_idx  # noqa: E402
from cogrid.errors import ConfigError  # noqa: E402
from cogrid.interop.jumanji import JumanjiEnv, JumanjiState  # noqa: E402
from cogrid.tests.vector.reference import GATES, NOOP, TOGGLE, random_actions  # noqa: E402

ENV_ID = "Overcooked-CrampedRoom-V0"
SEED = 5
MAX_STEPS = 12


@pytest.fixture(scope="module")
def kitchen() -> JumanjiEnv:
    return JumanjiEnv(ENV_ID, features=["object_planes"], shaped_rewards=["onion_in_pot_reward"], max_steps=9)


@pytest.fixture(scope="module")
def gates() -> JumanjiEnv:
    return JumanjiEnv(CoGridEnv(GATES, backend="jax"))


def seed_key(seed: int) -> np.ndarray:
    return np.array([0, seed], dtype=np.uint32)


def test_jumanjis_own_random_episodes_run_within_the_specs(kitchen: JumanjiEnv, gates: JumanjiEnv) -> None:
    for env in (kitchen, gates):
        check_env_does_not_smoke(env)
        check_env_specs_does_not_smoke(env)
        state, timestep = env.reset(jax.random.key(0))
        for spec, value in (
            (env.observation_spec, timestep.observation),
            (env.reward_spec, timestep.reward),
            (env.discount_spec, timestep.discount),
        ):
            spec.validate(value)
        assert env.action_spec.generate_value().shape == timestep.reward.shape == (env.num_agents,)
        assert env.observation_spec.generate_value().agents_view.shape == timestep.observation.agents_view.shape
        assert isinstance(state, JumanjiState)


def test_a_whole_episode_is_jax_steps_bit_for_bit(gates: JumanjiEnv) -> None:
    step, plain = jax.jit(gates.step), gates.env
    state, timestep = gates.reset(seed_key(SEED))
    expected, obs = plain.jax_reset(seed_key(SEED))
    n_steps = 0
    while not timestep.last():
        actions = random_actions(GATES, 1, MAX_STEPS)[n_steps, 0]
        state, timestep = step(state, actions)
        expected, obs, reward, done, _ = plain.jax_step(expected, actions)
        n_steps += 1
        np.testing.assert_array_equal(timestep.observation.agents_view, obs)
        np.testing.assert_array_equal(timestep.reward, reward)
        np.testing.assert_array_equal(timestep.discount, ~np.asarray(expected.terminated))
        for ours, theirs in zip(jax.tree.leaves(state), jax.tree.leaves(expected), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert bool(timestep.last()) == bool(done)
        assert int(timestep.observation.step_count) == n_steps
    assert 1 < n_steps <= MAX_STEPS


def test_an_end_by_the_rules_has_the_discount_0_and_an_end_by_the_clock_1(gates: JumanjiEnv) -> None:
    step = jax.jit(gates.step)
    state = JumanjiState(gates.env.state_from_arrays(agent_pos=[[0, 1], [1, 1]], agent_dir=[2, 0], time=MAX_STEPS - 2))
    left, timestep = step(state, [TOGGLE, NOOP])
    told = {"reward": timestep.reward, "observation": timestep.observation}
    assert_equal_time_steps(timestep, types.transition(discount=jnp.array([0.0, 1.0]), **told))
    assert timestep.reward.tolist() == [5.0, 0.0]

    _, timestep = step(left, [NOOP, NOOP])
    told = {"reward": timestep.reward, "observation": timestep.observation}
    assert_equal_time_steps(timestep, types.truncation(discount=jnp.array([0.0, 1.0]), **told))

    both = JumanjiState(gates.env.state_from_arrays(agent_pos=[[0, 1], [1, 0]], agent_dir=[2, 3]))
    _, timestep = step(both, [TOGGLE, TOGGLE])
    told = {"reward": timestep.reward, "observation": timestep.observation}
    assert_equal_time_steps(timestep, types.termination(shape=gates.num_agents, **told))


def assert_equal_time_steps(actual: Any, expected: Any) -> None:
    """Assert that two time steps say the same, with the same types."""
    for name in ("step_type", "reward", "discount", "extras"):
        one, other = jax.tree.leaves(getattr(actual, name)), jax.tree.leaves(getattr(expected, name))
        assert [leaf.dtype for leaf in one] == [leaf.dtype for leaf in other], name
        for leaf, leaf_expected in zip(one, other, strict=True):
            np.testing.assert_array_equal(leaf, leaf_expected, err_msg=name)


WRAPPED = {
    "AutoResetWrapper": lambda env: wrappers.VmapWrapper(wrappers.AutoResetWrapper(env, next_obs_in_extras=True)),
    "VmapAutoResetWrapper": lambda env: wrappers.VmapAutoResetWrapper(env, next_obs_in_extras=True),
}


@pytest.mark.parametrize("wrapper", WRAPPED)
def test_its_wrappers_reset_each_environment_by_itself_and_keep_the_last_observation(
    gates: JumanjiEnv, wrapper: str
) -> None:
    n_envs, n_steps = 3, 30
    envs = WRAPPED[wrapper](gates)

    def step(state: Any, joint: Any) -> Any:
        after, timestep = envs.step(state, joint)
        return after, (timestep, after.env_state.time, after.env_state.rng_key)

    def play(keys: Any, actions: Any) -> Any:
        state, _ = envs.reset(keys)
        return jax.lax.scan(step, state, actions)

    actions = random_actions(GATES, n_envs, n_steps)
    _, (timesteps, times, keys) = jax.jit(play)(jax.random.split(jax.random.key(0), n_envs), jnp.asarray(actions))
    is_last = np.asarray(timesteps.last())
    assert is_last.sum(axis=0).min() >= 2
    assert (np.asarray(times) == 0).tolist() == is_last.tolist()
    assert (np.asarray(timesteps.observation.step_count) == 0).tolist() == is_last.tolist()
    last = np.asarray(timesteps.extras["next_obs"].step_count)
    assert last[is_last].min() > 0
    np.testing.assert_array_equal(last[~is_last], np.asarray(timesteps.observation.step_count)[~is_last])
    n_episodes = is_last.sum() + n_envs
    assert len(np.unique(np.asarray(keys).reshape(-1, 2), axis=0)) == n_episodes


def test_it_becomes_a_gymnasium_environment_through_jumanjis_wrappers(gates: JumanjiEnv) -> None:
    env = wrappers.JumanjiToGymWrapper(wrappers.MultiToSingleWrapper(gates))
    obs, _ = env.reset(seed=1)
    told = [env.step(np.full(gates.num_agents, NOOP)) for _ in range(MAX_STEPS)]
    assert env.observation_space.contains(obs)
    assert [(terminated, truncated) for _, _, terminated, truncated, _ in told] == [(False, False)] * 11 + [
        (False, True)
    ]


def test_extras_tell_the_shaped_reward_and_a_state_is_drawn(kitchen: JumanjiEnv, gates: JumanjiEnv) -> None:
    onion = object_to_idx("onion", scope="overcooked")
    before_the_pot = {"agent_pos": [[2, 3], [3, 3]], "agent_dir": [3, 0], "agent_inv": [[onion], [-1]]}
    state = JumanjiState(kitchen.env.state_from_arrays(**before_the_pot))
    _, first = kitchen.reset(jax.random.key(0))
    after, timestep = jax.jit(kitchen.step)(state, [4, 6])
    assert first.extras["shaped_reward"].tolist() == [0, 0]
    np.testing.assert_array_equal(timestep.extras["shaped_reward"], np.array([0.1, 0], dtype=np.float32))
    assert timestep.reward.tolist() == [0, 0]
    assert gates.reset(jax.random.key(0))[1].extras == {}
    picture = kitchen.render(after)
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    assert (picture != kitchen.render(state)).any()


def test_what_cannot_be_wrapped_is_refused() -> None:
    with pytest.raises(ConfigError, match='make it with backend="jax"'):
        JumanjiEnv(cogrid.make(ENV_ID))
    with pytest.raises(ConfigError, match="made already, without max_steps"):
        JumanjiEnv(cogrid.make(ENV_ID, backend="jax"), max_steps=5)
