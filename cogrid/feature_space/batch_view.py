"""Blocks read under NumPy for a batch of states that is observed over and over: what stays from step to step is kept.

In a step few cells change, and an agent's row is another than that of its cell. So the map without the agents is kept,
brought up to date where cells have changed, copied for each viewer, and the agents' rows are put into the copies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

from cogrid.backend.array_ops import lookup, lookup_rows, row_starts
from cogrid.backend.env_state import EnvState
from cogrid.core.tables import Tables
from cogrid.feature_space.array_view import (
    agents_row_numbers,
    relation_offsets,
    scene_number,
    show,
    window_row_numbers,
)
from cogrid.feature_space.blocks import Block, CellBlock, related_cells, typed_rows

BatchView = Callable[[EnvState, Shaped[np.ndarray, "..."]], None]
"""Writes what all agents see of a batch of NumPy states, always of one size, into an array that is there already."""


def batch_view(blocks: Sequence[Block], tables: Tables, num_envs: int, dtype: np.dtype[Any]) -> BatchView:
    """A function that shows blocks of a batch that is observed over and over.

    Args:
      blocks: what to show.
      tables: the world.
      num_envs: how many environments.
      dtype: in which dtype.
    Returns:
      A function from a state and an array `[B, A, F]`, or `[B, A, *shape]` of a single block, contiguous, which it
      fills.
    """
    views = [_view(block, tables, num_envs, dtype) for block in blocks]
    stops = np.cumsum([np.prod(block.shape, dtype=int) for block in blocks]).tolist()
    parts = [slice(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]

    def write(state: EnvState, out: Shaped[np.ndarray, "..."]) -> None:
        flat = out.reshape(num_envs, tables.n_agents, -1)
        for view, part in zip(views, parts, strict=True):
            view(state, flat[..., part])

    return write


def _view(block: Block, tables: Tables, num_envs: int, dtype: np.dtype[Any]) -> BatchView:
    """A view of one block, which writes into part of the last axis of an array `[B, A, F]`."""
    if isinstance(block, CellBlock) and block.is_window:
        return _Window(block, dtype)
    if isinstance(block, CellBlock) and (block.place_of(tables.n_cells) >= 0).all():
        return _KeptCells(block, tables, num_envs, dtype)

    def write(state: EnvState, out: Shaped[np.ndarray, "B A F"]) -> None:
        out[...] = show([block], state, dtype).reshape(out.shape)

    return write


class _Window:
    """The cells around each viewer: each is a row, moved at once."""

    def __init__(self, block: CellBlock, dtype: np.dtype[Any]) -> None:
        self._block = block
        self._rows = typed_rows(block, dtype)

    def __call__(self, state: EnvState, out: Shaped[np.ndarray, "B A F"]) -> None:
        numbers = window_row_numbers(self._block, state)
        if out.flags.c_contiguous:
            lookup_rows(self._rows, numbers, out=out.reshape(*numbers.shape, -1))
        else:
            out[...] = lookup_rows(self._rows, numbers).reshape(out.shape)


class KeptMap:
    """The rows of all cells of a batch of NumPy states, without the agents.

    Which cells have changed since the last call it sees by itself, so it may be called with any states of one size.

    Attributes:
      rows: `[R]`, every row that there is as one element, which NumPy moves at once.
      shown: `[B, P]` of the same, the rows of the places.
      first_rows: `[B]` int32, the first row of the scene that each environment is in.
    """

    def __init__(self, block: CellBlock, tables: Tables, num_envs: int, dtype: np.dtype[Any]) -> None:
        """Make room for a batch.

        Args:
          block: what is shown, each cell in some place.
          tables: the world.
          num_envs: how many environments.
          dtype: what the rows are shown in.
        """
        rows = typed_rows(block, dtype)
        self.rows: Shaped[np.ndarray, "R"] = rows.view(f"V{rows.shape[1] * rows.itemsize}").reshape(-1)
        self.shown: Shaped[np.ndarray, "B P"] = np.full((num_envs, block.shown.shape[1]), self.rows[block.blank])
        self.first_rows: Int[np.ndarray, "B"] = np.zeros(num_envs, dtype=np.int32)
        self._scene = block.scene
        self._places = block.place_of(tables.n_cells)
        self._is_in_order = np.array_equal(self._places, np.arange(self.shown.shape[1]))
        self._cells = np.zeros((num_envs, tables.n_cells), dtype=tables.rules.cell_dtype)
        self.shown[:, self._places] = self.rows[0]

    def update(self, state: EnvState) -> None:
        """Look the rows of cells up that have changed, and all of those whose environment is in another scene."""
        cells, first_rows = state.cells, self.first_rows
        is_changed = cells != self._cells
        if self._scene is not None:
            first_rows = scene_number(self._scene, state) * self._scene.stride
            is_new = first_rows != self.first_rows
            if is_new.any():
                is_changed |= is_new[:, None]
        changed = np.flatnonzero(is_changed)
        if not len(changed):
            return
        numbers, places = cells.reshape(-1)[changed], changed
        if self._scene is not None or not self._is_in_order:
            env_idx, cell = np.divmod(changed, cells.shape[1])
            numbers = numbers + first_rows[env_idx]
            places = env_idx * self.shown.shape[1] + self._places[cell]
        self.shown.reshape(-1)[places] = self.rows.take(numbers)
        # Noted last: whoever is interrupted before looks them all up again.
        self._cells[...], self.first_rows[...] = cells, first_rows

    def copy_with_agents(
        self, places: Int[np.ndarray, "B A"], numbers: Int[np.ndarray, "B A"], out: Shaped[np.ndarray, "B V P"]
    ) -> None:
        """Copy the map for each viewer, with rows for the agents in their places.

        Args:
          places: where the agents are.
          numbers: which row shows each.
          out: `[B, V, P]`, of the rows' dtype; any number of viewers.
        """
        flat = self.shown.reshape(-1)
        places = row_starts(*self.shown.shape, places.shape[-1]) + places
        behind = flat.take(places)
        try:
            flat[places] = self.rows.take(numbers)
            out[...] = self.shown[:, None, :]
        finally:
            flat[places] = behind


class _KeptCells:
    """What every agent sees of a block that shows all cells."""

    def __init__(self, block: CellBlock, tables: Tables, num_envs: int, dtype: np.dtype[Any]) -> None:
        self._block = block
        self._map = KeptMap(block, tables, num_envs, dtype)
        self._places = block.place_of(tables.n_cells)
        self._related = np.array(related_cells(block, tables), dtype=np.int32)
        self._related_places = self._places[self._related]
        self._env_idx = np.arange(num_envs)[:, None]
        self._agent_idx = np.arange(tables.n_agents)[None]
        n_viewers, n_places = num_envs * tables.n_agents, block.shown.shape[1]
        self._first_seen = row_starts(n_viewers, n_places, 1).reshape(num_envs, tables.n_agents)

    def __call__(self, state: EnvState, out: Shaped[np.ndarray, "B A F"]) -> None:
        block, rows = self._block, self._map.rows
        self._map.update(state)
        seen = out.view(rows.dtype)
        if block.first_occupied is None:
            seen[...] = self._map.shown[:, None, :]
        else:
            of_agents = agents_row_numbers(block, state) + self._map.first_rows[:, None]
            places = lookup(self._places, state.agent_cell)
            self._map.copy_with_agents(places, of_agents, seen)
            if block.by_self:
                own = rows.take(of_agents + block.by_self)
                if seen.flags.c_contiguous:  # One index into all is found faster than three.
                    seen.reshape(-1)[self._first_seen + places] = own
                else:
                    seen[self._env_idx, self._agent_idx, places] = own
            if block.relation is not None:
                seen[..., self._related_places] = rows.take(self._related_rows(state, of_agents))

    def _related_rows(self, state: EnvState, of_agents: Int[np.ndarray, "B A"]) -> Int[np.ndarray, "B A K"]:
        """The rows of the cells that can be something to a viewer."""
        values = state.cells[:, None, self._related].astype(np.int32)
        numbers = np.repeat(values + self._map.first_rows[:, None, None], of_agents.shape[1], axis=1)
        for agent_idx in range(of_agents.shape[1]):
            is_here = state.agent_cell[:, agent_idx, None] == self._related
            own = of_agents[:, agent_idx, None, None] + self._block.by_self * (self._agent_idx[0] == agent_idx)[:, None]
            numbers = np.where(is_here[:, None], own, numbers)
        return numbers + relation_offsets(self._block, state, values)
