"""What players are paid for food, by their part in it, and what a load costs that fails."""

from __future__ import annotations

from dataclasses import dataclass

from cogrid.core.reward import EventReward
from cogrid.envs.foraging.levels import Levels


@dataclass(frozen=True)
class Portion:
    """What a share is worth where food of some levels together has grown."""

    levels: Levels

    def __call__(self, amount: int, count: int) -> float:
        """What is paid.

        Args:
          amount: one more than the place of the share among all shares.
          count: the levels of all food together, what is eaten too.
        """
        if not 0 < amount <= len(self.levels.shares) or count == 0:
            return 0.0
        return float(self.levels.shares[amount - 1] / (count if self.levels.is_normalised else 1))


def rewards_of(levels: Levels, penalty: float) -> tuple[EventReward, ...]:
    """The rewards of a world.

    Args:
      levels: what levels there are.
      penalty: what each player pays who takes part in a load that fails.
    """
    eaten = EventReward(event="ate", table=Portion(levels), count="spawned", about="For the part in a food.")
    failed = EventReward(event="failed", coefficient=-penalty, about="For a load that fails.")
    return (eaten, failed) if penalty else (eaten,)
