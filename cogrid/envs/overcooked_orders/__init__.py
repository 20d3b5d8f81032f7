"""Overcooked with an order queue: mixed soups, ordered at random, that guests do not wait for forever.

The kitchen is that of `overcooked_ai` under its old dynamics (any mix of three, cooking by itself), the step the
library's own. The board is in `objects.py`, how orders are filled and appear in `queue.py`.
"""

from __future__ import annotations

import functools

from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource, register_layout
from cogrid.core.rules import Rules
from cogrid.envs.kitchen.objects import Counter, OnionStack, PlateStack, TomatoStack
from cogrid.envs.kitchen.soups import ITEMS, DeliveryZone
from cogrid.envs.overcooked_ai.objects import pot_class
from cogrid.envs.overcooked_ai.orders import Orders
from cogrid.envs.overcooked_ai.pictures import PICTURES
from cogrid.envs.overcooked_orders.features import order_queue_feature as order_queue_feature
from cogrid.envs.overcooked_orders.layouts import LAYOUTS
from cogrid.envs.overcooked_orders.objects import Menu, OrderSlot, draw_order_slot, order_slot_class
from cogrid.envs.overcooked_orders.queue import order_queue
from cogrid.envs.overcooked_orders.rewards import OrderFilledReward
from cogrid.envs.registry import config_factory, register


@functools.lru_cache(maxsize=64)
def overcooked_orders_rules(menu: Menu) -> Rules:
    """The rules of a kitchen with an order queue; the same object for equal menus.

    Args:
      menu: what guests order.
    """
    times = (menu.cook_time,) * len(menu.recipes)
    pot = pot_class(Orders(orders=menu.recipes, recipe_times=times), starts_by_itself=True)
    return Rules(
        name="overcooked_orders",
        objects=(Counter, pot, DeliveryZone, OnionStack, TomatoStack, PlateStack, order_slot_class(menu)),
        items=ITEMS,
        step_hook=order_queue,
        pictures={**PICTURES, OrderSlot: draw_order_slot},
    )


def overcooked_orders_config(
    layout: LayoutSource, menu: Menu | None = None, name: str = "overcooked_orders"
) -> EnvConfig:
    """The settings of a kitchen with an order queue.

    Args:
      layout: the map, with a `Q` for each slot of the order board.
      menu: what guests order.
      name: what the environment is called.
    """
    return EnvConfig(
        name=name,
        rules=overcooked_orders_rules(menu or Menu()),
        layout=layout,
        features=("object_planes",),
        rewards=(OrderFilledReward(),),
        max_steps=600,
    )


for _name, _drawing in LAYOUTS.items():
    register_layout(_name, _drawing)
    register(
        f"OvercookedOrders-{_name}-V0",
        config_factory(overcooked_orders_config(_name, name=f"OvercookedOrders-{_name}-V0")),
    )
