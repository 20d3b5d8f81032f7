"""`CellFeature`: features that show each cell of the grid by a row of one table.

What a viewer sees in a cell depends on the cell's value and on the agent in it, and of these there are finitely many:
so every look that a cell can have is a row, and to observe is to look rows up.
"""

from __future__ import annotations

import abc
import functools
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Int, Integer, Shaped

from cogrid.backend.array_ops import lookup
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.tables import Tables
from cogrid.feature_space.cell_table import CellTable, seen_by_others
from cogrid.feature_space.feature import BatchView, Feature, IntegerView, smallest_dtype
from cogrid.feature_space.kept_rows import IntegerRows, KeptRows
from cogrid.feature_space.seen_rows import rows_seen, write_rows_seen


class CellFeature(Feature):
    """A feature of shape `[H, W, C]` that shows each cell by a row of one table.

    Attributes:
      is_x_first: whether it is of shape `[W, H, C]`, column by column, instead.
    """

    is_x_first: ClassVar[bool] = False

    @abc.abstractmethod
    def cell_table(self, tables: Tables) -> CellTable:
        """The table of the cells' looks; the same object for one world."""

    @property
    def is_all_in_table(self) -> bool:
        """Whether the table's rows are all that is shown: not where a subclass has a `__call__` of its own."""
        return type(self).__call__ is CellFeature.__call__

    def turned_rows(self, tables: Tables) -> Integer[np.ndarray, "4 R C"]:
        """The rows as a viewer sees them whose own direction counts as up.

        Four channels whose names end in `right`, `down`, `left` and `up` change places; all others stay.

        Args:
          tables: the world.
        Returns:
          `[4, R, C]`, for each direction of the viewer.
        """
        rows = self.cell_table(tables).rows
        return np.stack([rows[:, order] for order in turned_channels(self.channels(tables))])

    def __call__(self, state: EnvState) -> Integer[Array, "*B A H W C"]:
        """What each agent sees of every cell."""
        seen = rows_seen(*self._rows_to_show(state))
        return seen.reshape(*seen.shape[:-2], *self._sizes(state.tables), seen.shape[-1])

    def write(self, state: EnvState, out: Integer[np.ndarray, "*B A H W C"]) -> None:
        """Write what each agent sees of NumPy states into an array that is there already."""
        if self.is_all_in_table:
            write_rows_seen(*self._rows_to_show(state), _by_cell(out))
        else:
            super().write(state, out)

    def batch_view(self, tables: Tables, num_envs: int, dtype: np.dtype[Any]) -> BatchView:
        """A form of `write` that keeps the rows of cells that do not change."""
        if not self.is_all_in_table:
            return super().batch_view(tables, num_envs, dtype)
        kept = KeptRows(self.cell_table(tables), self._places(tables), num_envs, tables.n_agents, dtype)

        def write(state: EnvState, out: Integer[np.ndarray, "B A H W C"]) -> None:
            kept.write(state, _by_cell(out))

        return write

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "H W C"], Shaped[np.ndarray, "H W C"]]:
        """The least and the greatest number of each channel, in every cell."""
        rows = self.cell_table(tables).rows
        shape = (*self._sizes(tables), rows.shape[1])
        return np.broadcast_to(rows.min(axis=0), shape).copy(), np.broadcast_to(rows.max(axis=0), shape).copy()

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView | None:
        """The same feature on plain integers; None where a subclass has a `__call__` of its own."""
        return IntegerRows(self.cell_table(tables), self._places(tables), dtype) if self.is_all_in_table else None

    def _sizes(self, tables: Tables) -> tuple[int, int]:
        """How long the first two axes are."""
        return (tables.width, tables.height) if self.is_x_first else (tables.height, tables.width)

    def _places(self, tables: Tables) -> Int[np.ndarray, "N"]:
        """Where each cell is shown, flat."""
        cells = np.arange(tables.n_cells, dtype=np.int32)
        return cells % tables.width * tables.height + cells // tables.width if self.is_x_first else cells

    def _rows_to_show(
        self, state: EnvState
    ) -> tuple[Integer[np.ndarray, "R C"], Int[Array, "*B N"], Int[Array, "*B A"], Int[Array, "*B A"]]:
        """The rows, the number of each place's row, where the agents are shown, and their own rows' numbers."""
        tables = state.tables
        numbers, of_agents = seen_by_others(state, self.cell_table(tables))
        places = state.agent_cell
        if self.is_x_first:
            by_row = numbers.reshape(*numbers.shape[:-1], tables.height, tables.width)
            numbers = namespace(numbers).swapaxes(by_row, -1, -2).reshape(numbers.shape)
            places = lookup(self._places(tables), places)
        return _typed_rows(self, tables), numbers, places, of_agents + 1


def _by_cell(shown: Integer[np.ndarray, "*B A H W C"]) -> Integer[np.ndarray, "*B A N C"]:
    """The same memory with one axis for all cells."""
    return shown.reshape(*shown.shape[:-3], -1, shown.shape[-1])


@functools.lru_cache(maxsize=256)
def _typed_rows(feature: CellFeature, tables: Tables) -> Integer[np.ndarray, "R C"]:
    """The rows of a feature's table in the dtype that they are shown in."""
    return feature.cell_table(tables).rows.astype(smallest_dtype(*feature.bounds(tables)))


def relative_direction(direction: int, viewer: int) -> int:
    """A direction as a viewer sees it whose own direction counts as up."""
    return (direction - viewer + DIRECTION_NAMES.index("up")) % 4


def turned_channels(channels: tuple[str, ...]) -> Int[np.ndarray, "4 C"]:
    """The order that channels come in for a viewer whose own direction counts as up.

    Args:
      channels: their names; four that differ in their endings `right`, `down`, `left` and `up` alone are about
        directions.
    Returns:
      `[4, C]` int32: for each direction of the viewer, which channel is shown in each place.
    """
    place = {name: idx for idx, name in enumerate(channels)}
    order = np.tile(np.arange(len(channels), dtype=np.int32), (4, 1))
    for name in channels:
        stem = name.removesuffix("right")
        group = [place[stem + direction] for direction in DIRECTION_NAMES if stem + direction in place]
        if stem == name or len(group) < 4:
            continue
        for viewer in range(4):
            for direction in range(4):
                order[viewer, group[relative_direction(direction, viewer)]] = group[direction]
    return order
