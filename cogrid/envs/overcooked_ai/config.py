"""The settings of the kitchens of Overcooked-AI."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.envs.kitchen.layouts import HORIZON
from cogrid.envs.overcooked_ai.layouts import Kitchen
from cogrid.envs.overcooked_ai.rewards import SHAPED_REWARDS, delivery_rewards
from cogrid.envs.overcooked_ai.rules import overcooked_ai_rules


def overcooked_ai_config(kitchen: Kitchen, *, old_dynamics: bool = False) -> EnvConfig:
    """The settings of one of the original's environments.

    Args:
      kitchen: its map and orders.
      old_dynamics: whether soups of three start cooking by themselves, and only so.
    Raises:
      ConfigError: for old dynamics with an order that has not exactly three ingredients.
    """
    return EnvConfig(
        rules=overcooked_ai_rules(kitchen.orders, old_dynamics, kitchen.start_directions),
        layout=f"overcooked_ai/{kitchen.name}",
        num_agents=kitchen.n_agents,
        action_set="cardinal_no_toggle",
        features=("overcooked_ai_planes",),
        rewards=delivery_rewards(kitchen.orders),
        shaped_rewards=SHAPED_REWARDS,
        max_steps=HORIZON,
    )
