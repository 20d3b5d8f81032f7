"""The settings of kitchens with an order queue."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource
from cogrid.envs.overcooked_orders.objects import Menu
from cogrid.envs.overcooked_orders.rewards import SHAPED_REWARDS, OrderFilledReward
from cogrid.envs.overcooked_orders.rules import overcooked_orders_rules
from cogrid.errors import ConfigError


def overcooked_orders_config(layout: LayoutSource, menu: Menu | None = None) -> EnvConfig:
    """The settings of a kitchen with an order queue.

    Args:
      layout: the map, with a `Q` for each slot of the order board.
      menu: what guests order; by default `Menu()`.
    Raises:
      ConfigError: for a menu of another kind.
    """
    if not isinstance(menu, Menu | None):
        raise ConfigError(f"menu is a Menu (cogrid.envs.overcooked_orders.objects), not {menu!r}.")
    return EnvConfig(
        rules=overcooked_orders_rules(menu or Menu()),
        layout=layout,
        features=("object_planes",),
        rewards=(OrderFilledReward(),),
        shaped_rewards=SHAPED_REWARDS,
        max_steps=600,
    )
