"""What OvercookedV2 pays: wanted soups, less the price of buttons, to everybody; and, by name, shaping to the cook.

All judge the success, by the events of the step.

Source: `OvercookedV2.process_interact` and `settings.py` of JaxMARL 0.2.0. Exact.
"""

from __future__ import annotations

from cogrid.core.reward import EventReward, register_reward

EVENT_REWARDS = {
    "overcooked_v2_delivery": EventReward(
        event="correct_delivery",
        coefficient=20.0,
        common_reward=True,
        about="For delivering the wanted soup.",
    ),
    "overcooked_v2_button": EventReward(
        event="button_pressed", coefficient=-5.0, common_reward=True, about="For pressing a button: a cost."
    ),
    "overcooked_v2_wrong_delivery": EventReward(
        event="wrong_delivery",
        coefficient=-20.0,
        common_reward=True,
        is_optional=True,  # With one ingredient there is no other soup.
        about="For delivering another soup: a cost.",
    ),
    "overcooked_v2_ingredient_in_pot": EventReward(
        event="wanted_ingredient_in_pot",
        coefficient=3.0,
        about="For an ingredient that the pot still lacked for the wanted recipe.",
    ),
    "overcooked_v2_soup_in_dish": EventReward(
        event="wanted_soup_in_dish", coefficient=5.0, about="For the wanted soup taken out of a pot."
    ),
    "overcooked_v2_cooking_started": EventReward(
        event="wanted_cooking_started", coefficient=5.0, about="For starting a pot with just what is wanted."
    ),
    "overcooked_v2_useful_plate": EventReward(
        event="useful_plate_taken", coefficient=3.0, about="For a plate from the stack that a pot waits for."
    ),
}
"""The rewards by their registered names; there they are `DELIVERY_REWARD`, `INDICATOR_ACTIVATION_COST`, minus the first
(`negative_rewards`), `PLACEMENT_IN_POT`, `DISH_PICKUP`, `POT_START_COOKING`, `PLATE_PICKUP`."""

for _name, _reward in EVENT_REWARDS.items():
    register_reward(_name, _reward)

REWARDS = ("overcooked_v2_delivery", "overcooked_v2_button")
"""The names of what is paid by default."""

SHAPED_REWARDS = ("overcooked_v2_ingredient_in_pot", "overcooked_v2_soup_in_dish", "overcooked_v2_useful_plate")
"""The names of the shaped rewards; their sum is `info["shaped_reward"]` there."""

SHAPED_REWARDS_BY_HAND = (*SHAPED_REWARDS, "overcooked_v2_cooking_started")
"""The same where cooks start the pots."""
