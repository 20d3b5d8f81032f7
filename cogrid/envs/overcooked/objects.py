"""The classic kitchen: its pot, its soups, and where they are delivered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome, listed_array
from cogrid.core.item import Item
from cogrid.envs.kitchen import objects as kitchen
from cogrid.envs.kitchen.objects import (
    CAPACITY,
    INGREDIENTS,
    ONION,
    PLATE,
    TOMATO,
    Counter,
    OnionStack,
    Stack,
    TomatoStack,
)

ONION_SOUP = Item("onion_soup", color=(196, 148, 48))
TOMATO_SOUP = Item("tomato_soup", color=(170, 44, 36))
SOUPS = (ONION_SOUP, TOMATO_SOUP)
ITEMS = (ONION, TOMATO, PLATE, ONION_SOUP, TOMATO_SOUP)

COOK_TIME = 30
"""Ticks from a full pot to a soup."""


@dataclass(frozen=True)
class Pot(kitchen.Pot, symbol="U"):
    """Cooks three ingredients of a kind into one soup, by itself, in 30 ticks."""

    contents: tuple[Item, ...] = ()
    timer: int = COOK_TIME

    def tick(self) -> Pot:
        is_cooking = len(self.contents) == CAPACITY and self.timer > 0
        return replace(self, timer=self.timer - 1) if is_cooking else self

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if self.takes(agent.held):
            filled = replace(self, contents=(*self.contents, agent.held))
            return Outcome(filled, agent.empty_handed(), events=("ingredient_in_pot",))
        if agent.held == PLATE and self.is_ready():
            return Outcome(Pot(), agent.holding(self.soup()), events=("soup_in_dish",))
        return None

    def takes(self, item: Item | None) -> bool:
        """Whether an item goes in: an ingredient, while there is room, of the kind that is inside."""
        return item in INGREDIENTS and len(self.contents) < CAPACITY and set(self.contents) <= {item}

    def is_ready(self) -> bool:
        return bool(self.contents) and self.timer == 0

    def soup(self) -> Item:
        """What the contents make. A mix, which only a state that was set can hold, counts as onion soup."""
        return TOMATO_SOUP if set(self.contents) == {TOMATO} else ONION_SOUP

    def object_state(self) -> int:
        return len(self.contents) * (1 + self.timer)

    @listed_array()
    def pot_timer(self) -> int:
        """Ticks left until the soup is ready; 30 while the pot is not full."""
        return self.timer

    def examples(self) -> Iterable[Pot]:
        """Any contents, mixed ones too, and for full pots any timer."""
        for n_ingredients in range(CAPACITY + 1):
            for contents in combinations_with_replacement(INGREDIENTS, n_ingredients):
                timers = range(COOK_TIME + 1) if n_ingredients == CAPACITY else (COOK_TIME,)
                yield from (type(self)(contents, timer) for timer in timers)


@dataclass(frozen=True)
class DeliveryZone(GridObject, symbol="@", color=(104, 150, 106)):
    """Takes a soup, and nothing else."""

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held in SOUPS:
            return Outcome(self, agent.empty_handed(), events=("delivery",))
        return None


@dataclass(frozen=True)
class PlateStack(Stack, symbol="="):
    """Plates without end."""

    item: Item = field(default=PLATE, repr=False)


OBJECTS = (Counter, Pot, DeliveryZone, OnionStack, TomatoStack, PlateStack)
