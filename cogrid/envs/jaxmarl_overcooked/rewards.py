"""What JaxMARL's Overcooked pays: soups, to both; and, by name, the shaping beside it, to the cook.

All judge the success, by the events of the step.

Source: `Overcooked.process_interact` and `BASE_REW_SHAPING_PARAMS` of JaxMARL 0.2.0. Exact.
"""

from __future__ import annotations

import dataclasses

from cogrid.core.reward import EventReward, register_reward


@register_reward("jaxmarl_overcooked_delivery")
@dataclasses.dataclass(frozen=True, kw_only=True)
class DeliveryReward(EventReward):
    """Pays everybody for each soup that is delivered (`DELIVERY_REWARD`)."""

    event: str = "delivery"
    coefficient: float = 20.0
    common_reward: bool = True


@register_reward("jaxmarl_overcooked_onion_in_pot")
@dataclasses.dataclass(frozen=True, kw_only=True)
class OnionInPotReward(EventReward):
    """Pays the cook for an onion that went into a pot (`PLACEMENT_IN_POT_REW`)."""

    event: str = "ingredient_in_pot"
    coefficient: float = 3.0


@register_reward("jaxmarl_overcooked_soup_in_dish")
@dataclasses.dataclass(frozen=True, kw_only=True)
class SoupInDishReward(EventReward):
    """Pays the cook for a soup taken out of a pot (`SOUP_PICKUP_REWARD`)."""

    event: str = "soup_in_dish"
    coefficient: float = 5.0


@register_reward("jaxmarl_overcooked_useful_plate")
@dataclasses.dataclass(frozen=True, kw_only=True)
class UsefulPlateReward(EventReward):
    """Pays the cook for a plate from the stack that a pot waits for (`PLATE_PICKUP_REWARD`)."""

    event: str = "useful_plate_taken"
    coefficient: float = 3.0


SHAPED_REWARDS = (
    "jaxmarl_overcooked_onion_in_pot",
    "jaxmarl_overcooked_soup_in_dish",
    "jaxmarl_overcooked_useful_plate",
)
"""The names of the shaped rewards; their sum is `info["shaped_reward"]` there."""
