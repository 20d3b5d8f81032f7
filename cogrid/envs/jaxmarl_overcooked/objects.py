"""The pot of JaxMARL's Overcooked; counters, stacks and delivery zones are those of the other kitchens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cogrid.core.agent import Agent
from cogrid.core.grid_object import Outcome, listed_array
from cogrid.core.item import Item
from cogrid.envs.kitchen import objects as kitchen
from cogrid.envs.kitchen.objects import CAPACITY, ONION, PLATE
from cogrid.envs.kitchen.soups import SOUPS

EMPTY = 23
"""The timer of an empty pot; each onion that goes in takes one off it."""

FULL = EMPTY - CAPACITY
"""The timer of a pot that has just been filled: so many ticks until the soup is ready."""

SOUP = SOUPS["ooo"]
"""The only soup that there is."""

ITEMS = (ONION, PLATE, SOUP)


@dataclass(frozen=True)
class Pot(kitchen.Pot, symbol="U"):
    """Cooks three onions into a soup, by itself, in 20 ticks.

    One number says it all: 23 for an empty pot, 22 and 21 with one and two onions; the third onion makes it 20, and
    from there it counts down, beginning with the same step, to 0, which is a soup that waits for a plate.

    Source: `Overcooked.process_interact` and `step_agents` of JaxMARL 0.2.0. Exact.
    """

    timer: int = EMPTY

    def tick(self) -> Pot:
        return Pot(self.timer - 1) if 0 < self.timer <= FULL else self

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if agent.held == ONION and self.timer > FULL:
            return Outcome(Pot(self.timer - 1), agent.empty_handed(), events=("ingredient_in_pot",))
        if agent.held == PLATE and self.is_ready():
            return Outcome(Pot(), agent.holding(SOUP), events=("soup_in_dish",))
        return None

    @property
    def contents(self) -> tuple[Item, ...]:  # pyright: ignore[reportIncompatibleVariableOverride] - values never change
        """The onions in it."""
        return (ONION,) * min(EMPTY - self.timer, CAPACITY)

    def is_ready(self) -> bool:
        return self.timer == 0

    def object_state(self) -> int:
        return EMPTY - self.timer

    @listed_array()
    def pot_timer(self) -> int:
        """23 down to 21 while there is room, 20 to 1 while it cooks, 0 when the soup is ready."""
        return self.timer

    def examples(self) -> Iterable[Pot]:
        """Any timer."""
        return (type(self)(timer) for timer in range(EMPTY + 1))
