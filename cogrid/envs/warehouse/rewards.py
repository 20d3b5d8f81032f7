"""What robots are paid for, in three modes: a delivery to the one, a delivery to all, or in two stages."""

from __future__ import annotations

from cogrid.core.reward import EventReward
from cogrid.errors import ConfigError, did_you_mean

DELIVERED = EventReward(event="delivered", about="For a requested shelf on a goal.")
RETURNED = EventReward(event="returned", coefficient=0.5, about="For a delivered shelf that is back in a rack.")

REWARDS: dict[str, tuple[EventReward, ...]] = {
    "individual": (DELIVERED,),
    "global": (EventReward(event="delivered", common_reward=True, about="For each requested shelf on a goal."),),
    "two_stage": (EventReward(event="delivered", coefficient=0.5, about=DELIVERED.about), RETURNED),
}
"""The rewards of each mode."""


def rewards_of(mode: str) -> tuple[EventReward, ...]:
    """The rewards of a mode.

    Args:
      mode: "individual", "global" or "two_stage".
    Raises:
      ConfigError: for any other mode.
    """
    if mode not in REWARDS:
        raise ConfigError(f"There is no reward mode {mode!r} of the warehouse. {did_you_mean(str(mode), REWARDS)}")
    return REWARDS[mode]
