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
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from jaxtyping import Int, Integer, Shaped

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.tables import Tables
from cogrid.envs.overcooked.objects import ONION, PLATE, TOMATO, Counter, OnionStack, TomatoStack
from cogrid.envs.overcooked_ai.objects import IDLE, SOUPS, DeliveryZone, PlateStack, Pot
from cogrid.errors import ConfigError
from cogrid.feature_space.cell_feature import CellFeature
from cogrid.feature_space.cell_table import CellTable, Scene
from cogrid.feature_space.feature import register_feature

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
class OvercookedAIPlanes(CellFeature):
    """The original's lossless encoding, `[W, H, 26]` uint8 for each agent."""

    is_x_first: ClassVar[bool] = True

    def cell_table(self, tables: Tables) -> CellTable:
        """Every look that a cell can have, first without, then with the urgency.

        Raises:
          ConfigError: for a world of other rules.
        """
        return _table(tables)

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "W H C"], Shaped[np.ndarray, "W H C"]]:
        """0 and the greatest value that each channel can have, in every cell."""
        low, high = super().bounds(tables)
        return np.zeros_like(low), high

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return CHANNELS


class Urgency(Scene):
    """Whether fewer than 40 steps are left."""

    def of_state(self, state: EnvState) -> Int[Array, "*B"]:
        """1 where the end is near, else 0: `[*B]` int32."""
        max_steps = state.tables.max_steps
        if max_steps is None:
            return state.time * 0
        return (max_steps - state.time < URGENT_STEPS).astype(np.int32)

    def of_world(self, world: IntegerWorld) -> int:
        """The same on plain integers."""
        max_steps = world.tables.max_steps
        return int(max_steps is not None and max_steps - world.time < URGENT_STEPS)


def urgent_table(tables: Tables, cells: Integer[np.ndarray, "V C"], agents: Integer[np.ndarray, "K 2 C"]) -> CellTable:
    """The looks of cells and agents, and all of them again with the urgency set.

    Args:
      tables: the world.
      cells: `[V, C]`, what each cell value shows.
      agents: `[K, 2, C]`, what each kind of agent adds; see `CellTable.of`.
    """
    calm = CellTable.of(tables, cells.astype(np.uint8), agents.astype(np.uint8))
    urgent = calm.rows.copy()
    urgent[:, _PLACE["urgency"]] = 1
    return CellTable.of_scenes([calm, dataclasses.replace(calm, rows=urgent)], Urgency())


@functools.lru_cache(maxsize=256)
def _table(tables: Any) -> CellTable:
    rules = tables.settings.rules
    if not any(issubclass(kind, Pot) for kind in rules.kinds):
        raise ConfigError(f"overcooked_ai_planes shows Overcooked-AI, not a world of rules {rules.name!r}.")
    cells = np.array([_cell_row(value) for value in tables.rules.compiled.cell_values])
    agents = [
        [_agent_row(agent, direction, who) for who in ("other", "self")]
        for agent in tables.rules.compiled.agent_values
        for direction in range(4)
        for _ in ("playing", "terminated")
    ]
    return urgent_table(tables, cells, np.array(agents))


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


overcooked_ai_planes: OvercookedAIPlanes = OvercookedAIPlanes()
register_feature("overcooked_ai_planes", overcooked_ai_planes)
