"""What a cook is paid for: the rewards by class. The same as array functions: `array_rewards`.

All three judge the attempt, by the state before the step: two cooks that use one pot at once may both be paid.

Source: the rewards of CoGrid's revision of February 2026 (before 0.1.0), as recorded. Exact.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from jaxtyping import Float, Int

from cogrid.backend.namespaces import Array
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, get_object_names
from cogrid.core.reward import IntentReward, register_reward
from cogrid.envs.kitchen.objects import CAPACITY, ONION, PLATE
from cogrid.envs.overcooked import array_rewards
from cogrid.envs.overcooked.objects import ONION_SOUP, DeliveryZone, Pot


@dataclasses.dataclass(frozen=True, kw_only=True)
class _OvercookedReward(IntentReward):
    """A reward that also reads plain dicts of arrays, through its array form."""

    array_form: ClassVar[Any]

    def calculate_reward(self, prev_state: Any, state: Any, actions: Int[Array, "*B A"]) -> Float[Array, "*B A"]:
        """What each agent is paid for one step.

        Args:
          prev_state, state: states; or dicts of their arrays (`envstate_to_dict`), of cardinal actions if they do not
            say.
          actions: `[*B, A]` int32.
        Returns:
          `[*B, A]` float32.
        """
        if not isinstance(prev_state, Mapping):
            return super().calculate_reward(prev_state, state, actions)
        type_ids = {name: idx for idx, name in enumerate(get_object_names("overcooked"))}
        return type(self).array_form(
            prev_state,
            state,
            actions,
            type_ids,
            actions.shape[-1],
            coefficient=self.coefficient,
            common_reward=self.common_reward,
            action_pickup_drop_idx=1 if prev_state.get("action_set") == "rotation" else 4,
        )


@register_reward("delivery_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class SoupDeliveryReward(_OvercookedReward):
    """Pays for bringing an onion soup to a delivery zone; by default to everybody."""

    coefficient: float = 1.0
    common_reward: bool = True
    array_form = array_rewards.delivery_reward_array

    def earns(self, agent: Agent, cell: GridObject) -> bool:
        return agent.held == ONION_SOUP and isinstance(cell, DeliveryZone)


@register_reward("onion_in_pot_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class OnionInPotReward(_OvercookedReward):
    """Pays the cook for an onion for a pot that has room and nothing but onions in it."""

    coefficient: float = 0.1
    array_form = array_rewards.onion_in_pot_reward_array

    def earns(self, agent: Agent, cell: GridObject) -> bool:
        return (
            agent.held == ONION
            and isinstance(cell, Pot)
            and len(cell.contents) < CAPACITY
            and set(cell.contents) <= {ONION}
        )


@register_reward("soup_in_dish_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class SoupInDishReward(_OvercookedReward):
    """Pays the cook for a plate for a pot whose soup is ready."""

    coefficient: float = 0.3
    array_form = array_rewards.soup_in_dish_reward_array

    def earns(self, agent: Agent, cell: GridObject) -> bool:
        return agent.held == PLATE and isinstance(cell, Pot) and cell.timer == 0


SHAPED_REWARDS = ("onion_in_pot_reward", "soup_in_dish_reward")
"""The names of the shaped rewards."""
