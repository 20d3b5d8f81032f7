"""`Tile`: what a picture is drawn on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cogrid.rendering.canvas import Box, Canvas, Color, Point

Picture = Callable[["Tile", Any], None]
"""`(tile, thing) -> None`: draws a thing, a `GridObject` or an `Item`, on a tile."""


def shade(color: Color, factor: float) -> Color:
    """A darker color (factor below 1), or a lighter one (above)."""
    red, green, blue = (min(255, max(0, round(part * factor))) for part in color)
    return red, green, blue


class Tile:
    """A square part of a canvas; everything is drawn in coordinates 0..1, whatever its size there.

    x goes to the right and y down. What reaches over the tile's edge is drawn too, as far as the canvas goes.

    Attributes:
      canvas: what is drawn on, pixels or SVG.
      left, top: the tile's corner on the canvas.
      size: the tile's edge on the canvas.
      draw_thing: `(tile, thing)`, draws any object or item with the picture that the rule set gives it.
      world_value: the world value of the state that is drawn (the recipe that is wanted); None in a world without one.
    """

    def __init__(
        self,
        canvas: Canvas,
        draw_thing: Picture,
        size: float,
        left: float = 0.0,
        top: float = 0.0,
        world_value: Any = None,
    ) -> None:
        self.canvas = canvas
        self.world_value = world_value
        self.draw_thing = draw_thing
        self.left = left
        self.top = top
        self.size = size

    def inset(self, x: float, y: float, size: float) -> Tile:
        """A smaller tile inside this one.

        Args:
          x: its centre, to the right.
          y: its centre, downwards.
          size: its edge.
        """
        left, top = self._place((x - size / 2, y - size / 2))
        return Tile(self.canvas, self.draw_thing, size * self.size, left, top, self.world_value)

    def draw(self, thing: Any, x: float = 0.5, y: float = 0.5, size: float = 1.0) -> None:
        """Draw another object or item with its own picture.

        Args:
          thing: a `GridObject` or an `Item`.
          x: where its centre goes, to the right.
          y: where its centre goes, downwards.
          size: the edge of the square that it fills.
        """
        self.draw_thing(self.inset(x, y, size), thing)

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, color: Color, radius: float = 0.0
    ) -> None:
        """Fill a rectangle; `radius` rounds its corners."""
        box = (*self._place((left, top)), *self._place((right, bottom)))
        self.canvas.rectangle(box, radius * self.size, color)

    def disc(self, x: float, y: float, radius: float, color: Color) -> None:
        """Fill a disc."""
        self.ellipse(x, y, radius, radius, color)

    def ellipse(self, x: float, y: float, radius_x: float, radius_y: float, color: Color) -> None:
        """Fill an ellipse."""
        self.canvas.ellipse(self._box(x, y, radius_x, radius_y), color)

    def ring(self, x: float, y: float, radius: float, color: Color, width: float, share: float = 1.0) -> None:
        """Draw a ring, or its first part, clockwise from the top.

        Args:
          x: its centre, to the right.
          y: its centre, downwards.
          radius: its outer radius.
          color: its color.
          width: how broad it is.
          share: how much of it is drawn, 0..1.
        """
        if share > 0:
            self.canvas.arc(self._box(x, y, radius, radius), min(share, 1.0), color, width * self.size)

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """Fill a polygon."""
        self.canvas.polygon([self._place(point) for point in points], color)

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """Draw a line through points, with round ends and corners."""
        self.canvas.line([self._place(point) for point in points], color, width * self.size)

    def text(self, text: str, x: float, y: float, size: float, color: Color, outline: Color | None = None) -> None:
        """Write a short text.

        Args:
          text: what to write.
          x: its centre, to the right.
          y: its centre, downwards.
          size: the height of its letters, about.
          color: their color.
          outline: the color of a line around them; none if left out.
        """
        self.canvas.text(self._place((x, y)), text, size * self.size, color, outline)

    def _place(self, point: Point) -> Point:
        return self.left + point[0] * self.size, self.top + point[1] * self.size

    def _box(self, x: float, y: float, radius_x: float, radius_y: float) -> Box:
        return (*self._place((x - radius_x, y - radius_y)), *self._place((x + radius_x, y + radius_y)))


def turned(points: Sequence[Point], direction: int) -> list[Point]:
    """Turn points that are drawn for an agent that looks right, about the tile's centre.

    Args:
      points: where they are for direction 0.
      direction: Right=0, Down=1, Left=2, Up=3.
    """
    cosine, sine = round(math.cos(direction * math.pi / 2)), round(math.sin(direction * math.pi / 2))
    return [
        (0.5 + (x - 0.5) * cosine - (y - 0.5) * sine, 0.5 + (x - 0.5) * sine + (y - 0.5) * cosine) for x, y in points
    ]


def find_picture(pictures: Mapping[Any, Picture], thing: Any) -> Picture | None:
    """The picture of an item, or of the nearest class of an object that has one; None if there is none."""
    if thing in pictures:
        return pictures[thing]
    return next((pictures[kind] for kind in type(thing).__mro__ if kind in pictures), None)
