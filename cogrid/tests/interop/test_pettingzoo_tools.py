"""PettingZoo's further tests pass; its registry, SuperSuit, Stable-Baselines3 and TorchRL take our environments."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pettingzoo
import pytest
from pettingzoo.test import max_cycles_test, parallel_api_test, render_test, state_test
from pettingzoo.utils import parallel_to_aec

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import registered_ids
from cogrid.interop.pettingzoo import register_all

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


@pytest.mark.skipif(not hasattr(pettingzoo, "register"), reason="this PettingZoo has no registry")
def test_pettingzoos_make_makes_every_environment_of_ours() -> None:
    names = register_all()
    assert register_all() == names
    assert {name.removeprefix("cogrid/") for name in names} == set(registered_ids())
    assert set(names) <= set(pettingzoo.parallel_registry) & set(pettingzoo.aec_registry)

    env = pettingzoo.make("parallel", f"cogrid/{ENV_ID}", max_cycles=3, features=["agent_position"])
    assert isinstance(env, CoGridEnv)
    assert env.config == cogrid.make(ENV_ID, max_steps=3, features=["agent_position"]).config
    parallel_api_test(env, num_cycles=10)

    aec = pettingzoo.make("aec", f"cogrid/{ENV_ID}", max_cycles=3)
    aec.reset(seed=0)
    for agent in itertools.islice(aec.agent_iter(), 6):
        aec.step(aec.action_space(agent).sample())
    assert all(aec.truncations.values())
    unchanged: Any = pettingzoo.make("parallel", f"cogrid/{ENV_ID}")
    assert unchanged.config == cogrid.make(ENV_ID).config


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


def test_supersuit_skips_a_drawn_number_of_frames_the_same_for_one_seed() -> None:
    supersuit = pytest.importorskip("supersuit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        env = supersuit.frame_skip_v0(small(), (1, 3))

    def times(seed: int) -> list[int]:
        env.reset(seed=seed)
        told: list[int] = []
        while env.agents:
            env.step(dict.fromkeys(env.agents, 6))
            told.append(int(env.unwrapped.get_state().time))
        return told

    assert times(3) == times(3)
    assert times(3)[-1] == 12
    assert len({tuple(times(seed)) for seed in range(4)}) > 1


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
