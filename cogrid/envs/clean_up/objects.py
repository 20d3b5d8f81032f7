"""A river that fills with waste, and trees that bear the more the cleaner it is.

Source: Hughes et al. (2018); the constants are those of the open implementation by Vinitsky et al. (2019), "An open
source implementation of sequential social dilemma games".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from cogrid.core.agent import Agent
from cogrid.core.chance import Chance
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.envs.commons.objects import AppleTree

DEPLETION = Fraction("0.4")
"""The share of the river that is waste from which on no apple grows, and no more waste comes."""

WASTE_PROBABILITY = Fraction("0.5")
"""How much waste comes in a step, in cells, on average, below that share."""

APPLE_PROBABILITY = Fraction("0.05")
"""How likely an apple grows in a step where there is none, by a river without waste; in between it falls evenly."""


def is_depleted(n_waste: int, n_river: int) -> bool:
    """Whether there is so much waste that nothing grows, and no more comes."""
    return n_waste >= DEPLETION * n_river


@dataclass(frozen=True)
class River(GridObject, symbol="~", color=(96, 160, 210)):
    """A stretch of the river, in which waste gathers until a beam cleans it away. Agents can wade through it.

    Each clean stretch is as likely as any other to catch the waste that comes.

    Attributes:
      is_waste: whether there is waste in it.
      n_river: how many such stretches there are on the map.
    """

    is_waste: bool = False
    n_river: int = field(default=1, repr=False)

    def passable(self) -> bool:
        return True

    def clean(self, agent: Agent) -> Outcome | None:
        return Outcome(replace(self, is_waste=False), agent, events=("cleaned",)) if self.is_waste else None

    def tick(self, *, n_waste: int = 0) -> River | Chance:
        if self.is_waste or is_depleted(n_waste, self.n_river):
            return self
        probability = WASTE_PROBABILITY / (self.n_river - n_waste)
        return Chance((probability, replace(self, is_waste=True)), (1 - probability, self))

    def object_state(self) -> int:
        """1 with waste."""
        return int(self.is_waste)


@dataclass(frozen=True)
class Tree(AppleTree, symbol="a", color=(206, 52, 44)):
    """Bears an apple, the sooner the cleaner the river is.

    Attributes:
      has_apple: whether there is an apple.
      n_river: how many stretches of river there are on the map.
    """

    n_river: int = field(default=1, repr=False)

    def tick(self, *, n_waste: int = 0) -> Tree | Chance:
        if is_depleted(n_waste, self.n_river):
            return self
        return self.grown(APPLE_PROBABILITY * (1 - n_waste / (DEPLETION * self.n_river)))


def is_waste(value: GridObject) -> bool:
    """Whether a cell holds waste."""
    return isinstance(value, River) and value.is_waste
