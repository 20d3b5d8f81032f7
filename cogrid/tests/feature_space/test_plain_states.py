"""Features read plain dicts of a state's arrays, and one agent's part, as they read states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.core.jax_step import envstate_to_dict
from cogrid.errors import StateError
from cogrid.feature_space import array_features
from cogrid.feature_space.array_features import CLASSIC_FEATURES, build_feature_fn_jax, get_all_agent_obs_jax
from cogrid.feature_space.feature import get_feature
from cogrid.tests.engines import needs_jax

N = 2


def played_state(backend: str = "numpy") -> Any:
    env = cogrid.make("Overcooked-CrampedRoom-V0", backend=backend)
    env.reset(seed=3)
    for action in (0, 3, 4):
        env.step(dict.fromkeys(env.agents, action))
    return env.get_state()


@pytest.mark.parametrize("name", CLASSIC_FEATURES)
def test_each_feature_shows_of_a_dict_and_of_an_agent_what_it_shows_of_the_state(name: str) -> None:
    state = played_state()
    feature, expected = getattr(array_features, f"{name}_feature_jax"), get_feature(name)(state)

    np.testing.assert_array_equal(feature(envstate_to_dict(state)), expected)
    for agent_idx in range(N):
        np.testing.assert_array_equal(feature(envstate_to_dict(state), agent_idx), expected[agent_idx])


def test_a_composed_observation_reads_dicts() -> None:
    state = played_state()
    observe = build_feature_fn_jax(CLASSIC_FEATURES)

    seen = get_all_agent_obs_jax(observe, envstate_to_dict(state), N)

    np.testing.assert_array_equal(seen, observe(state))
    np.testing.assert_array_equal(observe(envstate_to_dict(state), 1), seen[1])


def test_a_dict_of_another_kind_is_refused() -> None:
    copied: Any = dict(envstate_to_dict(played_state()))
    with pytest.raises(StateError, match="envstate_to_dict"):
        get_feature("inventory")(copied)


@pytest.mark.long
@needs_jax
def test_dicts_and_agents_are_read_inside_jit_and_vmap() -> None:
    import jax
    import jax.numpy as jnp

    state = played_state("jax")
    observe = build_feature_fn_jax(CLASSIC_FEATURES)

    def by_agent(state: Any) -> Any:
        read = envstate_to_dict(state)
        return jax.vmap(lambda agent_idx: observe(read, agent_idx))(jnp.arange(N))

    np.testing.assert_array_equal(jax.jit(by_agent)(state), observe(state))
