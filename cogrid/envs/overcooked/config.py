"""The settings of the classic kitchens."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.envs.overcooked.rewards import SHAPED_REWARDS, SoupDeliveryReward
from cogrid.envs.overcooked.rules import OVERCOOKED_RULES
from cogrid.feature_space.array_features import CLASSIC_FEATURES


def overcooked_config(kitchen: str) -> EnvConfig:
    """The settings of a classic kitchen.

    Args:
      kitchen: the name of its map.
    """
    return EnvConfig(
        rules=OVERCOOKED_RULES,
        layout=kitchen,
        features=CLASSIC_FEATURES,
        rewards=(SoupDeliveryReward(),),
        shaped_rewards=SHAPED_REWARDS,
    )
