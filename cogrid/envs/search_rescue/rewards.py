"""What a team is paid for: each rescue, by its urgency; and small rewards for opening the way, off by default.

All of them judge what happened in the step (the events of the rules in `objects.py`).
"""

from __future__ import annotations

import dataclasses

from cogrid.core.reward import EventReward, register_reward
from cogrid.core.tables import Tables

EVENTS = (
    "green_victim_rescued",
    "yellow_victim_rescued",
    "red_victim_rescued",
    "rubble_cleared",
    "door_opened",
    "beam_lifted",
)
"""What can happen, given the roles for it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TeamReward(EventReward):
    """Pays for an event that only some teams can bring about; a team that lacks a role for it is paid nothing."""

    def check(self, tables: Tables) -> None:
        """Raise ConfigError if the event happens in no team."""
        if self.event not in EVENTS:
            super().check(tables)


EVENT_REWARDS = {
    "green_victim_reward": TeamReward(
        event="green_victim_rescued", coefficient=1.0, common_reward=True, about="For rescuing a green victim."
    ),
    "yellow_victim_reward": TeamReward(
        event="yellow_victim_rescued", coefficient=2.0, common_reward=True, about="For rescuing a yellow victim."
    ),
    "red_victim_reward": TeamReward(
        event="red_victim_rescued", coefficient=5.0, common_reward=True, about="For rescuing a red victim."
    ),
    "rubble_cleared_reward": TeamReward(
        event="rubble_cleared", coefficient=0.1, about="For clearing rubble, which cannot be repeated; off by default."
    ),
    "door_opened_reward": TeamReward(
        event="door_opened", coefficient=0.1, about="For opening a door, which cannot be repeated; off by default."
    ),
}
"""The rewards by their registered names."""

for _name, _reward in EVENT_REWARDS.items():
    register_reward(_name, _reward)

RESCUE_REWARDS = ("green_victim_reward", "yellow_victim_reward", "red_victim_reward")
"""The names of what every environment pays by default."""
