"""The levels of players and food, and what a player's share of a food is.

Source: `spawn_players`, `spawn_food` and `step` of lbforaging 2.0.0. Exact.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction

N_LOWEST = 3
"""Food is at most as heavy as so many players of the lowest levels together."""

N_AROUND = 4
"""So many players can stand around a food."""


@dataclass(frozen=True)
class Levels:
    """What levels there are in a world.

    Attributes:
      n_players: how many players there are.
      lowest, highest: of players.
      lightest: the least level of food.
      heaviest: the greatest one; None for the sum of the three lowest levels of players.
      is_cooperative: whether all food has the greatest level.
      is_normalised: whether what is paid for all food together is 1.
    """

    n_players: int = 2
    lowest: int = 1
    highest: int = 2
    lightest: int = 1
    heaviest: int | None = None
    is_cooperative: bool = False
    is_normalised: bool = True

    @property
    def of_players(self) -> range:
        """The levels of players."""
        return range(self.lowest, self.highest + 1)

    def digit(self, level: int) -> int:
        """What a player adds to the number that tells how many players have each level.

        It has a digit for each level but the highest, which those have who are left.
        """
        if level == self.highest:
            return int(self.lowest == self.highest)
        return (self.n_players + 1) ** (self.highest - 1 - level)

    @property
    def largest_number(self) -> int:
        """The largest such number."""
        return self.n_players * self.digit(self.lowest)

    def of_food(self, number: int) -> range:
        """The levels that food can have.

        Args:
          number: how many players have each level, the sum of their digits.
        """
        greatest = self.heaviest if self.heaviest is not None else self._lowest_together(number)
        return range(greatest if self.is_cooperative else min(self.lightest, greatest), greatest + 1)

    def _lowest_together(self, number: int) -> int:
        levels: list[int] = []
        for level in range(self.highest - 1, self.lowest - 1, -1):
            number, n_of_level = divmod(number, self.n_players + 1)
            levels += [level] * n_of_level
        levels += [self.highest] * (self.n_players - len(levels))
        return sum(sorted(levels)[: min(N_LOWEST, self.n_players)])

    @property
    def greatest_food(self) -> int:
        """The greatest level that food can have."""
        return self.heaviest if self.heaviest is not None else min(self.n_players, N_LOWEST) * self.highest

    @property
    def greatest_strength(self) -> int:
        """What the players around a food can lift together at most."""
        return min(self.n_players, N_AROUND) * self.highest

    def share(self, level: int, food: int, strength: int) -> Fraction:
        """What a player is paid for a food, before it is divided by the levels of all food.

        Args:
          level: of the player.
          food: the level of the food.
          strength: of all players together who load it.
        """
        return Fraction(level * food, strength if self.is_normalised else 1)

    @functools.cached_property
    def shares(self) -> tuple[Fraction, ...]:
        """All shares that there can be; an event carries one more than the place of a share among them."""
        return tuple(
            sorted(
                {
                    self.share(level, food, strength)
                    for level in self.of_players
                    for food in range(1, self.greatest_food + 1)
                    for strength in range(max(level, food), self.greatest_strength + 1)
                }
            )
        )
