"""Apple trees that grow back where apples are near.

Source: Hughes et al. (2018); the probabilities are those of the open implementation by Vinitsky et al. (2019),
"An open source implementation of sequential social dilemma games".
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from cogrid.core.chance import Chance
from cogrid.core.counts import Count, Disc
from cogrid.core.grid_object import GridObject
from cogrid.envs.commons.objects import AppleTree

REGROWTH = (Fraction(0), Fraction("0.005"), Fraction("0.02"), Fraction("0.05"))
"""How likely an apple grows in a step, by the number of apples nearby: none, one, two, three or more."""

NEARBY = Disc(1.5)
"""The eight cells around a tree: a squared distance of at most 2."""


@dataclass(frozen=True)
class Tree(AppleTree, symbol="a", color=(206, 52, 44)):
    """Bears an apple again, the sooner the more apples there are around it; never where there is none."""

    has_apple: bool = True

    def tick(self, *, n_apples: int = 0) -> Tree | Chance:
        return self.grown(REGROWTH[n_apples])


def is_apple(value: GridObject) -> bool:
    """Whether a cell holds an apple."""
    return isinstance(value, Tree) and value.has_apple


N_APPLES = Count("n_apples", of=is_apple, over=NEARBY, cap=len(REGROWTH) - 1)
"""How many apples there are nearby."""
