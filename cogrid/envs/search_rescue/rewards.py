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


GREEN_VICTIM = TeamReward(
    event="green_victim_rescued",
    coefficient=1.0,
    common_reward=True,
    about="Pays for rescuing a green victim; by default to everybody.",
)
YELLOW_VICTIM = TeamReward(
    event="yellow_victim_rescued",
    coefficient=2.0,
    common_reward=True,
    about="Pays for rescuing a yellow victim; by default to everybody.",
)
RED_VICTIM = TeamReward(
    event="red_victim_rescued",
    coefficient=5.0,
    common_reward=True,
    about="Pays for rescuing a red victim; by default to everybody, the engineer who lifted the beam too.",
)
RESCUE_REWARDS = (GREEN_VICTIM, YELLOW_VICTIM, RED_VICTIM)
"""What every environment pays by default."""

register_reward("green_victim_reward", GREEN_VICTIM)
register_reward("yellow_victim_reward", YELLOW_VICTIM)
register_reward("red_victim_reward", RED_VICTIM)
register_reward(
    "rubble_cleared_reward",
    TeamReward(
        event="rubble_cleared",
        coefficient=0.1,
        about="Pays whoever clears rubble; off by default. Rubble is cleared once, so repeating it pays nothing.",
    ),
)
register_reward(
    "door_opened_reward",
    TeamReward(
        event="door_opened",
        coefficient=0.1,
        about="Pays whoever opens a door; off by default. Doors stay open, so repeating it pays nothing.",
    ),
)
