"""What the classic kitchen looks like: its pot, its soups, and what all kitchens have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.item import Item
from cogrid.envs.kitchen.objects import CAPACITY
from cogrid.envs.kitchen.pictures import (
    LEAF,
    draw_bowl,
    draw_cooking_pot,
    draw_delivery_zone,
    draw_filling_pot,
    draw_plate_stack,
)
from cogrid.envs.kitchen.pictures import PICTURES as KITCHEN_PICTURES
from cogrid.envs.overcooked.objects import (
    COOK_TIME,
    ONION_SOUP,
    TOMATO_SOUP,
    DeliveryZone,
    PlateStack,
    Pot,
)

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Color, Tile

RED_SOUP: Color = (196, 48, 36)


def draw_onion_soup(tile: Tile, item: Item) -> None:
    """A bowl of golden soup with onion rings in it."""
    draw_bowl(tile, ONION_SOUP.color)
    for x, y in ((0.40, 0.42), (0.62, 0.48), (0.46, 0.64)):
        tile.ring(x, y, 0.09, (250, 226, 150), 0.04)


def draw_tomato_soup(tile: Tile, item: Item) -> None:
    """A bowl of red soup with cream and two basil leaves on it."""
    draw_bowl(tile, RED_SOUP)
    tile.ring(0.5, 0.5, 0.22, (250, 206, 190), 0.05, share=0.6)
    tile.polygon([(0.50, 0.58), (0.36, 0.54), (0.30, 0.38), (0.46, 0.42)], LEAF)
    tile.polygon([(0.50, 0.58), (0.64, 0.54), (0.62, 0.38), (0.50, 0.44)], (44, 104, 44))


def draw_pot(tile: Tile, pot: Pot) -> None:
    """A pot on the stove: what is in it, or a ring that fills and the ticks left, or a check mark when it is ready."""
    if len(pot.contents) < CAPACITY:
        draw_filling_pot(tile, pot.contents)
    else:
        color = RED_SOUP if pot.soup() == TOMATO_SOUP else ONION_SOUP.color
        draw_cooking_pot(tile, color, pot.timer, COOK_TIME, pot.contents)


PICTURES: Mapping[Any, Callable[..., None]] = {
    **KITCHEN_PICTURES,
    Pot: draw_pot,
    DeliveryZone: draw_delivery_zone,
    PlateStack: draw_plate_stack,
    ONION_SOUP: draw_onion_soup,
    TOMATO_SOUP: draw_tomato_soup,
}
"""The picture of each object and item."""
