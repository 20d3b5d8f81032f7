"""What agents are paid for: arriving."""

from __future__ import annotations

from cogrid.core.reward import EventReward, register_reward

GOAL_REACHED = "goal_reached_reward"
"""The name of what is paid by default."""

register_reward(
    GOAL_REACHED,
    EventReward(event="goal_reached", about="For entering one's own goal; if common, for everybody who plays on."),
)
