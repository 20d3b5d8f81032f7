"""What the objects of MiniGrid's worlds look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.objects import Floor, Wall
from cogrid.envs.minigrid.objects import KEY, Ball, Brick, Door, Goal, Ground, Key, Lava, Partition

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


def draw_key(tile: Tile, key: object) -> None:
    """A key: a ring, a shaft and two teeth."""
    tile.ring(0.32, 0.38, 0.17, KEY.color, 0.09)
    tile.line([(0.44, 0.48), (0.80, 0.76)], KEY.color, 0.09)
    for x, y in ((0.66, 0.65), (0.78, 0.745)):
        tile.line([(x, y), (x - 0.10, y + 0.13)], KEY.color, 0.08)


def draw_lying_key(tile: Tile, key: Key) -> None:
    """The key on the floor."""
    tile.draw(Floor())
    draw_key(tile, key)


def draw_door(tile: Tile, door: Door) -> None:
    """A frame with a leaf: with a keyhole while it is locked, else with a handle; an open one stands aside."""
    tile.draw(Floor())
    dark = (110, 88, 24)
    tile.rectangle(0, 0, 1, 0.08, dark)
    tile.rectangle(0, 0.92, 1, 1, dark)
    if door.is_open:
        tile.rectangle(0.04, 0.08, 0.18, 0.92, Door.color)
        return
    tile.rectangle(0.06, 0.08, 0.94, 0.92, Door.color)
    if door.is_locked:
        tile.disc(0.5, 0.44, 0.10, dark)
        tile.polygon([(0.5, 0.44), (0.60, 0.70), (0.40, 0.70)], dark)
    else:
        tile.disc(0.76, 0.5, 0.07, dark)


PICTURES: Mapping[Any, Callable[..., None]] = {
    Ground: draw_ground,
    Brick: draw_wall,
    Partition: draw_wall,
    Goal: draw_goal,
    Lava: draw_lava,
    Ball: draw_ball,
    KEY: draw_key,
    Key: draw_lying_key,
    Door: draw_door,
}
"""The picture of each object."""
