"""What a scripted cook is to do about what: for each item in hand and each object, an errand, as tables."""

from __future__ import annotations

import dataclasses
import enum
import functools
from typing import Any, Self

import numpy as np
from jaxtyping import Bool, Int

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.item import Item
from cogrid.core.objects import Floor
from cogrid.core.tables import Tables
from cogrid.envs.kitchen.objects import PLATE, Counter, Pot, Stack
from cogrid.envs.scripts.wishes import Recipe, Wishes, is_part

LONGEST_COOKING = 200
"""Ticks after which a pot that is not ready is not going to be."""


class Held(enum.IntEnum):
    """What is in a cook's hand."""

    NOTHING = 0
    INGREDIENT = 1
    PLATE = 2
    SOUP = 3


class Errand(enum.IntEnum):
    """What to do about an object; from FIRST_INGREDIENT on there are two for each ingredient, STACK and LYING."""

    NONE = 0
    USE = 1
    PLATE_FROM_STACK = 2
    PLATE_LYING = 3
    SOUP_LYING = 4
    FIRST_INGREDIENT = 5


class Sign(enum.IntEnum):
    """What a kitchen shows anywhere; from FIRST_INGREDIENT on there are two for each ingredient, WANTED and LYING."""

    SOUP_IS_COMING = 0
    PLATE_LIES = 1
    FIRST_INGREDIENT = 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Role:
    """The part of the work that a cook does.

    Attributes:
      uses: what it brings to where it is used, nothing standing for starting pots with an empty hand.
      takes: what it takes: ingredients, plates, soups that lie about.
      drops: what it puts down where nobody needs it now, or where another cook is to fetch it.
    """

    uses: frozenset[Held]
    takes: frozenset[Held]
    drops: frozenset[Held]


ROLES = {
    "greedy": Role(uses=frozenset(Held), takes=frozenset(Held), drops=frozenset(Held)),
    "onion_only": Role(
        uses=frozenset({Held.NOTHING, Held.INGREDIENT}), takes=frozenset({Held.INGREDIENT}), drops=frozenset()
    ),
    "plate_only": Role(uses=frozenset({Held.PLATE}), takes=frozenset({Held.PLATE}), drops=frozenset({Held.SOUP})),
    "deliver_only": Role(uses=frozenset({Held.SOUP}), takes=frozenset({Held.SOUP}), drops=frozenset()),
}
"""The cooks that there are, by name."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Errands:
    """The errands of a role in a world, by numbers of values.

    Attributes:
      errand: `[R * U * V]` int32, by the wanted recipe, the agent value and the cell value.
      signs: `[R * V]` int32, the bits of the signs that a cell value shows.
      n_signs: how many signs there are.
      held: `[U]` int32, what is in hand (`Held`).
      is_free: `[V]` bool, whether things can be put down there.
      drops: `[4]` bool, by what is in hand, whether it is put down where nobody needs it.
    """

    errand: Int[np.ndarray, "K"]
    signs: Int[np.ndarray, "S"]
    n_signs: int
    held: Int[np.ndarray, "U"]
    is_free: Bool[np.ndarray, "V"]
    drops: Bool[np.ndarray, "4"]

    @classmethod
    def of(cls, tables: Tables, wishes: Wishes, role: Role) -> Self:
        """Write down what there is to do."""
        compiled, ingredients = tables.rules.compiled, wishes.ingredients
        in_hands: list[Item | None] = [agent.held for agent in compiled.agent_values]
        kinds = {held: kind_of(held, ingredients) for held in dict.fromkeys(in_hands)}
        errand, signs = list[Any](), list[Any]()
        for recipe in wishes.recipes:
            signs.append([sign_bits(value, recipe, ingredients) for value in compiled.cell_values])
            rows = {
                held: [errand_at(value, held, kind, recipe, ingredients, role) for value in compiled.cell_values]
                for held, kind in kinds.items()
            }
            errand.append([rows[held] for held in in_hands])
        return cls(
            errand=np.array(errand, dtype=np.int32).reshape(-1),
            signs=np.array(signs, dtype=np.int32).reshape(-1),
            n_signs=Sign.FIRST_INGREDIENT + 2 * len(ingredients),
            held=np.array([kinds[held] for held in in_hands], dtype=np.int32),
            is_free=np.array([isinstance(value, Counter) and value.on is None for value in compiled.cell_values]),
            drops=np.array([kind in role.drops for kind in Held]),
        )


def kind_of(held: Item | None, ingredients: tuple[Item, ...]) -> Held:
    """What an item is to a cook; an ingredient of no recipe is one too."""
    if held is None:
        return Held.NOTHING
    if held == PLATE:
        return Held.PLATE
    return Held.SOUP if "soup" in held.name else Held.INGREDIENT


def errand_at(
    value: GridObject, held: Item | None, kind: Held, recipe: Recipe, ingredients: tuple[Item, ...], role: Role
) -> int:
    """What a cook with something in hand is to do about an object."""
    if kind in role.uses and is_used(value, held, recipe):
        return Errand.USE
    if kind is not Held.NOTHING:
        return Errand.NONE
    item = value.item if isinstance(value, Stack) else lying_on(value)
    taken = Held.NOTHING if item is None else kind_of(item, ingredients)
    if item is None or taken not in role.takes:
        return Errand.NONE
    is_stack = isinstance(value, Stack)
    if taken is Held.PLATE:
        return Errand.PLATE_FROM_STACK if is_stack else Errand.PLATE_LYING
    if taken is Held.SOUP:
        return Errand.SOUP_LYING
    if item not in ingredients:
        return Errand.NONE
    return Errand.FIRST_INGREDIENT + 2 * ingredients.index(item) + (not is_stack)


def is_used(value: GridObject, held: Item | None, recipe: Recipe) -> bool:
    """Whether an object is where the item in hand belongs; an empty hand belongs to a pot that is to be started."""
    if value.name == "delivery_zone":
        return held is not None and "soup" in held.name
    if not isinstance(value, Pot):
        return False
    if held is None:
        return is_to_be_started(value, recipe)
    if held == PLATE:
        return is_coming(value)
    return is_wanted(value, held, recipe)


def is_wanted(pot: Pot, item: Item, recipe: Recipe) -> bool:
    """Whether an ingredient is wanted in a pot: for the recipe, or to be rid of what spoils it."""
    made = _pickup_drop(pot, item)
    if made is None or made.agent.held is not None or is_to_be_started(pot, recipe):
        return False
    return is_part((*pot.contents, item), recipe) or not is_part(pot.contents, recipe)


def is_to_be_started(pot: Pot, recipe: Recipe) -> bool:
    """Whether a cook starts a pot now: it holds the recipe, or something that can never become it."""
    made = _pickup_drop(pot, None)
    is_started = made is not None and made.agent.held is None and made.cell != pot
    is_complete = len(pot.contents) == len(recipe)
    return is_started and (is_complete or not is_part(pot.contents, recipe))


@functools.lru_cache(maxsize=100_000)
def is_coming(pot: Pot) -> bool:
    """Whether a pot holds a soup, or will by itself: worth a plate."""
    seen: Any = pot
    for _ in range(LONGEST_COOKING):
        if seen.is_ready():
            return True
        later = seen.tick()
        if later == seen:
            return False
        seen = later
    return False


def lying_on(value: GridObject) -> Item | None:
    """What lies on a counter, or on the floor."""
    return value.on if isinstance(value, (Counter, Floor)) else None


def sign_bits(value: GridObject, recipe: Recipe, ingredients: tuple[Item, ...]) -> int:
    """The signs that an object shows, as bits."""
    shown: list[int] = []
    lying = lying_on(value)
    if lying == PLATE:
        shown.append(Sign.PLATE_LIES)
    if isinstance(value, Pot) and is_coming(value):
        shown.append(Sign.SOUP_IS_COMING)
    for number, item in enumerate(ingredients):
        if isinstance(value, Pot) and is_wanted(value, item, recipe):
            shown.append(Sign.FIRST_INGREDIENT + 2 * number)
        if lying == item:
            shown.append(Sign.FIRST_INGREDIENT + 2 * number + 1)
    return sum(1 << sign for sign in shown)


def _pickup_drop(pot: Pot, held: Item | None) -> Outcome | None:
    """What using a pot with something in hand does, whatever is wanted."""
    made = pot.pickup_drop(Agent(held=held))
    return made if isinstance(made, Outcome) else None
