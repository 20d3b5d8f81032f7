"""The few array operations that the array API standard lacks, and that NumPy and JAX spell differently.

Everything else in the library is written against the standard and gets its namespace from `namespace`. An index
that is out of range is the caller's fault in all of these, on both backends: callers keep theirs in range.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped

from cogrid.backend.meshes import on_any_mesh
from cogrid.backend.namespaces import Array, is_numpy, namespace
from cogrid.backend.xla import single_or_batched

MAX_UNROLLED = 8
"""Loops up to this long are unrolled under JAX, longer ones are compiled as a loop (else compile time grows)."""

MAX_COLUMNS = 24
"""Up to this many columns are read one by one. That is faster, but each adds two operations to the program."""


def lookup(table: Shaped[np.ndarray, "K"], index: Integer[Array, "*B"]) -> Shaped[Array, "*B"]:
    """Read a constant table at many places.

    Args:
      table: `[K]`, any dtype, a constant of the compiled step.
      index: `[*B]` integer, 0..K-1.
    Returns:
      `[*B]`, the table's dtype.
    """
    if is_numpy(index):
        return table.take(index, axis=0)
    return on_any_mesh(functools.partial(_look_up, table), index, like=index, own_axes=0)


def lookup_rows(
    table: Shaped[np.ndarray, "K C"], index: Integer[Array, "*B"], out: Shaped[np.ndarray, "*B C"] | None = None
) -> Shaped[Array, "*B C"]:
    """Read whole rows of a constant table at many places.

    Args:
      table: `[K, C]`, any dtype, a constant of the compiled step.
      index: `[*B]` integer, 0..K-1.
      out: under NumPy, `[*B, C]`, the table's dtype: where to write the rows, instead of a new array.
    Returns:
      `[*B, C]`, the table's dtype.
    """
    if is_numpy(index):
        return table.take(index, axis=0, out=out, mode="clip")  # With `out`, another mode goes through a buffer.
    return on_any_mesh(functools.partial(_look_up, table), index, like=index, own_axes=0)


def _look_up(table: Shaped[np.ndarray, "K *C"], index: Integer[Array, "*B"]) -> Shaped[Array, "*B *C"]:
    import jax.numpy as jnp

    return jnp.asarray(table).at[index].get(mode="promise_in_bounds")


def gather(values: Shaped[Array, "*B N"], index: Integer[Array, "*B K"]) -> Shaped[Array, "*B K"]:
    """Read each environment's values at that environment's own indices.

    Args:
      values: `[*B, N]`, any dtype.
      index: `[*B, K]` integer, 0..N-1.
    Returns:
      `[*B, K]`, the dtype of values.
    """
    if is_numpy(values):
        return values.reshape(-1).take(_flat_places(values.shape, index)).reshape(index.shape)
    import jax.numpy as jnp

    take = functools.partial(jnp.take_along_axis, axis=-1, mode="promise_in_bounds")
    return on_any_mesh(take, values, index, like=index)


def scatter(
    values: Shaped[Array, "*B N"], index: Integer[Array, "*B"], new: Shaped[Array, "*B"]
) -> Shaped[Array, "*B N"]:
    """Write one value into each environment's values, at that environment's own index.

    Args:
      values: `[*B, N]`, any dtype; left as it was.
      index: `[*B]` integer, 0..N-1.
      new: `[*B]`, cast to the dtype of values.
    Returns:
      `[*B, N]`, a changed copy.
    """
    new = new.astype(values.dtype)
    if is_numpy(values):
        changed = np.array(values, order="C")
        changed.reshape(-1)[_flat_places(values.shape, index[..., None])] = new.reshape(-1)
        return changed
    import jax
    import jax.numpy as jnp

    def choose(values: Array, index: Array, new: Array) -> Array:
        # XLA fuses a comparison and a choice into the loops around them; an indexed update is a kernel of its own.
        return jnp.where(_column_numbers(values, index.dtype) == index[..., None], new[..., None], values)

    def update(values: Array, index: Array, new: Array) -> Array:
        return jax.lax.dynamic_update_index_in_dim(values, new, index, 0)

    return (choose if values.ndim > 1 else single_or_batched(update, choose))(values, index, new)


def put_all(
    values: Shaped[Array, "*B N"], index: Integer[Array, "*B K"], new: Shaped[Array, "*B K"]
) -> Shaped[Array, "*B N"]:
    """Write several values into each environment's values, at that environment's own indices.

    Args:
      values: `[*B, N]`, any dtype; left as it was.
      index: `[*B, K]` integer, 0..N-1, pairwise distinct within an environment.
      new: `[*B, K]`, the dtype of values.
    Returns:
      `[*B, N]`, a changed copy.
    """
    if is_numpy(values):
        changed = np.array(values, order="C")
        changed.reshape(-1)[_flat_places(values.shape, index)] = new.reshape(-1)
        return changed
    import jax.numpy as jnp

    numbers = _column_numbers(values, index.dtype)
    for idx in range(index.shape[-1]):
        values = jnp.where(numbers == index[..., idx, None], new[..., idx, None], values)
    return values


def _column_numbers(values: Shaped[Array, "*B N"], dtype: np.dtype[Any]) -> Integer[Array, "*B N"]:
    """`[*B, N]`, in each entry the number of its column; under JAX."""
    import jax

    return jax.lax.broadcasted_iota(dtype, values.shape, values.ndim - 1)


def _flat_places(shape: tuple[int, ...], index: Integer[np.ndarray, "*B K"]) -> Integer[np.ndarray, "P"]:
    """Where indices into the last axis of an array of this shape are in the flattened array."""
    if len(shape) == 1:
        return index.reshape(-1)
    first = row_starts(math.prod(shape[:-1]), shape[-1], index.shape[-1])
    return (first + index.reshape(len(first), index.shape[-1])).reshape(-1)


@functools.lru_cache(maxsize=32)
def row_starts(n_rows: int, size: int, n_columns: int) -> Int[np.ndarray, "R K"]:
    """Where each row of an array begins in the flattened array, to be added to indices into the rows.

    Args:
      n_rows, size: the array's shape.
      n_columns: how many indices there are for each row. Few get a column each: NumPy takes 2.5 times as long to
        broadcast along a short last axis as to add whole arrays.
    Returns:
      `[R, n_columns]`, or `[R, 1]` for many.
    """
    starts = (np.arange(n_rows) * size)[:, None]
    if n_columns <= MAX_UNROLLED:
        starts = np.repeat(starts, n_columns, axis=1)
    starts.flags.writeable = False
    return starts


def at(values: Shaped[Array, "*B A"], idx: int | Int[Array, ""]) -> Shaped[Array, "*B"]:
    """Read one column, the same one in every environment.

    Args:
      values: `[*B, A]`, any dtype.
      idx: the column, 0..A-1, an int or inside `loop` a traced one.
    Returns:
      `[*B]`, the dtype of values.
    """
    return values[..., idx]


def put(values: Shaped[Array, "*B A"], idx: int | Int[Array, ""], new: Shaped[Array, "*B"]) -> Shaped[Array, "*B A"]:
    """Write one column, the same one in every environment.

    Args:
      values: `[*B, A]`, any dtype; left as it was.
      idx: the column, 0..A-1, an int or inside `loop` a traced one.
      new: `[*B]`, cast to the dtype of values.
    Returns:
      `[*B, A]`, a changed copy.
    """
    if is_numpy(values):
        changed = values.copy()
        changed[..., idx] = new
        return changed
    xp = namespace(values)
    return scatter(values, xp.broadcast_to(xp.asarray(idx, dtype=np.int32), new.shape), new)


def any_of(condition: Bool[Array, "*B A"]) -> Bool[Array, "*B"]:
    """Whether a condition holds anywhere on the last axis; a short one is unrolled, which both backends do faster."""
    if condition.shape[-1] > MAX_UNROLLED:
        return condition.any(axis=-1)
    return functools.reduce(operator.or_, [condition[..., idx] for idx in range(condition.shape[-1])])


def any_in(holds: Callable[[Array], Array], values: Shaped[Array, "*B N"], columns: Sequence[int]) -> Bool[Array, "*B"]:
    """Whether a condition holds for any value of an environment, when it can hold in some columns only.

    Args:
      holds: values of any shape to bool, of each value by itself.
      values: `[*B, N]`, any dtype.
      columns: where it can hold at all, 0..N-1; the fewer, the faster.
    Returns:
      `[*B]` bool.
    """
    if len(columns) > MAX_COLUMNS or (columns and values.ndim == 1 and is_numpy(values)):  # One by one is slower there.
        return any_of(holds(values))
    if not columns:
        return namespace(values).zeros(values.shape[:-1], dtype=np.bool_)
    return functools.reduce(operator.or_, [holds(at(values, column)) for column in columns])


def all_of(condition: Bool[Array, "*B A"]) -> Bool[Array, "*B"]:
    """Whether a condition holds everywhere on the last axis; a short one is unrolled."""
    return ~any_of(~condition)


def sum_of(values: Integer[Array, "*B A"]) -> Integer[Array, "*B"]:
    """The sum over the last axis, in the dtype of values; a short one is unrolled."""
    if values.shape[-1] > MAX_UNROLLED:
        return values.sum(axis=-1, dtype=values.dtype)
    return functools.reduce(operator.add, [values[..., idx] for idx in range(values.shape[-1])])
