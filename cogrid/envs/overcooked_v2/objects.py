"""The kitchen of OvercookedV2: several ingredients, soups of any mix, and what tells the cooks which soup is wanted.

Counters and plates are those of the other kitchens. The world value is the recipe that is wanted: three ingredients by
number, sorted. There are three pots: the usual one, one for kitchens that start at random, and one that a cook starts.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome, listed_array
from cogrid.core.item import Item
from cogrid.envs.kitchen import objects as kitchen
from cogrid.envs.kitchen.objects import CAPACITY, PLATE, Stack

Recipe = tuple[int, int, int]
"""Three ingredients by number, sorted."""

Mix = tuple[int, ...]
"""What is in a pot or a soup: one to three ingredients by number, sorted."""

COOK_TIME = 20
"""Ticks from a pot that starts to a soup."""

NOT_STARTED = -1
"""The timer of a pot that waits for a cook to start it."""

BUTTON_TIME = 10
"""Ticks that a button stays lit, the one of the step in which it is pressed among them."""

INGREDIENTS = tuple(
    Item(f"ing{idx}", color=color)
    for idx, color in enumerate(
        (
            (222, 178, 60),
            (205, 62, 48),
            (96, 160, 72),
            (150, 92, 170),
            (236, 140, 60),
            (92, 140, 200),
            (160, 112, 72),
            (226, 130, 160),
            (120, 120, 60),
            (80, 80, 96),
        )
    )
)
"""All the ingredients that a kitchen can have; one with k of them has the first k."""

NUMBER_OF = {item: idx for idx, item in enumerate(INGREDIENTS)}
"""The number of each ingredient."""


def recipes_of(n_ingredients: int) -> tuple[Recipe, ...]:
    """Every recipe that can be made of the first so many ingredients."""
    return tuple((a, b, c) for a, b, c in combinations_with_replacement(range(n_ingredients), CAPACITY))


def small_mixes(n_ingredients: int) -> tuple[Mix, ...]:
    """Everything less than a recipe that a pot can hold: one ingredient, or two."""
    return tuple(
        mix for size in range(1, CAPACITY) for mix in combinations_with_replacement(range(n_ingredients), size)
    )


@functools.cache
def soup_of(mix: Mix) -> Item:
    """The soup of a mix: `soup_i012` of one of each of the first three ingredients."""
    colors = [INGREDIENTS[idx].color for idx in mix]
    red, green, blue = (sum(color[part] for color in colors) // len(mix) for part in range(3))
    return Item("soup_i" + "".join(map(str, mix)), color=(red, green, blue))


SOUPS: dict[Item, Mix] = {soup_of(mix): mix for mix in (*recipes_of(len(INGREDIENTS)), *small_mixes(len(INGREDIENTS)))}
"""What each soup is made of."""


def kitchen_items(n_ingredients: int, has_small_soups: bool = False) -> tuple[Item, ...]:
    """What can be carried in a kitchen with the first so many ingredients.

    Args:
      n_ingredients: how many.
      has_small_soups: whether there are soups of one and two ingredients too.
    """
    mixes = (*recipes_of(n_ingredients), *(small_mixes(n_ingredients) if has_small_soups else ()))
    return (PLATE, *INGREDIENTS[:n_ingredients], *map(soup_of, mixes))


@dataclass(frozen=True)
class Pot(kitchen.Pot, symbol="U"):
    """Cooks any three ingredients into the soup of just these, by itself, in 20 ticks.

    The first tick is that of the step in which the third ingredient goes in. While it cooks, and until a plate takes
    the soup, nothing goes in.

    Source: `OvercookedV2.process_interact` and `step_agents` of JaxMARL 0.2.0, without `start_cooking_interaction`.
    Exact.
    """

    contents: tuple[Item, ...] = ()
    timer: int = 0

    def tick(self) -> Pot:
        return replace(self, timer=self.timer - 1) if self.timer > 0 else self

    def pickup_drop(self, agent: Agent, world_value: Recipe = (0, 0, 0)) -> Outcome | None:
        if agent.held in INGREDIENTS and self.has_room():
            is_wanted = self.contents.count(agent.held) < world_value.count(NUMBER_OF[agent.held])
            events = ("ingredient_in_pot", "wanted_ingredient_in_pot") if is_wanted else ("ingredient_in_pot",)
            return Outcome(self.with_ingredient(agent.held), agent.empty_handed(), events)
        if agent.held == PLATE and self.is_ready():
            events = ("soup_in_dish", "wanted_soup_in_dish") if self.mix() == world_value else ("soup_in_dish",)
            return Outcome(self.emptied(), agent.holding(soup_of(self.mix())), events)
        return None

    def with_ingredient(self, item: Item) -> Pot:
        """The same pot with one more ingredient; the last one starts it."""
        contents = tuple(sorted((*self.contents, item), key=NUMBER_OF.__getitem__))
        return replace(self, contents=contents, timer=COOK_TIME if len(contents) == CAPACITY else self.timer)

    def emptied(self) -> Pot:
        """The same pot with nothing in it."""
        return replace(self, contents=(), timer=type(self).timer)

    def mix(self) -> Mix:
        """What is in it, by number."""
        return tuple(NUMBER_OF[item] for item in self.contents)

    def has_room(self) -> bool:
        """Whether one more ingredient goes in."""
        return len(self.contents) < CAPACITY

    def is_ready(self) -> bool:
        return len(self.contents) == CAPACITY and self.timer == 0

    def object_state(self) -> int:
        return len(self.contents) * (1 + max(self.timer, 0))

    @listed_array()
    def pot_timer(self) -> int:
        """Ticks left while it cooks, else 0: a full pot with 0 is ready; -1 where a cook has yet to start it."""
        return self.timer


@dataclass(frozen=True)
class WaitingPot(Pot, name="pot", symbol="U"):
    """A pot of kitchens whose stations start at random: it can be full although nobody has started it.

    Any interaction with it then starts it, whatever is in hand, and does nothing else.

    Source: `OvercookedV2._randomize_state` and `process_interact` of JaxMARL 0.2.0. Exact.

    Attributes:
      n_ingredients: how many ingredients the kitchen has.
    """

    n_ingredients: int = field(default=1, kw_only=True, repr=False)

    def pickup_drop(self, agent: Agent, world_value: Recipe = (0, 0, 0)) -> Outcome | None:
        if self.timer == NOT_STARTED:
            return Outcome(replace(self, timer=COOK_TIME), agent, events=("cooking_started",))
        return super().pickup_drop(agent, world_value)

    def examples(self) -> Iterable[WaitingPot]:
        """Full of anything, and not started."""
        mixes = recipes_of(self.n_ingredients)
        return (replace(self, contents=tuple(INGREDIENTS[idx] for idx in mix), timer=NOT_STARTED) for mix in mixes)


@dataclass(frozen=True)
class HandStartedPot(Pot, name="pot", symbol="U"):
    """Cooks one to three ingredients of any kind, in 20 ticks, once a cook with an empty hand starts it.

    The first tick is that of the step in which it is started. While it cooks, and until a plate takes the soup, nothing
    goes in.

    Source: `OvercookedV2.process_interact` of JaxMARL 0.2.0 with `start_cooking_interaction`. Exact.
    """

    timer: int = NOT_STARTED

    def pickup_drop(self, agent: Agent, world_value: Recipe = (0, 0, 0)) -> Outcome | None:
        if agent.held is None and self.contents and self.timer == NOT_STARTED:
            is_wanted = self.mix() == world_value
            events = ("cooking_started", "wanted_cooking_started") if is_wanted else ("cooking_started",)
            return Outcome(replace(self, timer=COOK_TIME), agent, events)
        return super().pickup_drop(agent, world_value)

    def with_ingredient(self, item: Item) -> Pot:
        """The same pot with one more ingredient."""
        return replace(super().with_ingredient(item), timer=NOT_STARTED)

    def has_room(self) -> bool:
        return len(self.contents) < CAPACITY and self.timer == NOT_STARTED

    def is_ready(self) -> bool:
        return self.timer == 0


@dataclass(frozen=True)
class DeliveryZone(GridObject, symbol="@", color=(104, 150, 106)):
    """Takes any soup, wanted or not, and nothing else.

    Source: `OvercookedV2.process_interact` of JaxMARL 0.2.0. Exact.
    """

    def pickup_drop(self, agent: Agent, world_value: Recipe = (0, 0, 0)) -> Outcome | None:
        if agent.held is None or agent.held not in SOUPS:
            return None
        which = "correct_delivery" if SOUPS[agent.held] == world_value else "wrong_delivery"
        return Outcome(self, agent.empty_handed(), events=("delivery", which))


class RecipeIndicator(GridObject, symbol="R", color=(196, 176, 232)):
    """Shows the recipe that is wanted, to whoever sees it."""


@dataclass(frozen=True)
class ButtonIndicator(GridObject, symbol="L", color=(150, 130, 190)):
    """Shows the recipe that is wanted while it is lit; an empty hand lights it, for 10 ticks, at a price.

    The first tick is that of the step in which it is pressed. Pressing it again while it is lit starts its time anew,
    and costs again.

    Source: `OvercookedV2.process_interact` and `step_agents` of JaxMARL 0.2.0. Exact.
    """

    timer: int = 0

    def tick(self) -> ButtonIndicator:
        return ButtonIndicator(self.timer - 1) if self.timer else self

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        return Outcome(ButtonIndicator(BUTTON_TIME), agent, events=("button_pressed",)) if agent.held is None else None

    def object_state(self) -> int:
        return self.timer

    @listed_array()
    def button_timer(self) -> int:
        """Ticks that the button stays lit, 0 while it is dark."""
        return self.timer


@dataclass(frozen=True)
class IngredientStack(Stack):
    """One ingredient without end."""

    def object_type(self) -> str:
        return f"{self.item.name}_stack"


STACKS: dict[str, IngredientStack] = {
    symbol: IngredientStack(item) for symbol, item in zip("abcdefghij", INGREDIENTS, strict=True)
}
"""The stack of each ingredient, by the character of a drawing."""

STACKS |= {"O": STACKS["a"], "T": STACKS["b"]}  # As the other kitchens draw onions and tomatoes.


def ingredients_drawn(rows: Sequence[str]) -> int:
    """How many ingredients a drawn kitchen has: all up to the last one that has a stack."""
    drawn = (STACKS[symbol].item for row in rows for symbol in row if symbol in STACKS)
    return 1 + max(map(NUMBER_OF.__getitem__, drawn), default=0)
