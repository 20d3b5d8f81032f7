"""The settings of JaxMARL's kitchens."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.envs.jaxmarl_overcooked.rewards import REWARDS, SHAPED_REWARDS
from cogrid.envs.jaxmarl_overcooked.rules import JAXMARL_OVERCOOKED_RULES
from cogrid.envs.kitchen.layouts import HORIZON


def jaxmarl_overcooked_config(kitchen: str) -> EnvConfig:
    """The settings of one of JaxMARL's kitchens.

    Args:
      kitchen: its name there, such as `cramped_room`.
    """
    return EnvConfig(
        rules=JAXMARL_OVERCOOKED_RULES,
        layout=f"jaxmarl_overcooked/{kitchen}",
        action_set="cardinal_no_toggle",
        features=("jaxmarl_overcooked_planes",),
        rewards=REWARDS,
        shaped_rewards=SHAPED_REWARDS,
        max_steps=HORIZON,
    )
