"""What the kitchen of JaxMARL's Overcooked looks like; most of it as in the other kitchens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.envs.jaxmarl_overcooked.objects import FULL, SOUP, Pot
from cogrid.envs.overcooked.pictures import COOKING, DARK, POT_PLACES, READY, WHITE, draw_empty_pot
from cogrid.envs.overcooked_ai.pictures import PICTURES as OVERCOOKED_AI_PICTURES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cogrid.core.item import Item
    from cogrid.rendering.tile import Color, Tile


def draw_pot(tile: Tile, pot: Pot) -> None:
    """A pot on the stove: what is in it; a ring and the ticks left while it cooks; a mark when it is ready."""
    if pot.timer > FULL:
        draw_filling_pot(tile, pot.contents)
    else:
        draw_cooking_pot(tile, SOUP.color, pot.timer, FULL)


def draw_filling_pot(tile: Tile, contents: Sequence[Item]) -> None:
    """A pot that does not cook yet, and what is in it."""
    draw_empty_pot(tile)
    for item, (x, y) in zip(contents, POT_PLACES, strict=False):
        tile.draw(item, x, y, 0.34)


def draw_cooking_pot(tile: Tile, color: Color, ticks_left: int, cook_time: int) -> None:
    """A pot that cooks: a ring that fills and the ticks left, or a mark when it is ready."""
    draw_empty_pot(tile)
    tile.disc(0.5, 0.5, 0.31, color)
    if ticks_left == 0:
        tile.ring(0.5, 0.5, 0.46, READY, 0.11)
        tile.line([(0.34, 0.52), (0.46, 0.64), (0.68, 0.38)], WHITE, 0.11)
        return
    tile.ring(0.5, 0.5, 0.46, COOKING, 0.11, share=1 - ticks_left / cook_time)
    tile.text(str(ticks_left), 0.5, 0.5, 0.46, WHITE, outline=DARK)


PICTURES: Mapping[Any, Callable[..., None]] = {**OVERCOOKED_AI_PICTURES, Pot: draw_pot}
"""The picture of each object and item."""
