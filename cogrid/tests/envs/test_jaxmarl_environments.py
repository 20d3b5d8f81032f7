"""Every environment of JaxMARL's rules keeps PettingZoo's contract, and plays the same under NumPy and under JAX."""

from __future__ import annotations

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test

import cogrid
from cogrid.envs.registry import registered_ids
from cogrid.tests.engines import first_of, play_everywhere

IDS = [name for name in registered_ids() if name.startswith(("JaxMARLOvercooked-", "OvercookedV2-"))]


def test_all_kitchens_are_there() -> None:
    assert [sum(name.startswith(family) for name in IDS) for family in ("JaxMARL", "OvercookedV2")] == [5, 23]


@pytest.mark.parametrize("env_id", IDS)
def test_every_environment_keeps_the_contract_of_pettingzoo(env_id: str) -> None:
    env = cogrid.make(env_id, max_steps=20)

    parallel_api_test(env, num_cycles=30)

    assert env.config.action_set == "cardinal_no_toggle"


@pytest.mark.parametrize(
    "env_id",
    first_of(
        [
            "OvercookedV2-GroundedCoordSimple-V0",
            "JaxMARLOvercooked-CrampedRoom-V0",
            "OvercookedV2-LongRoom-V0",
            "OvercookedV2-DemoCookWide-V0",
        ]
    ),
)
def test_all_engines_tell_the_same_story(env_id: str, with_jax: bool) -> None:
    config = cogrid.make(env_id, max_steps=80).config
    actions = np.random.default_rng(1).integers(0, 6, (80, config.num_agents)).tolist()

    episode = play_everywhere(config, actions, seed=2, with_jax=with_jax)

    assert len(episode.rewards) == 80


@pytest.mark.parametrize("env_id", ["JaxMARLOvercooked-CoordRing-V0", "OvercookedV2-GroundedCoordRing-V0"])
def test_every_object_has_a_picture(env_id: str) -> None:
    pytest.importorskip("PIL")
    env = cogrid.make(env_id, render_mode="rgb_array")
    env.reset(seed=0)

    frame = env.render()

    assert isinstance(frame, np.ndarray)
    assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 10
