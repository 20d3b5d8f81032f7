"""What the kitchen of Overcooked-AI looks like; most of it as in the classic one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.item import Item
from cogrid.envs.overcooked.objects import ONION, TOMATO
from cogrid.envs.overcooked.pictures import (
    COOKING,
    DARK,
    POT_PLACES,
    READY,
    WHITE,
    draw_bowl,
    draw_delivery_zone,
    draw_empty_pot,
    draw_plate_stack,
)
from cogrid.envs.overcooked.pictures import PICTURES as CLASSIC_PICTURES
from cogrid.envs.overcooked_ai.objects import IDLE, SOUPS, DeliveryZone, PlateStack, Pot
from cogrid.envs.overcooked_ai.recipes import Recipe

if TYPE_CHECKING:
    from cogrid.rendering.tile import Tile


def draw_pot(tile: Tile, pot: Pot) -> None:
    """A pot on the stove: what is in it; a ring and the ticks left while it cooks; a mark when it is ready."""
    draw_empty_pot(tile)
    if pot.timer != IDLE:
        tile.disc(0.5, 0.5, 0.31, SOUPS[pot.recipe()].color)
    if pot.is_ready():
        tile.ring(0.5, 0.5, 0.46, READY, 0.11)
        tile.line([(0.34, 0.52), (0.46, 0.64), (0.68, 0.38)], WHITE, 0.11)
        return
    for item, (x, y) in zip(pot.contents, POT_PLACES, strict=False):
        tile.draw(item, x, y, 0.34 if pot.timer == IDLE else 0.26)
    if pot.timer != IDLE:
        tile.ring(0.5, 0.5, 0.46, COOKING, 0.11, share=pot.timer / pot.cook_time())
        tile.text(str(pot.cook_time() - pot.timer), 0.5, 0.5, 0.46, WHITE, outline=DARK)


def _draw_soup(recipe: Recipe, tile: Tile, item: Item) -> None:
    """A bowl with the soup's ingredients in it."""
    draw_bowl(tile, item.color)
    for letter, (x, y) in zip(recipe, POT_PLACES, strict=False):
        tile.draw({"o": ONION, "t": TOMATO}[letter], x, y, 0.22)


PICTURES: Mapping[Any, Callable[..., None]] = {
    **CLASSIC_PICTURES,
    Pot: draw_pot,
    DeliveryZone: draw_delivery_zone,
    PlateStack: draw_plate_stack,
    **{soup: functools.partial(_draw_soup, recipe) for recipe, soup in SOUPS.items()},
}
"""The picture of each object and item."""
