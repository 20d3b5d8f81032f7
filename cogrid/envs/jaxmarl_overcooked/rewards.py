"""What JaxMARL's Overcooked pays: soups, to both; and, by name, the shaping beside it, to the cook.

All judge the success, by the events of the step.

Source: `Overcooked.process_interact` and `BASE_REW_SHAPING_PARAMS` of JaxMARL 0.2.0. Exact.
"""

from __future__ import annotations

from cogrid.core.reward import EventReward, register_reward

EVENT_REWARDS = {
    "jaxmarl_overcooked_delivery": EventReward(
        event="delivery", coefficient=20.0, common_reward=True, about="For delivering a soup."
    ),
    "jaxmarl_overcooked_onion_in_pot": EventReward(
        event="ingredient_in_pot", coefficient=3.0, about="For an onion that went into a pot."
    ),
    "jaxmarl_overcooked_soup_in_dish": EventReward(
        event="soup_in_dish", coefficient=5.0, about="For a soup taken out of a pot."
    ),
    "jaxmarl_overcooked_useful_plate": EventReward(
        event="useful_plate_taken", coefficient=3.0, about="For a plate from the stack that a pot waits for."
    ),
}
"""The rewards by their registered names; there they are `DELIVERY_REWARD`, `PLACEMENT_IN_POT_REW`,
`SOUP_PICKUP_REWARD`, `PLATE_PICKUP_REWARD`."""

for _name, _reward in EVENT_REWARDS.items():
    register_reward(_name, _reward)

REWARDS = ("jaxmarl_overcooked_delivery",)
"""The names of what is paid by default."""

SHAPED_REWARDS = (
    "jaxmarl_overcooked_onion_in_pot",
    "jaxmarl_overcooked_soup_in_dish",
    "jaxmarl_overcooked_useful_plate",
)
"""The names of the shaped rewards; their sum is `info["shaped_reward"]` there."""
