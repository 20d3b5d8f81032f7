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

import numpy as np
from jaxtyping import Integer, Shaped

from cogrid.core.agent import DIRECTION_NAMES, Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.objects import Floor
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.cell_feature import CellFeature
from cogrid.feature_space.cell_table import CellTable
from cogrid.feature_space.feature import register_feature

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

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """0 and the greatest value that each channel can have, in every cell."""
        planes = _planes(tables)
        shape = (tables.height, tables.width, len(planes.channels))
        return np.zeros(shape, dtype=np.int64), np.broadcast_to(planes.greatest, shape).copy()

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return _planes(tables).channels


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
        compiled = tables.rules.compiled
        rules = compiled.rules
        contents = [
            _contents(value, int(number))
            for value, number in zip(compiled.cell_values, tables.declared.object_state, strict=True)
        ]
        numbers = sorted({name for _, shown in contents for name in shown})
        self.channels = (*_AGENT_CHANNELS, *rules.type_names[1:], *numbers)
        place = {name: idx for idx, name in enumerate(self.channels)}
        kinds = [rules.type_name(value) for value in compiled.cell_values]
        empty = _cell_rows(kinds, contents, place)
        agents = np.stack([_agent_rows(compiled.agent_values, place, who) for who in ("other", "self")], axis=1)
        occupied = empty[tables.rules.standable][:, None, None, :] + agents
        rows = np.concatenate([empty, occupied.reshape(-1, len(place))])
        self._check(rows)
        self.greatest = rows.max(axis=0)
        self.rows = rows.astype(np.uint8)
        self.first_occupied = np.zeros(len(empty), dtype=np.int32)
        self.first_occupied[tables.rules.standable] = len(empty) + np.arange(len(occupied)) * agents.shape[0] * 2
        self.table = CellTable(self.rows, self.first_occupied)

    def _check(self, rows: Integer[np.ndarray, "R C"]) -> None:
        for name, column in zip(self.channels, rows.T, strict=True):
            if column.min() < 0 or column.max() > 255:
                raise ConfigError(
                    f"object_planes holds numbers from 0 to 255, and {name!r} goes from {column.min()} to "
                    f"{column.max()}; choose other features."
                )


def _cell_rows(
    kinds: Sequence[str], contents: Sequence[tuple[Counter[Item], dict[str, int]]], place: dict[str, int]
) -> Integer[np.ndarray, "V C"]:
    """What each cell value shows, by the names of their object types."""
    rows = np.zeros((len(kinds), len(place)), dtype=np.int64)
    for row, kind, (items, numbers) in zip(rows, kinds, contents, strict=True):
        if kind != Floor.name:
            row[place[kind]] = 1
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
    listed = _listed_names(type(value))
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


@functools.cache
def _listed_names(kind: type[GridObject]) -> tuple[str, ...]:
    """The names of the arrays that a class declares."""
    return tuple(name for name in dir(kind) if hasattr(getattr(kind, name, None), "listed_fill"))


def _as_bytes(name: str, number: int) -> dict[str, int]:
    """A number as what one plane holds of it; what is beyond 255, or below 0, has a plane of its own."""
    if number < 0:
        return _as_bytes(f"{name}_below_0", -number)
    return {name: number % 256, f"{name}_high": number // 256} if number > 255 else {name: number}


object_planes: ObjectPlanes = ObjectPlanes()
register_feature("object_planes", object_planes)
