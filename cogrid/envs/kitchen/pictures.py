"""What is drawn the same in all kitchens, and the parts that their pots and soups are drawn of."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.envs.kitchen.objects import ONION, PLATE, TOMATO, Counter, OnionStack, PlateStack, Stack, TomatoStack
from cogrid.envs.kitchen.soups import INGREDIENT_OF, RECIPE_OF, DeliveryZone

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Color, Tile

WOOD: Color = Counter.color
DARK_WOOD: Color = (134, 98, 64)
CRATE: Color = (112, 76, 46)
STEEL: Color = (176, 182, 190)
DARK: Color = (44, 46, 52)
STOVE: Color = (88, 92, 102)
WHITE: Color = (252, 252, 250)
GREY: Color = (186, 188, 192)
LEAF: Color = (62, 132, 58)
READY: Color = (70, 200, 84)
COOKING: Color = (255, 176, 32)
GREEN: Color = DeliveryZone.color
DARK_GREEN: Color = (62, 100, 66)

POT_PLACES = ((0.36, 0.40), (0.64, 0.40), (0.50, 0.66))
"""Where the ingredients in a pot are drawn."""

STACK_PLACES = ((0.32, 0.36), (0.68, 0.36), (0.50, 0.66))
"""Where the ingredients in a crate are drawn; the front one last."""


def draw_onion(tile: Tile, item: Item) -> None:
    """A golden bulb with a green shoot."""
    dark = (150, 104, 24)
    tile.polygon([(0.34, 0.34), (0.50, 0.10), (0.66, 0.34)], dark)
    tile.ellipse(0.5, 0.60, 0.42, 0.36, dark)
    tile.polygon([(0.40, 0.36), (0.50, 0.18), (0.60, 0.36)], ONION.color)
    tile.ellipse(0.5, 0.60, 0.36, 0.30, ONION.color)
    tile.line([(0.50, 0.30), (0.36, 0.46), (0.34, 0.62), (0.40, 0.82)], dark, 0.035)
    tile.line([(0.50, 0.30), (0.64, 0.46), (0.66, 0.62), (0.60, 0.82)], dark, 0.035)
    tile.line([(0.50, 0.16), (0.44, 0.03)], LEAF, 0.08)
    tile.line([(0.50, 0.16), (0.58, 0.03)], LEAF, 0.08)


def draw_tomato(tile: Tile, item: Item) -> None:
    """A red ball with a green star on top."""
    tile.disc(0.5, 0.55, 0.42, (136, 30, 24))
    tile.disc(0.5, 0.55, 0.36, TOMATO.color)
    tile.disc(0.36, 0.64, 0.07, (244, 150, 136))
    points = []
    for corner in range(10):
        angle, radius = math.pi * corner / 5 - math.pi / 2, 0.30 if corner % 2 == 0 else 0.10
        points.append((0.5 + radius * math.cos(angle), 0.34 + 0.8 * radius * math.sin(angle)))
    tile.polygon(points, LEAF)


def draw_plate(tile: Tile, item: Item) -> None:
    """A white plate with a rim, from above."""
    tile.disc(0.5, 0.5, 0.46, (128, 132, 140))
    tile.disc(0.5, 0.5, 0.41, WHITE)
    tile.disc(0.5, 0.5, 0.27, GREY)
    tile.disc(0.5, 0.5, 0.24, PLATE.color)


def draw_bowl(tile: Tile, color: Color) -> None:
    """A white bowl with a soup of a color in it."""
    tile.disc(0.5, 0.5, 0.48, (104, 108, 116))
    tile.disc(0.5, 0.5, 0.43, WHITE)
    tile.disc(0.5, 0.5, 0.33, (120, 60, 20))
    tile.disc(0.5, 0.5, 0.31, color)


def draw_counter(tile: Tile, counter: Counter) -> None:
    """A wooden top, and the item on it."""
    _draw_top(tile)
    if counter.on is not None:
        tile.draw(counter.on, size=0.66)


def _draw_top(tile: Tile) -> None:
    tile.rectangle(0, 0, 1, 1, DARK_WOOD)
    tile.rectangle(0.03, 0.03, 0.97, 0.97, WOOD, radius=0.06)
    for y in (0.28, 0.52, 0.76):
        tile.line([(0.10, y), (0.90, y)], (168, 128, 88), 0.02)


def draw_crate(tile: Tile, stack: Stack) -> None:
    """A crate full of an ingredient."""
    tile.rectangle(0, 0, 1, 1, DARK_WOOD)
    tile.rectangle(0.03, 0.03, 0.97, 0.97, CRATE, radius=0.06)
    tile.rectangle(0.10, 0.10, 0.90, 0.90, (64, 42, 26))
    for x, y in STACK_PLACES:
        tile.draw(stack.item, x, y, 0.48)
    tile.rectangle(0.03, 0.84, 0.97, 0.97, CRATE, radius=0.03)
    tile.line([(0.10, 0.905), (0.90, 0.905)], (148, 106, 66), 0.03)


def draw_plate_stack(tile: Tile, stack: Stack) -> None:
    """Plates, one upon the other, on a wooden top."""
    _draw_top(tile)
    for height in range(4):
        tile.draw(PLATE, 0.44 + 0.04 * height, 0.62 - 0.08 * height, 0.74)


def draw_delivery_zone(tile: Tile, zone: GridObject) -> None:
    """A green hatch with a waiter's bell."""
    tile.rectangle(0, 0, 1, 1, DARK_GREEN)
    tile.rectangle(0.04, 0.04, 0.96, 0.96, GREEN, radius=0.06)
    tile.rectangle(0.12, 0.70, 0.88, 0.82, DARK, radius=0.05)
    tile.disc(0.5, 0.62, 0.32, (236, 190, 60))
    tile.rectangle(0.15, 0.66, 0.85, 0.96, GREEN)
    tile.rectangle(0.12, 0.68, 0.88, 0.80, DARK, radius=0.05)
    tile.disc(0.5, 0.26, 0.07, (236, 190, 60))
    tile.line([(0.32, 0.56), (0.40, 0.44)], (255, 240, 190), 0.06)


def draw_empty_pot(tile: Tile) -> None:
    """A pot on the stove with nothing in it."""
    tile.rectangle(0, 0, 1, 1, DARK)
    tile.rectangle(0.03, 0.03, 0.97, 0.97, STOVE, radius=0.06)
    tile.rectangle(0.0, 0.38, 1.0, 0.62, DARK, radius=0.10)
    tile.rectangle(0.03, 0.41, 0.97, 0.59, STEEL, radius=0.08)
    tile.disc(0.5, 0.5, 0.40, DARK)
    tile.disc(0.5, 0.5, 0.38, STEEL)
    tile.disc(0.5, 0.5, 0.31, DARK)


def draw_filling_pot(tile: Tile, contents: Iterable[Item]) -> None:
    """A pot that does not cook yet, and what is in it."""
    draw_empty_pot(tile)
    draw_contents(tile, contents, 0.34)


def draw_cooking_pot(tile: Tile, soup: Color, ticks_left: int, cook_time: int, contents: Iterable[Item] = ()) -> None:
    """A pot that cooks: what is in it, a ring that fills and the ticks left; or a mark when it is ready."""
    draw_empty_pot(tile)
    tile.disc(0.5, 0.5, 0.31, soup)
    if ticks_left == 0:
        tile.ring(0.5, 0.5, 0.46, READY, 0.11)
        tile.line([(0.34, 0.52), (0.46, 0.64), (0.68, 0.38)], WHITE, 0.11)
        return
    draw_contents(tile, contents, 0.26)
    tile.ring(0.5, 0.5, 0.46, COOKING, 0.11, share=1 - ticks_left / cook_time)
    tile.text(str(ticks_left), 0.5, 0.5, 0.46, WHITE, outline=DARK)


def draw_contents(tile: Tile, contents: Iterable[Item], size: float) -> None:
    """Up to three ingredients in a pot or a bowl."""
    for item, (x, y) in zip(contents, POT_PLACES, strict=False):
        tile.draw(item, x, y, size)


def draw_soup(tile: Tile, soup: Item) -> None:
    """A bowl of soup with its onions and tomatoes in it."""
    draw_bowl(tile, soup.color)
    draw_contents(tile, (INGREDIENT_OF[letter] for letter in RECIPE_OF[soup]), 0.22)


PICTURES: Mapping[Any, Callable[..., None]] = {
    Counter: draw_counter,
    DeliveryZone: draw_delivery_zone,
    OnionStack: draw_crate,
    TomatoStack: draw_crate,
    PlateStack: draw_plate_stack,
    ONION: draw_onion,
    TOMATO: draw_tomato,
    PLATE: draw_plate,
    **dict.fromkeys(RECIPE_OF, draw_soup),
}
"""The picture of each object and item that kitchens share."""
