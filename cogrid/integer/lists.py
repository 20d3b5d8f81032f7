"""Lists of what each viewer sees of one world on plain integers; equal to `cogrid.feature_space.list_view`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from cogrid.core.tables import Tables
from cogrid.feature_space.blocks import ListBlock

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld

View = Callable[["IntegerWorld"], list[bytes]]
"""What a world shows each agent."""


def list_view(block: ListBlock, tables: Tables, dtype: np.dtype[Any]) -> View:
    """A function that shows a list of one world, over and over: for each agent its bytes.

    Args:
      block: the list.
      tables: the world.
      dtype: in which dtype.
    """
    if block.of == "cells":
        return _cells(block, tables, dtype)
    return (_all_agents if block.leaves_nothing_out else _agents_in_sight)(block, tables, dtype)


class _Entries:
    """The bytes of a block's entries.

    Attributes:
      places: those of each cell, as a viewer sees it who sees the whole map.
      rows: those of each value.
      blanks: those that follow each number of entries.
    """

    def __init__(self, block: ListBlock, tables: Tables, dtype: np.dtype[Any]) -> None:
        self._row_bytes = [number.tobytes() for number in block.row_numbers.astype(dtype)]
        self._column_bytes = [number.tobytes() for number in block.column_numbers.astype(dtype)]
        self._width, self._length = tables.width, block.length
        self._edges: list[tuple[int, int, int, int]] = [
            (*first, *last) for first, last in zip(block.first.tolist(), block.last.tolist(), strict=True)
        ]
        blank = block.blank.astype(dtype).tobytes()
        self.rows: list[bytes] = [np.ascontiguousarray(row).tobytes() for row in block.rows.astype(dtype)]
        self.blanks: list[bytes] = [blank * (block.length - n_entries) for n_entries in range(block.length + 1)]
        self.places: list[bytes] = []
        if block.leaves_nothing_out:
            self.places = [row + column for row in self._row_bytes for column in self._column_bytes[: tables.width]]

    def show(self, cells: Iterable[int], values: Iterable[int], viewer: int) -> bytes:
        """What a viewer in some cell sees of things in cells: those in its stretch, and places counted from there."""
        top, left, bottom, right = self._edges[viewer]
        seen: list[bytes] = []
        for cell, value in zip(cells, values, strict=True):
            row, column = cell // self._width, cell % self._width
            if top <= row <= bottom and left <= column <= right:
                seen.append(self._row_bytes[row - top] + self._column_bytes[column - left] + self.rows[value])
        del seen[self._length :]
        return b"".join(seen) + self.blanks[len(seen)]


def _cells(block: ListBlock, tables: Tables, dtype: np.dtype[Any]) -> View:
    """The cells that are listed, kept until any cell changes."""
    entries, length = _Entries(block, tables, dtype), block.length
    is_listed: list[bool] = block.is_listed.tolist()
    sees_all = block.leaves_nothing_out
    kept: list[int] = []
    shown: list[bytes] = []

    def view(world: IntegerWorld) -> list[bytes]:
        nonlocal kept, shown
        if world.changed_cells:
            kept = [cell for cell, value in enumerate(world.cells) if is_listed[value]][:length]
            shown = [entries.show(kept, [world.cells[cell] for cell in kept], 0)] * world.n_agents if sees_all else []
        if sees_all:
            return shown
        values = [world.cells[cell] for cell in kept]
        return [entries.show(kept, values, cell) for cell in world.agent_cell]

    return view


def _all_agents(block: ListBlock, tables: Tables, dtype: np.dtype[Any]) -> View:
    """All agents, for each viewer itself first."""
    entries = _Entries(block, tables, dtype)
    places, rows, size = entries.places, entries.rows, len(entries.blanks[0])
    blank = entries.blanks[min(tables.n_agents, block.length)]

    def view(world: IntegerWorld) -> list[bytes]:
        seen = [places[cell] + rows[value] for cell, value in zip(world.agent_cell, world.agent_value, strict=True)]
        return [b"".join([own, *seen[:idx], *seen[idx + 1 :], blank])[:size] for idx, own in enumerate(seen)]

    return view


def _agents_in_sight(block: ListBlock, tables: Tables, dtype: np.dtype[Any]) -> View:
    """The agents that are listed and in sight, for each viewer itself first."""
    entries, n_agents = _Entries(block, tables, dtype), tables.n_agents
    is_listed: list[bool] = block.is_listed.tolist()
    orders = [[viewer, *(idx for idx in range(n_agents) if idx != viewer)] for viewer in range(n_agents)]

    def view(world: IntegerWorld) -> list[bytes]:
        cells, values = world.agent_cell, world.agent_value
        seen: list[bytes] = []
        for order, viewer in zip(orders, cells, strict=True):
            listed = [idx for idx in order if is_listed[values[idx]]]
            seen.append(entries.show([cells[idx] for idx in listed], [values[idx] for idx in listed], viewer))
        return seen

    return view
