"""What food and ground look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.objects import Floor
from cogrid.envs.foraging.objects import Eaten, Food

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Tile

STALK = (92, 70, 52)


def draw_food(tile: Tile, food: Food) -> None:
    """An apple, the larger the heavier it is."""
    tile.draw(Floor())
    radius = 0.16 + 0.04 * min(food.level, 6)
    tile.disc(0.5, 0.56, radius, Food.color)
    tile.rectangle(0.47, 0.5 - radius, 0.53, 0.62 - radius, STALK)


def draw_eaten(tile: Tile, eaten: Eaten) -> None:
    """Bare ground."""
    tile.draw(Floor())


PICTURES: Mapping[Any, Callable[..., None]] = {Food: draw_food, Eaten: draw_eaten}
"""The picture of each object."""
