"""Apples, and those who gather them.

Source: Hughes et al. (2018), "Inequity aversion improves cooperation in intertemporal social dilemmas".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self

from cogrid.core.acts import Act, Beam
from cogrid.core.agent import Agent, Meeting
from cogrid.core.chance import Chance
from cogrid.core.grid_object import GridObject, Outcome

MOVES = ("Noop", "Forward", "Backward", "StepLeft", "StepRight", "RotateLeft", "RotateRight")
"""What every agent can do beside its acts."""

BEAM = Beam(length=5, width=3)
"""How far the beams of these games reach, and how wide they are."""

FINE = Act("Fine", reach=BEAM)
"""The beam that takes from whoever it falls on, and costs the one who uses it."""


@dataclass(frozen=True)
class Gatherer(Agent):
    """Eats apples, and can be fined; whoever is fined goes on where it is."""

    def fine(self, agent: Agent) -> Meeting:
        return Meeting(self, agent, other_events=("fined",))


@dataclass(frozen=True)
class AppleTree(GridObject):
    """A place where apples grow, one at a time. Whoever stands there eats it.

    Attributes:
      has_apple: whether there is an apple.
    """

    has_apple: bool = False

    def passable(self) -> bool:
        return True

    def stand(self, agent: Agent) -> Outcome | None:
        if not self.has_apple:
            return None
        return Outcome(replace(self, has_apple=False), agent, events=("apple_eaten",))

    def object_state(self) -> int:
        """1 with an apple."""
        return int(self.has_apple)

    def grown(self, probability: Fraction) -> Self | Chance:
        """The same place a step later, when an apple grows with some probability."""
        if self.has_apple:
            return self
        return Chance((probability, replace(self, has_apple=True)), (1 - probability, self))
