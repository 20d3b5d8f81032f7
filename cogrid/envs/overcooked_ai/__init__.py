"""Overcooked-AI, exactly: the rules of overcooked_ai 1.1.0, and with `old_dynamics=True` those before it.

The rule of the pot is in `objects.py`, the order of a step in `rules.py`.
"""

from __future__ import annotations

from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.core.layout import register_layout
from cogrid.envs.kitchen.layouts import HORIZON
from cogrid.envs.overcooked_ai.features import overcooked_ai_planes as overcooked_ai_planes
from cogrid.envs.overcooked_ai.featurisation import overcooked_ai_features as overcooked_ai_features
from cogrid.envs.overcooked_ai.layouts import Kitchen, kitchens
from cogrid.envs.overcooked_ai.orders import Orders
from cogrid.envs.overcooked_ai.rewards import delivery_rewards
from cogrid.envs.overcooked_ai.rules import overcooked_ai_rules
from cogrid.envs.registry import EnvFactory, register


def overcooked_ai_config(kitchen: Kitchen, old_dynamics: bool = False) -> EnvConfig:
    """The settings of one of the original's environments.

    Args:
      kitchen: its map and orders.
      old_dynamics: whether soups of three start cooking by themselves, and only so.
    Raises:
      ConfigError: for old dynamics with an order that has not exactly three ingredients.
    """
    return EnvConfig(
        name=f"OvercookedAI-{kitchen.id_name}-V0",
        rules=overcooked_ai_rules(kitchen.orders, old_dynamics, kitchen.start_directions),
        layout=f"overcooked_ai/{kitchen.name}",
        num_agents=kitchen.n_agents,
        action_set="cardinal_no_toggle",
        features=("overcooked_ai_planes",),
        rewards=delivery_rewards(kitchen.orders),
        max_steps=HORIZON,
    )


def _factory(kitchen: Kitchen) -> EnvFactory:
    def factory(
        backend: str = "numpy", render_mode: str | None = None, old_dynamics: bool = False, **overrides: Any
    ) -> CoGridEnv:
        config = overcooked_ai_config(kitchen, old_dynamics).with_overrides(overrides)
        return CoGridEnv(config, backend=backend, render_mode=render_mode)

    return factory


DEFAULT_RULES = overcooked_ai_rules(Orders())
"""The rules of a kitchen that asks for three onions; made here so that the type ids are known from the start."""

for _kitchen in kitchens().values():
    register_layout(f"overcooked_ai/{_kitchen.name}", _kitchen.drawing)
    register(f"OvercookedAI-{_kitchen.id_name}-V0", _factory(_kitchen))
