"""What the original pays: soups that were ordered, to everybody; and, by name, the shaping beside it, to the cook.

All judge the success, by the events of the step.

Source: `OvercookedGridworld.resolve_interacts` and `BASE_REW_SHAPING_PARAMS` of overcooked_ai 1.1.0. Exact.
"""

from __future__ import annotations

from cogrid.core.reward import EventReward, Reward, register_reward
from cogrid.envs.kitchen.soups import RECIPES, soup_name
from cogrid.envs.overcooked_ai.orders import Orders


class OrderedSoupReward(EventReward):
    """Pays everybody for a soup that is ordered; infinitely for the bonus order of the original's `tutorial_3`."""

    may_be_infinite = True


def delivery_rewards(orders: Orders) -> tuple[Reward, ...]:
    """The sparse reward: for each soup that is ordered, its value to every agent.

    Args:
      orders: what the kitchen asks for.
    """
    return tuple(
        OrderedSoupReward(event=f"delivery_{soup_name(recipe)}", coefficient=orders.value(recipe), common_reward=True)
        for recipe in RECIPES
        if orders.value(recipe)
    )


EVENT_REWARDS = {
    "overcooked_ai_ingredient_in_pot": EventReward(
        event="ingredient_in_pot", coefficient=3.0, about="For an ingredient that went into a pot."
    ),
    "overcooked_ai_useful_plate": EventReward(
        event="useful_plate_taken", coefficient=3.0, about="For a plate from the stack that a pot waits for."
    ),
    "overcooked_ai_soup_in_dish": EventReward(
        event="soup_in_dish", coefficient=5.0, about="For a soup taken out of a pot."
    ),
}
"""The shaped rewards by their registered names; there they are `PLACEMENT_IN_POT_REW`, `DISH_PICKUP_REWARD`,
`SOUP_PICKUP_REWARD`."""

for _name, _reward in EVENT_REWARDS.items():
    register_reward(_name, _reward)

SHAPED_REWARDS = tuple(EVENT_REWARDS)
"""The names of the shaped rewards; their sum is the original's `shaped_reward_by_agent`."""
