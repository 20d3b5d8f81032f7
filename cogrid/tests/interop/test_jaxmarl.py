"""Our environments are JaxMARL's: its wrappers and the calls of its training scripts."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

jaxmarl = pytest.importorskip("jaxmarl")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
from jaxmarl.environments.multi_agent_env import MultiAgentEnv  # noqa: E402  # pyright: ignore[reportMissingImports]
from jaxmarl.wrappers.baselines import LogWrapper  # noqa: E402  # pyright: ignore[reportMissingImports]

import cogrid  # noqa: E402
from cogrid.interop.jaxmarl import JaxMARLEnv  # noqa: E402

ENV_ID = "JaxMARLOvercooked-CrampedRoom-V0"
SHAPED = ("jaxmarl_overcooked_onion_in_pot", "jaxmarl_overcooked_soup_in_dish", "jaxmarl_overcooked_useful_plate")


@pytest.fixture(scope="module")
def env() -> JaxMARLEnv:
    return JaxMARLEnv(ENV_ID, shaped_rewards=SHAPED, max_steps=20)


def test_it_is_a_multi_agent_env_with_spaces_of_jaxmarls_own(env: JaxMARLEnv) -> None:
    assert isinstance(env, MultiAgentEnv)
    obs, _ = env.reset(jax.random.PRNGKey(0))
    for agent in env.agents:
        assert obs[agent].shape == env.observation_space(agent).shape == env.observation_space().shape == (4, 5, 26)
        assert bool(env.observation_space(agent).contains(obs[agent]))
        assert env.action_space(agent).n == env.action_space().n == 6
    assert env.name == ENV_ID


def test_a_step_resets_by_itself_and_tells_the_shaped_reward(env: JaxMARLEnv) -> None:
    _, state = env.reset(jax.random.PRNGKey(0))
    ends = []
    for step in range(41):
        actions = {agent: jnp.int32(5) for agent in env.agents}
        _, state, rewards, dones, info = env.step(jax.random.PRNGKey(step), state, actions)
        ends.append(bool(dones["__all__"]))
        assert info["shaped_reward"].keys() == rewards.keys() == set(env.agents)
        assert dones.keys() == {*env.agents, "__all__"}
    assert [step for step, is_end in enumerate(ends) if is_end] == [19, 39]
    assert int(state.time) == 1


def test_rewards_and_observations_are_those_of_the_environment(env: JaxMARLEnv) -> None:
    ours = cogrid.make(ENV_ID, shaped_rewards=SHAPED, max_steps=20)
    ours.reset(seed=5)
    _, state = env.reset(np.array([0, 5], dtype=np.uint32))
    rng = np.random.default_rng(0)
    for _ in range(19):
        joint = {agent: int(rng.integers(6)) for agent in env.agents}
        obs, state, rewards, _, info = env.step_env(jax.random.PRNGKey(0), state, joint)
        seen, paid, _, _, infos = ours.step(joint)
        for agent in env.agents:
            np.testing.assert_array_equal(np.asarray(obs[agent]), seen[agent])
            assert float(rewards[agent]) == paid[agent]
            assert float(info["shaped_reward"][agent]) == infos[agent]["shaped_reward"]


def test_the_calls_of_its_ippo_script_run_in_one_scan(env: JaxMARLEnv) -> None:
    wrapped, n_envs = LogWrapper(env, replace_info=False), 4

    def step(carry: Any, key: Any) -> Any:
        state, _ = carry
        keys = jax.random.split(key, n_envs)
        actions = {agent: jax.random.randint(key, (n_envs,), 0, wrapped.action_space().n) for agent in wrapped.agents}
        obs, state, reward, done, info = jax.vmap(wrapped.step, in_axes=(0, 0, 0))(keys, state, actions)
        shaped = info.pop("shaped_reward")
        reward = jax.tree.map(lambda paid, told: paid + 0.5 * told, reward, shaped)
        flat = jax.tree.map(lambda values: values.reshape(wrapped.num_agents * n_envs), info)
        return (state, obs), (jnp.stack([reward[agent] for agent in wrapped.agents]), done["__all__"], flat)

    obs, state = jax.vmap(wrapped.reset)(jax.random.split(jax.random.PRNGKey(1), n_envs))
    _, (rewards, ends, info) = jax.lax.scan(step, (state, obs), jax.random.split(jax.random.PRNGKey(2), 45))
    assert rewards.shape == (45, 2, n_envs)
    assert int(ends.sum()) == 2 * n_envs
    assert np.asarray(info["returned_episode_lengths"])[-1].tolist() == [20.0] * 2 * n_envs


def test_states_are_animated(env: JaxMARLEnv, tmp_path: pathlib.Path) -> None:
    _, state = env.reset(jax.random.PRNGKey(0))
    states = [state]
    for step in range(3):
        actions = dict.fromkeys(env.agents, jnp.int32(step))
        _, state, *_ = env.step_env(jax.random.PRNGKey(1), state, actions)
        states.append(state)

    with Image.open(env.animate(states, tmp_path / "cooks.gif")) as picture:
        assert getattr(picture, "n_frames", 1) == 4
