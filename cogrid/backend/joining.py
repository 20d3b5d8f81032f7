"""Joining long stretches of arrays and constants, as observations of the whole grid are made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped

from cogrid.backend.namespaces import Array, is_numpy, namespace
from cogrid.backend.xla import single_or_batched


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
