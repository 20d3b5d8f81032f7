"""`object_planes`: the grid as a stack of small-integer planes, for convolutional policies.

Channels, in order: where oneself is (1); where the others are (1); own direction, set at one's own cell (4); the
others' directions, at theirs (4); whether an agent there has terminated (1); one plane for each object class but floor;
one for each item, how many of it lie in the cell, are inside its object, or are in the hand of the agent there; then
one plane for each number that objects show: those of their listed arrays (`pot_timer`), and `object_state` of the
classes without any. A number that can go beyond 255 has a second plane, `..._high`, for how many times 256 it holds;
one that can be below 0 has one for how far, `..._below_0`.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Integer, Shaped

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import DIRECTION_NAMES, Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.objects import Floor
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.cell_feature import CellFeature, CellTable, kinds_of_agents, seen_by_others
from cogrid.feature_space.feature import BatchView, IntegerView, register_feature
from cogrid.feature_space.seen_rows import KeptRows, rows_seen, write_rows_seen

if TYPE_CHECKING:
    from cogrid.core.integer_world import IntegerWorld

_AGENT_CHANNELS = (
    "self",
    "other",
    *(f"self_facing_{name}" for name in DIRECTION_NAMES),
    *(f"other_facing_{name}" for name in DIRECTION_NAMES),
    "terminated",
)


@dataclasses.dataclass(frozen=True)
class ObjectPlanes(CellFeature):
    """The whole grid as planes, `[H, W, C]` uint8 for each agent; oneself first, then the others."""

    def cell_table(self, tables: Tables) -> CellTable:
        """The planes of every look that a cell can have."""
        return _planes(tables).table

    def __call__(self, state: EnvState) -> Integer[Array, "*B A H W C"]:
        table = self.cell_table(state.tables)
        numbers, of_agents = seen_by_others(state, table)
        seen = rows_seen(table.rows, numbers, state.agent_cell, of_agents + 1)
        return seen.reshape(*seen.shape[:-2], state.tables.height, state.tables.width, seen.shape[-1])

    def write(self, state: EnvState, out: Integer[np.ndarray, "*B A H W C"]) -> None:
        """Write the planes of NumPy states into an array that is there already."""
        if self.is_all_in_table:
            table = self.cell_table(state.tables)
            numbers, of_agents = seen_by_others(state, table)
            write_rows_seen(table.rows, numbers, state.agent_cell, of_agents + 1, _by_cell(out))
        else:
            super().write(state, out)

    def batch_view(self, tables: Tables, num_envs: int) -> BatchView:
        """A form of `write` that keeps the rows of cells that do not change."""
        if not self.is_all_in_table:
            return self.write
        table = self.cell_table(tables)
        kept = KeptRows(table.rows, table.first_occupied, (num_envs, tables.n_cells), tables.n_agents)

        def write(state: EnvState, out: Integer[np.ndarray, "B A H W C"]) -> None:
            kept.write(state.cells, state.agent_cell, kinds_of_agents(state), _by_cell(out))

        return write

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """0 and the greatest value that each channel can have, in every cell."""
        planes = _planes(tables)
        shape = (tables.height, tables.width, len(planes.channels))
        return np.zeros(shape, dtype=np.int64), np.broadcast_to(planes.greatest, shape).copy()

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return _planes(tables).channels

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        """The planes of one world on plain integers."""
        return _IntegerPlanes(_planes(tables), tables.n_cells, dtype)


def _by_cell(planes: Integer[np.ndarray, "*B A H W C"]) -> Integer[np.ndarray, "*B A N C"]:
    """The same memory with one axis for all cells."""
    return planes.reshape(*planes.shape[:-3], -1, planes.shape[-1])


class _Planes:
    """The table of the planes.

    Attributes:
      channels: the names of the planes.
      greatest: `[C]`, the greatest value of each.
      rows: `[R, C]` uint8: a row for each cell value as it is; then, for each value that an agent can be found in, one
        for each kind of agent in it (agent value, direction, whether terminated), seen by another and by itself.
      first_occupied: `[V]` int32, the first row with an agent in each cell value; 0 where none can be found.
      table: the last two, as features of cells hand them on.
    """

    def __init__(self, tables: Tables) -> None:
        compiled = tables.compiled
        kinds = [kind for kind in compiled.rules.objects if kind is not Floor]
        contents = [
            _contents(value, int(number))
            for value, number in zip(compiled.cell_values, tables.object_state, strict=True)
        ]
        numbers = sorted({name for _, shown in contents for name in shown})
        names = [kind.name for kind in kinds] + [item.name for item in compiled.rules.items] + numbers
        self.channels = (*_AGENT_CHANNELS, *names)
        place = {name: idx for idx, name in enumerate(self.channels)}
        empty = _cell_rows(compiled.cell_values, contents, place)
        agents = np.stack([_agent_rows(compiled.agent_values, place, who) for who in ("other", "self")], axis=1)
        occupied = empty[tables.standable][:, None, None, :] + agents
        rows = np.concatenate([empty, occupied.reshape(-1, len(place))])
        self._check(rows)
        self.greatest = rows.max(axis=0)
        self.rows = rows.astype(np.uint8)
        self.first_occupied = np.zeros(len(empty), dtype=np.int32)
        self.first_occupied[tables.standable] = len(empty) + np.arange(len(occupied)) * agents.shape[0] * 2
        self.table = CellTable(self.rows, self.first_occupied)

    def _check(self, rows: Integer[np.ndarray, "R C"]) -> None:
        for name, column in zip(self.channels, rows.T, strict=True):
            if column.min() < 0 or column.max() > 255:
                raise ConfigError(
                    f"object_planes holds numbers from 0 to 255, and {name!r} goes from {column.min()} to "
                    f"{column.max()}; choose other features."
                )


def _cell_rows(
    values: Sequence[GridObject], contents: Sequence[tuple[Counter[Item], dict[str, int]]], place: dict[str, int]
) -> Integer[np.ndarray, "V C"]:
    """What each cell value shows."""
    rows = np.zeros((len(values), len(place)), dtype=np.int64)
    for row, value, (items, numbers) in zip(rows, values, contents, strict=True):
        if type(value) is not Floor:
            row[place[value.name]] = 1
        for item, count in items.items():
            row[place[item.name]] = count
        for name, number in numbers.items():
            row[place[name]] = number
    return rows


def _agent_rows(agents: Sequence[Agent], place: dict[str, int], who: str) -> Integer[np.ndarray, "K C"]:
    """What an agent adds to its cell, by agent value, direction and whether it has terminated."""
    rows = np.zeros((len(agents), 4, 2, len(place)), dtype=np.int64)
    rows[..., place[who]] = 1
    rows[:, :, 1, place["terminated"]] = 1
    for direction, name in enumerate(DIRECTION_NAMES):
        rows[:, direction, :, place[f"{who}_facing_{name}"]] = 1
    for row, agent in zip(rows, agents, strict=True):
        if agent.held is not None:
            row[..., place[agent.held.name]] = 1
    return rows.reshape(-1, len(place))


@functools.lru_cache(maxsize=256)
def _planes(tables: Tables) -> _Planes:
    return _Planes(tables)


def _contents(value: GridObject, state_number: int) -> tuple[Counter[Item], dict[str, int]]:
    """The items in or on an object, and the numbers that it shows."""
    items: Counter[Item] = Counter()
    numbers: dict[str, int] = {}
    listed = [name for name in dir(type(value)) if hasattr(getattr(type(value), name, None), "listed_fill")]
    for name in listed:
        shown = getattr(value, name)()
        for idx, entry in enumerate(shown if isinstance(shown, tuple) else (shown,)):
            if isinstance(entry, Item):
                items[entry] += 1
            elif entry is not None:
                numbers |= _as_bytes(f"{name}_{idx}" if isinstance(shown, tuple) else name, int(entry))
    on_floor, state = value.object_type(), value.object_state()
    if isinstance(on_floor, Item):
        items[on_floor] += 1
    if not listed and isinstance(state, Item):
        items[state] += 1
    elif not listed and state is not None and state_number:
        numbers |= _as_bytes("object_state", state_number)
    return items, numbers


def _as_bytes(name: str, number: int) -> dict[str, int]:
    """A number as what one plane holds of it; what is beyond 255, or below 0, has a plane of its own."""
    if number < 0:
        return _as_bytes(f"{name}_below_0", -number)
    return {name: number % 256, f"{name}_high": number // 256} if number > 255 else {name: number}


class _IntegerPlanes:
    """The planes of one world as bytes, kept up to date by the cells that changed."""

    def __init__(self, planes: _Planes, n_cells: int, dtype: np.dtype[Any]) -> None:
        self._rows = [row.astype(dtype).tobytes() for row in planes.rows]
        self._first_occupied: list[int] = planes.first_occupied.tolist()
        self._size = planes.rows.shape[1] * dtype.itemsize
        self._map = bytearray(n_cells * self._size)

    def __call__(self, world: IntegerWorld) -> list[bytes]:
        size, cells, rows = self._size, world.cells, self._rows
        for cell in world.changed_cells:
            self._map[cell * size : (cell + 1) * size] = rows[cells[cell]]
        agents = zip(world.agent_cell, world.agent_value, world.agent_dir, world.terminated, strict=True)
        occupied = [
            (cell * size, self._first_occupied[cells[cell]] + ((value * 4 + direction) * 2 + terminated) * 2)
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


object_planes: ObjectPlanes = ObjectPlanes()
register_feature("object_planes", object_planes)
