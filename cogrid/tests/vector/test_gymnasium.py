"""One learner among partners keeps Gymnasium's contract for vectors: environment i is the single environment i."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.vector.utils import batch_space, iterate
from gymnasium.wrappers.vector import DictInfoToList, RecordEpisodeStatistics

from cogrid.core.config import EnvConfig
from cogrid.single_agent.environment import SingleAgentEnv
from cogrid.tests.vector.reference import GATES, NOOP, WORLDS, needs_gymnasium, random_actions
from cogrid.vector.single_agent import SingleAgentVectorEnv

B, T, SEED = 3, 30, 5
MODES = tuple(AutoresetMode)


def by_sight(obs: Any, key: Any) -> Any:
    """A partner whose actions depend on all that it sees, in a batch of environments."""
    flat = np.asarray(obs).reshape(len(obs), -1).astype(np.int64)
    return ((flat * np.arange(1, flat.shape[1] + 1)).sum(axis=-1) % 7).astype(np.int32)


def single(config: EnvConfig) -> SingleAgentEnv:
    """One environment with `by_sight` beside the learner."""
    return SingleAgentEnv(config, partners=lambda obs, key: int(by_sight(obs[None], key)[0]))


def batch(config: EnvConfig, mode: AutoresetMode, backend: str = "numpy") -> SingleAgentVectorEnv:
    """B environments with `by_sight` beside the learner."""
    return SingleAgentVectorEnv(config, B, backend, mode, partners=by_sight)


def test_batched_spaces_are_gymnasiums_own_batches_of_the_single_ones(backend: str) -> None:
    envs, env = batch(GATES, AutoresetMode.NEXT_STEP, backend), single(GATES)
    assert envs.single_observation_space == env.observation_space
    assert envs.single_action_space == env.action_space
    assert envs.observation_space == batch_space(env.observation_space, B)
    assert envs.action_space == batch_space(env.action_space, B)
    obs, _ = envs.reset(seed=SEED)
    rows = list(iterate(envs.observation_space, np.asarray(obs)))
    assert len(rows) == B
    assert all(env.observation_space.contains(row) for row in rows)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("world", WORLDS)
def test_environment_i_is_the_single_environment_of_seed_plus_i(world: str, mode: AutoresetMode) -> None:
    config = WORLDS[world]
    envs, singles = batch(config, mode), [single(config) for _ in range(B)]
    first = [env.reset(seed=SEED + idx)[0] for idx, env in enumerate(singles)]
    assert data_equivalence(list(envs.reset(seed=SEED)[0]), first)
    was_over, n_ended = [False] * B, 0

    for actions in random_actions(config, B, T)[..., 0]:
        obs, rewards, terminated, truncated, infos = envs.step(actions)
        for idx, env in enumerate(singles):
            if mode == AutoresetMode.NEXT_STEP and was_over[idx]:
                expected = (env.reset()[0], 0.0, False, False)
            else:
                expected = env.step(int(actions[idx]))[:4]
            is_over = was_over[idx] = expected[2] or expected[3]
            n_ended += is_over
            if is_over and mode == AutoresetMode.SAME_STEP:
                assert data_equivalence(infos["final_obs"][idx], expected[0])
                expected = (env.reset()[0], *expected[1:])
            told = (obs[idx], float(rewards[idx]), bool(terminated[idx]), bool(truncated[idx]))
            assert data_equivalence(told, expected)
        if mode == AutoresetMode.DISABLED and any(was_over):
            obs, _ = envs.reset(options={"reset_mask": np.array(was_over)})
            for idx in np.flatnonzero(was_over):
                assert data_equivalence(obs[idx], singles[idx].reset()[0])
    assert n_ended > B


@pytest.mark.parametrize("mode", MODES)
def test_a_masked_reset_with_a_seed_starts_what_gymnasiums_own_starts(mode: AutoresetMode) -> None:
    envs, theirs = batch(GATES, mode), SyncVectorEnv([lambda: single(GATES)] * B, autoreset_mode=mode)
    for vector in (envs, theirs):
        vector.reset(seed=SEED)
        vector.step(np.full(B, NOOP))
    mask = np.array([False, True, False])
    before = envs.get_state()

    obs, _ = envs.reset(seed=SEED + 10, options={"reset_mask": mask})
    expected, _ = theirs.reset(seed=SEED + 10, options={"reset_mask": mask.copy()})

    assert data_equivalence(obs, expected)
    assert data_equivalence(obs[1], single(GATES).reset(seed=SEED + 11)[0])
    assert (envs.get_state().rng_key != before.rng_key).any(axis=-1).tolist() == mask.tolist()
    assert envs.get_state().time.tolist() == [1, 0, 1]


@needs_gymnasium(1, 2, 2)
def test_gymnasiums_wrappers_of_infos_and_statistics_stack() -> None:
    envs = RecordEpisodeStatistics(batch(GATES, AutoresetMode.SAME_STEP))
    listed = DictInfoToList(envs)
    listed.reset(seed=SEED)
    returns, n_ended = np.zeros(B), 0

    for actions in random_actions(GATES, B, T)[..., 0]:
        _, rewards, terminated, truncated, infos = listed.step(actions)
        returns += rewards
        assert isinstance(infos, list)
        for idx, info in enumerate(infos):
            is_over = bool(terminated[idx] or truncated[idx])
            assert ("final_obs" in info) == ("episode" in info) == is_over
            if is_over:
                assert envs.single_observation_space.contains(info["final_obs"])
                assert info["episode"]["r"] == returns[idx]
                returns[idx] = 0
                n_ended += 1
    assert envs.episode_count == n_ended > B
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    listed.close()
    assert envs.unwrapped.closed
