"""Observations as float32, scaled by their bounds or not, are the same bits on every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid import ArrayFeature, local_view
from cogrid.backend.namespaces import namespace
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ConfigError
from cogrid.tests.engines import first_of, needs_jax, play_everywhere

ENV_ID = "OvercookedAI-CrampedRoom-V0"
STEPS = np.random.default_rng(5).integers(0, 6, size=(12, 2)).tolist()


def times(state: Any) -> Any:
    xp = namespace(state.cells)
    return xp.broadcast_to((state.time * 3 - 7)[..., None, None], (*state.agent_dir.shape, 1))


TIME = ArrayFeature(times, shape=(1,), low=-7, high=30)
FEATURES = {
    "classic": ["agent_position", "agent_dir", "full_map_encoding", "can_move_direction", "inventory"],
    "planes": ["object_planes"],
    "turning view": [local_view(1, rotate=True)],
    "array function": [TIME, "agent_position"],
}


def with_floats(features: list[Any], is_scaled: bool = False, **settings: Any) -> CoGridEnv:
    return cogrid.make(ENV_ID, features=features, observation_dtype="float32", scale_observations=is_scaled, **settings)


def last_observation(env: CoGridEnv) -> np.ndarray:
    """What the second agent sees after the steps."""
    seen = env.reset(seed=3)[0]
    for joint in STEPS:
        seen = env.step(dict(zip(env.agents, joint, strict=True)))[0]
    return seen["agent_1"]


@pytest.mark.parametrize(("name", "is_scaled"), first_of([(name, scaled) for name in FEATURES for scaled in (1, 0)], 2))
def test_all_engines_show_the_same_float32(name: str, is_scaled: int, with_jax: bool) -> None:
    env = with_floats(FEATURES[name], bool(is_scaled))
    played = play_everywhere(env.config, STEPS, with_jax=with_jax)

    assert played.observations[0].dtype == np.float32
    assert all(env.observation_space("agent_0").contains(seen[0]) for seen in played.observations)


@pytest.mark.parametrize("name", FEATURES)
def test_a_number_is_itself_or_its_place_between_its_bounds(name: str) -> None:
    plain = cogrid.make(ENV_ID, features=FEATURES[name])
    low, high = (edge.astype(np.float64) for edge in plain.game.observation.bounds(plain.tables))

    expected = last_observation(plain).astype(np.float64)
    scaled = last_observation(with_floats(FEATURES[name], is_scaled=True))

    np.testing.assert_array_equal(last_observation(with_floats(FEATURES[name])), expected)
    np.testing.assert_allclose(scaled, (expected - low) / np.where(high > low, high - low, 1), atol=1e-6)
    assert 0 < scaled.max() <= 1


@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
def test_a_batch_shows_what_each_of_its_worlds_shows(backend: str) -> None:
    settings: dict[str, Any] = {
        "features": [TIME, "object_planes"],
        "observation_dtype": "float32",
        "scale_observations": True,
    }
    envs = cogrid.make_vec(ENV_ID, 2, backend=backend, **settings)
    batch, _ = envs.reset(seed=4)
    alone = [cogrid.make(ENV_ID, **settings) for _ in range(2)]
    for idx, env in enumerate(alone):
        env.reset(seed=4 + idx)
    seen: list[dict[str, np.ndarray]] = []
    for joint in STEPS:
        batch, *_ = envs.step(np.array([joint, joint], dtype=np.int32))
        seen = [env.step(dict(zip(env.agents, joint, strict=True)))[0] for env in alone]

    stacked = np.stack([np.stack(list(one.values())) for one in seen])
    np.testing.assert_array_equal(np.asarray(batch), stacked, strict=True)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"observation_dtype": "float64"}, '"float32"'),
        ({"scale_observations": True}, 'observation_dtype="float32"'),
        ({"scale_observations": 1}, "True or False"),
    ],
)
def test_other_dtypes_and_scales_are_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        cogrid.make(ENV_ID, **settings)
