"""What an `ArrayFeature` declares is what it shows; anything else is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import namespace
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ConfigError
from cogrid.feature_space.feature import ArrayFeature
from cogrid.tests.engines import needs_jax

BACKENDS = ["numpy", pytest.param("jax", marks=needs_jax)]


def half(state: EnvState) -> Any:
    return (state.agent_cell[..., None] * 0).astype(np.float32) + np.float32(0.5)


def three_hundred(state: EnvState) -> Any:
    return state.agent_cell[..., None] * 0 + 300


def two_by_three(state: EnvState) -> Any:
    return namespace(state.cells).zeros((2, 3), dtype=np.int32)


def nobody(state: EnvState) -> Any:
    return None


def steps(state: EnvState) -> Any:
    return state.time[..., None, None] + 0 * state.agent_cell[..., None]


def make(feature: ArrayFeature, backend: str = "numpy") -> CoGridEnv:
    return cogrid.make("Overcooked-CrampedRoom-V0", backend=backend, features=[feature])


WRONG = [
    (half, {"low": 0, "high": 1}, r"gives float\d+: declare dtype=np.float32"),
    (three_hundred, {"high": 5}, r"from 0 to 5, and its function gives .*300.*widen"),
    (three_hundred, {"low": 0.0, "high": 5.0}, "gives .*300"),
    (two_by_three, {}, r"shape=\(1,\).*gives the shape \(2, 3\)"),
    (nobody, {}, "gives no array but None"),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("function", "declared", "message"), WRONG)
def test_what_is_not_declared_is_refused_when_the_world_is_built(
    function: Any, declared: dict[str, Any], message: str, backend: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        make(ArrayFeature(function, shape=(1,), **declared), backend)
    assert function.__name__ in str(caught.value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_fractions_are_shown_where_they_are_declared(backend: str) -> None:
    env = make(ArrayFeature(half, shape=(1,), low=0, high=1, dtype=np.float32), backend)
    seen, _ = env.reset(seed=0)

    assert seen["agent_0"].tolist() == [0.5]
    assert seen["agent_0"].dtype == env.observation_space("agent_0").dtype == np.float32


def test_a_declared_integer_type_is_shown() -> None:
    env = make(ArrayFeature(steps, shape=(1,), high=9, dtype=np.int16))

    assert env.reset(seed=0)[0]["agent_0"].dtype == env.observation_space("agent_0").dtype == np.int16


def test_a_check_finds_what_goes_out_of_bounds_later() -> None:
    env = make(ArrayFeature(steps, shape=(1,), high=1))
    env.reset(seed=0)
    env.step({"agent_0": 6, "agent_1": 6})
    env.observation.check(env.get_state())
    env.step({"agent_0": 6, "agent_1": 6})

    with pytest.raises(ConfigError, match=r"from 0 to 1, and its function gives .*2"):
        env.observation.check(env.get_state())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shape": 2}, "such as .2,., not 2"),
        ({"shape": ()}, "positive integers"),
        ({"shape": (0,)}, "positive integers"),
        ({"low": "0"}, "finite numbers, not '0'"),
        ({"high": float("inf")}, "finite numbers, not inf"),
        ({"low": 3, "high": 2}, "low of .* 3, is above high, 2"),
        ({"dtype": np.float64}, "float32 or an integer type"),
        ({"dtype": np.uint8, "high": 256}, "holds its bounds 0 and 256"),
        ({"dtype": "no such"}, "not 'no such'"),
    ],
)
def test_bad_declarations_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ArrayFeature(**{"fn": steps, "shape": (1,), **settings})
