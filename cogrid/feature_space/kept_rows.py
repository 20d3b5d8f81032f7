"""What is kept of one observation for the next, by NumPy batches and by single worlds: the rows of cells that stay.

In a step few cells change, and an agent's row is another than that of its cell. So the map without the agents is kept,
brought up to date where cells have changed, copied for each viewer, and the agents' rows are put into the copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int, Integer, Shaped

from cogrid.backend.array_ops import gather, lookup, row_starts
from cogrid.backend.env_state import EnvState
from cogrid.feature_space.cell_table import CellTable, kinds_of_agents

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld


class KeptMap:
    """The rows of all cells of a batch of NumPy states, without the agents.

    Which cells have changed since the last call it sees by itself, so it may be called with any states of one size.

    Attributes:
      rows: `[R]`, every row that there is as one element, which NumPy moves at once.
      shown: `[B, P]` of the same, the rows of the cells, each at its place; zeros where no cell is shown.
      scenes: `[B]` int32, the scene that each environment is in.
    """

    def __init__(self, rows: Integer[np.ndarray, "R C"], places: Int[np.ndarray, "N"], shape: tuple[int, int]) -> None:
        """Make room for a batch.

        Args:
          rows: the looks of the cell values, one row each, and further rows.
          places: where each cell is shown.
          shape: how many environments, and how many places.
        """
        self.rows: Shaped[np.ndarray, "R"] = (
            np.ascontiguousarray(rows).view(f"V{rows.shape[1] * rows.itemsize}").reshape(-1)
        )
        self.shown: Shaped[np.ndarray, "B P"] = np.zeros(shape, dtype=self.rows.dtype)
        self.shown[:, places] = self.rows[0]
        self.scenes: Int[np.ndarray, "B"] = np.zeros(shape[0], dtype=np.int32)
        self._places = places
        self._is_in_order = np.array_equal(places, np.arange(shape[1]))
        self._cells = np.zeros((shape[0], len(places)), dtype=np.int32)

    def update(self, state: EnvState, table: CellTable | None = None) -> None:
        """Look the rows of cells up that have changed, and all of those whose environment is in another scene.

        Args:
          state: a batch of NumPy states.
          table: what the rows are of, if looks can depend on a scene.
        """
        cells, scenes, n_looks = state.cells, self.scenes, 0
        if self._cells.dtype != cells.dtype:
            self._cells = self._cells.astype(cells.dtype)
        is_changed = cells != self._cells
        if table is not None and table.scene is not None:
            n_looks = table.n_looks
            scenes = table.scene.of_state(state)
            is_new = scenes != self.scenes
            if is_new.any():
                is_changed |= is_new[:, None]
        changed = np.flatnonzero(is_changed)
        if not len(changed):
            return
        numbers, places = cells.reshape(-1)[changed], changed
        if n_looks or not self._is_in_order:
            env_idx, cell = np.divmod(changed, cells.shape[1])
            numbers = numbers + scenes[env_idx] * n_looks
            places = env_idx * self.shown.shape[1] + self._places[cell]
        self.shown.reshape(-1)[places] = self.rows.take(numbers)
        # Noted last: whoever is interrupted before looks them all up again.
        self._cells[...], self.scenes[...] = cells, scenes

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


class KeptRows:
    """What every agent sees of a batch of NumPy states that is observed over and over."""

    def __init__(
        self, table: CellTable, places: Int[np.ndarray, "N"], n_envs: int, n_agents: int, dtype: np.dtype[Any]
    ) -> None:
        """Make room for a batch.

        Args:
          table: the looks that a cell can have.
          places: where each cell is shown.
          n_envs: how many environments.
          n_agents: how many agents look.
          dtype: what the rows are shown in.
        """
        self._table = table
        self._places = places
        self._map = KeptMap(table.rows.astype(dtype), places, (n_envs, len(places)))
        self._first_seen = row_starts(n_envs * n_agents, len(places), 1).reshape(n_envs, n_agents)

    def write(self, state: EnvState, out: Integer[np.ndarray, "B A N C"]) -> None:
        """Write what every agent sees.

        Args:
          state: a batch of NumPy states.
          out: `[B, A, N, C]`, contiguous.
        """
        self._map.update(state, self._table)
        of_agents = lookup(self._table.first_occupied, gather(state.cells, state.agent_cell))
        of_agents = of_agents + kinds_of_agents(state) * 2
        if self._table.scene is not None:
            of_agents = of_agents + (self._map.scenes * self._table.n_looks)[:, None]
        places = lookup(self._places, state.agent_cell)
        seen = out.view(self._map.rows.dtype)[..., 0]
        self._map.copy_with_agents(places, of_agents, seen)
        seen.reshape(-1)[self._first_seen + places] = self._map.rows.take(of_agents + 1)


class IntegerRows:
    """What every agent sees of one world on plain integers, as bytes, kept up to date by the cells that changed."""

    def __init__(self, table: CellTable, places: Int[np.ndarray, "N"], dtype: np.dtype[Any]) -> None:
        """Make room.

        Args:
          table: the looks that a cell can have.
          places: where each cell is shown.
          dtype: what the rows are shown in.
        """
        self._rows = [row.astype(dtype).tobytes() for row in table.rows]
        self._first_occupied: list[int] = table.first_occupied.tolist()
        self._scene, self._n_looks = table.scene, table.n_looks
        self._first_look = 0
        self._size = table.rows.shape[1] * dtype.itemsize
        self._start: list[int] = (places * self._size).tolist()
        self._map = bytearray(len(places) * self._size)

    def __call__(self, world: IntegerWorld) -> list[bytes]:
        """The bytes that each agent sees."""
        self._keep_up(world)
        first, cells, rows, size = self._first_look, world.cells, self._rows, self._size
        agents = zip(world.agent_cell, world.agent_value, world.agent_dir, world.terminated, strict=True)
        occupied = [
            (
                self._start[cell],
                first + self._first_occupied[cells[cell]] + ((value * 4 + direction) * 2 + terminated) * 2,
            )
            for cell, value, direction, terminated in agents
        ]
        shown = bytearray(self._map)
        for start, row in occupied:
            shown[start : start + size] = rows[row]
        seen = []
        for start, row in occupied:
            mine = bytearray(shown)
            mine[start : start + size] = rows[row + 1]
            seen.append(bytes(mine))
        return seen

    def _keep_up(self, world: IntegerWorld) -> None:
        """Bring the map up to date: all of it in another scene, else the cells that have changed."""
        changed, first, size = world.changed_cells, self._first_look, self._size
        if self._scene is not None:
            first = self._scene.of_world(world) * self._n_looks
            if first != self._first_look:
                changed = range(len(world.cells))
        for cell in changed:
            start = self._start[cell]
            self._map[start : start + size] = self._rows[first + world.cells[cell]]
        self._first_look = first
