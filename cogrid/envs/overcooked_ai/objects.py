"""The pot of the original Overcooked-AI; what else stands in its kitchens is in `cogrid/envs/kitchen`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cogrid.core.agent import Agent
from cogrid.core.grid_object import Outcome, listed_array
from cogrid.core.item import Item
from cogrid.envs.kitchen import objects as kitchen
from cogrid.envs.kitchen.objects import CAPACITY, INGREDIENTS, PLATE
from cogrid.envs.kitchen.soups import INGREDIENT_OF, RECIPES, SOUPS, Recipe
from cogrid.envs.overcooked_ai.orders import Orders

IDLE = -1
"""The timer of a pot in which nothing cooks."""


@dataclass(frozen=True)
class Pot(kitchen.Pot, symbol="U"):
    """Takes up to three onions and tomatoes in any mix, and cooks them once somebody starts it with an empty hand.

    It can be started with one ingredient. While it cooks, and until a plate takes the soup, nothing goes in. Under the
    old dynamics nobody can start it: it starts by itself as soon as it holds three.

    Source: `OvercookedGridworld.resolve_interacts` and `step_environment_effects` of overcooked_ai 1.1.0; for the old
    dynamics of the release before, 2.0.0 with `old_dynamics=True`. Exact.

    Attributes:
      contents: what is in it, onions first.
      timer: the ticks done, -1 while nothing cooks.
      orders: how long each recipe cooks.
      starts_by_itself: whether it starts by itself, and only so (the old dynamics).
    """

    contents: tuple[Item, ...] = ()
    timer: int = IDLE
    orders: Orders = field(default=Orders(), kw_only=True, repr=False, hash=False)
    starts_by_itself: bool = field(default=False, kw_only=True, repr=False)

    def tick(self) -> Pot:
        is_due = self.starts_by_itself and self.timer == IDLE and len(self.contents) == CAPACITY
        if is_due or self.is_cooking():
            return replace(self, timer=max(self.timer, 0) + 1)
        return self

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held in INGREDIENTS and self.timer == IDLE and len(self.contents) < CAPACITY:
            contents = tuple(sorted((*self.contents, agent.held), key=lambda item: item.name))
            return Outcome(replace(self, contents=contents), agent.empty_handed(), events=("ingredient_in_pot",))
        if agent.held is None and self.contents and self.timer == IDLE and not self.starts_by_itself:
            return Outcome(replace(self, timer=0), agent, events=("cooking_started",))
        if agent.held == PLATE and self.is_ready():
            return Outcome(replace(self, contents=(), timer=IDLE), agent.holding(self.soup()), events=("soup_in_dish",))
        return None

    def recipe(self) -> Recipe:
        """What the contents make."""
        return "".join(item.name[0] for item in self.contents)

    def soup(self) -> Item:
        """The soup that the contents make."""
        return SOUPS[self.recipe()]

    def cook_time(self) -> int:
        """Ticks that these contents cook."""
        return self.orders.time(self.recipe())

    def ticks_left(self) -> int:
        """Ticks until these contents are a soup."""
        return self.cook_time() - max(self.timer, 0)

    def is_cooking(self) -> bool:
        """Whether the soup is under way."""
        return self.timer != IDLE and self.timer < self.cook_time()

    def is_ready(self) -> bool:
        return self.timer != IDLE and self.timer >= self.cook_time()

    def is_worth_a_plate(self) -> bool:
        """Whether it counts when somebody fetches a plate: it cooks, is ready, or is neither empty nor full."""
        return self.timer != IDLE or 0 < len(self.contents) < CAPACITY

    def object_state(self) -> int:
        return len(self.contents) * (1 + max(self.timer, 0))

    @listed_array(fill=IDLE)
    def pot_timer(self) -> int:
        """-1 while nothing cooks, else the ticks done."""
        return self.timer

    def examples(self) -> Iterable[Pot]:
        """Any contents, and for each any timer."""
        for recipe in RECIPES:
            full = replace(self, contents=tuple(INGREDIENT_OF[letter] for letter in recipe))
            yield from (replace(full, timer=timer) for timer in range(IDLE, full.cook_time() + 1))
