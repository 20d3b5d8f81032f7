"""What the kitchen of OvercookedV2 looks like; most of it as in the other kitchens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.item import Item
from cogrid.envs.kitchen.pictures import (
    DARK,
    WHITE,
    draw_bowl,
    draw_contents,
    draw_cooking_pot,
    draw_crate,
    draw_delivery_zone,
    draw_filling_pot,
)
from cogrid.envs.kitchen.pictures import PICTURES as KITCHEN_PICTURES
from cogrid.envs.overcooked_v2.objects import (
    BUTTON_TIME,
    COOK_TIME,
    INGREDIENTS,
    SOUPS,
    ButtonIndicator,
    DeliveryZone,
    IngredientStack,
    Pot,
    RecipeIndicator,
    soup_of,
)

if TYPE_CHECKING:
    from cogrid.rendering.tile import Tile

LIT = (255, 214, 92)
SIGN = RecipeIndicator.color


def draw_ingredient(tile: Tile, item: Item) -> None:
    """A ball in the ingredient's color, with its number."""
    tile.disc(0.5, 0.5, 0.40, DARK)
    tile.disc(0.5, 0.5, 0.36, item.color)
    tile.text(item.name.removeprefix("ing"), 0.5, 0.5, 0.5, WHITE, outline=DARK)


def draw_soup(tile: Tile, item: Item) -> None:
    """A bowl with the soup's ingredients in it."""
    draw_bowl(tile, item.color)
    draw_contents(tile, (INGREDIENTS[idx] for idx in SOUPS[item]), 0.24)


def draw_pot(tile: Tile, pot: Pot) -> None:
    """A pot on the stove: what is in it; a ring and the ticks left while it cooks; a mark when it is ready."""
    if pot.timer > 0 or pot.is_ready():
        draw_cooking_pot(tile, soup_of(pot.mix()).color, pot.timer, COOK_TIME)
    else:
        draw_filling_pot(tile, pot.contents)


def draw_recipe_indicator(tile: Tile, indicator: RecipeIndicator) -> None:
    """A sign with the recipe that is wanted on it."""
    tile.rectangle(0, 0, 1, 1, DARK)
    tile.rectangle(0.04, 0.04, 0.96, 0.96, SIGN, radius=0.06)
    tile.disc(0.5, 0.5, 0.30, WHITE)
    if tile.world_value is None:
        tile.text("?", 0.5, 0.5, 0.5, DARK)
    else:
        draw_contents(tile, (INGREDIENTS[idx] for idx in tile.world_value), 0.24)


def draw_button_indicator(tile: Tile, button: ButtonIndicator) -> None:
    """A button: dark, or lit with a ring that shows how long it still is."""
    tile.rectangle(0, 0, 1, 1, DARK)
    tile.rectangle(0.04, 0.04, 0.96, 0.96, ButtonIndicator.color, radius=0.06)
    tile.disc(0.5, 0.5, 0.30, LIT if button.timer else DARK)
    if button.timer:
        tile.ring(0.5, 0.5, 0.40, WHITE, 0.08, share=button.timer / BUTTON_TIME)


PICTURES: Mapping[Any, Callable[..., None]] = {
    **KITCHEN_PICTURES,
    Pot: draw_pot,
    DeliveryZone: draw_delivery_zone,
    RecipeIndicator: draw_recipe_indicator,
    ButtonIndicator: draw_button_indicator,
    IngredientStack: draw_crate,
    **dict.fromkeys(INGREDIENTS, draw_ingredient),
    **dict.fromkeys(SOUPS, draw_soup),
}
"""The picture of each object and item."""
