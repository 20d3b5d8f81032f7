"""What a tile is drawn on: an image of pixels, or lines of SVG. Both take the same shapes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Protocol

from PIL import Image, ImageDraw, ImageFont

Color = tuple[int, int, int]
"""(red, green, blue), 0..255 each."""

Point = tuple[float, float]
"""(x, y): x to the right, y down; on a tile 0..1 each, on a canvas in its own units."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Canvas(Protocol):
    """What shapes are drawn on, in the units of the canvas."""

    def rectangle(self, box: Box, radius: float, color: Color) -> None:
        """Fill a rectangle with round corners."""

    def ellipse(self, box: Box, color: Color) -> None:
        """Fill an ellipse."""

    def arc(self, box: Box, share: float, color: Color, width: float) -> None:
        """Draw the first part of a ring inside a box, clockwise from the top."""

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """Fill a polygon."""

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """Draw a line through points, with round ends and corners."""

    def text(self, place: Point, text: str, size: float, color: Color, outline: Color | None) -> None:
        """Write a short text about a place."""


class ImageCanvas:
    """Pixels.

    Args:
      image: what is drawn on.
    """

    def __init__(self, image: Image.Image) -> None:
        self._pen = ImageDraw.Draw(image)

    def rectangle(self, box: Box, radius: float, color: Color) -> None:
        """Fill a rectangle with round corners."""
        self._pen.rounded_rectangle(box, radius=radius, fill=color)

    def ellipse(self, box: Box, color: Color) -> None:
        """Fill an ellipse."""
        self._pen.ellipse(box, fill=color)

    def arc(self, box: Box, share: float, color: Color, width: float) -> None:
        """Draw the first part of a ring inside a box, clockwise from the top."""
        self._pen.arc(box, -90, -90 + 360 * share, fill=color, width=max(1, round(width)))

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """Fill a polygon."""
        self._pen.polygon(list(points), fill=color)

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """Draw a line through points, with round ends and corners."""
        self._pen.line(list(points), fill=color, width=max(1, round(width)), joint="curve")
        for x, y in points:
            self._pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=color)

    def text(self, place: Point, text: str, size: float, color: Color, outline: Color | None) -> None:
        """Write a short text about a place."""
        width = 0 if outline is None else max(1, round(size / 12))
        self._pen.text(
            place,
            text,
            fill=color,
            font=_font(max(1, round(size))),
            anchor="mm",
            stroke_width=width,
            stroke_fill=outline,
        )


@functools.lru_cache(maxsize=64)
def _font(size: int) -> Any:
    return ImageFont.load_default(size)
