"""Tables in which few values stand out, read by comparisons: many values at once are compared faster than looked up.

A look-up takes most of a nanosecond for each value on both backends, while a processor compares some thirty bytes at
once. So a table whose remarkable values form few runs of numbers is read as one comparison or two for each run.
"""

from __future__ import annotations

import functools
import itertools
import operator
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped

from cogrid.backend.array_ops import MAX_UNROLLED, lookup
from cogrid.backend.namespaces import Array, is_numpy, namespace

MAX_RUNS = 16
"""Under JAX a table with more runs than this is looked up."""

MAX_RUNS_ON_NUMPY = 2
"""The same under NumPy, which makes an array of each comparison."""


def is_one_of(wanted: Bool[np.ndarray, "K"], values: Integer[Array, "*B"]) -> Bool[Array, "*B"]:
    """Whether each value is one of some.

    Args:
      wanted: `[K]` bool, which values, a constant of the compiled step.
      values: `[*B]` integer, 0..K-1.
    """
    runs = _runs(wanted.astype(np.int64))
    if not _are_few(len(runs), values):
        return lookup(wanted, values)
    return _in_any(runs, len(wanted), values)


def total_of(weights: Int[np.ndarray, "K"], values: Integer[Array, "*B N"], most: int) -> Int[Array, "*B"]:
    """The sum of what some values weigh, over the last axis.

    Args:
      weights: `[K]` int32, what each value weighs, at least 0; a constant of the compiled step.
      values: `[*B, N]` integer, 0..K-1.
      most: the largest sum that there can be.
    Returns:
      `[*B]` int32.
    """
    runs = _runs(weights)
    if not runs or not _are_few(len(runs), values):
        return lookup(weights, values).sum(axis=-1, dtype=np.int32)
    xp = namespace(values)
    dtype = np.min_scalar_type(most)
    terms = [
        _in_any([run], len(weights), values).astype(dtype) * xp.asarray(weights[run[0]], dtype=dtype) for run in runs
    ]
    return functools.reduce(operator.add, terms).sum(axis=-1, dtype=dtype).astype(np.int32)


def follow(after: Integer[np.ndarray, "K"], values: Integer[Array, "*B"]) -> Integer[Array, "*B"]:
    """What follows each value.

    Args:
      after: `[K]`, what follows each of the values 0 to K - 1, in their dtype; a constant of the compiled step.
      values: `[*B]` integer.
    Returns:
      `[*B]`, the same dtype.
    """
    changing = np.flatnonzero(after != np.arange(len(after))).tolist()
    if is_numpy(values) or not _are_few(len(changing), values):  # NumPy chooses as slowly as it looks up.
        return lookup(after, values)
    xp, followed = namespace(values), values
    for value in changing:
        followed = xp.where(values == value, xp.asarray(after[value]), followed)
    return followed


def first_places(flags: Bool[Array, "*B K"], n: int) -> Int[Array, "*B n"]:
    """Where the first flags are that are set.

    Args:
      flags: `[*B, K]` bool.
      n: how many of them.
    Returns:
      `[*B, n]` int32, their places in order; K where there are no more.
    """
    xp, size = namespace(flags), flags.shape[-1]
    dtype = np.min_scalar_type(size)
    none = xp.asarray(size, dtype=dtype)
    left = xp.where(flags, xp.arange(size, dtype=dtype), none)
    if n > MAX_UNROLLED:
        blank = xp.broadcast_to(none, (*flags.shape[:-1], max(n - size, 0)))
        return xp.concat([xp.sort(left, axis=-1)[..., :n], blank], axis=-1).astype(np.int32)
    found: list[Array] = []
    for _ in range(n):
        found.append(_least(left))
        left = xp.where(left > found[-1][..., None], left, none)
    return xp.stack(found, axis=-1).astype(np.int32)


def _are_few(n_runs: int, values: Integer[Array, "*B"]) -> bool:
    """Whether so many runs are compared faster than looked up."""
    return n_runs <= (MAX_RUNS_ON_NUMPY if is_numpy(values) else MAX_RUNS)


def _least(values: Shaped[Array, "*B K"]) -> Shaped[Array, "*B"]:
    """The least value of the last axis; a short one is unrolled."""
    if values.shape[-1] > MAX_UNROLLED:
        return values.min(axis=-1)
    columns = [values[..., column] for column in range(values.shape[-1])]
    return functools.reduce(namespace(values).minimum, columns)


def _runs(weights: Integer[np.ndarray, "K"]) -> list[tuple[int, int]]:
    """The first and the last number of each run of equal weights other than 0."""
    edges = np.flatnonzero(np.diff(weights, prepend=0, append=0)).tolist()
    inner = itertools.pairwise(edges)
    return [(first, end - 1) for first, end in inner if weights[first] != 0]


def _in_any(runs: list[tuple[int, int]], size: int, values: Integer[Array, "*B"]) -> Bool[Array, "*B"]:
    """Whether each value is in one of some runs of numbers below a size."""
    found: list[Any] = []
    for first, last in runs:
        if first == last:
            found.append(values == first)
        elif first == 0:
            found.append(values <= last)
        elif last == size - 1:
            found.append(values >= first)
        else:
            found.append((values >= first) & (values <= last))
    return functools.reduce(operator.or_, found) if found else namespace(values).zeros_like(values, dtype=np.bool_)
