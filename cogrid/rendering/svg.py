"""A world as SVG: the same pictures as those of the images, as shapes that stay sharp at every size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.tables import Tables
from cogrid.errors import StateError
from cogrid.rendering.canvas import Box, Color, Point
from cogrid.rendering.looks import Looks
from cogrid.rendering.tile import Tile

EDGE = 100
"""The edge of a cell in the units of the drawing."""

FONT = "DejaVu Sans,Verdana,sans-serif"
FONT_SCALE = 0.94
"""These letters are a little larger than those of the images."""


class SvgCanvas:
    """Lines of SVG, in the units of the drawing.

    Attributes:
      elements: what has been drawn so far, one element each.
    """

    def __init__(self) -> None:
        self.elements: list[str] = []

    def rectangle(self, box: Box, radius: float, color: Color) -> None:
        """Fill a rectangle with round corners."""
        left, top, right, bottom = box
        size = f'width="{_number(right - left)}" height="{_number(bottom - top)}"'
        corners = f' rx="{_number(radius)}"' if radius else ""
        self._add(f'<rect x="{_number(left)}" y="{_number(top)}" {size}{corners} fill="{_hex(color)}"/>')

    def ellipse(self, box: Box, color: Color) -> None:
        """Fill an ellipse."""
        (x, y), (radius_x, radius_y) = _centre(box)
        place = f'cx="{_number(x)}" cy="{_number(y)}"'
        if abs(radius_x - radius_y) < 1e-9:
            self._add(f'<circle {place} r="{_number(radius_x)}" fill="{_hex(color)}"/>')
        else:
            self._add(f'<ellipse {place} rx="{_number(radius_x)}" ry="{_number(radius_y)}" fill="{_hex(color)}"/>')

    def arc(self, box: Box, share: float, color: Color, width: float) -> None:
        """Draw the first part of a ring inside a box, clockwise from the top."""
        (x, y), (outer, _) = _centre(box)
        radius = outer - width / 2
        stroke = f'fill="none" stroke="{_hex(color)}" stroke-width="{_number(width)}"'
        if share >= 1:
            self._add(f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}" {stroke}/>')
            return
        end = x + radius * math.sin(2 * math.pi * share), y - radius * math.cos(2 * math.pi * share)
        curve = f"A{_number(radius)} {_number(radius)} 0 {int(share > 0.5)} 1 {_pair(end)}"
        self._add(f'<path d="M{_pair((x, y - radius))}{curve}" {stroke}/>')

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """Fill a polygon."""
        self._add(f'<polygon points="{" ".join(map(_pair, points))}" fill="{_hex(color)}"/>')

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """Draw a line through points, with round ends and corners."""
        self._add(
            f'<polyline points="{" ".join(map(_pair, points))}" fill="none" stroke="{_hex(color)}" '
            f'stroke-width="{_number(width)}" stroke-linecap="round" stroke-linejoin="round"/>'
        )

    def text(self, place: Point, text: str, size: float, color: Color, outline: Color | None) -> None:
        """Write a short text about a place."""
        x, y = place
        around = "" if outline is None else f' stroke="{_hex(outline)}" stroke-width="{_number(size / 6)}"'
        order = "" if outline is None else ' paint-order="stroke" stroke-linejoin="round"'
        self._add(
            f'<text x="{_number(x)}" y="{_number(y + 0.36 * size * FONT_SCALE)}" font-family="{FONT}" '
            f'font-size="{_number(size * FONT_SCALE)}" text-anchor="middle" fill="{_hex(color)}"{around}{order}>'
            f"{escape(text)}</text>"
        )

    def _add(self, element: str) -> None:
        self.elements.append(element)


class SvgArtist:
    """Draws the values of a world, each as a list of SVG elements in a square of `EDGE` units.

    Args:
      tables: the world.
    """

    def __init__(self, tables: Tables) -> None:
        self._looks = Looks(tables)

    def cell(self, value_id: int, world_id: int | None = None) -> str:
        """A cell value, under a world value."""
        return self._draw(lambda tile: self._looks.draw_cell(tile, value_id), world_id)

    def agent(self, agent_idx: int, direction: int, value_id: int, world_id: int | None = None) -> str:
        """An agent, with nothing behind it."""
        return self._draw(lambda tile: self._looks.draw_agent(tile, agent_idx, direction, value_id), world_id)

    def _draw(self, draw: Callable[[Tile], None], world_id: int | None) -> str:
        canvas = SvgCanvas()
        draw(self._looks.tile(canvas, EDGE, world_id))
        return "".join(canvas.elements)


def render_svg(state: EnvState) -> str:
    """Draw a world as an SVG document, by the same pictures as `render_rgb`.

    Args:
      state: one state, not a batch.
    Raises:
      StateError: for a batch of states.
    """
    if np.ndim(state.time) != 0:
        raise StateError(f"A batch of {np.shape(state.time)} states cannot be drawn: take one of them first.")
    artist = SvgArtist(state.tables)
    world = None if state.world_value is None else int(state.world_value)
    parts = [
        _moved(artist.cell(value_id, world), *divmod(cell, state.width))
        for cell, value_id in enumerate(np.asarray(state.cells).tolist())
    ]
    columns = (state.agent_cell, state.agent_dir, state.agent_value)
    agents = zip(*(np.asarray(column).tolist() for column in columns), strict=True)
    for agent_idx, (cell, direction, value_id) in enumerate(agents):
        parts.append(_moved(artist.agent(agent_idx, direction, value_id, world), *divmod(cell, state.width)))
    return document("".join(parts), state.width, state.height)


def document(elements: str, width: int = 1, height: int = 1) -> str:
    """A whole SVG document of some elements.

    Args:
      elements: what is drawn.
      width, height: its size in cells.
    """
    size = f'viewBox="0 0 {width * EDGE} {height * EDGE}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{elements}</svg>'


def _moved(elements: str, row: int, column: int) -> str:
    """Elements in a cell of their own; what reaches over its edge is cut off, as in an image."""
    return f'<svg x="{column * EDGE}" y="{row * EDGE}" width="{EDGE}" height="{EDGE}">{elements}</svg>'


def _centre(box: Box) -> tuple[Point, Point]:
    """The middle of a box, and half its width and height."""
    left, top, right, bottom = box
    return ((left + right) / 2, (top + bottom) / 2), ((right - left) / 2, (bottom - top) / 2)


def _pair(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    """A number with a decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def _hex(color: Color) -> str:
    return "#" + "".join(f"{part:02x}" for part in color)
