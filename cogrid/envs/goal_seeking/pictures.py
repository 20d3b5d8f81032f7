"""What a goal looks like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.objects import Floor
from cogrid.envs.goal_seeking.objects import GOAL_LETTERS, Goal

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Color, Tile

WHITE: Color = (252, 252, 250)
DARK: Color = (40, 100, 62)


def draw_goal(tile: Tile, goal: Goal) -> None:
    """A mat on the floor with the goal's letter."""
    tile.draw(Floor())
    tile.rectangle(0.08, 0.08, 0.92, 0.92, DARK, radius=0.14)
    tile.rectangle(0.13, 0.13, 0.87, 0.87, Goal.color, radius=0.10)
    tile.text(GOAL_LETTERS[goal.number], 0.5, 0.5, 0.6, WHITE, outline=DARK)


PICTURES: Mapping[Any, Callable[..., None]] = {Goal: draw_goal}
"""The picture of each object."""
