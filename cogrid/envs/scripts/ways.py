"""How far everything is in a kitchen whose agents are away, and who can reach what."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Self

import numpy as np
from jaxtyping import Bool, Int

from cogrid.core.tables import Tables
from cogrid.envs.kitchen.objects import Pot

FAR = 10_000
"""The distance of what cannot be reached."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Ways:
    """Distances on the layouts of a world, by the floor as it is at the start.

    Attributes:
      steps: `[L * N, N]` int32, from each cell of each layout the steps to a place beside each cell; FAR where there is
        no way, and from where nobody can stand.
      to_pot, to_zone: `[L * N]` bool, whether a pot, or a delivery zone, can be reached from each cell.
      is_shared: `[L * N]` bool, what lies between two rooms, so that things can be handed over it.
    """

    steps: Int[np.ndarray, "M N"]
    to_pot: Bool[np.ndarray, "M"]
    to_zone: Bool[np.ndarray, "M"]
    is_shared: Bool[np.ndarray, "M"]

    @classmethod
    @functools.lru_cache(maxsize=64)
    def of(cls, tables: Tables) -> Self:
        """Measure a world."""
        cells = tables.map.starts.cells
        is_floor = tables.rules.passable[cells]
        front = tables.map.front.reshape(-1, 4)
        steps = _steps(is_floor, front)
        n_layouts, n_cells = cells.shape
        values = tables.rules.compiled.cell_values
        reach = steps < FAR

        def reaches(is_kind: Sequence[bool]) -> Bool[np.ndarray, "M"]:
            return (reach & np.array(is_kind)[cells][:, None, :]).any(axis=-1).reshape(-1)

        return cls(
            steps=steps.reshape(n_layouts * n_cells, n_cells),
            to_pot=reaches([isinstance(value, Pot) for value in values]),
            to_zone=reaches([type(value).name == "delivery_zone" for value in values]),
            is_shared=_is_shared(is_floor, front, steps).reshape(-1),
        )


def _steps(is_floor: Bool[np.ndarray, "L N"], front: Int[np.ndarray, "N 4"]) -> Int[np.ndarray, "L N N"]:
    """The steps from each cell to a place beside each other cell."""
    n_layouts, n_cells = is_floor.shape
    to = np.full((n_layouts, n_cells, n_cells), FAR, dtype=np.int32)  # By target, then by cell.
    target = np.arange(n_cells)
    for direction in range(4):
        beside = front[:, direction]
        to[:, target[beside != target], beside[beside != target]] = 0
    to = np.where(is_floor[:, None, :], to, FAR)
    for _ in range(n_cells):
        nearer = np.minimum.reduce([to[..., front[:, direction]] + 1 for direction in range(4)])
        closer = np.where(is_floor[:, None, :], np.minimum(to, nearer), FAR)
        if np.array_equal(closer, to):
            break
        to = closer
    return to.swapaxes(1, 2)


def _is_shared(
    is_floor: Bool[np.ndarray, "L N"], front: Int[np.ndarray, "N 4"], steps: Int[np.ndarray, "L N N"]
) -> Bool[np.ndarray, "L N"]:
    """Whether a cell that nobody stands in lies beside floor of different rooms."""
    found = np.zeros_like(is_floor)
    layout, cell = np.nonzero(~is_floor)
    for first in range(4):
        for second in range(first):
            one, other = front[cell, first], front[cell, second]
            both = is_floor[layout, one] & is_floor[layout, other]
            found[layout, cell] |= both & (steps[layout, one, other] >= FAR)
    return found
