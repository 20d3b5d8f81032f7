"""What is drawn among the rows of a table, on plain integers; equal to `cogrid.core.chance_table` and `core.ticks`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import MutableSequence, Sequence

from cogrid.core.chance_table import ChanceTable
from cogrid.core.draws import Purpose
from cogrid.integer.draws import draw_some_words


class IntegerChance:
    """A `ChanceTable` as lists.

    Attributes:
      kind: for each row, whether and how it is drawn among; 0 for not.
    """

    def __init__(self, table: ChanceTable) -> None:
        self.kind: list[int] = table.kind.tolist()
        self._last_words: list[list[int]] = table.last_words.tolist()
        self._rest: list[int] = table.rest.tolist()

    def draw(self, row: int, word: int) -> int:
        """The row that a word decides on."""
        result = bisect_left(self._last_words[self.kind[row]], word)
        return self._rest[row] + result - 1 if result else row


def as_lists(table: ChanceTable | None) -> IntegerChance | None:
    """A chance table as lists; None for none."""
    return None if table is None else IntegerChance(table)


def draw_rows(
    chance: IntegerChance, rows: MutableSequence[int], numbers: Sequence[int], key: tuple[int, int], time: int
) -> None:
    """Draw among the rows of some cells for a tick, where there are several.

    Args:
      chance: which rows are drawn among.
      rows: the row of each cell, replaced by the one that is drawn.
      numbers: the cells.
      key, time: the episode's key, and the step.
    """
    drawing = [place for place, row in enumerate(rows) if chance.kind[row]]
    words = draw_some_words(key, Purpose.TICK, time, [numbers[place] for place in drawing])
    for place, word in zip(drawing, words, strict=True):
        rows[place] = chance.draw(rows[place], word)
