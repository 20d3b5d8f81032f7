"""Observations scaled by their bounds: each number becomes its place between them, from 0 to 1.

The rows of a block are scaled when a world is built, so that every engine looks up the same bits.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from cogrid.backend.namespaces import Array, namespace
from cogrid.feature_space.blocks import ArrayBlock, Block, Bounds, ListBlock


def scaled_bounds(low: Shaped[np.ndarray, "*S"], high: Shaped[np.ndarray, "*S"]) -> Bounds:
    """The bounds of scaled numbers: 0 and 1; 0 and 0 where the bounds were equal."""
    return np.zeros(low.shape, dtype=np.float32), (high > low).astype(np.float32)


def scaled_block(block: Block, bounds: Bounds) -> Block:
    """A block that shows its numbers scaled.

    Args:
      block: the block.
      bounds: the bounds of its feature, by which an array function's numbers are scaled; the channels of other blocks
        have their own.
    """
    if isinstance(block, ArrayBlock):
        return dataclasses.replace(block, fn=ScaledFunction(block.fn, *bounds))
    if isinstance(block, ListBlock):
        return _scaled_list(block)
    low, high = (edge.reshape(-1, block.rows.shape[1])[0].astype(np.float64) for edge in block.bounds())
    span = np.where(high > low, high - low, 1.0)
    zeros, ones = scaled_bounds(low, high)
    return dataclasses.replace(block, rows=((block.rows - low) / span).astype(np.float32), low=zeros, high=ones)


def _scaled_list(block: ListBlock) -> ListBlock:
    low, high = (edge.astype(np.float64) for edge in block.entry_bounds())
    span = np.where(high > low, high - low, 1.0)
    zeros, ones = scaled_bounds(low, high)
    return dataclasses.replace(
        block,
        row_numbers=((block.row_numbers - low[0]) / span[0]).astype(np.float32),
        column_numbers=((block.column_numbers - low[1]) / span[1]).astype(np.float32),
        rows=((block.rows - low[2:]) / span[2:]).astype(np.float32),
        blank=((block.blank - low) / span).astype(np.float32),
        low=zeros,
        high=ones,
    )


@dataclasses.dataclass(frozen=True, eq=False)
class ScaledFunction:
    """An array function of a state whose numbers are scaled.

    It multiplies, since compilers make a division by a constant a multiplication of their own.

    Attributes:
      fn: state to `[*B, A, *S]`.
      low, high: `[*S]`, the bounds of its numbers.
    """

    fn: Any
    low: Shaped[np.ndarray, "*S"]
    high: Shaped[np.ndarray, "*S"]

    def __call__(self, state: Any) -> Float[Array, "*B A *S"]:
        given = self.fn(state)
        xp = namespace(given)
        span = self.high.astype(np.float64) - self.low
        factor = np.where(span > 0, 1 / np.where(span > 0, span, 1), 0).astype(np.float32)
        low = xp.broadcast_to(xp.asarray(self.low.astype(np.float32)), given.shape)
        scaled = (given.astype(np.float32) - low) * xp.broadcast_to(xp.asarray(factor), given.shape)
        return xp.clip(scaled, 0, 1)
