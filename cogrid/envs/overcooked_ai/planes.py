"""`overcooked_ai_planes`: the original's lossless encoding, `(W, H, 26)` for each agent; the first axis is x.

Channels: 0 oneself, 1 the others; 2 to 5 own direction up, down, right, left, 6 to 9 the others'; 10 pots, 11 counters,
12 onion stacks, 13 tomato stacks, 14 plate stacks, 15 delivery zones; 16 and 17 onions and tomatoes in a pot that has
not been started; 18 and 19 onions and tomatoes in a pot that has, and in a soup on a counter or in a hand; 20 ticks
until it is ready; 21 soup that is ready; 22 plates, 23 onions, 24 tomatoes on counters or in hands; 25 all ones in the
last 39 steps.

Source: `OvercookedGridworld.lossless_state_encoding` of overcooked_ai 1.1.0, two players. Exact; with more players the
others share their channels, where the original refuses.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Integer, Shaped, UInt8

from cogrid.backend.array_ops import Array, compute_once, lookup_rows, namespace, put_all
from cogrid.backend.env_state import EnvState
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.tables import Tables
from cogrid.envs.overcooked.objects import ONION, PLATE, TOMATO, Counter, OnionStack, TomatoStack
from cogrid.envs.overcooked_ai.objects import IDLE, SOUPS, DeliveryZone, PlateStack, Pot
from cogrid.feature_space.feature import Feature, IntegerView, register_feature

if TYPE_CHECKING:
    from cogrid.core.integer_world import IntegerWorld

DIRECTIONS = (3, 1, 0, 2)
"""Our directions in the original's order: up, down, right, left."""

URGENT_STEPS = 40
"""Channel 25 is set while fewer steps than this are left."""

CHANNELS = (
    "self",
    "other",
    *(f"{who}_facing_{name}" for who in ("self", "other") for name in ("up", "down", "right", "left")),
    "pot",
    "counter",
    "onion_stack",
    "tomato_stack",
    "plate_stack",
    "delivery_zone",
    "onions_in_pot",
    "tomatoes_in_pot",
    "onions_in_soup",
    "tomatoes_in_soup",
    "ticks_left",
    "soup_done",
    "plates",
    "onions",
    "tomatoes",
    "urgency",
)
_PLACE = {name: idx for idx, name in enumerate(CHANNELS)}
_TERRAIN: tuple[type[GridObject], ...] = (Pot, Counter, OnionStack, TomatoStack, PlateStack, DeliveryZone)
_RECIPE_OF = {soup: recipe for recipe, soup in SOUPS.items()}


@dataclasses.dataclass(frozen=True)
class OvercookedAIPlanes(Feature):
    """The original's lossless encoding, `[W, H, 26]` uint8 for each agent."""

    def __call__(self, state: EnvState) -> UInt8[Array, "*B A W H C"]:
        tables: Tables = state.tables
        xp = namespace(state.cells)
        planes = _planes(tables)
        by_agent = (state.agent_value * 4 + state.agent_dir) * 2 + tables.n_cell_values
        rows = put_all(state.cells.astype(np.int32), state.agent_cell, by_agent)
        rows = xp.broadcast_to(rows[..., None, :], (*state.agent_cell.shape, rows.shape[-1]))
        rows = put_all(rows, state.agent_cell[..., None], by_agent[..., None] + 1)
        if tables.max_steps is not None:
            is_urgent = (tables.max_steps - state.time < URGENT_STEPS).astype(np.int32)
            rows = rows + (is_urgent * planes.n_calm)[..., None, None]
        columns_first = xp.swapaxes(rows.reshape(*rows.shape[:-1], tables.height, tables.width), -1, -2)
        return lookup_rows(planes.rows, compute_once(columns_first, len(planes.rows)))

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """0 and the greatest value that each channel can have, in every cell."""
        shape = (tables.width, tables.height, len(CHANNELS))
        greatest = _planes(tables).rows.max(axis=0).astype(np.int64)
        return np.zeros(shape, dtype=np.int64), np.broadcast_to(greatest, shape).copy()

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return CHANNELS

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        """The planes of one world on plain integers."""
        return _IntegerPlanes(tables, dtype)


class _Planes:
    """The table of the planes.

    Attributes:
      rows: `[R, 26]` uint8: a row for each cell value without an agent; for each agent value and direction a row as
        others see it and one as it sees itself; then all of these again with the urgency set.
      n_calm: how many rows there are without the urgency.
    """

    def __init__(self, tables: Tables) -> None:
        compiled = tables.compiled
        calm = np.array(
            [_cell_row(value) for value in compiled.cell_values]
            + [
                _agent_row(agent, direction, who)
                for agent in compiled.agent_values
                for direction in range(4)
                for who in ("other", "self")
            ]
        )
        urgent = calm.copy()
        urgent[:, _PLACE["urgency"]] = 1
        self.n_calm = len(calm)
        self.rows: Integer[np.ndarray, "R C"] = np.concatenate([calm, urgent]).astype(np.uint8)


@functools.lru_cache(maxsize=256)
def _planes(tables: Any) -> _Planes:
    return _Planes(tables)


def _cell_row(value: GridObject) -> list[int]:
    row = [0] * len(CHANNELS)
    for name, kind in zip(CHANNELS[10:16], _TERRAIN, strict=True):
        row[_PLACE[name]] = int(isinstance(value, kind))
    if isinstance(value, Counter):
        _add_item(row, value.on)
    if isinstance(value, Pot):
        _add_pot(row, value)
    return row


def _add_pot(row: list[int], pot: Pot) -> None:
    where = "in_pot" if pot.timer == IDLE else "in_soup"
    row[_PLACE[f"onions_{where}"]] = pot.recipe().count("o")
    row[_PLACE[f"tomatoes_{where}"]] = pot.recipe().count("t")
    if pot.timer != IDLE:
        row[_PLACE["ticks_left"]] = pot.cook_time() - pot.timer
        row[_PLACE["soup_done"]] = int(pot.is_ready())


def _add_item(row: list[int], item: Item | None) -> None:
    if item in _RECIPE_OF:
        row[_PLACE["onions_in_soup"]] = _RECIPE_OF[item].count("o")
        row[_PLACE["tomatoes_in_soup"]] = _RECIPE_OF[item].count("t")
        row[_PLACE["soup_done"]] = 1
    elif item is not None:
        row[_PLACE[{PLATE: "plates", ONION: "onions", TOMATO: "tomatoes"}[item]]] = 1


def _agent_row(agent: Agent, direction: int, who: str) -> list[int]:
    """An agent on free floor, which shows nothing of its own."""
    row = [0] * len(CHANNELS)
    row[_PLACE[who]] = 1
    row[_PLACE[f"{who}_facing_up"] + DIRECTIONS.index(direction)] = 1
    _add_item(row, agent.held)
    return row


class _IntegerPlanes:
    """The planes of one world as bytes, kept up to date by the cells that changed."""

    def __init__(self, tables: Tables, dtype: np.dtype[Any]) -> None:
        planes = _planes(tables)
        self._rows = [row.astype(dtype).tobytes() for row in planes.rows]
        self._n_calm = planes.n_calm
        self._first_agent = tables.n_cell_values
        self._last_calm_step = None if tables.max_steps is None else tables.max_steps - URGENT_STEPS
        self._size = size = len(CHANNELS) * dtype.itemsize
        cells = np.arange(tables.n_cells)
        self._start: list[int] = ((cells % tables.width * tables.height + cells // tables.width) * size).tolist()
        self._map = bytearray(tables.n_cells * size)
        self._was_urgent = False

    def __call__(self, world: IntegerWorld) -> list[bytes]:
        size, cells, rows = self._size, world.cells, self._rows
        is_urgent = self._last_calm_step is not None and world.time > self._last_calm_step
        first = self._n_calm if is_urgent else 0
        changed = world.changed_cells if is_urgent == self._was_urgent else range(len(cells))
        self._was_urgent = is_urgent
        for cell in changed:
            self._map[self._start[cell] : self._start[cell] + size] = rows[first + cells[cell]]
        agents = zip(world.agent_cell, world.agent_value, world.agent_dir, strict=True)
        occupied = [
            (self._start[cell], first + self._first_agent + (value * 4 + direction) * 2)
            for cell, value, direction in agents
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


overcooked_ai_planes = OvercookedAIPlanes()
register_feature("overcooked_ai_planes", overcooked_ai_planes)
