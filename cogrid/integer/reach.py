"""Acts along lines of cells, and on other agents, on plain integers; equal to `cogrid.core.reach`."""

from __future__ import annotations

from cogrid.core.reach_table import MeetTable, ReachTable
from cogrid.integer.chance import IntegerChance, as_lists


class IntegerReach:
    """A `ReachTable` as lists, for a grid of one size.

    Attributes:
      n_lines: how many lines the widest act has.
      is_beam, blocks, answers: as in the table.
    """

    def __init__(self, table: ReachTable, height: int, width: int) -> None:
        self._height, self._width = height, width
        self.n_lines: int = table.n_lines
        self._offsets: list[list[list[list[list[int]]]]] = table.offsets.tolist()
        self._known: dict[int, list[list[int]]] = {}
        self.is_beam: list[bool] = table.is_beam.tolist()
        self.blocks: list[bool] = table.blocks.tolist()
        self.answers: list[bool] = table.answers.tolist()

    def lines_from(self, kind: int, direction: int, cell: int) -> list[list[int]]:
        """The cells of each line of an act, seen from a cell in a direction, as far as the grid goes."""
        number = (kind * 4 + direction) * self._height * self._width + cell
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = [self._cells(line, cell) for line in self._offsets[kind][direction]]
        return known

    def _cells(self, line: list[list[int]], cell: int) -> list[int]:
        row, column = divmod(cell, self._width)
        places = [(row + down, column + right) for down, right in line]
        inside = [(down, right) for down, right in places if 0 <= down < self._height and 0 <= right < self._width]
        return [down * self._width + right for down, right in inside]


class IntegerMeetings:
    """A `MeetTable` as lists."""

    def __init__(self, table: MeetTable) -> None:
        self.rows: list[list[int]] = table.rows.tolist()
        self.chance: IntegerChance | None = as_lists(table.chance)
        self.answers: list[bool] = table.answers.tolist()
