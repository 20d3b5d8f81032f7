"""What agents are paid for: eating apples; fines, and what it costs to fine.

Source: Hughes et al. (2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.reward import EventReward, IntentReward, register_reward
from cogrid.envs.commons.objects import FINE


@dataclass(frozen=True, kw_only=True)
class FiningCost(IntentReward):
    """For using the beam that fines, whether it falls on anybody or not."""

    action: ClassVar[str] = FINE.name

    def earns(self, agent: Agent, cell: GridObject) -> bool:
        return True


REWARDS = ("apple_reward", "fined_penalty", "fining_cost")
"""The names of what is paid by default."""

register_reward("apple_reward", EventReward(event="apple_eaten", about="For eating an apple."))
register_reward("fined_penalty", EventReward(event="fined", coefficient=-50, about="For being fined."))
register_reward("fining_cost", FiningCost(coefficient=-1))
