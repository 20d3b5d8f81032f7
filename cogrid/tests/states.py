"""Help for tests that handle many states at once: stack them, pick from them, compare them bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.jax_step import envstate_to_dict


def map_leaves(function: Any, *states: EnvState) -> EnvState:
    """The state whose arrays are a function of the arrays of others."""
    return states[0].map_arrays(function, *states[1:])


def stack_states(states: Sequence[EnvState], axis: int = 0) -> EnvState:
    """Many states as one with another batch axis; NumPy leaves."""
    return map_leaves(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves], axis=axis), *states)


def pick_states(state: EnvState, index: Any) -> EnvState:
    """Some of a batch of states, by any index into the batch axes; NumPy leaves."""
    return map_leaves(lambda leaf: np.asarray(leaf)[index], state)


def arrays_of(state: EnvState) -> Iterator[tuple[str, np.ndarray]]:
    """Every array that a state reads as, those that its world declares too, as NumPy's."""
    for name, values in envstate_to_dict(state).items():
        if hasattr(values, "dtype"):
            yield name, np.asarray(values)


def assert_same_states(actual: EnvState, expected: EnvState) -> None:
    """Two states read the same: names, dtypes, shapes and every bit."""
    told, wanted = dict(arrays_of(actual)), dict(arrays_of(expected))
    assert list(told) == list(wanted)
    for name, values in wanted.items():
        assert_same_bits(told[name], values, name)


def assert_same_bits(actual: Any, expected: Any, what: str = "") -> None:
    """Two arrays have one dtype, one shape and the same values."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.dtype == expected.dtype, f"{what}: {actual.dtype} and {expected.dtype}"
    np.testing.assert_array_equal(actual, expected, err_msg=what, strict=True)
