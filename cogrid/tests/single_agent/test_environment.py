"""One agent among partners is a Gymnasium `Env` that passes Gymnasium's own check."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import cogrid
from cogrid.errors import ConfigError, EpisodeError
from cogrid.single_agent.environment import SingleAgentEnv
from cogrid.tests.engines import needs_jax


def noop(observation: np.ndarray, key: np.ndarray) -> int:
    return 6


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
def test_gymnasiums_own_check_passes(backend: str) -> None:
    env = SingleAgentEnv(
        cogrid.make("Overcooked-CrampedRoom-V0", backend=backend, render_mode="rgb_array", features=["agent_position"]),
        partners=noop,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*env.spec.*|.*not wrapped.*|.*spec.*")
        check_env(env)


def test_partners_see_their_own_observations_and_act_on_them() -> None:
    asked: list[list[int]] = []

    def partner(observation: np.ndarray, key: np.ndarray) -> int:
        asked.append(observation.tolist())
        return 3

    env = SingleAgentEnv(
        cogrid.make("Overcooked-CrampedRoom-V0", features=["agent_position"]), partners=partner, controlled_agent=1
    )
    env.reset(seed=0)
    for _ in range(3):
        env.step(6)
    assert asked == [[2, 4], [2, 4], [2, 4]]
    assert env.env.get_state().agent_dir.tolist()[0] == 0


def test_the_learners_episode_ends_with_its_own_agent() -> None:
    env = SingleAgentEnv(cogrid.make("GoalSeeking-Fixed-V0", max_steps=5), partners=noop)
    env.reset(seed=0)
    ends = [env.step(6)[2:4] for _ in range(5)]
    assert ends == [(False, False)] * 4 + [(False, True)]
    with pytest.raises(EpisodeError):
        env.step(6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"controlled_agent": 2}, "index, 0 to 1"),
        ({"partners": [noop, noop]}, "1 agents beside agent_0 need a partner each, and 2 are given"),
    ],
)
def test_bad_agents_and_partners_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SingleAgentEnv(cogrid.make("Overcooked-CrampedRoom-V0"), **{"partners": noop, **settings})
