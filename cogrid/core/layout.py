"""Layouts: drawings of a grid, and where they come from."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Sequence
from typing import Any

from cogrid.core.grid_object import GridObject
from cogrid.core.objects import Floor, Wall
from cogrid.core.rules import Rules
from cogrid.core.setting_kinds import is_a, is_sequence_of
from cogrid.errors import LayoutError, did_you_mean

LayoutSource = str | os.PathLike[str] | Sequence[str]
"""A registered name, a drawing (a string of several lines, or a sequence of lines), or a file that holds one."""

START = "+"
"""Marks a cell where an agent starts; agents take these in reading order."""

_DRAWINGS: dict[str, tuple[str, ...]] = {}


def register_layout(name: str, drawing: LayoutSource) -> None:
    """Give a drawing a name that the `layout` setting accepts.

    Args:
      name: the name.
      drawing: a string of several lines, or a sequence of lines.
    Raises:
      LayoutError: if the name is taken by another drawing.
    """
    check_source(drawing)
    rows = _rows(drawing)
    if _DRAWINGS.get(name, rows) != rows:
        raise LayoutError(f"A layout called {name!r} exists already, with another drawing.")
    _DRAWINGS[name] = rows


def layout_names() -> list[str]:
    """The names of all registered layouts, sorted."""
    return sorted(_DRAWINGS)


def read_drawing(source: LayoutSource) -> tuple[str, ...]:
    """The rows of a drawing, whatever form it comes in.

    Args:
      source: a registered name, a drawing, or a file.
    Raises:
      LayoutError: when it is neither.
    """
    check_source(source)
    if isinstance(source, str) and source in _DRAWINGS:
        return _DRAWINGS[source]
    if isinstance(source, os.PathLike) or (isinstance(source, str) and "\n" not in source):
        path = pathlib.Path(source)
        if not path.is_file():
            raise LayoutError(
                f"{str(source)!r} is neither a registered layout nor a file (a drawing has several lines). "
                f"{did_you_mean(source, _DRAWINGS)}"
            )
        return _rows(path.read_text(encoding="utf-8"))
    return _rows(source)


def check_source(source: Any) -> None:
    """Raise LayoutError for what cannot be a layout: neither a name nor a drawing nor a file."""
    if not isinstance(source, (str, os.PathLike)) and not is_sequence_of(is_a(str))(source):
        raise LayoutError(
            f"A layout is a registered name, a drawing (a string of several lines, or a list of rows), or a file, not "
            f"{source!r}."
        )


def _rows(drawing: LayoutSource) -> tuple[str, ...]:
    if isinstance(drawing, os.PathLike):
        drawing = pathlib.Path(drawing).read_text(encoding="utf-8")
    rows = drawing.splitlines() if isinstance(drawing, str) else list(drawing)
    while rows and not rows[0].strip("\r\n"):
        rows = rows[1:]
    while rows and not rows[-1].strip("\r\n"):
        rows = rows[:-1]
    return tuple(rows)


@dataclasses.dataclass(frozen=True)
class Layout:
    """A drawing read with a rule set's symbols.

    Attributes:
      rows: the drawing, one string per row, all of one length.
      objects: what stands in each cell at the start, row by row.
      start_marks: the cells marked `+`, in reading order.
      numbered_starts: `(agent_idx, cell)` for the cells marked with a digit; digit 1 is agent 0's.
    """

    rows: tuple[str, ...]
    objects: tuple[GridObject, ...] = dataclasses.field(hash=False)
    start_marks: tuple[int, ...]
    numbered_starts: tuple[tuple[int, int], ...]

    @property
    def height(self) -> int:
        """Rows of the grid."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Columns of the grid."""
        return len(self.rows[0])

    @classmethod
    def read(cls, source: LayoutSource, rules: Rules) -> Layout:
        """Read a drawing.

        Args:
          source: a registered name, a drawing, or a file.
          rules: whose symbols the drawing uses.
        Raises:
          LayoutError: for an empty or ragged drawing, or a character that the rules do not know, with row and column.
        """
        rows = read_drawing(source)
        if not rows or not rows[0]:
            raise LayoutError("The layout is empty: draw at least one row of one character.")
        for row, text in enumerate(rows):
            if len(text) != len(rows[0]):
                raise LayoutError(
                    f"The layout is ragged: row {row} ({text!r}) has {len(text)} characters, row 0 has {len(rows[0])}."
                )
        symbols = {fresh.symbol: fresh for fresh in rules.fresh.values() if fresh.symbol is not None}
        if rules.items_on_floor:
            symbols |= {item.symbol: Floor(item) for item in rules.items if item.symbol is not None}
        symbols |= rules.symbols
        objects: list[GridObject] = []
        marks: list[int] = []
        numbered: dict[int, int] = {}
        for row, text in enumerate(rows):
            for column, character in enumerate(text):
                if character == START:
                    marks.append(len(objects))
                elif character in "123456789":
                    if int(character) - 1 in numbered:
                        raise LayoutError(f"Row {row}, column {column}: the start {character!r} is marked twice.")
                    numbered[int(character) - 1] = len(objects)
                elif character not in symbols:
                    known = " ".join(sorted(symbol for symbol in symbols if symbol != " "))
                    raise LayoutError(
                        f"Row {row}, column {column}: no object of rules {rules.name!r} has the character "
                        f"{character!r}. "
                        f"Known: {known}, space for floor, + or 1 to 9 for a start."
                    )
                objects.append(symbols.get(character, symbols[" "]))
        return cls(rows, tuple(objects), tuple(marks), tuple(sorted(numbered.items())))

    def filled_up(self, height: int, width: int) -> Layout:
        """The same layout on a larger map, with walls below and on the right of it.

        Args:
          height, width: sizes of the map, no smaller than the layout's.
        """
        if (height, width) == (self.height, self.width):
            return self
        wall = Wall.symbol or "#"
        rows = (*(row + wall * (width - self.width) for row in self.rows), *[wall * width] * (height - self.height))
        objects: list[GridObject] = [Wall()] * (height * width)
        for row in range(self.height):
            objects[row * width : row * width + self.width] = self.objects[row * self.width : (row + 1) * self.width]

        def moved(cell: int) -> int:
            return cell // self.width * width + cell % self.width

        marks = tuple(moved(cell) for cell in self.start_marks)
        numbered = tuple((agent_idx, moved(cell)) for agent_idx, cell in self.numbered_starts)
        return Layout(rows, tuple(objects), marks, numbered)

    def fixed_starts(self, n_agents: int) -> tuple[int | None, ...]:
        """The marked start cell of each agent, None where it has none.

        An agent whose digit is drawn starts there; the others take the `+` cells in reading order.
        """
        numbered = dict(self.numbered_starts)
        marks = iter(self.start_marks)
        return tuple(numbered[idx] if idx in numbered else next(marks, None) for idx in range(n_agents))
