"""What apples look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogrid.core.objects import Floor
from cogrid.envs.commons.objects import AppleTree

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Color, Tile

GRASS: Color = (202, 222, 178)
LEAF: Color = (86, 140, 70)
APPLE: Color = (206, 52, 44)
DARK_APPLE: Color = (136, 26, 26)


def draw_apple_tree(tile: Tile, tree: AppleTree) -> None:
    """A patch of grass, with an apple or without."""
    tile.draw(Floor())
    tile.rectangle(0.06, 0.06, 0.94, 0.94, GRASS, radius=0.16)
    if tree.has_apple:
        tile.line([(0.5, 0.34), (0.60, 0.16)], LEAF, 0.08)
        tile.disc(0.5, 0.56, 0.27, DARK_APPLE)
        tile.disc(0.5, 0.56, 0.21, APPLE)
