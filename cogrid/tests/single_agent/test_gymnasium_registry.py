"""Gymnasium's `make` and `make_vec` make our environments, one agent among partners; its wrappers take them."""

from __future__ import annotations

import warnings
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import RecordEpisodeStatistics

import cogrid
from cogrid.envs.registry import registered_ids
from cogrid.interop.gymnasium import register_all
from cogrid.single_agent.environment import SingleAgentEnv
from cogrid.tests.engines import needs_jax
from cogrid.vector.single_agent import SingleAgentVectorEnv

KITCHEN = "cogrid/Overcooked-CrampedRoom-V0"


def noop(obs: Any, key: Any) -> int:
    return 6


@pytest.fixture(scope="module", autouse=True)
def names() -> list[str]:
    return register_all()


def test_every_id_is_in_the_registry_once(names: list[str]) -> None:
    assert register_all() == names
    assert {name.removeprefix("cogrid/") for name in names} == set(registered_ids())
    assert set(names) <= set(gymnasium.registry)


def test_make_makes_one_agent_among_the_partners_that_are_given() -> None:
    env = gymnasium.make(KITCHEN, partners=noop, max_steps=3, features=["agent_position"])

    assert isinstance(env.unwrapped, SingleAgentEnv)
    assert env.unwrapped.max_steps == 3
    assert env.reset(seed=0)[0].tolist() == env.unwrapped.env.get_state().agent_pos[0].tolist()


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
def test_partners_act_at_random_by_default_and_the_same_for_one_seed(backend: str) -> None:
    def played(seed: int) -> list[Any]:
        env: Any = gymnasium.make(KITCHEN, backend=backend, features=["agent_position"])
        env.reset(seed=seed)
        return [(env.step(6)[0].tolist(), env.unwrapped.env.get_state().agent_dir.tolist()) for _ in range(12)]

    directions = {told[1][1] for told in played(seed=1)}
    assert len(directions) > 1
    assert played(seed=1) == played(seed=1)


def test_an_environment_from_the_registry_passes_gymnasiums_check() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*not wrapped.*|.*render.*|.*np_random.*")
        check_env(gymnasium.make(KITCHEN, max_steps=20, features=["agent_position"]).unwrapped)


def test_make_vec_makes_many_of_them() -> None:
    envs: Any = gymnasium.make_vec(KITCHEN, num_envs=3, max_steps=5, render_mode="ansi")
    observations, _ = envs.reset(seed=0)
    envs.step(np.array([6, 6, 6]))

    assert isinstance(envs, SingleAgentVectorEnv)
    assert observations.shape == (3, 443)
    assert len(envs.render()) == 3


def test_gymnasiums_statistics_of_episodes_are_those_of_the_episode() -> None:
    env = RecordEpisodeStatistics(SingleAgentEnv(cogrid.make("Overcooked-CrampedRoom-V0", max_steps=4), noop))
    env.reset(seed=0)
    infos = [env.step(6)[4] for _ in range(4)]

    assert infos[-1]["episode"]["l"] == 4
    assert infos[-1]["episode"]["r"] == 0.0
    assert "episode" not in infos[0]
