"""What orders pay: points by time left for one that is filled; a fine for one that expires; and, by name, shaping."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from cogrid.backend.array_ops import lookup, sum_of
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.reward import EventReward, Reward, register_reward
from cogrid.core.tables import Tables
from cogrid.envs.overcooked_orders.queue import fill_orders, queue_tables


@dataclasses.dataclass(frozen=True, kw_only=True)
class _OrderReward(Reward):
    """A reward for what happens to orders; by default everybody's."""

    common_reward: bool = True

    def check(self, tables: Tables) -> None:
        """Raise ConfigError if this world has no order slots."""
        queue_tables(tables)


@register_reward("order_filled_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class OrderFilledReward(_OrderReward):
    """Pays for each order that was filled, by the time that it had left (`Menu.pays`); by default to everybody."""

    def calculate_reward(
        self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]
    ) -> Float[Array, "*B A"]:
        """The points of the orders that each agent filled, or all of them, times the coefficient: `[*B, A]` float32."""
        tables = queue_tables(state.tables)
        xp = namespace(state.cells)
        before = [
            lookup(state.tables.rules.tick, prev_state.cells[..., place]).astype(np.int32) for place in tables.places
        ]
        _, orders = fill_orders(before, state)
        points = lookup(tables.points, orders)
        if self.common_reward:
            points = xp.broadcast_to(sum_of(points)[..., None], points.shape)
        return points.astype(np.float32) * np.float32(self.coefficient)


@register_reward("order_expired_reward")
@dataclasses.dataclass(frozen=True, kw_only=True)
class OrderExpiredReward(_OrderReward):
    """Fines everybody for each order that expired in the step; the coefficient is the fine, below 0."""

    coefficient: float = -5.0

    def calculate_reward(
        self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]
    ) -> Float[Array, "*B A"]:
        """The coefficient for each order that expired: `[*B, A]` float32."""
        tables = queue_tables(state.tables)
        xp = namespace(state.cells)
        left = [lookup(tables.left, prev_state.cells[..., place]) for place in tables.places]
        n_expired = sum_of(xp.stack([(ticks == 1).astype(np.int32) for ticks in left], axis=-1))[..., None]
        n_expired = xp.broadcast_to(n_expired, actions.shape)
        return n_expired.astype(np.float32) * np.float32(self.coefficient)


EVENT_REWARDS = {
    "overcooked_orders_ingredient_in_pot": EventReward(
        event="ingredient_in_pot", coefficient=3.0, about="For an ingredient that went into a pot."
    ),
    "overcooked_orders_soup_in_dish": EventReward(
        event="soup_in_dish", coefficient=5.0, about="For a soup taken out of a pot."
    ),
}
"""The shaped rewards by their registered names, with the sums that Overcooked-AI has for the same."""

for _name, _reward in EVENT_REWARDS.items():
    register_reward(_name, _reward)

SHAPED_REWARDS = tuple(EVENT_REWARDS)
"""The names of the shaped rewards."""
