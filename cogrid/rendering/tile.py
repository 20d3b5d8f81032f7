"""`Tile`: what a picture is drawn on."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Color = tuple[int, int, int]
"""(red, green, blue), 0..255 each."""

Point = tuple[float, float]
"""(x, y) on a tile: x to the right, y down, 0..1 each."""

Picture = Callable[["Tile", Any], None]
"""`(tile, thing) -> None`: draws a thing, a `GridObject` or an `Item`, on a tile."""


def shade(color: Color, factor: float) -> Color:
    """A darker color (factor below 1), or a lighter one (above)."""
    red, green, blue = (min(255, max(0, round(part * factor))) for part in color)
    return red, green, blue


class Tile:
    """A square part of an image; everything is drawn in coordinates 0..1, whatever its size in pixels.

    x goes to the right and y down. What reaches over the tile's edge is drawn too, as far as the image goes.

    Attributes:
      image: the whole image.
      left, top: the tile's corner in pixels.
      size: the tile's edge in pixels.
      draw_thing: `(tile, thing)`, draws any object or item with the picture that the rule set gives it.
      world_value: the world value of the state that is drawn (the recipe that is wanted); None in a world without one.
    """

    def __init__(
        self,
        image: Image.Image,
        draw_thing: Picture,
        left: float = 0.0,
        top: float = 0.0,
        size: float | None = None,
        world_value: Any = None,
    ) -> None:
        self.image = image
        self.world_value = world_value
        self.draw_thing = draw_thing
        self.left = left
        self.top = top
        self.size: float = float(image.width) if size is None else size
        self._pen = ImageDraw.Draw(image)

    def inset(self, x: float, y: float, size: float) -> Tile:
        """A smaller tile inside this one.

        Args:
          x, y: its centre.
          size: its edge.
        """
        left, top = self._pixel((x - size / 2, y - size / 2))
        return Tile(self.image, self.draw_thing, left, top, size * self.size, self.world_value)

    def draw(self, thing: Any, x: float = 0.5, y: float = 0.5, size: float = 1.0) -> None:
        """Draw another object or item with its own picture.

        Args:
          thing: a `GridObject` or an `Item`.
          x, y: where its centre goes.
          size: the edge of the square that it fills.
        """
        self.draw_thing(self.inset(x, y, size), thing)

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, color: Color, radius: float = 0.0
    ) -> None:
        """Fill a rectangle; `radius` rounds its corners."""
        box = (*self._pixel((left, top)), *self._pixel((right, bottom)))
        self._pen.rounded_rectangle(box, radius=radius * self.size, fill=color)

    def disc(self, x: float, y: float, radius: float, color: Color) -> None:
        """Fill a disc."""
        self.ellipse(x, y, radius, radius, color)

    def ellipse(self, x: float, y: float, radius_x: float, radius_y: float, color: Color) -> None:
        """Fill an ellipse."""
        self._pen.ellipse(self._box(x, y, radius_x, radius_y), fill=color)

    def ring(self, x: float, y: float, radius: float, color: Color, width: float, share: float = 1.0) -> None:
        """Draw a ring, or its first part, clockwise from the top.

        Args:
          x, y: its centre.
          radius: its outer radius.
          color: its color.
          width: how broad it is.
          share: how much of it is drawn, 0..1.
        """
        if share > 0:
            box = self._box(x, y, radius, radius)
            self._pen.arc(box, -90, -90 + 360 * min(share, 1.0), fill=color, width=max(1, round(width * self.size)))

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """Fill a polygon."""
        self._pen.polygon([self._pixel(point) for point in points], fill=color)

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """Draw a line through points, with round ends and corners."""
        pixels = [self._pixel(point) for point in points]
        self._pen.line(pixels, fill=color, width=max(1, round(width * self.size)), joint="curve")
        for x, y in points:
            self.disc(x, y, width / 2, color)

    def text(self, text: str, x: float, y: float, size: float, color: Color, outline: Color | None = None) -> None:
        """Write a short text.

        Args:
          text: what to write.
          x, y: its centre.
          size: the height of its letters, about.
          color: their color.
          outline: the color of a line around them; none if left out.
        """
        font = _font(max(1, round(size * self.size)))
        width = 0 if outline is None else max(1, round(size * self.size / 12))
        self._pen.text(
            self._pixel((x, y)), text, fill=color, font=font, anchor="mm", stroke_width=width, stroke_fill=outline
        )

    def _pixel(self, point: Point) -> Point:
        return self.left + point[0] * self.size, self.top + point[1] * self.size

    def _box(self, x: float, y: float, radius_x: float, radius_y: float) -> tuple[float, float, float, float]:
        return (*self._pixel((x - radius_x, y - radius_y)), *self._pixel((x + radius_x, y + radius_y)))


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


@functools.lru_cache(maxsize=64)
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def find_picture(pictures: Mapping[Any, Picture], thing: Any) -> Picture | None:
    """The picture of an item, or of the nearest class of an object that has one; None if there is none."""
    if thing in pictures:
        return pictures[thing]
    return next((pictures[kind] for kind in type(thing).__mro__ if kind in pictures), None)
