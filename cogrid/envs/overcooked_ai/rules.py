"""The rule set of the original Overcooked-AI: order of stages, collisions, and when a plate is useful."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from cogrid.backend.array_ops import any_in, at, lookup, sum_of
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.rules import Rules
from cogrid.core.tables import Tables
from cogrid.envs.overcooked.objects import ONION, PLATE, Counter, OnionStack, TomatoStack
from cogrid.envs.overcooked_ai.objects import ITEMS, DeliveryZone, PlateStack, Pot, pot_class
from cogrid.envs.overcooked_ai.pictures import PICTURES
from cogrid.envs.overcooked_ai.recipes import MAX_INGREDIENTS, Orders
from cogrid.errors import ConfigError


@functools.lru_cache(maxsize=256)
def overcooked_ai_rules(
    orders: Orders, old_dynamics: bool = False, start_directions: tuple[str, ...] = ("up",)
) -> Rules:
    """The rules of a kitchen of Overcooked-AI; the same object for equal arguments.

    In a step, agents interact first, where they stand and as they look; then they move; then the pots cook. If any two
    agents would end up in one cell, or change places, nobody moves. Nothing can be put on the floor.

    Source: `OvercookedGridworld.get_state_transition` of overcooked_ai 1.1.0 (Carroll et al., 2019, arXiv 1910.05789).
    Exact, for any number of agents.

    Args:
      orders: what the kitchen asks for.
      old_dynamics: whether soups of three start cooking by themselves, and only so.
      start_directions: where agents look at the start.
    Raises:
      ConfigError: for old dynamics with an order that has not exactly three ingredients, as there.
    """
    if old_dynamics and any(len(recipe) != MAX_INGREDIENTS for recipe in orders.orders or ("o",)):
        raise ConfigError(
            f"old_dynamics=True needs orders of exactly three ingredients, since pots start at three; this kitchen "
            f"asks for {', '.join(orders.orders) or 'any soup'}."
        )
    pot = pot_class(orders, old_dynamics)
    return Rules(
        name="overcooked_ai",
        objects=(Counter, pot, DeliveryZone, OnionStack, TomatoStack, PlateStack),
        items=ITEMS,
        guards={"useful_plate_taken": is_plate_useful},
        stages=("interact", "move", "tick"),
        collisions="all_stay",
        items_on_floor=False,
        start_direction=tuple(DIRECTION_NAMES.index(name) for name in start_directions),
        symbols={"u": pot((ONION, ONION))},
        pictures=PICTURES,
    )


def is_plate_useful(prev_state: EnvState, state: EnvState, agent_idx: int | Int[Array, ""]) -> Bool[Array, "*B"]:
    """Whether the original pays for taking a plate from the stack.

    It does when two play, no plate lies on a counter, and fewer plates are in hands than pots were worth one at the
    start of the step.

    Source: `OvercookedGridworld.is_dish_pickup_useful` of overcooked_ai 1.1.0. Exact; for other numbers of players than
    two it never pays there, either.

    Args:
      prev_state: the state at the start of the step.
      state: the state at the agent's turn.
      agent_idx: whose turn it is.
    Returns:
      `[*B]` bool.
    """
    tables: Tables = state.tables
    plates = _plate_tables(tables)
    n_held = sum_of(lookup(plates.is_held, state.agent_value))
    n_pots = sum(lookup(plates.is_pot_worth_one, at(prev_state.cells, cell)) for cell in plates.pots)
    is_on_counter = any_in(lambda cells: cells == plates.counter_with_plate, state.cells, plates.counters)
    return ~is_on_counter & (n_held < n_pots) & (tables.n_agents == 2)


class _PlateTables:
    """What the plate bonus looks at, by agent value and by cell value, and the cells that can hold that."""

    def __init__(self, tables: Tables) -> None:
        agents, cells = tables.rules.compiled.agent_values, tables.rules.compiled.cell_values
        self.is_held = np.array([agent.held == PLATE for agent in agents], dtype=np.int32)
        is_pot_worth_one = np.array([isinstance(cell, Pot) and cell.is_worth_a_plate() for cell in cells])
        self.is_pot_worth_one = is_pot_worth_one.astype(np.int32)
        self.pots = tables.map.cells_for(is_pot_worth_one)
        self.counter_with_plate = cells.index(Counter(PLATE))
        self.counters = tables.map.cells_for(np.arange(len(cells)) == self.counter_with_plate)


@functools.lru_cache(maxsize=256)
def _plate_tables(tables: Any) -> _PlateTables:
    return _PlateTables(tables)
