"""What the objects of MiniGrid's worlds look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.objects import Floor, Wall
from cogrid.envs.minigrid.objects import Ball, Brick, Goal, Ground, Lava, Partition

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Tile


def draw_ground(tile: Tile, ground: Ground) -> None:
    """Free floor."""
    tile.draw(Floor())


def draw_wall(tile: Tile, wall: Brick | Partition) -> None:
    """A wall as any other."""
    tile.draw(Wall())


def draw_goal(tile: Tile, goal: Goal) -> None:
    """A green square."""
    tile.draw(Floor())
    tile.rectangle(0.08, 0.08, 0.92, 0.92, Goal.color, radius=0.1)


def draw_lava(tile: Tile, lava: Lava) -> None:
    """Orange, with two waves."""
    tile.rectangle(0, 0, 1, 1, Lava.color)
    for height in (0.35, 0.65):
        tile.rectangle(0.12, height - 0.04, 0.88, height + 0.04, (120, 40, 10), radius=0.04)


def draw_ball(tile: Tile, ball: Ball) -> None:
    """A disc."""
    tile.draw(Floor())
    tile.disc(0.5, 0.5, 0.34, Ball.color)


PICTURES: Mapping[Any, Callable[..., None]] = {
    Ground: draw_ground,
    Brick: draw_wall,
    Partition: draw_wall,
    Goal: draw_goal,
    Lava: draw_lava,
    Ball: draw_ball,
}
"""The picture of each object."""
