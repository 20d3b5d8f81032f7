"""What agents are paid for: arriving."""

from __future__ import annotations

from cogrid.core.reward import EventReward, register_reward

GOAL_REACHED = EventReward(
    event="goal_reached",
    coefficient=1.0,
    about="Pays an agent that enters its goal; with `common_reward=True` everybody whose episode goes on, and itself.",
)
register_reward("goal_reached_reward", GOAL_REACHED)
