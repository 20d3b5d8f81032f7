"""Places of a drawing and the ways between them, and the random numbers that generated maps are drawn with."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

Place = tuple[int, int]
"""(row, column)"""

Choice = TypeVar("Choice")


def neighbours(place: Place) -> list[Place]:
    """The places right, below, left and above."""
    row, column = place
    return [(row, column + 1), (row + 1, column), (row, column - 1), (row - 1, column)]


def distances(start: Place, floor: Collection[Place]) -> dict[Place, int]:
    """Steps from a place to each place of the floor that can be reached from it."""
    found, queue = {start: 0}, deque([start])
    while queue:
        place = queue.popleft()
        for beside in neighbours(place):
            if beside in floor and beside not in found:
                found[beside] = found[place] + 1
                queue.append(beside)
    return found


def is_connected(floor: Collection[Place]) -> bool:
    """Whether every place of the floor can be reached from every other one."""
    return not floor or len(distances(next(iter(floor)), floor)) == len(floor)


class Draws:
    """Random numbers, one after the other, made of 32-bit words."""

    def __init__(self, words: Iterator[int]) -> None:
        self._words = words

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        return next(self._words) % limit

    def between(self, ends: tuple[int, int]) -> int:
        """A number of a range, both ends included."""
        return ends[0] + self.below(ends[1] - ends[0] + 1)

    def one_of(self, values: list[Choice]) -> Choice:
        """One of the values."""
        return values[self.below(len(values))]

    def shuffled(self, values: Iterable[Choice]) -> list[Choice]:
        """The values in a random order."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]
