"""What agents are paid for: arriving."""

from __future__ import annotations

import dataclasses

from cogrid.core.reward import EventReward, register_reward


@register_reward("goal_reached_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class GoalReachedReward(EventReward):
    """Pays an agent that enters its goal; with `common_reward=True` everybody whose episode goes on, and itself."""

    event: str = "goal_reached"
    coefficient: float = 1.0
