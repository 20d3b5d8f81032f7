"""The few array operations that the array API standard lacks, and that NumPy and JAX spell differently.

Everything else in the library is written against the standard and gets its namespace from `namespace`. An index
that is out of range is the caller's fault in all of these, on both backends: callers keep theirs in range.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

import array_api_compat
import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped, UInt

Array = Any
"""A NumPy or a JAX array; shapes and dtypes are in the jaxtyping annotation around it."""

Carry = TypeVar("Carry")

MAX_UNROLLED = 8
"""Loops up to this long are unrolled under JAX, longer ones are compiled as a loop (else compile time grows)."""


def namespace(array: Array) -> ModuleType:
    """The array API namespace that an array belongs to.

    Args:
      array: a NumPy array or scalar, a JAX array or tracer.
    """
    if isinstance(array, (np.ndarray, np.generic)):
        return np
    return array_api_compat.array_namespace(array)


def is_numpy(array: Array) -> bool:
    """Whether an array is NumPy's."""
    return isinstance(array, (np.ndarray, np.generic))


def lookup(table: Shaped[np.ndarray, "K"], index: Integer[Array, "*B"]) -> Shaped[Array, "*B"]:
    """Read a constant table at many places.

    Args:
      table: `[K]`, any dtype, a constant of the compiled step.
      index: `[*B]` integer, 0..K-1.
    Returns:
      `[*B]`, the table's dtype.
    """
    if is_numpy(index):
        return table[index]
    import jax.numpy as jnp

    return jnp.asarray(table).at[index].get(mode="promise_in_bounds")


def lookup_rows(table: Shaped[np.ndarray, "K C"], index: Integer[Array, "*B"]) -> Shaped[Array, "*B C"]:
    """Read whole rows of a constant table at many places.

    Args:
      table: `[K, C]`, any dtype, a constant of the compiled step.
      index: `[*B]` integer, 0..K-1.
    Returns:
      `[*B, C]`, the table's dtype.
    """
    if is_numpy(index):
        return table[index]
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
        return np.take_along_axis(values, index, axis=-1)
    import jax.numpy as jnp

    return jnp.take_along_axis(values, index, axis=-1, mode="promise_in_bounds")


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
    if is_numpy(values):
        changed = values.copy()
        np.put_along_axis(changed, index[..., None], new[..., None].astype(values.dtype), axis=-1)
        return changed
    import jax.numpy as jnp

    is_place = jnp.arange(values.shape[-1], dtype=index.dtype) == index[..., None]
    return jnp.where(is_place, new[..., None].astype(values.dtype), values)


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
    import jax.numpy as jnp

    # A comparison and a choice melt into the loops around them, where an indexed update is a kernel of its own.
    is_place = jnp.arange(values.shape[-1], dtype=np.int32) == idx
    return jnp.where(is_place, new[..., None].astype(values.dtype), values)


def any_of(condition: Bool[Array, "*B A"]) -> Bool[Array, "*B"]:
    """Whether a condition holds anywhere on the last axis; a short axis is unrolled under JAX."""
    if is_numpy(condition) or condition.shape[-1] > MAX_UNROLLED:
        return condition.any(axis=-1)
    return functools.reduce(operator.or_, [condition[..., idx] for idx in range(condition.shape[-1])])


def all_of(condition: Bool[Array, "*B A"]) -> Bool[Array, "*B"]:
    """Whether a condition holds everywhere on the last axis; a short one is unrolled under JAX."""
    return ~any_of(~condition)


def sum_of(values: Integer[Array, "*B A"]) -> Integer[Array, "*B"]:
    """The sum over the last axis, in the dtype of values; a short one is unrolled under JAX."""
    if is_numpy(values) or values.shape[-1] > MAX_UNROLLED:
        return values.sum(axis=-1, dtype=values.dtype)
    return functools.reduce(operator.add, [values[..., idx] for idx in range(values.shape[-1])])


def materialize(values: Shaped[Array, "..."]) -> Shaped[Array, "..."]:
    """Have XLA compute an array once, instead of anew inside everything that reads it; nothing under NumPy."""
    if is_numpy(values):
        return values
    import jax

    return jax.lax.optimization_barrier(values)


def loop(n: int, body: Callable[[Any, Carry], Carry], start: Carry, like: Array) -> Carry:
    """Run `carry = body(i, carry)` for i from 0 to n - 1.

    Args:
      n: how often.
      body: gets the index (traced inside a compiled loop) and what the last turn returned.
      start: what the first turn gets; a tuple of arrays, the same shapes and dtypes at every turn.
      like: an array that says which backend to run on.
    Returns:
      What the last turn returned.
    """
    if is_numpy(like) or n <= MAX_UNROLLED:
        for i in range(n):
            start = body(i, start)
        return start
    import jax

    return jax.lax.fori_loop(0, n, body, start)


def take_turns(
    n: int, body: Callable[[Any, Carry], tuple[Carry, tuple[Array, ...]]], start: Carry, like: Array
) -> tuple[Carry, tuple[Array, ...]]:
    """Run `carry, results = body(i, carry)` for i from 0 to n - 1, and stack each turn's results.

    Args:
      n: how often.
      body: gets the index (traced inside a compiled loop) and what the last turn returned; its results are `[*B]`
        arrays.
      start: what the first turn gets; the same structure, shapes and dtypes at every turn.
      like: an array that says which backend to run on.
    Returns:
      What the last turn returned, and the results, each `[*B, n]`.
    """
    if is_numpy(like) or n <= MAX_UNROLLED:
        rows = []
        for i in range(n):
            start, results = body(i, start)
            rows.append(results)
        return start, tuple(namespace(like).stack(column, axis=-1) for column in zip(*rows, strict=True))
    import jax
    import jax.numpy as jnp

    end, stacked = jax.lax.scan(lambda carry, i: body(i, carry), start, jnp.arange(n, dtype=np.int32))
    return end, tuple(jnp.moveaxis(column, 0, -1) for column in stacked)


def words_to_bytes(words: UInt[Array, "*B K"]) -> UInt[Array, "*B 4*K"]:
    """Reinterpret 32-bit words as bytes, lowest byte first.

    Args:
      words: `[*B, K]` uint32.
    Returns:
      `[*B, 4*K]` uint8.
    """
    if is_numpy(words):
        return np.ascontiguousarray(words).astype("<u4", copy=False).view(np.uint8)
    import jax

    as_bytes = jax.lax.bitcast_convert_type(words, np.uint8)
    return as_bytes.reshape(*words.shape[:-1], words.shape[-1] * 4)
