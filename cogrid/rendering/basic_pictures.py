"""The pictures that every world has: floor, wall, agents, and whatever brings no picture of its own."""

from __future__ import annotations

import dataclasses
from typing import Any

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.objects import Floor, Wall
from cogrid.core.permissions import asks_who
from cogrid.rendering.tile import Color, Picture, Tile, shade, turned

INK: Color = (40, 36, 34)
WHITE: Color = (252, 252, 250)

AGENT_COLORS: tuple[Color, ...] = (
    (53, 117, 239),
    (227, 107, 84),
    (123, 53, 169),
    (27, 157, 130),
    (192, 60, 148),
    (126, 144, 17),
    (58, 55, 97),
    (138, 77, 62),
)
"""Color of each agent, from the first one again if there are more agents; the color-blind tell them apart too."""


def draw_floor(tile: Tile, floor: Floor) -> None:
    """Draw floor with a faint grid, and the item that lies on it."""
    tile.rectangle(0, 0, 1, 1, shade(Floor.color, 0.94))
    tile.rectangle(0.02, 0.02, 0.98, 0.98, Floor.color)
    if floor.on is not None:
        tile.draw(floor.on, size=0.62)


def draw_wall(tile: Tile, wall: Wall) -> None:
    """Draw bricks."""
    tile.rectangle(0, 0, 1, 1, shade(Wall.color, 0.72))
    gap, height = 0.03, 1 / 3
    for course in range(3):
        for start in (-0.5, 0.5) if course % 2 else (0.0,):
            left, right = max(0.0, start + gap), min(1.0, start + 1 - gap)
            top = course * height
            tile.rectangle(left, top + gap, right, top + height - gap, Wall.color)


def draw_any(tile: Tile, thing: Any) -> None:
    """Draw what has no picture of its own: an item as a disc of its color, an object as a block with its symbol.

    An object that agents can walk into is drawn as a frame on the floor. The items among an object's fields are shown.
    """
    if isinstance(thing, GridObject):
        _draw_any_object(tile, thing)
    else:
        tile.disc(0.5, 0.5, 0.42, shade(thing.color, 0.6))
        tile.disc(0.5, 0.5, 0.36, thing.color)


def _draw_any_object(tile: Tile, value: GridObject) -> None:
    color = type(value).color
    tile.rectangle(0, 0, 1, 1, shade(color, 0.7))
    tile.rectangle(0.06, 0.06, 0.94, 0.94, color)
    is_open = asks_who(type(value)) or value.passable()
    if is_open:
        tile.rectangle(0.16, 0.16, 0.84, 0.84, Floor.color)
    is_light = is_open or sum(color) > 380
    tile.text(type(value).symbol or type(value).name[0], 0.5, 0.5, 0.6, INK if is_light else WHITE)
    items = _items_of(value)
    for place, item in enumerate(items[:3]):
        tile.draw(item, 0.22 + 0.28 * place, 0.76, 0.3)


def _items_of(value: GridObject) -> list[Item]:
    contents = [getattr(value, field.name) for field in dataclasses.fields(value)]
    flat = [part for content in contents for part in (content if isinstance(content, tuple) else (content,))]
    return [part for part in flat if isinstance(part, Item)]


def draw_agent(tile: Tile, agent: Agent, agent_idx: int, direction: int, badge: str = "") -> None:
    """Draw a round figure in its own color, with its index, whose eyes and nose point ahead; before it what it holds.

    Args:
      tile: where; what is there already stays visible around it.
      agent: for the item in hand.
      agent_idx: for the color and the number.
      direction: Right=0, Down=1, Left=2, Up=3.
      badge: a character or two for what it is besides (`Agent.badge`), in a corner.
    """
    color = AGENT_COLORS[agent_idx % len(AGENT_COLORS)]
    tile.polygon(turned([(0.62, 0.2), (0.98, 0.5), (0.62, 0.8)], direction), shade(color, 0.55))
    tile.disc(0.5, 0.5, 0.38, shade(color, 0.55))
    tile.polygon(turned([(0.62, 0.27), (0.91, 0.5), (0.62, 0.73)], direction), color)
    tile.disc(0.5, 0.5, 0.33, color)
    for eye, pupil in (((0.60, 0.29), (0.64, 0.28)), ((0.60, 0.71), (0.64, 0.72))):
        tile.disc(*turned([eye], direction)[0], 0.095, WHITE)
        tile.disc(*turned([pupil], direction)[0], 0.05, INK)
    tile.text(str(agent_idx), *turned([(0.34, 0.5)], direction)[0], 0.34, WHITE)
    if agent.held is not None:
        x, y = turned([(0.76, 0.5)], direction)[0]
        tile.draw(agent.held, x, y, 0.5)
    if badge:
        tile.disc(0.18, 0.82, 0.17, INK)
        tile.disc(0.18, 0.82, 0.14, WHITE)
        tile.text(badge, 0.18, 0.82, 0.26, INK)


BASIC_PICTURES: dict[Any, Picture] = {Floor: draw_floor, Wall: draw_wall}
