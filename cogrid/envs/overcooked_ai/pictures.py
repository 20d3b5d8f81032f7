"""What the pot of Overcooked-AI looks like; the rest is drawn as in all kitchens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.envs.kitchen.pictures import PICTURES as KITCHEN_PICTURES
from cogrid.envs.kitchen.pictures import draw_cooking_pot, draw_filling_pot
from cogrid.envs.overcooked_ai.objects import IDLE, Pot

if TYPE_CHECKING:
    from cogrid.rendering.tile import Tile


def draw_pot(tile: Tile, pot: Pot) -> None:
    """A pot on the stove: what is in it; a ring and the ticks left while it cooks; a mark when it is ready."""
    if pot.timer == IDLE:
        draw_filling_pot(tile, pot.contents)
    else:
        draw_cooking_pot(tile, pot.soup().color, pot.ticks_left(), pot.cook_time(), pot.contents)


PICTURES: Mapping[Any, Callable[..., None]] = {**KITCHEN_PICTURES, Pot: draw_pot}
"""The picture of each object and item."""
