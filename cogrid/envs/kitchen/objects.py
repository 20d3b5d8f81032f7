"""What all kitchens have: ingredients and plates, counters, and stacks that hand things out."""

from __future__ import annotations

from dataclasses import dataclass, field

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome, listed_array
from cogrid.core.item import Item

ONION = Item("onion", symbol="o", color=(222, 178, 60))
TOMATO = Item("tomato", symbol="t", color=(205, 62, 48))
PLATE = Item("plate", symbol="p", color=(245, 245, 242))
INGREDIENTS = (ONION, TOMATO)

CAPACITY = 3
"""Ingredients that fill a pot."""


@dataclass(frozen=True)
class Counter(GridObject, symbol="C", color=(181, 140, 99)):
    """Holds one item: put down with something in hand, taken with an empty one."""

    on: Item | None = None

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if self.on is None and agent.held is not None:
            return Outcome(Counter(agent.held), agent.empty_handed())
        if self.on is not None and agent.held is None:
            return Outcome(Counter(), agent.holding(self.on))
        return None

    def object_state(self) -> Item | None:
        return self.on


class Pot(GridObject, color=(88, 92, 102)):
    """What all pots have in common; what goes in, and when it cooks, is a matter of each kitchen."""

    contents: tuple[Item, ...]

    def is_ready(self) -> bool:
        """Whether a plate gets a soup out of it."""
        raise NotImplementedError

    def is_worth_a_plate(self) -> bool:
        """Whether a plate for it is paid for, in the kitchens that pay for plates: by default, unless it is empty."""
        return bool(self.contents)

    @listed_array()
    def pot_contents(self) -> tuple[Item | None, ...]:
        """The ingredients, then None for each slot that is free."""
        return (*self.contents, *[None] * (CAPACITY - len(self.contents)))


@dataclass(frozen=True)
class Stack(GridObject, color=(181, 140, 99)):
    """Hands out its item to an empty hand, without end."""

    item: Item = field(repr=False)

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        return Outcome(self, agent.holding(self.item)) if agent.held is None else None


@dataclass(frozen=True)
class OnionStack(Stack, symbol="O"):
    """Onions without end."""

    item: Item = field(default=ONION, repr=False)


@dataclass(frozen=True)
class TomatoStack(Stack, symbol="T"):
    """Tomatoes without end."""

    item: Item = field(default=TOMATO, repr=False)


@dataclass(frozen=True)
class PlateStack(Stack, symbol="="):
    """Plates without end; taking one is an event, which counts as useful where the original pays for it."""

    item: Item = field(default=PLATE, repr=False)

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held is not None:
            return None
        return Outcome(self, agent.holding(PLATE), events=("plate_taken", "useful_plate_taken"))
