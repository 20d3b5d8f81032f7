"""What the order board looks like; the kitchen is drawn as that of Overcooked-AI."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.envs.kitchen.soups import SOUPS
from cogrid.envs.overcooked_ai.pictures import PICTURES as OVERCOOKED_AI_PICTURES
from cogrid.envs.overcooked_orders.objects import OrderSlot

if TYPE_CHECKING:
    from cogrid.rendering.tile import Tile


def draw_order_slot(tile: Tile, slot: OrderSlot) -> None:
    """A paper note with the soup that is wanted, and a bar that shrinks."""
    tile.rectangle(0, 0, 1, 1, (74, 70, 66))
    if slot.recipe is None:
        tile.rectangle(0.2, 0.2, 0.8, 0.8, (98, 93, 88), radius=0.06)
        return
    tile.rectangle(0.1, 0.06, 0.9, 0.94, OrderSlot.color, radius=0.04)
    tile.draw(SOUPS[slot.recipe], 0.5, 0.42, 0.6)
    share = slot.left / slot.menu.patience
    tile.rectangle(0.16, 0.8, 0.16 + 0.68 * share, 0.9, (70, 160, 84) if share > 0.4 else (205, 62, 48))


PICTURES: Mapping[Any, Callable[..., None]] = {**OVERCOOKED_AI_PICTURES, OrderSlot: draw_order_slot}
"""The picture of each object and item."""
