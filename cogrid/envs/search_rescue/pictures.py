"""What the disaster site looks like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cogrid.core.item import Item
from cogrid.core.objects import Floor
from cogrid.envs.search_rescue.objects import (
    KEY,
    LIFT_STEPS,
    MED_KIT,
    PICKAXE,
    Door,
    GreenVictim,
    RedVictim,
    Rubble,
    Victim,
    YellowVictim,
)

if TYPE_CHECKING:  # Drawing needs Pillow; a world that nobody looks at does not load it.
    from cogrid.rendering.tile import Color, Tile

DARK: Color = (46, 44, 44)
RED: Color = (208, 44, 44)
WOOD: Color = Door.color
DARK_WOOD: Color = (98, 60, 30)
GOLD: Color = KEY.color
DARK_GOLD: Color = (150, 112, 20)
SKIN: Color = (240, 202, 168)
STEEL: Color = (118, 124, 134)

STONES = ((0.28, 0.70, 0.24, 0.82), (0.70, 0.72, 0.24, 1.0), (0.50, 0.44, 0.27, 1.16), (0.24, 0.36, 0.15, 1.0))
"""Rubble from back to front: x, y, radius, and how light each stone is."""


def draw_med_kit(tile: Tile, item: Item) -> None:
    """A white case with a red cross."""
    tile.rectangle(0.34, 0.10, 0.66, 0.30, DARK, radius=0.06)
    tile.rectangle(0.41, 0.17, 0.59, 0.30, MED_KIT.color)
    tile.rectangle(0.06, 0.22, 0.94, 0.88, DARK, radius=0.10)
    tile.rectangle(0.10, 0.26, 0.90, 0.84, MED_KIT.color, radius=0.07)
    tile.rectangle(0.42, 0.34, 0.58, 0.76, RED)
    tile.rectangle(0.29, 0.47, 0.71, 0.63, RED)


def draw_pickaxe(tile: Tile, item: Item) -> None:
    """A steel head on a wooden handle."""
    tile.line([(0.20, 0.88), (0.64, 0.32)], DARK_WOOD, 0.14)
    tile.line([(0.20, 0.88), (0.64, 0.32)], WOOD, 0.08)
    for color, width in ((DARK, 0.18), (PICKAXE.color, 0.11)):
        tile.line([(0.26, 0.20), (0.50, 0.20), (0.72, 0.34), (0.84, 0.56), (0.86, 0.74)], color, width)


def draw_key(tile: Tile, item: Item) -> None:
    """A golden key."""
    for color, width in ((DARK_GOLD, 0.17), (GOLD, 0.10)):
        tile.line([(0.44, 0.5), (0.92, 0.5)], color, width)
        tile.line([(0.74, 0.5), (0.74, 0.70)], color, width)
        tile.line([(0.90, 0.5), (0.90, 0.66)], color, width)
    tile.disc(0.28, 0.5, 0.24, DARK_GOLD)
    tile.disc(0.28, 0.5, 0.20, GOLD)
    tile.disc(0.28, 0.5, 0.09, DARK_GOLD)


def draw_rubble(tile: Tile, rubble: Rubble) -> None:
    """A heap of stones on the floor."""
    tile.draw(Floor())
    red, green, blue = Rubble.color
    for x, y, radius, light in STONES:
        tile.disc(x, y, radius, (70, 62, 54))
        color = (min(255, int(red * light)), min(255, int(green * light)), min(255, int(blue * light)))
        tile.disc(x - 0.02, y - 0.02, radius - 0.04, color)


def draw_door(tile: Tile, door: Door) -> None:
    """A wooden door with a keyhole; when open, its leaf stands against the frame."""
    tile.draw(Floor())
    if door.is_open:
        tile.rectangle(0, 0, 1, 0.10, DARK_WOOD)
        tile.rectangle(0, 0, 0.16, 1, DARK_WOOD)
        tile.rectangle(0.03, 0.10, 0.13, 0.97, WOOD)
        tile.disc(0.08, 0.80, 0.035, GOLD)
        return
    tile.rectangle(0, 0, 1, 1, DARK_WOOD)
    tile.rectangle(0.08, 0.08, 0.92, 0.92, WOOD, radius=0.04)
    for x in (0.36, 0.64):
        tile.line([(x, 0.12), (x, 0.88)], DARK_WOOD, 0.03)
    tile.disc(0.78, 0.52, 0.10, GOLD)
    tile.disc(0.78, 0.49, 0.045, DARK)
    tile.line([(0.78, 0.50), (0.78, 0.57)], DARK, 0.04)


def draw_victim(tile: Tile, victim: Victim) -> None:
    """Somebody lying on the floor, on a blanket of the color of the urgency."""
    tile.draw(Floor())
    color = type(victim).color
    tile.rectangle(0.10, 0.14, 0.90, 0.92, DARK, radius=0.12)
    tile.rectangle(0.13, 0.17, 0.87, 0.89, color, radius=0.10)
    tile.line([(0.5, 0.46), (0.5, 0.66)], DARK, 0.24)
    for x in (0.40, 0.60):
        tile.line([(x, 0.64), (x, 0.82)], DARK, 0.11)
    tile.line([(0.26, 0.56), (0.38, 0.44), (0.62, 0.44), (0.74, 0.56)], DARK, 0.10)
    tile.disc(0.5, 0.29, 0.13, DARK)
    tile.disc(0.5, 0.29, 0.10, SKIN)


def draw_yellow_victim(tile: Tile, victim: YellowVictim) -> None:
    """A victim with a bandage."""
    draw_victim(tile, victim)
    tile.rectangle(0.40, 0.20, 0.60, 0.26, (250, 250, 248))
    tile.rectangle(0.46, 0.48, 0.54, 0.66, (250, 250, 248))
    tile.rectangle(0.41, 0.53, 0.59, 0.61, (250, 250, 248))


def draw_red_victim(tile: Tile, victim: RedVictim) -> None:
    """A victim under a beam; while the beam is lifted it stands aside, and a ring shows for how long."""
    draw_victim(tile, victim)
    if victim.lifted:
        _draw_beam(tile, [(0.06, 0.08), (0.94, 0.08)])
        tile.ring(0.5, 0.56, 0.36, (255, 255, 255), 0.08, share=victim.lifted / LIFT_STEPS)
    else:
        _draw_beam(tile, [(0.06, 0.78), (0.94, 0.48)])


def _draw_beam(tile: Tile, ends: list[tuple[float, float]]) -> None:
    tile.line(ends, DARK, 0.22)
    tile.line(ends, STEEL, 0.15)


PICTURES: Mapping[Any, Callable[..., None]] = {
    MED_KIT: draw_med_kit,
    PICKAXE: draw_pickaxe,
    KEY: draw_key,
    Rubble: draw_rubble,
    Door: draw_door,
    GreenVictim: draw_victim,
    YellowVictim: draw_yellow_victim,
    RedVictim: draw_red_victim,
}
"""The picture of each object and item."""
