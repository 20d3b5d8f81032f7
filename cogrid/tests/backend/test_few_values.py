"""Tables that are read by comparisons say what they say when they are looked up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogrid.backend import few_values
from cogrid.backend.few_values import first_places, follow, is_one_of, total_of
from cogrid.tests.engines import needs_jax

N_VALUES = 12


def as_numpy(values: np.ndarray) -> Any:
    """The array itself."""
    return values


def as_jax(values: np.ndarray) -> Any:
    """The same in JAX."""
    import jax.numpy as jnp

    return jnp.asarray(values)


BOTH = pytest.mark.parametrize("given_to", [as_numpy, pytest.param(as_jax, marks=needs_jax)])
tables = st.lists(st.integers(0, 3), min_size=N_VALUES, max_size=N_VALUES)
worlds = st.lists(st.lists(st.integers(0, N_VALUES - 1), min_size=9, max_size=9), min_size=1, max_size=3)


@BOTH
@settings(deadline=None, max_examples=30)
@given(table=tables, cells=worlds)
def test_comparisons_equal_look_ups(given_to: Callable[[np.ndarray], Any], table: list[int], cells: list[Any]) -> None:
    weights, values = np.array(table, dtype=np.int32), np.array(cells, dtype=np.uint8)
    after = np.where(weights == 1, np.arange(N_VALUES)[::-1], np.arange(N_VALUES)).astype(np.uint8)
    seen = given_to(values)

    assert np.array_equal(np.asarray(is_one_of(weights > 1, seen)), weights[values] > 1)
    assert np.array_equal(np.asarray(total_of(weights, seen, 3 * 9)), weights[values].sum(axis=1))
    assert np.array_equal(np.asarray(follow(after, seen)), after[values])


@BOTH
@pytest.mark.parametrize("n", [1, 3, 12])
def test_the_first_places_are_those_of_the_first_flags_in_order(given_to: Callable[[np.ndarray], Any], n: int) -> None:
    flags = np.random.default_rng(0).random((50, 9)) < 0.3

    found = np.asarray(first_places(given_to(flags), n))

    for row, places in zip(flags, found.tolist(), strict=True):
        assert places == [*np.flatnonzero(row).tolist(), *[9] * n][:n]


def test_a_sum_beyond_what_a_byte_holds_is_not_cut() -> None:
    weights = np.array([0, 200], dtype=np.int32)

    assert total_of(weights, np.ones((2, 5), dtype=np.uint8), 1_000).tolist() == [1_000, 1_000]


def test_a_table_with_many_runs_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(few_values, "MAX_RUNS_ON_NUMPY", 0)

    assert is_one_of(np.array([True, False, True]), np.array([0, 1, 2])).tolist() == [True, False, True]
