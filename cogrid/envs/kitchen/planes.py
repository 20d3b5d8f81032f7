"""The 26 planes that Overcooked-AI and JaxMARL show: their names, and what agents, items and the clock show in them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.tables import Tables
from cogrid.envs.kitchen.objects import ONION, PLATE, TOMATO
from cogrid.envs.kitchen.soups import RECIPE_OF
from cogrid.feature_space.blocks import CellBlock, Scene, agent_rows, grid_block

DIRECTIONS = (3, 1, 0, 2)
"""Our directions in the originals' order."""

DIRECTION_NAMES = ("up", "down", "right", "left")
"""What they are called, in that order."""

URGENT_STEPS = 40
"""Channel 25 is set while fewer steps than this are left."""

CHANNELS = (
    *("self", "other"),
    *(f"{who}_facing_{name}" for who in ("self", "other") for name in DIRECTION_NAMES),
    *("pot", "counter", "onion_stack", "tomato_stack", "plate_stack", "delivery_zone"),
    *("onions_in_pot", "tomatoes_in_pot", "onions_in_soup", "tomatoes_in_soup", "ticks_left", "soup_done"),
    *("plates", "onions", "tomatoes", "urgency"),
)

PLACE = {name: idx for idx, name in enumerate(CHANNELS)}
"""The number of each channel."""


def plane_block(tables: Tables, cell_row: Callable[[GridObject], list[int]], is_x_first: bool = False) -> CellBlock:
    """The looks of cells and agents, and all of them again with the urgency set, in the last 39 steps.

    Args:
      tables: the world.
      cell_row: what a cell value shows in each channel.
      is_x_first: whether the planes are column by column.
    """
    calm = np.array([cell_row(value) for value in tables.rules.compiled.cell_values])
    urgent = calm.copy()
    urgent[:, PLACE["urgency"]] = 1
    return grid_block(
        tables,
        np.stack([calm, urgent]),
        agent_rows(tables, _agent_row),
        scene=Scene(times=() if tables.max_steps is None else (tables.max_steps - URGENT_STEPS + 1,)),
        is_x_first=is_x_first,
        is_from_0=True,
    )


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
