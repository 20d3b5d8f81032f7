"""`object_planes`: the grid as a stack of small-integer planes, for convolutional policies.

Channels, in order: where oneself is (1); where the others are (1); own direction, set at one's own cell (4); the
others' directions, at theirs (4); whether an agent there has terminated (1); one plane for each object class but floor;
one for each item, how many of it lie in the cell, are inside its object, or are in the hand of the agent there; then
one plane for each
number that objects show: those of their listed arrays (`pot_timer`), and `object_state` of the classes without any.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Integer, Shaped

from cogrid.backend.array_ops import Array, add_rows, lookup_rows, namespace, words_to_bytes
from cogrid.backend.env_state import EnvState
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.objects import Floor
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.feature import Feature, IntegerView, register_feature

if TYPE_CHECKING:
    from cogrid.core.integer_world import IntegerWorld

_AGENT_CHANNELS = (
    "self",
    "other",
    *(f"self_facing_{name}" for name in DIRECTION_NAMES),
    *(f"other_facing_{name}" for name in DIRECTION_NAMES),
    "terminated",
)
_WORD = 4
"""Bytes in a word: rows are padded to whole words, so that they can be read and added a word at a time."""


@dataclasses.dataclass(frozen=True)
class ObjectPlanes(Feature):
    """The whole grid as planes, `[H, W, C]` uint8 for each agent; oneself first, then the others."""

    def __call__(self, state: EnvState) -> Integer[Array, "*B A H W C"]:
        return self._draw(state, None)

    def write(self, state: EnvState, out: Integer[np.ndarray, "*B A H W C"]) -> None:
        """Write the planes of NumPy states into an array that is there already."""
        n_channels = out.shape[-1]
        if n_channels % _WORD:
            out[...] = self(state)
        else:
            self._draw(state, out.reshape(*out.shape[:-3], -1, n_channels).view("<u4"))

    def _draw(self, state: EnvState, out: Integer[np.ndarray, "*B A N L"] | None) -> Integer[Array, "*B A H W C"]:
        tables = state.tables
        planes = _planes(tables)
        xp = namespace(state.cells)
        kind = (state.agent_value * 4 + state.agent_dir) * 2 + state.terminated.astype(np.int32)
        as_other = lookup_rows(planes.other_words, kind)
        as_self = lookup_rows(planes.self_words, kind) - as_other
        cells = lookup_rows(planes.cell_words, state.cells)
        words = add_rows(cells, state.agent_cell, as_other, out=cells)
        by_viewer = xp.broadcast_to(words[..., None, :, :], (*state.agent_cell.shape, *words.shape[-2:]))
        seen = words_to_bytes(add_rows(by_viewer, state.agent_cell[..., None], as_self[..., None, :], out=out))
        seen = seen[..., : planes.n_channels]
        return seen.reshape(*seen.shape[:-2], tables.height, tables.width, planes.n_channels)

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """0 and the greatest value that each channel can have, in every cell."""
        planes = _planes(tables)
        shape = (tables.height, tables.width, planes.n_channels)
        return np.zeros(shape, dtype=np.int64), np.broadcast_to(planes.greatest, shape).copy()

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return _planes(tables).channels

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        """The planes of one world on plain integers."""
        return _IntegerPlanes(_planes(tables), tables.n_cells, dtype)


class _Planes:
    """The rows of the planes: for each cell value, and for each agent as itself and as another."""

    def __init__(self, tables: Tables) -> None:
        compiled = tables.compiled
        kinds = [kind for kind in compiled.rules.objects if kind is not Floor]
        contents = [_contents(value) for value in compiled.cell_values]
        names = sorted({name for _, numbers in contents for name in numbers})
        self.channels = (
            *_AGENT_CHANNELS,
            *(kind.name for kind in kinds),
            *(item.name for item in compiled.rules.items),
            *names,
        )
        self.n_channels = len(self.channels)
        place = {name: idx for idx, name in enumerate(self.channels)}
        cell_rows = np.zeros((len(compiled.cell_values), self.n_channels), dtype=np.int64)
        for row, value, (items, numbers) in zip(cell_rows, compiled.cell_values, contents, strict=True):
            if type(value) is not Floor:
                row[place[value.name]] = 1
            for item, count in items.items():
                row[place[item.name]] = count
            for name, number in numbers.items():
                row[place[name]] = number
        self.self_rows = self._agent_rows(tables, place, "self")
        self.other_rows = self._agent_rows(tables, place, "other")
        on_top = np.maximum(self.self_rows.max(axis=0), self.other_rows.max(axis=0))
        self.greatest = cell_rows.max(axis=0) + on_top
        if cell_rows.min() < 0 or self.greatest.max() > 255:
            name = self.channels[int(np.argmax(np.maximum(self.greatest, -cell_rows.min(axis=0) * 256)))]
            raise ConfigError(
                f"object_planes holds numbers from 0 to 255, and {name!r} goes beyond; choose other features."
            )
        self.cell_rows = cell_rows
        self.cell_words, self.self_words, self.other_words = map(
            _as_words, (cell_rows, self.self_rows, self.other_rows)
        )

    def _agent_rows(self, tables: Tables, place: dict[str, int], who: str) -> Integer[np.ndarray, "K C"]:
        """What an agent adds to its cell, by agent value, direction and whether it has terminated."""
        agents = tables.compiled.agent_values
        rows = np.zeros((len(agents), 4, 2, self.n_channels), dtype=np.int64)
        rows[..., place[who]] = 1
        rows[:, :, 1, place["terminated"]] = 1
        for direction, name in enumerate(DIRECTION_NAMES):
            rows[:, direction, :, place[f"{who}_facing_{name}"]] = 1
        for row, agent in zip(rows, agents, strict=True):
            if agent.held is not None:
                row[..., place[agent.held.name]] = 1
        return rows.reshape(-1, self.n_channels)


@functools.lru_cache(maxsize=256)
def _planes(tables: Tables) -> _Planes:
    return _Planes(tables)


def _contents(value: GridObject) -> tuple[Counter[Item], dict[str, int]]:
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
                numbers[f"{name}_{idx}" if isinstance(shown, tuple) else name] = int(entry)
    for shown in (value.object_type(), None if listed else value.object_state()):
        if isinstance(shown, Item):
            items[shown] += 1
        elif isinstance(shown, int) and shown:
            numbers["object_state"] = int(shown)
    return items, numbers


def _as_words(rows: Integer[np.ndarray, "K C"]) -> Integer[np.ndarray, "K L"]:
    padded = np.pad(rows.astype(np.uint8), ((0, 0), (0, -rows.shape[1] % _WORD)))
    return np.ascontiguousarray(padded).view("<u4")


class _IntegerPlanes:
    """The planes of one world as bytes, kept up to date by the cells that changed."""

    def __init__(self, planes: _Planes, n_cells: int, dtype: np.dtype[Any]) -> None:
        self._planes = planes
        self._dtype = dtype
        self._size = planes.n_channels * dtype.itemsize
        self._cell_rows = [row.astype(dtype).tobytes() for row in planes.cell_rows]
        self._map = bytearray(n_cells * self._size)
        self._rows: dict[tuple[int, int, bool], bytes] = {}

    def __call__(self, world: IntegerWorld) -> list[bytes]:
        size, cells = self._size, world.cells
        for cell in world.changed_cells:
            self._map[cell * size : (cell + 1) * size] = self._cell_rows[cells[cell]]
        kinds = [
            (value * 4 + direction) * 2 + terminated
            for value, direction, terminated in zip(world.agent_value, world.agent_dir, world.terminated, strict=True)
        ]
        for cell, kind in zip(world.agent_cell, kinds, strict=True):
            self._map[cell * size : (cell + 1) * size] = self._row(cells[cell], kind, False)
        seen = []
        for cell, kind in zip(world.agent_cell, kinds, strict=True):
            mine = bytearray(self._map)
            mine[cell * size : (cell + 1) * size] = self._row(cells[cell], kind, True)
            seen.append(bytes(mine))
        for cell in world.agent_cell:
            self._map[cell * size : (cell + 1) * size] = self._cell_rows[cells[cell]]
        return seen

    def _row(self, cell_value: int, kind: int, is_self: bool) -> bytes:
        row = self._rows.get((cell_value, kind, is_self))
        if row is None:
            agent_rows = self._planes.self_rows if is_self else self._planes.other_rows
            total = self._planes.cell_rows[cell_value] + agent_rows[kind]
            row = self._rows[cell_value, kind, is_self] = total.astype(self._dtype).tobytes()
        return row


object_planes = ObjectPlanes()
register_feature("object_planes", object_planes)
