"""What OvercookedV2 pays: wanted soups, less the price of buttons, to everybody; and, by name, shaping to the cook.

All judge the success, by the events of the step.

Source: `OvercookedV2.process_interact` and `settings.py` of JaxMARL 0.2.0. Exact.
"""

from __future__ import annotations

import dataclasses

from cogrid.core.reward import EventReward, register_reward


@register_reward("overcooked_v2_delivery")
@dataclasses.dataclass(frozen=True, kw_only=True)
class DeliveryReward(EventReward):
    """Pays everybody for each delivery of the wanted soup (`DELIVERY_REWARD`)."""

    event: str = "correct_delivery"
    coefficient: float = 20.0
    common_reward: bool = True


@register_reward("overcooked_v2_button")
@dataclasses.dataclass(frozen=True, kw_only=True)
class ButtonReward(EventReward):
    """Costs everybody something for each press of a button (`INDICATOR_ACTIVATION_COST`)."""

    event: str = "button_pressed"
    coefficient: float = -5.0
    common_reward: bool = True


@register_reward("overcooked_v2_wrong_delivery")
@dataclasses.dataclass(frozen=True, kw_only=True)
class WrongDeliveryReward(EventReward):
    """Costs everybody something for each delivery of another soup (`negative_rewards=True`); not paid by default."""

    event: str = "wrong_delivery"
    coefficient: float = -20.0
    common_reward: bool = True


@register_reward("overcooked_v2_ingredient_in_pot")
@dataclasses.dataclass(frozen=True, kw_only=True)
class IngredientInPotReward(EventReward):
    """Pays the cook for an ingredient for a pot that had fewer of it than the recipe asks (`PLACEMENT_IN_POT`)."""

    event: str = "wanted_ingredient_in_pot"
    coefficient: float = 3.0


@register_reward("overcooked_v2_soup_in_dish")
@dataclasses.dataclass(frozen=True, kw_only=True)
class SoupInDishReward(EventReward):
    """Pays the cook for the wanted soup taken out of a pot (`DISH_PICKUP`)."""

    event: str = "wanted_soup_in_dish"
    coefficient: float = 5.0


@register_reward("overcooked_v2_cooking_started")
@dataclasses.dataclass(frozen=True, kw_only=True)
class CookingStartedReward(EventReward):
    """Pays the cook who starts a pot with just what is wanted (`POT_START_COOKING`), where cooks start pots."""

    event: str = "wanted_cooking_started"
    coefficient: float = 5.0


@register_reward("overcooked_v2_useful_plate")
@dataclasses.dataclass(frozen=True, kw_only=True)
class UsefulPlateReward(EventReward):
    """Pays the cook for a plate from the stack that a pot waits for (`PLATE_PICKUP`)."""

    event: str = "useful_plate_taken"
    coefficient: float = 3.0


SHAPED_REWARDS = ("overcooked_v2_ingredient_in_pot", "overcooked_v2_soup_in_dish", "overcooked_v2_useful_plate")
"""The names of the shaped rewards; their sum is `info["shaped_reward"]` there."""

SHAPED_REWARDS_BY_HAND = (*SHAPED_REWARDS, "overcooked_v2_cooking_started")
"""The same where cooks start the pots."""
