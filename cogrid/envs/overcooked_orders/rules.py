"""The rule set of kitchens with an order queue; a step is the library's own, then the queue moves on."""

from __future__ import annotations

import functools

from cogrid.core.rules import Rules
from cogrid.envs.kitchen.objects import Counter, OnionStack, PlateStack, TomatoStack
from cogrid.envs.kitchen.soups import ITEMS, DeliveryZone
from cogrid.envs.overcooked_ai.objects import Pot
from cogrid.envs.overcooked_ai.orders import Orders
from cogrid.envs.overcooked_orders.objects import Menu, OrderSlot
from cogrid.envs.overcooked_orders.pictures import PICTURES
from cogrid.envs.overcooked_orders.queue import order_queue


@functools.lru_cache(maxsize=64)
def overcooked_orders_rules(menu: Menu) -> Rules:
    """The rules of a kitchen with an order queue; the same object for equal menus.

    Args:
      menu: what guests order.
    """
    times = (menu.cook_time,) * len(menu.recipes)
    pot = Pot(orders=Orders(orders=menu.recipes, recipe_times=times), starts_by_itself=True)
    return Rules(
        name="overcooked_orders",
        objects=(Counter, pot, DeliveryZone, OnionStack, TomatoStack, PlateStack, OrderSlot(menu=menu)),
        items=ITEMS,
        step_hook=order_queue,
        pictures=PICTURES,
    )
