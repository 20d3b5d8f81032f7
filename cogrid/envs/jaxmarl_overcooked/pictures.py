"""What the pot of JaxMARL's Overcooked looks like; the rest is drawn as in all kitchens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.envs.jaxmarl_overcooked.objects import FULL, SOUP, Pot
from cogrid.envs.kitchen.pictures import PICTURES as KITCHEN_PICTURES
from cogrid.envs.kitchen.pictures import draw_cooking_pot, draw_filling_pot

if TYPE_CHECKING:
    from cogrid.rendering.tile import Tile


def draw_pot(tile: Tile, pot: Pot) -> None:
    """A pot on the stove: what is in it; a ring and the ticks left while it cooks; a mark when it is ready."""
    if pot.timer > FULL:
        draw_filling_pot(tile, pot.contents)
    else:
        draw_cooking_pot(tile, SOUP.color, pot.timer, FULL)


PICTURES: Mapping[Any, Callable[..., None]] = {**KITCHEN_PICTURES, Pot: draw_pot}
"""The picture of each object and item."""
