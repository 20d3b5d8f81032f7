"""PettingZoo's further tests and converters, SuperSuit, Stable-Baselines3, TorchRL and RLlib take our environments."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from pettingzoo.test import max_cycles_test, render_test, state_test
from pettingzoo.utils import parallel_to_aec

import cogrid
from cogrid.cogrid_env import CoGridEnv

ENV_ID = "Overcooked-CrampedRoom-V0"


def small(**settings: Any) -> CoGridEnv:
    return cogrid.make(ENV_ID, features=["agent_position", "agent_dir"], max_steps=12, **settings)


def test_pettingzoos_render_test_passes() -> None:
    def make(render_mode: str | None = None) -> CoGridEnv:
        return small(render_mode=render_mode)

    assert set(CoGridEnv.metadata["render_modes"]) == {"ansi", "rgb_array", "human"}
    make_aec: Any = lambda render_mode=None: parallel_to_aec(make(render_mode))  # noqa: E731
    render_test(make_aec)


def test_pettingzoos_state_test_passes() -> None:
    env = small()
    env.reset(seed=1)
    assert env.state_space.contains(env.state())
    state_test(parallel_to_aec(small()), small())


def test_pettingzoos_max_cycles_test_passes() -> None:
    class Module:
        """What the test takes for a module of an environment."""

        @staticmethod
        def env(max_cycles: int) -> object:
            return parallel_to_aec(cogrid.make(ENV_ID, features=["agent_position"], max_steps=max_cycles))

        @staticmethod
        def parallel_env(max_cycles: int) -> CoGridEnv:
            return cogrid.make(ENV_ID, features=["agent_position"], max_steps=max_cycles)

    max_cycles_test(Module)
    assert Module.parallel_env(4).config.max_steps == 4


def test_an_episode_runs_agent_by_agent_through_pettingzoos_converter() -> None:
    env = parallel_to_aec(small())
    env.reset(seed=0)
    n_turns = 0
    for agent in env.agent_iter():
        _, _, termination, truncation, _ = env.last()
        env.step(None if termination or truncation else env.action_space(agent).sample())
        n_turns += 1
    assert n_turns == 2 * 12 + 2


def test_stable_baselines3_learns_through_supersuit() -> None:
    supersuit = pytest.importorskip("supersuit")
    stable_baselines3 = pytest.importorskip("stable_baselines3")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        envs = supersuit.pettingzoo_env_to_vec_env_v1(small())
        envs = supersuit.concat_vec_envs_v1(envs, 2, num_cpus=0, base_class="stable_baselines3")
        model = stable_baselines3.PPO("MlpPolicy", envs, n_steps=16, batch_size=16, n_epochs=1, device="cpu")
        model.learn(total_timesteps=128)
    assert model.num_timesteps >= 128
    actions, _ = model.predict(np.zeros((4, 6), dtype=np.uint8))
    assert actions.shape == (4,)


def test_torchrls_specs_hold_and_a_rollout_runs() -> None:
    pytest.importorskip("torchrl")
    from torchrl.envs.libs.pettingzoo import PettingZooWrapper  # pyright: ignore[reportMissingImports]
    from torchrl.envs.utils import check_env_specs  # pyright: ignore[reportMissingImports]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        env = PettingZooWrapper(small(), categorical_actions=True, device="cpu")
        check_env_specs(env)
        told = env.rollout(8)
    assert tuple(told.batch_size) == (8,)
    assert tuple(told["agent", "observation"].shape) == (8, 2, 6)


def test_rllib_runs_an_episode() -> None:
    pytest.importorskip("ray")
    from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv  # pyright: ignore[reportMissingImports]

    env = ParallelPettingZooEnv(small())
    observations, _ = env.reset(seed=0)
    n_steps = 0
    while True:
        actions = {agent: env.get_action_space(agent).sample() for agent in observations}
        observations, _, _, truncations, _ = env.step(actions)
        n_steps += 1
        if truncations["__all__"]:
            break
    assert n_steps == 12
