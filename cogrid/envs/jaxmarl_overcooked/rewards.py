"""What JaxMARL's Overcooked pays: soups, to both; and, by name, the shaping beside it, to the cook.

All judge the success, by the events of the step.

Source: `Overcooked.process_interact` and `BASE_REW_SHAPING_PARAMS` of JaxMARL 0.2.0. Exact.
"""

from __future__ import annotations

from cogrid.core.reward import EventReward, register_reward

DELIVERY = EventReward(
    event="delivery",
    coefficient=20.0,
    common_reward=True,
    about="Pays everybody for each soup that is delivered (`DELIVERY_REWARD`).",
)
ONION_IN_POT = EventReward(
    event="ingredient_in_pot",
    coefficient=3.0,
    about="Pays the cook for an onion that went into a pot (`PLACEMENT_IN_POT_REW`).",
)
SOUP_IN_DISH = EventReward(
    event="soup_in_dish",
    coefficient=5.0,
    about="Pays the cook for a soup taken out of a pot (`SOUP_PICKUP_REWARD`).",
)
USEFUL_PLATE = EventReward(
    event="useful_plate_taken",
    coefficient=3.0,
    about="Pays the cook for a plate from the stack that a pot waits for (`PLATE_PICKUP_REWARD`).",
)

register_reward("jaxmarl_overcooked_delivery", DELIVERY)
register_reward("jaxmarl_overcooked_onion_in_pot", ONION_IN_POT)
register_reward("jaxmarl_overcooked_soup_in_dish", SOUP_IN_DISH)
register_reward("jaxmarl_overcooked_useful_plate", USEFUL_PLATE)

REWARDS = (DELIVERY,)
"""What is paid by default."""

SHAPED_REWARDS = (
    "jaxmarl_overcooked_onion_in_pot",
    "jaxmarl_overcooked_soup_in_dish",
    "jaxmarl_overcooked_useful_plate",
)
"""The names of the shaped rewards; their sum is `info["shaped_reward"]` there."""
