"""What OvercookedV2 pays: wanted soups, less the price of buttons, to everybody; and, by name, shaping to the cook.

All judge the success, by the events of the step.

Source: `OvercookedV2.process_interact` and `settings.py` of JaxMARL 0.2.0. Exact.
"""

from __future__ import annotations

from cogrid.core.reward import EventReward, register_reward

DELIVERY = EventReward(
    event="correct_delivery",
    coefficient=20.0,
    common_reward=True,
    about="Pays everybody for each delivery of the wanted soup (`DELIVERY_REWARD`).",
)
BUTTON = EventReward(
    event="button_pressed",
    coefficient=-5.0,
    common_reward=True,
    about="Costs everybody something for each press of a button (`INDICATOR_ACTIVATION_COST`).",
)
WRONG_DELIVERY = EventReward(
    event="wrong_delivery",
    coefficient=-20.0,
    common_reward=True,
    about="Costs everybody something for each delivery of another soup (`negative_rewards=True`).",
)
INGREDIENT_IN_POT = EventReward(
    event="wanted_ingredient_in_pot",
    coefficient=3.0,
    about="Pays the cook for an ingredient for a pot that had fewer of it than the recipe asks (`PLACEMENT_IN_POT`).",
)
SOUP_IN_DISH = EventReward(
    event="wanted_soup_in_dish",
    coefficient=5.0,
    about="Pays the cook for the wanted soup taken out of a pot (`DISH_PICKUP`).",
)
COOKING_STARTED = EventReward(
    event="wanted_cooking_started",
    coefficient=5.0,
    about="Pays the cook who starts a pot with just what is wanted (`POT_START_COOKING`), where cooks start pots.",
)
USEFUL_PLATE = EventReward(
    event="useful_plate_taken",
    coefficient=3.0,
    about="Pays the cook for a plate from the stack that a pot waits for (`PLATE_PICKUP`).",
)

register_reward("overcooked_v2_delivery", DELIVERY)
register_reward("overcooked_v2_button", BUTTON)
register_reward("overcooked_v2_wrong_delivery", WRONG_DELIVERY)
register_reward("overcooked_v2_ingredient_in_pot", INGREDIENT_IN_POT)
register_reward("overcooked_v2_soup_in_dish", SOUP_IN_DISH)
register_reward("overcooked_v2_cooking_started", COOKING_STARTED)
register_reward("overcooked_v2_useful_plate", USEFUL_PLATE)

REWARDS = (DELIVERY, BUTTON)
"""What is paid by default."""

SHAPED_REWARDS = ("overcooked_v2_ingredient_in_pot", "overcooked_v2_soup_in_dish", "overcooked_v2_useful_plate")
"""The names of the shaped rewards; their sum is `info["shaped_reward"]` there."""

SHAPED_REWARDS_BY_HAND = (*SHAPED_REWARDS, "overcooked_v2_cooking_started")
"""The same where cooks start the pots."""
