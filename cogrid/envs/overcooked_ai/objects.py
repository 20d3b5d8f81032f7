"""The kitchen of the original Overcooked-AI: its pots, its delivery zone, its plates.

Counters and the stacks of onions and tomatoes are those of the classic kitchen.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome, listed_array
from cogrid.core.item import Item
from cogrid.envs.overcooked.objects import ONION, PLATE, TOMATO, Stack
from cogrid.envs.overcooked_ai.recipes import MAX_INGREDIENTS, RECIPES, Orders, Recipe

LETTERS = {ONION: "o", TOMATO: "t"}
"""The letter that a recipe has for each ingredient."""

IDLE = -1
"""The timer of a pot in which nothing cooks."""


def soup_name(recipe: Recipe) -> str:
    """The object type of a soup: `soup_o2t1` for two onions and a tomato."""
    return f"soup_o{recipe.count('o')}t{recipe.count('t')}"


def _soup_color(recipe: Recipe) -> tuple[int, int, int]:
    share = recipe.count("t") / len(recipe)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip((196, 148, 48), (170, 44, 36), strict=True))
    return red, green, blue


SOUPS = {recipe: Item(soup_name(recipe), color=_soup_color(recipe)) for recipe in RECIPES}
"""The soup of each recipe."""

ITEMS = (ONION, TOMATO, PLATE, *SOUPS.values())


@dataclass(frozen=True)
class Pot(GridObject, name="pot", symbol="U", color=(88, 92, 102)):
    """Takes up to three onions and tomatoes in any mix, and cooks them once somebody starts it with an empty hand.

    It can be started with one ingredient. While it cooks, and until a plate takes the soup, nothing goes in. Under the
    old dynamics nobody can start it: it starts by itself as soon as it holds three.

    Source: `OvercookedGridworld.resolve_interacts` and `step_environment_effects` of overcooked_ai 1.1.0; for the old
    dynamics of the release before, 2.0.0 with `old_dynamics=True`. Exact.
    """

    contents: tuple[Item, ...] = ()
    timer: int = IDLE

    orders: ClassVar[Orders]
    starts_by_itself: ClassVar[bool]

    def tick(self) -> Pot:
        is_due = self.starts_by_itself and self.timer == IDLE and len(self.contents) == MAX_INGREDIENTS
        if is_due or self.is_cooking():
            return replace(self, timer=max(self.timer, 0) + 1)
        return self

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held in LETTERS and self.timer == IDLE and len(self.contents) < MAX_INGREDIENTS:
            contents = tuple(sorted((*self.contents, agent.held), key=lambda item: item.name))
            return Outcome(replace(self, contents=contents), agent.empty_handed(), events=("ingredient_in_pot",))
        if agent.held is None and self.contents and self.timer == IDLE and not self.starts_by_itself:
            return Outcome(replace(self, timer=0), agent, events=("cooking_started",))
        if agent.held == PLATE and self.is_ready():
            return Outcome(type(self)(), agent.holding(SOUPS[self.recipe()]), events=("soup_in_dish",))
        return None

    def recipe(self) -> Recipe:
        """What the contents make."""
        return "".join(LETTERS[item] for item in self.contents)

    def cook_time(self) -> int:
        """Ticks that these contents cook."""
        return self.orders.time(self.recipe())

    def is_cooking(self) -> bool:
        """Whether the soup is under way."""
        return self.timer != IDLE and self.timer < self.cook_time()

    def is_ready(self) -> bool:
        """Whether a plate gets a soup out of it."""
        return self.timer != IDLE and self.timer >= self.cook_time()

    def is_worth_a_plate(self) -> bool:
        """Whether it counts when somebody fetches a plate: it cooks, is ready, or is neither empty nor full."""
        return self.timer != IDLE or 0 < len(self.contents) < MAX_INGREDIENTS

    def object_state(self) -> int:
        return len(self.contents) * (1 + max(self.timer, 0))

    @listed_array()
    def pot_contents(self) -> tuple[Item | None, ...]:
        """The ingredients, onions first, then None for each slot that is free."""
        return (*self.contents, *[None] * (MAX_INGREDIENTS - len(self.contents)))

    @listed_array(fill=IDLE)
    def pot_timer(self) -> int:
        """-1 while nothing cooks, else the ticks done."""
        return self.timer

    def examples(self) -> Iterable[Pot]:
        """Any contents, and for each any timer."""
        for recipe in RECIPES:
            contents = tuple({"o": ONION, "t": TOMATO}[letter] for letter in recipe)
            yield from (type(self)(contents, timer) for timer in range(IDLE, self.orders.time(recipe) + 1))


@functools.lru_cache(maxsize=256)
def pot_class(orders: Orders, starts_by_itself: bool) -> type[Pot]:
    """The pot of a kitchen; the same class for equal arguments.

    Args:
      orders: how long each recipe cooks.
      starts_by_itself: whether a full pot starts by itself, and only so (the old dynamics).
    """

    @dataclass(frozen=True)
    class KitchenPot(Pot, name="pot", symbol="U", color=Pot.color):
        __doc__ = Pot.__doc__

    KitchenPot.orders = orders
    KitchenPot.starts_by_itself = starts_by_itself
    return KitchenPot


@dataclass(frozen=True)
class DeliveryZone(GridObject, symbol="@", color=(104, 150, 106)):
    """Takes any soup, ordered or not, and nothing else.

    Source: `OvercookedGridworld.deliver_soup` of overcooked_ai 1.1.0. Exact.
    """

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held is None or agent.held not in SOUPS.values():
            return None
        return Outcome(self, agent.empty_handed(), events=("delivery", f"delivery_{agent.held.name}"))


class PlateStack(Stack, symbol="="):
    """Plates without end; taking one is an event, which counts as useful where the original pays for it."""

    item = PLATE

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held is not None:
            return None
        return Outcome(self, agent.holding(PLATE), events=("plate_taken", "useful_plate_taken"))
