"""Lists of what each viewer sees of one world on plain integers; equal to `cogrid.feature_space.list_view`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cogrid.core.tables import Tables
from cogrid.feature_space.blocks import ListBlock

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld

Thing = tuple[int, int, bytes]
"""Row, column, and the bytes of what is there."""


def list_view(block: ListBlock, tables: Tables, dtype: np.dtype[Any]) -> Callable[[IntegerWorld], list[bytes]]:
    """A function that shows a list of one world, over and over: for each agent its bytes.

    Args:
      block: the list.
      tables: the world.
      dtype: in which dtype.
    """
    row_bytes = [number.tobytes() for number in block.row_numbers.astype(dtype)]
    column_bytes = [number.tobytes() for number in block.column_numbers.astype(dtype)]
    blank = block.blank.astype(dtype).tobytes() * block.length
    edges: list[tuple[int, int, int, int]] = [
        (*first, *last) for first, last in zip(block.first.tolist(), block.last.tolist(), strict=True)
    ]
    size = len(blank)

    def show(things: list[Thing], viewer: int) -> bytes:
        top, left, bottom, right = edges[viewer]
        seen = [
            row_bytes[row - top] + column_bytes[column - left] + what
            for row, column, what in things
            if top <= row <= bottom and left <= column <= right
        ]
        return (b"".join(seen) + blank[len(seen) * size // block.length :])[:size]

    if block.of == "agents":
        listed_agents = _agents(block, tables, dtype)
        return lambda world: [
            show(things, cell) for things, cell in zip(listed_agents(world), world.agent_cell, strict=True)
        ]
    listed_cells = _cells(block, tables, dtype)

    def view(world: IntegerWorld) -> list[bytes]:
        things = listed_cells(world)
        return [show(things, cell) for cell in world.agent_cell]

    return view


def _row_bytes(block: ListBlock, dtype: np.dtype[Any]) -> list[bytes]:
    return [np.ascontiguousarray(row).tobytes() for row in block.rows.astype(dtype)]


def _cells(block: ListBlock, tables: Tables, dtype: np.dtype[Any]) -> Callable[[IntegerWorld], list[Thing]]:
    """The cells that are listed, kept until any cell changes."""
    rows, width = _row_bytes(block, dtype), tables.width
    is_listed: list[bool] = block.is_listed.tolist()
    kept: list[Thing] = []

    def listed(world: IntegerWorld) -> list[Thing]:
        if world.changed_cells:
            found = [(cell, value) for cell, value in enumerate(world.cells) if is_listed[value]][: block.length]
            kept[:] = [(cell // width, cell % width, rows[value]) for cell, value in found]
        return kept

    return listed


def _agents(block: ListBlock, tables: Tables, dtype: np.dtype[Any]) -> Callable[[IntegerWorld], list[list[Thing]]]:
    """The agents that are listed, for each viewer itself first."""
    rows, width, n_agents = _row_bytes(block, dtype), tables.width, tables.n_agents
    is_listed: list[bool] = block.is_listed.tolist()
    orders = [[viewer, *(idx for idx in range(n_agents) if idx != viewer)] for viewer in range(n_agents)]

    def listed(world: IntegerWorld) -> list[list[Thing]]:
        values = world.agent_value
        agents = [
            (cell // width, cell % width, rows[value]) for cell, value in zip(world.agent_cell, values, strict=True)
        ]
        return [[agents[idx] for idx in order if is_listed[values[idx]]] for order in orders]

    return listed
