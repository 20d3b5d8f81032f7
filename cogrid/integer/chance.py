"""What is drawn among the rows of a table, on plain integers; equal to `cogrid.core.chance_table` and `core.ticks`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import MutableSequence, Sequence

import numpy as np

from cogrid.core.chance_table import ChanceTable
from cogrid.core.draws import Purpose, words_at
from cogrid.integer.draws import draw_word

FEW_WORDS = 16
"""Up to this many words of one stage are drawn one by one; more are drawn as an array, which costs as much as these."""


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


def draw_some_words(key: tuple[int, int], purpose: Purpose, time: int, numbers: Sequence[int]) -> list[int]:
    """Some of the words of a purpose at one time; equal to `cogrid.core.draws.words_at`.

    Args:
      key: the episode's key.
      purpose: what for.
      time: the step.
      numbers: which words.
    """
    if len(numbers) <= FEW_WORDS:
        return [draw_word(*key, purpose, time, number) for number in numbers]
    at_time = np.array(time, dtype=np.int32)
    return words_at(np.array(key, dtype=np.uint32), purpose, at_time, np.array(numbers)).tolist()


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
