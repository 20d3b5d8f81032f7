"""What a team is paid for: each rescue, by its urgency; and small rewards for opening the way, off by default.

All of them judge what happened in the step (the events of the rules in `objects.py`). A team that lacks the role for an
event is paid nothing for it.
"""

from __future__ import annotations

from cogrid.core.reward import EventReward, register_reward

EVENT_REWARDS = {
    "green_victim_reward": EventReward(
        event="green_victim_rescued",
        coefficient=1.0,
        common_reward=True,
        about="For rescuing a green victim.",
        is_optional=True,
    ),
    "yellow_victim_reward": EventReward(
        event="yellow_victim_rescued",
        coefficient=2.0,
        common_reward=True,
        about="For rescuing a yellow victim.",
        is_optional=True,
    ),
    "red_victim_reward": EventReward(
        event="red_victim_rescued",
        coefficient=5.0,
        common_reward=True,
        about="For rescuing a red victim.",
        is_optional=True,
    ),
    "rubble_cleared_reward": EventReward(
        event="rubble_cleared",
        coefficient=0.1,
        about="For clearing rubble, which cannot be repeated; off by default.",
        is_optional=True,
    ),
    "door_opened_reward": EventReward(
        event="door_opened",
        coefficient=0.1,
        about="For opening a door, which cannot be repeated; off by default.",
        is_optional=True,
    ),
}
"""The rewards by their registered names."""

for _name, _reward in EVENT_REWARDS.items():
    register_reward(_name, _reward)

RESCUE_REWARDS = ("green_victim_reward", "yellow_victim_reward", "red_victim_reward")
"""The names of what every environment pays by default."""
