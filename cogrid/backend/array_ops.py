"""The few array operations that the array API standard lacks, and that NumPy and JAX spell differently.

Everything else in the library is written against the standard and gets its namespace from `namespace`. An index
that is out of range is the caller's fault in all of these, on both backends: callers keep theirs in range.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

import array_api_compat
import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped, UInt8, UInt32

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
        return table.take(index, axis=0)
    import jax.numpy as jnp

    return jnp.asarray(table).at[index].get(mode="promise_in_bounds")


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
    new = new.astype(values.dtype)
    if is_numpy(values):
        changed = np.array(values, order="C")
        changed.reshape(-1)[_flat_places(values.shape, index[..., None])] = new.reshape(-1)
        return changed
    import jax
    import jax.numpy as jnp

    def choose(values: Array, index: Array, new: Array) -> Array:
        # A comparison and a choice melt into the loops around them, where an indexed update is a kernel of its own.
        return jnp.where(jnp.arange(values.shape[-1], dtype=index.dtype) == index[..., None], new[..., None], values)

    def update(values: Array, index: Array, new: Array) -> Array:
        return jax.lax.dynamic_update_index_in_dim(values, new, index, 0)

    return (choose if values.ndim > 1 else single_or_batched(update, choose))(values, index, new)


class Stretch(NamedTuple):
    """Part of the last axis of an array.

    Attributes:
      values: `[*B, K]`.
      start, stop: which part.
    """

    values: Shaped[Array, "*B K"]
    start: int
    stop: int


class Constant(NamedTuple):
    """Numbers that are the same in every environment.

    Attributes:
      values: `[K]`.
    """

    values: Shaped[np.ndarray, "K"]


def join(parts: Sequence[Stretch | Constant]) -> Shaped[Array, "*B F"]:
    """Join stretches of arrays, and constants, along the last axis.

    XLA copies long stretches of a batch fast when they are joined, while it takes most of a nanosecond to place a
    number by itself. For one environment it is the other way round: one look-up of all numbers in a small array costs
    less than many little copies. So under JAX this is the one or the other, depending on whether it is vmapped.

    Args:
      parts: in order, all of one dtype; at least one stretch, and all arrays with the same batch axes.
    Returns:
      `[*B, F]`.
    """
    sources = {id(part.values): part.values for part in parts if isinstance(part, Stretch)}
    arrays = list(sources.values())

    def copied(*arrays: Array) -> Array:
        return _copy_parts(parts, dict(zip(sources, arrays, strict=True)))

    def looked_up(*arrays: Array) -> Array:
        return _look_up_parts(parts, dict(zip(sources, arrays, strict=True)))

    if is_numpy(arrays[0]) or arrays[0].ndim > 1:
        return copied(*arrays)
    return single_or_batched(looked_up, copied)(*arrays)


def single_or_batched(single: Callable[..., Array], batched: Callable[..., Array]) -> Callable[..., Array]:
    """A JAX function of arrays that is computed one way for one environment, and another way under `vmap`.

    What is cheap on a CPU differs: a batch wants long loops without branches, one environment wants few operations. XLA
    runs a program of less than 1,000 operations at once, and hands a longer one to another thread, which takes longer
    than the step.

    Args:
      single: the function for arrays without batch axes.
      batched: the same function for arrays with one batch axis in front.
    """
    import jax

    # Jitted, it keeps its tables to itself: JAX refuses tables that a condition under `vmap` has given a batch axis.
    function = jax.custom_batching.custom_vmap(jax.jit(single))

    @function.def_vmap
    def _(size: int, is_batched: list[bool], *arrays: Array) -> tuple[Array, bool]:
        wide = [
            array if has_axis else jax.numpy.broadcast_to(array, (size, *jax.numpy.shape(array)))
            for array, has_axis in zip(arrays, is_batched, strict=True)
        ]
        return batched(*wide), True

    return function


def _copy_parts(parts: Sequence[Stretch | Constant], sources: dict[int, Array]) -> Array:
    """`join`, by copying; sources are the arrays of the stretches by the identity that they were given with."""
    any_source = next(iter(sources.values()))
    xp, batch = namespace(any_source), any_source.shape[:-1]
    copied = []
    for part in parts:
        if isinstance(part, Stretch):
            copied.append(sources[id(part.values)][..., part.start : part.stop])
        else:
            copied.append(xp.broadcast_to(xp.asarray(part.values), (*batch, len(part.values))))
    return xp.concat(copied, axis=-1)


def _look_up_parts(parts: Sequence[Stretch | Constant], sources: dict[int, Array]) -> Array:
    """`join` under JAX without batch axes, by one look-up in the sources and the constants, end to end."""
    import jax.numpy as jnp

    ends = np.cumsum([0, *(len(source) for source in sources.values())])
    first = dict(zip(sources, ends, strict=False))
    end = int(ends[-1])
    constants, places = [], []
    for part in parts:
        if isinstance(part, Stretch):
            places.append(first[id(part.values)] + np.arange(part.start, part.stop))
        else:
            places.append(end + np.arange(len(part.values)))
            constants.append(part.values)
            end += len(part.values)
    known = jnp.concatenate([*sources.values(), *map(jnp.asarray, constants)])
    return known.at[np.concatenate(places).astype(np.int32)].get(mode="promise_in_bounds")


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

    numbers = jnp.arange(values.shape[-1], dtype=index.dtype)
    for idx in range(index.shape[-1]):
        values = jnp.where(numbers == index[..., idx, None], new[..., idx, None], values)
    return values


def _flat_places(shape: tuple[int, ...], index: Integer[np.ndarray, "*B K"]) -> Integer[np.ndarray, "P"]:
    """Where indices into the last axis of an array of this shape are in the flattened array."""
    if len(shape) == 1:
        return index.reshape(-1)
    first = _row_starts(math.prod(shape[:-1]), shape[-1])
    return (first + index.reshape(len(first), index.shape[-1])).reshape(-1)


@functools.lru_cache(maxsize=32)
def _row_starts(n_rows: int, size: int) -> Int[np.ndarray, "R 1"]:
    """Where each row of an array begins in the flattened array."""
    starts = (np.arange(n_rows) * size)[:, None]
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


def compute_once(values: Int[Array, "*B"], bound: int) -> Int[Array, "*B"]:
    """Have XLA compute small numbers once, instead of anew inside everything that reads them; nothing under NumPy.

    XLA melts what computes a number into every loop that uses it, and `optimization_barrier` is gone before it does so
    on a CPU. What it never computes twice is a look-up with several users: so each number is looked up in a table of
    itself.

    Args:
      values: `[*B]` int32, 0..bound-1.
      bound: one more than the greatest that there can be.
    Returns:
      `[*B]` int32, the same numbers.
    """
    return values if is_numpy(values) else lookup(np.arange(bound, dtype=np.int32), values)


def compute_first(values: tuple[Int[Array, "..."], ...], witness: Int[Array, "*B K"]) -> tuple[Int[Array, "..."], ...]:
    """Have XLA finish some arrays before it starts on what reads them; nothing under NumPy.

    `compute_once` is for numbers with several readers. With a single one XLA melts the two even so, and an outer loop
    of few turns becomes part of a long inner one. It never looks into a condition that it cannot foresee.

    Args:
      values: arrays.
      witness: `[*B, K]` an array that is computed already, of numbers that are never below 0, at least one.
    Returns:
      The same arrays.
    """
    if is_numpy(witness):
        return values
    import jax
    import jax.numpy as jnp

    def give(*values: Array) -> tuple[Array, ...]:
        return values

    def never(*values: Array) -> tuple[Array, ...]:
        return tuple(map(jnp.zeros_like, values))

    return jax.lax.cond(witness[(0,) * witness.ndim] >= 0, give, never, *values)


def bytes_of_words(words: UInt32[Array, "*B K"]) -> UInt8[Array, "*B K4"]:
    """32-bit words as the bytes that they consist of, in the order in which they lie in memory.

    Args:
      words: `[*B, K]` uint32.
    Returns:
      `[*B, K4]` uint8, four for each word.
    """
    if is_numpy(words):
        return np.ascontiguousarray(words).view(np.uint8)
    import jax
    import jax.numpy as jnp

    parts = jax.lax.bitcast_convert_type(words, jnp.uint8)
    return parts.reshape(*words.shape[:-1], 4 * words.shape[-1])


def on_cpu(function: Callable[..., Array], elsewhere: Callable[..., Array]) -> Callable[..., Array]:
    """A JAX function of arrays that is computed one way on a CPU and another way on every other device.

    Args:
      function: for the CPU.
      elsewhere: the same function for GPUs and TPUs.
    """
    import jax

    return lambda *arrays: jax.lax.platform_dependent(*arrays, cpu=function, default=elsewhere)


def any_of(condition: Bool[Array, "*B A"]) -> Bool[Array, "*B"]:
    """Whether a condition holds anywhere on the last axis; a short one is unrolled, which both backends do faster."""
    if condition.shape[-1] > MAX_UNROLLED:
        return condition.any(axis=-1)
    return functools.reduce(operator.or_, [condition[..., idx] for idx in range(condition.shape[-1])])


def all_of(condition: Bool[Array, "*B A"]) -> Bool[Array, "*B"]:
    """Whether a condition holds everywhere on the last axis; a short one is unrolled."""
    return ~any_of(~condition)


def sum_of(values: Integer[Array, "*B A"]) -> Integer[Array, "*B"]:
    """The sum over the last axis, in the dtype of values; a short one is unrolled."""
    if values.shape[-1] > MAX_UNROLLED:
        return values.sum(axis=-1, dtype=values.dtype)
    return functools.reduce(operator.add, [values[..., idx] for idx in range(values.shape[-1])])


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


def compute_where(
    is_needed: Bool[Array, "*B"],
    compute: Callable[..., Shaped[Array, "..."]],
    inputs: tuple[Array, ...],
    otherwise: Shaped[Array, "*B A"],
) -> Shaped[Array, "*B A"]:
    """Compute something for the environments that need it; NumPy leaves the others out, XLA computes all.

    Args:
      is_needed: `[*B]` bool, where the result matters.
      compute: a batched function of the inputs.
      inputs: arrays with the batch axes in front.
      otherwise: `[*B, A]`, what NumPy gives where it does not matter.
    Returns:
      `[*B, A]`, meaningful where needed.
    """
    if not is_numpy(is_needed):
        return compute(*inputs)
    if not is_needed.any():
        return otherwise
    results = otherwise.copy()
    results[is_needed] = compute(*(values[is_needed] for values in inputs))
    return results


def replace_where(
    is_replaced: Bool[Array, "*B"], compute: Callable[..., tuple[Any, ...]], values: tuple[Any, ...]
) -> tuple[Any, ...]:
    """Replace some environments' values by what a function makes of them.

    NumPy computes them for those environments alone. JAX skips the computation when there are none, as long as the
    batch is explicit (under `vmap` it is always made).

    Args:
      is_replaced: `[*B]` bool.
      compute: a batched function from the values to a tuple of the same structure.
      values: a tuple of arrays, or of states of them, with the batch axes in front.
    Returns:
      The values, replaced where asked.
    """
    if is_numpy(is_replaced):
        return _replace_rows(is_replaced, compute, values) if is_replaced.any() else values
    import jax
    import jax.numpy as jnp

    def choose(new: Array, old: Array) -> Array:
        return jnp.where(is_replaced.reshape(is_replaced.shape + (1,) * (new.ndim - is_replaced.ndim)), new, old)

    def replace(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return jax.tree.map(choose, compute(*values), values)

    return jax.lax.cond(is_replaced.any(), replace, lambda values: values, values)


def _replace_rows(
    is_replaced: Bool[np.ndarray, "*B"], compute: Callable[..., tuple[Any, ...]], values: tuple[Any, ...]
) -> tuple[Any, ...]:
    """`replace_where` under NumPy: the rows that are replaced, taken out, computed, and put into copies."""
    rows = [_map_arrays(lambda array: array[is_replaced], value) for value in values]
    replaced = []
    for value, new in zip(values, compute(*rows), strict=True):
        parts = iter(_arrays_of(new))

        def put_rows(array: np.ndarray, parts: Iterator[np.ndarray] = parts) -> np.ndarray:
            changed = array.copy()
            changed[is_replaced] = next(parts)
            return changed

        replaced.append(_map_arrays(put_rows, value))
    return tuple(replaced)


def _arrays_of(value: Any) -> list[np.ndarray]:
    """The arrays in an array, or in a dataclass or tuple of arrays, in order."""
    if is_numpy(value):
        return [value]
    if isinstance(value, tuple):
        parts = value
    elif dataclasses.is_dataclass(value):
        parts = [getattr(value, field.name) for field in dataclasses.fields(value)]
    else:
        parts = []
    return [array for part in parts for array in _arrays_of(part)]


def _map_arrays(function: Callable[[np.ndarray], np.ndarray], value: Any) -> Any:
    """A function of every array in an array, or in a dataclass or named tuple of arrays."""
    if is_numpy(value):
        return function(value)
    if isinstance(value, tuple):
        return type(value)(*(_map_arrays(function, part) for part in value))
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return dataclasses.replace(value, **{name: _map_arrays(function, part) for name, part in parts.items()})


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
