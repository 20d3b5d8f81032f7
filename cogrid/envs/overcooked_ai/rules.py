"""The rule set of the original Overcooked-AI: order of stages, collisions, and when a plate is useful."""

from __future__ import annotations

import functools
from dataclasses import replace

from jaxtyping import Bool, Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.guards import GuardSum, declare_sums
from cogrid.core.rules import Rules
from cogrid.core.tables import Tables
from cogrid.envs.kitchen.objects import CAPACITY, ONION, Counter, OnionStack, PlateStack, TomatoStack
from cogrid.envs.kitchen.plates import is_plate_wanted, plate_sums
from cogrid.envs.kitchen.soups import ITEMS, DeliveryZone
from cogrid.envs.overcooked_ai.objects import Pot
from cogrid.envs.overcooked_ai.orders import Orders
from cogrid.envs.overcooked_ai.pictures import PICTURES
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
    if old_dynamics and any(len(recipe) != CAPACITY for recipe in orders.orders or ("o",)):
        raise ConfigError(
            f"old_dynamics=True needs orders of exactly three ingredients, since pots start at three; this kitchen "
            f"asks for {', '.join(orders.orders) or 'any soup'}."
        )
    pot = Pot(orders=orders, starts_by_itself=old_dynamics)
    return Rules(
        name="overcooked_ai",
        objects=(Counter, pot, DeliveryZone, OnionStack, TomatoStack, PlateStack),
        items=ITEMS,
        guards={"useful_plate_taken": is_plate_useful},
        stages=("interact", "move", "tick"),
        collisions="all_stay",
        items_on_floor=False,
        start_direction=tuple(DIRECTION_NAMES.index(name) for name in start_directions),
        symbols={"u": replace(pot, contents=(ONION, ONION))},
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
    return is_plate_wanted(counters=state, holders=state, pots=prev_state) & (tables.n_agents == 2)


def _useful_plate_sums(tables: Tables) -> tuple[GuardSum, ...]:
    return plate_sums(tables, is_paid=tables.n_agents == 2, holders="agents", pots="cells_before")


declare_sums(is_plate_useful, _useful_plate_sums)
