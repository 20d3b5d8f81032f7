"""What the river looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogrid.envs.clean_up.objects import River

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Color, Tile

FOAM: Color = (170, 208, 236)
WASTE: Color = (112, 84, 54)
DARK_WASTE: Color = (70, 52, 36)


def draw_river(tile: Tile, river: River) -> None:
    """Water with a wave or two, and waste on it."""
    tile.rectangle(0.0, 0.0, 1.0, 1.0, River.color)
    for height in (0.28, 0.74):
        tile.line([(0.10, height), (0.32, height - 0.07), (0.56, height + 0.05), (0.88, height - 0.04)], FOAM, 0.05)
    if river.is_waste:
        for x, y, radius in ((0.36, 0.42, 0.18), (0.64, 0.50, 0.20), (0.46, 0.68, 0.15)):
            tile.disc(x, y, radius, DARK_WASTE)
            tile.disc(x, y, radius - 0.05, WASTE)
