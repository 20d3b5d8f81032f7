"""Goals, and those who seek them. The rules are our own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome

GOAL_LETTERS = ascii_uppercase
"""How goals are drawn: `A` is goal 0, `B` goal 1, ..."""


@dataclass(frozen=True)
class Seeker(Agent):
    """An agent on its way to a goal.

    Attributes:
      number: its index among the agents, and of its goal where goals are fixed.
    """

    number: int = 0

    def goal(self, world_value: Sequence[int] | None) -> int:
        """The number of its goal.

        Args:
          world_value: where goals are drawn at reset, the number of each agent's goal; else None.
        """
        return self.number if world_value is None else world_value[self.number]

    def badge(self, world_value: Sequence[int] | None = None) -> str:
        """The letter of its goal."""
        return GOAL_LETTERS[self.goal(world_value)]


@dataclass(frozen=True)
class Goal(GridObject, color=(90, 170, 120)):
    """A cell that one agent wants to enter; its episode ends there. Whoever else enters goes on, as on free floor.

    An agent that has arrived stays, and blocks the cell.

    Attributes:
      number: which goal this is.
    """

    number: int = 0

    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent, world_value: Sequence[int] | None = None) -> Outcome | None:
        if isinstance(agent, Seeker) and agent.goal(world_value) == self.number:
            return Outcome(self, agent, events=("goal_reached",), ends=True)
        return None

    def object_state(self) -> int:
        """Which goal this is, counted from 1."""
        return self.number + 1
