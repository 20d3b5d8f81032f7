"""What every registered environment promises: spaces, finite numbers, one seed one episode, the same on all engines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.jax_step import envstate_to_dict
from cogrid.envs.registry import registered_ids
from cogrid.tests.engines import first_of, first_of_families, needs_jax

N_STEPS = 15
FIRST_OF_FAMILY = sorted({env_id.split("-")[0]: env_id for env_id in reversed(registered_ids())}.values())


def joint_actions(env: CoGridEnv, seed: int) -> np.ndarray:
    shape = (N_STEPS, env.tables.n_agents)
    return np.random.default_rng(seed).integers(0, len(env.tables.action_set), size=shape).astype(np.int32)


def play(env: CoGridEnv, seed: int) -> list[tuple[Any, ...]]:
    """An episode's first steps, everything that comes back checked against the spaces."""
    observations, infos = env.reset(seed=seed)
    told: list[tuple[Any, ...]] = [(observations, infos)]
    for joint in joint_actions(env, seed).tolist():
        if not env.agents:
            break
        for agent, seen in observations.items():
            assert env.observation_space(agent).contains(seen)
            assert np.isfinite(seen.astype(np.float64)).all()
        live = list(env.agents)
        results = env.step({agent: joint[env.possible_agents.index(agent)] for agent in live})
        observations, rewards, terminations, truncations, infos = results
        assert all(list(part) == live for part in results)
        assert all(np.isfinite(reward) for reward in rewards.values())
        assert not any(terminations[agent] and truncations[agent] for agent in live)
        assert env.agents == [agent for agent in live if not (terminations[agent] or truncations[agent])]
        told.append(results)
    return told


def assert_equal(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> None:
    assert len(one) == len(other)
    for left, right in zip(one, other, strict=True):
        for part, twin in zip(left, right, strict=True):
            assert part.keys() == twin.keys()
            for agent, value in part.items():
                np.testing.assert_equal(value, twin[agent])


@pytest.mark.parametrize("env_id", registered_ids())
def test_an_environment_keeps_its_contract_and_its_seed(env_id: str) -> None:
    env = cogrid.make(env_id)
    first = play(env, seed=3)
    assert len(first) > 1
    assert_equal(play(cogrid.make(env_id), seed=3), first)


@pytest.mark.parametrize("env_id", first_of_families(registered_ids()))
def test_plain_integers_and_arrays_play_the_same_world(env_id: str) -> None:
    env = cogrid.make(env_id)
    env.reset(seed=4)
    state, _ = env.jax_reset(np.array([0, 4], dtype=np.uint32))
    for joint in joint_actions(env, 4):
        if not env.agents:
            break
        seen, paid, *_ = env.step({agent: int(joint[env.possible_agents.index(agent)]) for agent in env.agents})
        state, obs, rewards, _, _ = env.jax_step(state, joint)
        for agent in seen:
            idx = env.possible_agents.index(agent)
            np.testing.assert_array_equal(seen[agent], obs[idx])
            assert paid[agent] == rewards[idx]
    ours, theirs = envstate_to_dict(env.get_state()), envstate_to_dict(state)
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        np.testing.assert_array_equal(values, theirs[name], err_msg=name)


@needs_jax
@pytest.mark.parametrize(
    "env_id", first_of(sorted(FIRST_OF_FAMILY, key=lambda env_id: env_id != "GoalSeeking-Fixed-V0"))
)
def test_jax_plays_the_same_world_and_compiles_it_once(env_id: str) -> None:
    env = cogrid.make(env_id, backend="jax")
    compiled: list[Any] = [env.jax_step, env.jax_reset]
    assert_equal(play(env, 3), play(cogrid.make(env_id), 3))
    n_programs = [function._cache_size() for function in compiled]
    assert_equal(play(env, 5), play(cogrid.make(env_id), 5))
    assert [function._cache_size() for function in compiled] == n_programs
