"""The 26 planes that Overcooked-AI and JaxMARL show: their names, and what agents, items and the clock show in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.tables import Tables
from cogrid.envs.kitchen.objects import ONION, PLATE, TOMATO
from cogrid.envs.kitchen.soups import RECIPE_OF
from cogrid.feature_space.cell_table import CellTable, Scene

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld

DIRECTIONS = (3, 1, 0, 2)
"""Our directions in the originals' order."""

DIRECTION_NAMES = ("up", "down", "right", "left")
"""What they are called, in that order."""

URGENT_STEPS = 40
"""Channel 25 is set while fewer steps than this are left."""

CHANNELS = (
    "self",
    "other",
    *(f"{who}_facing_{name}" for who in ("self", "other") for name in DIRECTION_NAMES),
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

PLACE = {name: idx for idx, name in enumerate(CHANNELS)}
"""The number of each channel."""


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


def plane_table(tables: Tables, cell_row: Callable[[GridObject], list[int]]) -> CellTable:
    """The looks of cells and agents, and all of them again with the urgency set.

    Args:
      tables: the world.
      cell_row: what a cell value shows in each channel.
    """
    cells = np.array([cell_row(value) for value in tables.rules.compiled.cell_values], dtype=np.uint8)
    agents = [
        [_agent_row(agent, direction, who) for who in ("other", "self")]
        for agent in tables.rules.compiled.agent_values
        for direction in range(4)
        for _ in ("playing", "terminated")
    ]
    calm = CellTable.of(tables, cells, np.array(agents, dtype=np.uint8))
    urgent = calm.rows.copy()
    urgent[:, PLACE["urgency"]] = 1
    return CellTable.of_scenes([calm, dataclasses.replace(calm, rows=urgent)], Urgency())


def add_item(row: list[int], item: Item | None) -> None:
    """Add what a channel shows of an item on a counter or in a hand."""
    if item in RECIPE_OF:
        row[PLACE["onions_in_soup"]] = RECIPE_OF[item].count("o")
        row[PLACE["tomatoes_in_soup"]] = RECIPE_OF[item].count("t")
        row[PLACE["soup_done"]] = 1
    elif item is not None:
        row[PLACE[{PLATE: "plates", ONION: "onions", TOMATO: "tomatoes"}[item]]] = 1


def _agent_row(agent: Agent, direction: int, who: str) -> list[int]:
    """An agent on free floor, which shows nothing of its own."""
    row = [0] * len(CHANNELS)
    row[PLACE[who]] = 1
    row[PLACE[f"{who}_facing_up"] + DIRECTIONS.index(direction)] = 1
    add_item(row, agent.held)
    return row
