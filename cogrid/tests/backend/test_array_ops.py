"""The array operations of our own against the plain way to say the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cogrid.backend.array_ops import MAX_COLUMNS, any_in
from cogrid.tests.engines import needs_jax


@pytest.mark.parametrize("n_columns", [0, 1, 5, MAX_COLUMNS, MAX_COLUMNS + 1])
@pytest.mark.parametrize("backend", ["numpy", pytest.param("jax", marks=needs_jax)])
def test_any_in_looks_at_every_column_that_it_is_told_of(n_columns: int, backend: str) -> None:
    columns = range(3, 3 + n_columns)
    values = np.zeros((n_columns + 1, 40), dtype=np.uint8)
    for row, column in enumerate(columns):
        values[row, column] = 7

    found = any_in(lambda part: part == 7, array_of(backend, values), columns)

    assert np.asarray(found).tolist() == [True] * n_columns + [False]


def array_of(backend: str, values: np.ndarray) -> Any:
    """The values as an array of a backend."""
    if backend == "numpy":
        return values
    import jax.numpy as jnp

    return jnp.asarray(values)
