"""What racks, goals and shelves look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.item import Item
from cogrid.core.objects import Floor
from cogrid.envs.warehouse.objects import REQUESTED, SHELF, Goal, Rack

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Tile

FRAME = (70, 66, 60)


def draw_shelf(tile: Tile, item: Item) -> None:
    """A shelf from above: a board between four posts."""
    tile.rectangle(0.16, 0.16, 0.84, 0.84, FRAME, radius=0.05)
    tile.rectangle(0.22, 0.22, 0.78, 0.78, item.color, radius=0.03)


def draw_rack(tile: Tile, rack: Rack) -> None:
    """A marked place on the floor, and the shelf that stands there."""
    tile.draw(Floor())
    tile.rectangle(0.06, 0.06, 0.94, 0.94, Rack.color, radius=0.06)
    if rack.shelf is not None:
        draw_shelf(tile, rack.shelf)


def draw_goal(tile: Tile, goal: Goal) -> None:
    """A dark mat."""
    tile.draw(Floor())
    tile.rectangle(0.06, 0.06, 0.94, 0.94, Goal.color, radius=0.10)


PICTURES: Mapping[Any, Callable[..., None]] = {
    Rack: draw_rack,
    Goal: draw_goal,
    SHELF: draw_shelf,
    REQUESTED: draw_shelf,
}
"""The picture of each object and item."""
