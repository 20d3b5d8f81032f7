"""Acts along lines of cells, and on other agents, on plain integers; equal to `cogrid.core.reach`."""

from __future__ import annotations

from collections.abc import Sequence

from cogrid.core.reach_table import OFF_GRID, MeetTable, ReachTable
from cogrid.integer.chance import IntegerChance, as_lists


class IntegerReach:
    """A `ReachTable` as lists, for a grid of one size.

    Attributes:
      lines: for each act, direction and line, the `(row, column)` of its cells as seen from the agent.
      height, width: the grid's sizes.
      n_lines: how many lines the widest act has.
      is_beam, blocks, answers: as in the table.
    """

    def __init__(self, table: ReachTable, height: int, width: int) -> None:
        self.height: int = height
        self.width: int = width
        self.n_lines: int = table.n_lines
        self.lines: list[list[list[list[tuple[int, int]]]]] = [
            [[_steps(line) for line in lines] for lines in of_act] for of_act in table.offsets.tolist()
        ]
        self.is_beam: list[bool] = table.is_beam.tolist()
        self.blocks: list[bool] = table.blocks.tolist()
        self.answers: list[bool] = table.answers.tolist()

    def cells(self, cell: int, line: Sequence[tuple[int, int]]) -> list[int]:
        """The cells of a line, seen from an agent's, as far as the grid goes."""
        row, column = divmod(cell, self.width)
        places = [(row + down, column + right) for down, right in line]
        inside = [(down, right) for down, right in places if 0 <= down < self.height and 0 <= right < self.width]
        return [down * self.width + right for down, right in inside]


def _steps(line: list[list[int]]) -> list[tuple[int, int]]:
    return [(row, column) for row, column in line if row != OFF_GRID]


class IntegerMeetings:
    """A `MeetTable` as lists."""

    def __init__(self, table: MeetTable) -> None:
        self.rows: list[list[int]] = table.rows.tolist()
        self.chance: IntegerChance | None = as_lists(table.chance)
        self.answers: list[bool] = table.answers.tolist()
