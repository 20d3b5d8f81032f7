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


@register_reward("green_victim_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class GreenVictimReward(TeamReward):
    """Pays for rescuing a green victim; by default to everybody."""

    event: str = "green_victim_rescued"
    coefficient: float = 1.0
    common_reward: bool = True


@register_reward("yellow_victim_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class YellowVictimReward(TeamReward):
    """Pays for rescuing a yellow victim; by default to everybody."""

    event: str = "yellow_victim_rescued"
    coefficient: float = 2.0
    common_reward: bool = True


@register_reward("red_victim_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class RedVictimReward(TeamReward):
    """Pays for rescuing a red victim; by default to everybody, the engineer who lifted the beam too."""

    event: str = "red_victim_rescued"
    coefficient: float = 5.0
    common_reward: bool = True


@register_reward("rubble_cleared_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class RubbleClearedReward(TeamReward):
    """Pays whoever clears rubble; off by default. Rubble is cleared once, so nothing is to be had by repeating it."""

    event: str = "rubble_cleared"
    coefficient: float = 0.1


@register_reward("door_opened_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class DoorOpenedReward(TeamReward):
    """Pays whoever opens a door; off by default. Doors stay open, so nothing is to be had by repeating it."""

    event: str = "door_opened"
    coefficient: float = 0.1


RESCUE_REWARDS = (GreenVictimReward(), YellowVictimReward(), RedVictimReward())
"""What every environment pays by default."""
