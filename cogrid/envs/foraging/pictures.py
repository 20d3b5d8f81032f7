"""What food and ground look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.grid_object import GridObject
from cogrid.core.objects import Floor
from cogrid.envs.foraging.objects import Eaten, Food, Soil, Verge

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Tile

STALK = (92, 70, 52)
WHITE = (255, 255, 255)


def draw_food(tile: Tile, food: Food) -> None:
    """An apple with its level, the larger the heavier it is."""
    draw_soil(tile, food)
    radius = 0.16 + 0.04 * min(food.level, 6)
    tile.disc(0.5, 0.56, radius, Food.color)
    tile.rectangle(0.47, 0.5 - radius, 0.53, 0.62 - radius, STALK)
    tile.text(str(food.level), 0.5, 0.56, 0.26, WHITE)


def draw_soil(tile: Tile, thing: GridObject) -> None:
    """Bare ground, darker than around it."""
    tile.draw(Floor())
    tile.rectangle(0.02, 0.02, 0.98, 0.98, Soil.color or WHITE)


def draw_verge(tile: Tile, verge: Verge) -> None:
    """Floor."""
    tile.draw(Floor())


PICTURES: Mapping[Any, Callable[..., None]] = {
    Food: draw_food,
    Soil: draw_soil,
    Eaten: draw_soil,
    Verge: draw_verge,
}
"""The picture of each object."""
