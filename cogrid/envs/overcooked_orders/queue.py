"""The order queue: soups fill orders, and new orders appear. A step hook on whole states.

A delivered soup fills the order for it that has the least time left; one that nobody waits for is lost. Then, if a slot
is free, an order appears in the first free one with the menu's probability.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.backend.array_ops import any_of, lookup, put
from cogrid.backend.control_flow import compute_where
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.threefry import random_bits
from cogrid.core.tables import Tables
from cogrid.envs.kitchen.soups import soup_name
from cogrid.envs.overcooked_orders.objects import Menu, OrderSlot
from cogrid.errors import ConfigError


class QueueTables:
    """What the queue looks up in the tables of a world.

    Attributes:
      places: the cells of the slots, in reading order.
      recipe: `[V]` int32, number of the recipe that a cell value asks for, -1 for none.
      left: `[V]` int32, the ticks that it has left.
      points: `[V]` int32, what filling it pays.
      empty: the value id of a free slot.
      fresh: `[R]` int32, the value id of a new order of each recipe.
      delivery_bits: for each recipe, the event bit of its delivery.
      menu: what guests order.
      order_share: orders appear where a 32-bit word is below this.
    """

    def __init__(self, tables: Tables) -> None:
        values = tables.rules.compiled.cell_values
        free = tables.settings.rules.fresh.get(OrderSlot.name)
        if not isinstance(free, OrderSlot):
            raise ConfigError(
                f"order_queue and the rewards for orders are for the worlds of OvercookedOrders: rules "
                f"{tables.settings.rules.name!r} have no order slots."
            )
        menu = free.menu
        self.menu: Menu = menu
        ids = {value: idx for idx, value in enumerate(values)}
        boards = {
            tuple(cell for cell, idx in enumerate(cells) if isinstance(values[idx], OrderSlot))
            for cells in tables.map.starts.cells
        }
        if len(boards) != 1 or boards == {()}:
            raise ConfigError("An order queue needs its slots (Q) in the same cells of every layout, and at least one.")
        self.places: list[int] = list(boards.pop())
        orders = [value if isinstance(value, OrderSlot) and value.recipe is not None else None for value in values]
        recipe = [-1 if order is None else menu.recipes.index(order.recipe or "") for order in orders]
        self.recipe: Int[np.ndarray, "V"] = np.array(recipe, dtype=np.int32)
        left = [0 if order is None else order.left for order in orders]
        self.left: Int[np.ndarray, "V"] = np.array(left, dtype=np.int32)
        points = [0 if order is None else menu.pays(order.recipe or "", order.left) for order in orders]
        self.points: Int[np.ndarray, "V"] = np.array(points, dtype=np.int32)
        self.empty: int = ids[free]
        fresh = [ids[replace(free, recipe=recipe, left=menu.patience)] for recipe in menu.recipes]
        self.fresh: Int[np.ndarray, "R"] = np.array(fresh, dtype=np.int32)
        names = [f"delivery_{soup_name(recipe)}" for recipe in menu.recipes]
        self.delivery_bits: list[int] = [1 << tables.rules.event_names.index(name) for name in names]
        self.order_share: int = min(2**32 - 1, menu.order_percent * 2**32 // 100)


@functools.lru_cache(maxsize=64)
def queue_tables(tables: Any) -> QueueTables:
    """What the queue of a world looks up; made once."""
    return QueueTables(tables)


def order_queue(
    prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"], key: UInt[Array, "*B 2"]
) -> EnvState:
    """The step hook: fill orders with what was delivered, then let a new one appear."""
    tables = queue_tables(state.tables)
    slots, _ = fill_orders([state.cells[..., place].astype(np.int32) for place in tables.places], state)
    slots = _add_order(slots, tables, random_bits(key, 2))
    cells = state.cells
    for place, slot in zip(tables.places, slots, strict=True):
        cells = put(cells, place, slot.astype(cells.dtype))
    return state.replace(cells=cells)


def fill_orders(slots: list[Array], state: EnvState) -> tuple[list[Array], Int[Array, "*B A"]]:
    """Fill orders with the soups that were delivered in a step, agent by agent.

    Args:
      slots: for each slot, `[*B]` int32, its value id, orders that have expired gone.
      state: the state after the interactions, whose events tell what was delivered.
    Returns:
      The slots afterwards; `[*B, A]` int32, the value id of the order that each agent filled, that of bare floor (0)
      for none.
    """
    tables = queue_tables(state.tables)
    xp, n_slots = namespace(state.cells), len(slots)
    is_needed = any_of((state.events & sum(tables.delivery_bits)) != 0)
    before = xp.stack(slots, axis=-1)
    nothing = xp.concat([before, xp.zeros_like(state.events)], axis=-1)

    def fill(slots: Int[Array, "*B S"], events: Int[Array, "*B A"]) -> Int[Array, "*B S+A"]:
        return xp.stack(_fill([slots[..., idx] for idx in range(n_slots)], events, tables), axis=-1)

    both = compute_where(is_needed, fill, (before, state.events), nothing)
    return [both[..., idx] for idx in range(n_slots)], both[..., n_slots:]


def _fill(slots: list[Array], events: Int[Array, "*B A"], tables: QueueTables) -> list[Array]:
    """The slots afterwards, and the order that each agent filled."""
    xp, filled = namespace(events), []
    for agent_idx in range(events.shape[-1]):
        delivered = _delivered(events[..., agent_idx], tables)
        best = xp.full_like(delivered, -1)
        least = xp.full_like(delivered, np.iinfo(np.int32).max)
        for number, slot in enumerate(slots):
            left = lookup(tables.left, slot)
            is_better = (delivered >= 0) & (lookup(tables.recipe, slot) == delivered) & (left < least)
            best, least = xp.where(is_better, number, best), xp.where(is_better, left, least)
        order = xp.zeros_like(delivered)
        for number, slot in enumerate(slots):
            order = xp.where(best == number, slot, order)
        slots = [xp.where(best == number, tables.empty, slot) for number, slot in enumerate(slots)]
        filled.append(order)
    return [*slots, *filled]


def _delivered(events: Int[Array, "*B"], tables: QueueTables) -> Int[Array, "*B"]:
    """Number of the recipe that an agent has delivered, -1 for none."""
    xp = namespace(events)
    delivered = xp.full_like(events, -1)
    for number, bit in enumerate(tables.delivery_bits):
        delivered = xp.where((events & bit) != 0, number, delivered)
    return delivered


def _add_order(slots: list[Array], tables: QueueTables, words: UInt[Array, "*B 2"]) -> list[Array]:
    """Let an order appear in the first free slot, if chance has it."""
    xp = namespace(words)
    is_due: Bool[Array, "*B"] = words[..., 0] < np.uint32(tables.order_share)
    order = lookup(tables.fresh, (words[..., 1] % np.uint32(len(tables.fresh))).astype(np.int32))
    after = []
    for slot in slots:
        is_here = is_due & (slot == tables.empty)
        after.append(xp.where(is_here, order, slot))
        is_due = is_due & ~is_here
    return after
