"""Which soup a scripted cook makes: of each kitchen the recipes that count, and which of them is wanted now."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int

from cogrid.backend.array_ops import lookup
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.item import Item
from cogrid.core.tables import Tables
from cogrid.envs.kitchen.objects import CAPACITY, INGREDIENTS, Pot, Stack
from cogrid.envs.kitchen.soups import INGREDIENT_OF, RECIPES
from cogrid.envs.overcooked_ai.objects import Pot as OrderedPot
from cogrid.envs.overcooked_ai.orders import Orders
from cogrid.envs.overcooked_orders.objects import OrderSlot
from cogrid.envs.overcooked_orders.queue import QueueTables, queue_tables
from cogrid.envs.overcooked_v2.objects import INGREDIENTS as NUMBERED
from cogrid.errors import ConfigError

Recipe = tuple[Item, ...]
"""The ingredients of a soup, in any order."""


@dataclasses.dataclass(frozen=True, eq=False)
class Wishes:
    """The soups that a cook may make.

    Attributes:
      recipes: the soups, R of them.
      wanted: state to `[*B]` int32, the number of the recipe that is wanted.
    """

    recipes: tuple[Recipe, ...]
    wanted: Callable[[EnvState], Int[Array, "*B"]]

    @functools.cached_property
    def ingredients(self) -> tuple[Item, ...]:
        """What goes into any of them, in order."""
        return tuple(dict.fromkeys(item for recipe in self.recipes for item in recipe))


@functools.lru_cache(maxsize=64)
def wishes_of(tables: Tables) -> Wishes:
    """What cooks make in a world.

    Raises:
      ConfigError: for a world that is no kitchen.
    """
    values = tables.rules.compiled.cell_values
    at_start = [values[idx] for idx in np.unique(tables.map.starts.cells).tolist()]
    pots = [value for value in at_start if isinstance(value, Pot)]
    stocked = [value.item for value in at_start if isinstance(value, Stack) and value.item.name != "plate"]
    if not pots or not stocked or "PickupDrop" not in tables.action_set.names:
        raise ConfigError(
            f"Scripted cooks need a pot and a stack of ingredients, and {tables.settings.rules.name!r} has not both: "
            "choose random or stay, or a module:function of yours."
        )
    if any(isinstance(value, OrderSlot) for value in values):
        return _of_queue(queue_tables(tables))
    if tables.settings.rules.world_values and "recipe" in tables.settings.rules.world_arrays:
        numbers: Any = tables.settings.rules.world_values
        return Wishes(tuple(tuple(NUMBERED[idx] for idx in recipe) for recipe in numbers), _world_value)
    if isinstance(pots[0], OrderedPot):
        return Wishes((_best_order(pots[0].orders, pots[0].starts_by_itself, stocked),), _the_first)
    kinds = [item for item in (*INGREDIENTS, *NUMBERED) if item in stocked]
    return Wishes(((kinds[0],) * CAPACITY,), _the_first)


def _the_first(state: EnvState) -> Int[Array, "*B"]:
    return namespace(state.cells).zeros_like(state.time)


def _world_value(state: EnvState) -> Int[Array, "*B"]:
    return namespace(state.cells).asarray(state.world_value).astype(np.int32)


def _best_order(orders: Orders, must_be_full: bool, stocked: Sequence[Item]) -> Recipe:
    """The order that pays best, of the shortest of them, of what there is."""
    possible = [
        recipe
        for recipe in RECIPES
        if orders.value(recipe) and (len(recipe) == CAPACITY or not must_be_full)
        if all(INGREDIENT_OF[letter] in stocked for letter in recipe)
    ]
    if not possible:
        return (stocked[0],) * CAPACITY
    best = max(possible, key=lambda recipe: (orders.value(recipe), -orders.time(recipe), -len(recipe)))
    return tuple(INGREDIENT_OF[letter] for letter in best)


def _of_queue(queue: QueueTables) -> Wishes:
    """The orders of a queue: the first slot that is taken says what is wanted."""

    def wanted(state: EnvState) -> Int[Array, "*B"]:
        xp = namespace(state.cells)
        number = xp.zeros_like(state.time)
        for place in reversed(queue.places):
            ordered = lookup(queue.recipe, state.cells[..., place])
            number = xp.where(ordered >= 0, ordered, number)
        return number

    return Wishes(tuple(tuple(INGREDIENT_OF[letter] for letter in recipe) for recipe in queue.menu.recipes), wanted)


def is_part(contents: Sequence[Item], recipe: Recipe) -> bool:
    """Whether what is in a pot can still become a recipe, or is it already."""
    return Counter(contents) <= Counter(recipe)
