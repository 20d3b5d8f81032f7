"""The counts that rules ask for, on plain integers; equal to `cogrid.core.count_table`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cogrid.core.count_table import CountTable, Summed


@dataclasses.dataclass
class Counted:
    """What counts are taken of: a world at the start of a stage.

    Attributes:
      cells: value id of each cell.
      agent_value: value id of each agent.
      kinds: which rule each agent calls, 0 for none.
      places: the cell that each agent acts on.
      wholes: the counts over the map and over the agents that have been taken already, by `id`.
    """

    cells: list[int]
    agent_value: list[int]
    kinds: list[int]
    places: list[int]
    wholes: dict[int, int] = dataclasses.field(default_factory=dict[int, int])


class IntegerCounts:
    """A `CountTable` as lists.

    Attributes:
      size: how many rows there are for each thing.
      which: for each thing the number of the count that it asks for, 0 for none.
    """

    def __init__(self, table: CountTable, height: int, width: int) -> None:
        self.size: int = table.size
        self.which: list[int] = table.which.tolist()
        self._counts = [IntegerCount(summed, height, width) for summed in table.counts]

    def of_cells(self, cells: Sequence[int], agent_value: Sequence[int], candidates: Sequence[int]) -> list[int]:
        """The row of each of some cells, by the count that its value asks for.

        Args:
          cells: value id of each cell.
          agent_value: value id of each agent.
          candidates: the cells.
        """
        whole = [0, *(count.whole(cells, agent_value) for count in self._counts)]
        rows: list[int] = []
        for cell in candidates:
            number = self.which[cells[cell]]
            is_near = number and self._counts[number - 1].over == "disc"
            count = self._counts[number - 1].around(cell, cells) if is_near else whole[number]
            rows.append(cells[cell] * self.size + count)
        return rows

    def row(self, pair: int, kind: int, place: int, counted: Counted) -> int:
        """The row of a pair, by the count that its rule asks for.

        Args:
          pair: the pair.
          kind: which rule is called.
          place: the cell that it is called for.
          counted: what is counted.
        """
        number = self.which[pair]
        return pair * self.size + (self._counts[number - 1].at(kind, place, counted) if number else 0)


class IntegerCount:
    """One count; see `Summed`."""

    def __init__(self, summed: Summed, height: int, width: int) -> None:
        self.over: str = summed.over
        self._weights: list[int] = summed.weights.tolist()
        self.cap: int = summed.cap
        self._near = [
            [
                (row + down) * width + column + right
                for down, right in summed.offsets.tolist()
                if 0 <= row + down < height and 0 <= column + right < width
            ]
            for row in range(height)
            for column in range(width)
        ]

    def whole(self, cells: Sequence[int], agent_value: Sequence[int]) -> int:
        """The count over the map, or over the agents."""
        if self.over == "map":
            return self._sum(cells)
        return self._sum(agent_value) if self.over == "agents" else 0

    def around(self, cell: int, cells: Sequence[int]) -> int:
        """The count over the cells around one."""
        return self._sum([cells[near] for near in self._near[cell]])

    def at(self, kind: int, place: int, counted: Counted) -> int:
        """The count for a rule of some kind that is called for a cell."""
        if self.over == "actors":
            acts = zip(counted.agent_value, counted.kinds, counted.places, strict=True)
            return self._sum([value for value, *act in acts if act == [kind, place]])
        if self.over == "disc":
            return self.around(place, counted.cells)
        if id(self) not in counted.wholes:
            counted.wholes[id(self)] = self.whole(counted.cells, counted.agent_value)
        return counted.wholes[id(self)]

    def _sum(self, values: Sequence[int]) -> int:
        return min(self.cap, sum(map(self._weights.__getitem__, values)))
