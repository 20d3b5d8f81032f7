"""Every viewer sees each cell by its row, and its own cell by its own: on each backend, however the batch is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from cogrid.feature_space import seen_rows
from cogrid.feature_space.seen_rows import rows_seen
from cogrid.tests.engines import needs_jax

B, A, N, R = 6, 3, 10, 40
DTYPES = [np.uint8, np.int16]
WIDTHS = [8, 5, 1]
"""Rows of whole words, of broken ones, and of less than one."""


class Seen(NamedTuple):
    """What is shown, and to whom."""

    numbers: np.ndarray
    agent_cell: np.ndarray
    own: np.ndarray

    def expected(self, table: np.ndarray) -> np.ndarray:
        """Row by row."""
        shape = (*self.agent_cell.shape, self.numbers.shape[-1], table.shape[1])
        expected = np.zeros(shape, dtype=table.dtype)
        for place in np.ndindex(self.agent_cell.shape):
            expected[place] = table[self.numbers[place[:-1]]]
            expected[place][self.agent_cell[place]] = table[self.own[place]]
        return expected


def draw_table(width: int, dtype: Any) -> np.ndarray:
    return np.random.default_rng(width).integers(0, 256, size=(R, width)).astype(dtype)


def draw_seen(*batch: int) -> Seen:
    generator = np.random.default_rng(3)
    cells = np.stack([generator.permutation(N)[:A] for _ in range(int(np.prod(batch)))]).reshape(*batch, A)
    numbers, own = (generator.integers(0, R, size=(*batch, size), dtype=np.int32) for size in (N, A))
    return Seen(numbers, cells.astype(np.int32), own)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("batch", [(), (B,), (2, 3)])
def test_numpy_shows_each_viewer_its_rows(batch: tuple[int, ...], width: int, dtype: Any) -> None:
    table, seen = draw_table(width, dtype), draw_seen(*batch)

    shown = rows_seen(table, *seen)

    assert shown.dtype == dtype
    np.testing.assert_array_equal(shown, seen.expected(table))


def by_hand(vmap: Callable[..., Any], n_axes: int, table: np.ndarray) -> Callable[..., Any]:
    """`rows_seen` under so many `vmap`s."""

    def function(*arrays: Any) -> Any:
        return rows_seen(table, *arrays)

    for _ in range(n_axes):
        function = vmap(function)
    return function


@needs_jax
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("batch", "n_vmaps"), [((), 0), ((B,), 0), ((B,), 1), ((2, 3), 0), ((2, 3), 1), ((2, 3), 2)])
def test_jax_shows_what_numpy_shows(batch: tuple[int, ...], n_vmaps: int, width: int, dtype: Any) -> None:
    import jax

    table, seen = draw_table(width, dtype), draw_seen(*batch)

    shown = jax.jit(by_hand(jax.vmap, n_vmaps, table))(*seen)

    assert shown.dtype == dtype
    np.testing.assert_array_equal(shown, seen.expected(table))


@needs_jax
def test_a_batch_that_is_too_large_to_be_shared_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import jax

    table, seen = draw_table(8, np.uint8), draw_seen(B)
    shared = jax.jit(by_hand(jax.vmap, 1, table))(*seen)
    monkeypatch.setattr(seen_rows, "MAX_SHARED_BYTES", B * N * 8 - 1)

    looked_up = jax.jit(by_hand(jax.vmap, 1, table))(*seen)

    np.testing.assert_array_equal(looked_up, shared)


@needs_jax
def test_a_condition_under_vmap_shows_the_same() -> None:
    import jax

    table, seen = draw_table(8, np.uint8), draw_seen(B)
    is_shown = np.arange(B) % 2 == 0

    def show(is_shown: Any, *arrays: Any) -> Any:
        return jax.lax.cond(is_shown, lambda: rows_seen(table, *arrays), lambda: 0 * rows_seen(table, *arrays))

    shown = jax.jit(jax.vmap(show))(is_shown, *seen)

    np.testing.assert_array_equal(shown, seen.expected(table) * is_shown[:, None, None, None])
