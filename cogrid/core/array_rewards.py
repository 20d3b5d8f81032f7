"""Rewards as array functions: how several are added up.

The three of Overcooked live with Overcooked (`cogrid.envs.overcooked.array_rewards`); their names are forwarded from
here, where many expect them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from cogrid.backend.namespaces import Array, namespace
from cogrid.core.plain_state import read_array
from cogrid.errors import ConfigError, did_you_mean

FORWARDED = ("delivery_reward_array", "onion_in_pot_reward_array", "soup_in_dish_reward_array")
_CONFIG_KEYS = ("name", "fn", "coefficient", "common_reward")


def compose_rewards(configs: Sequence[Mapping[str, Any]]) -> Callable[..., Array]:
    """Compose array rewards into one function that adds them up in order.

    Args:
      configs: for each, `{name, fn, coefficient, common_reward=False}`; fn has the signature of
        `delivery_reward_array`.
    Returns:
      `(prev_state, state, actions, n_agents, type_ids, action_pickup_drop_idx=4) -> [*B, A]` float32.
    Raises:
      ConfigError: for a config with a key that does not exist, or without one that must be there.
    """
    for config in configs:
        for key in config:
            if key not in _CONFIG_KEYS:
                raise ConfigError(f"A reward config has no key {key!r}. {did_you_mean(key, _CONFIG_KEYS)}")
        for key in ("name", "fn", "coefficient"):
            if key not in config:
                raise ConfigError(f"The reward config {dict(config)!r} lacks the key {key!r}.")
    fixed = [
        (config["fn"], float(config["coefficient"]), bool(config.get("common_reward", False))) for config in configs
    ]

    def composed(
        prev_state: Any,
        state: Any,
        actions: Any,
        n_agents: int,
        type_ids: Mapping[str, int],
        action_pickup_drop_idx: int = 4,
    ) -> Array:
        xp = namespace(read_array(prev_state, "object_type_map"))
        total = xp.zeros(np.shape(actions), dtype=np.float32)
        for fn, coefficient, common_reward in fixed:
            total = total + fn(
                prev_state,
                state,
                actions,
                type_ids,
                n_agents,
                coefficient=coefficient,
                common_reward=common_reward,
                action_pickup_drop_idx=action_pickup_drop_idx,
            )
        return total

    return composed


def __getattr__(name: str) -> Any:
    if name in FORWARDED:
        return getattr(importlib.import_module("cogrid.envs.overcooked.array_rewards"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
