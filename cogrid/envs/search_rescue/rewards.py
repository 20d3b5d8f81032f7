"""What a team is paid for: each rescue, by its urgency; and small rewards for opening the way, off by default.

All of them judge what happened in the step (the events of the rules in `objects.py`). A team that lacks the role for an
event is paid nothing for it.
"""

from __future__ import annotations

from cogrid.core.reward import EventReward, register_reward

EVENT_REWARDS = {
    **{
        f"{colour}_victim_reward": EventReward(
            event=f"{colour}_victim_rescued",
            coefficient=coefficient,
            common_reward=True,
            about=f"For rescuing a {colour} victim.",
            is_optional=True,
        )
        for colour, coefficient in (("green", 1.0), ("yellow", 2.0), ("red", 5.0))
    },
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
