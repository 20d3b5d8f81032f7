"""The counts that rules ask for, on plain integers; equal to `cogrid.core.count_table`.

What is counted over cells is kept from step to step, as a `Tally`, and brought up to date by the cells that change: of
a large map few do. What is counted over agents is summed when it is asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from cogrid.core.count_table import CountTable, Summed


class CellCount:
    """A `Summed` over the map, or over discs, as lists, for a grid of one size.

    Attributes:
      weights: what each cell value counts.
      counted_by: for each cell the cells around which it counts; none for a count over the map.
    """

    def __init__(self, summed: Summed, height: int, width: int) -> None:
        self.weights: list[int] = summed.weights.tolist()
        steps: list[tuple[int, int]] = summed.offsets.tolist()
        self.counted_by: list[list[int]] = [
            [
                (row - down) * width + column - right
                for down, right in steps
                if 0 <= row - down < height and 0 <= column - right < width
            ]
            for row in range(height)
            for column in range(width)
        ]


class Tally:
    """A count over the cells of one world, as it was when the tally was last brought up to date.

    Attributes:
      total: the count over the map.
      around: the count over the disc around each cell.
    """

    def __init__(self, count: CellCount) -> None:
        n_cells = len(count.counted_by)
        self.total: int = 0
        self.around: list[int] = [0] * n_cells
        self._weights, self._counted_by = count.weights, count.counted_by
        self._weight_at = [0] * n_cells

    def update(self, cells: Sequence[int], changed: Iterable[int]) -> set[int]:
        """Count some cells anew.

        Args:
          cells: value id of each cell.
          changed: those that may have changed.
        Returns:
          The cells around which the count is another one now.
        """
        weights, weight_at, around, moved = self._weights, self._weight_at, self.around, set[int]()
        for cell in changed:
            more = weights[cells[cell]] - weight_at[cell]
            if more:
                weight_at[cell] += more
                self.total += more
                for near in self._counted_by[cell]:
                    around[near] += more
                moved.update(self._counted_by[cell])
        return moved


@dataclasses.dataclass(slots=True)
class Counted:
    """What counts are taken of: a world at the start of a stage.

    Attributes:
      tallies: of the cells.
      agent_value: value id of each agent.
      kinds: which rule each agent calls, 0 for none.
      places: the cell that each agent acts on.
    """

    tallies: Sequence[Tally]
    agent_value: Sequence[int]
    kinds: Sequence[int]
    places: Sequence[int]


class IntegerCounts:
    """A `CountTable` as lists.

    Attributes:
      size: how many rows there are for each thing.
      which: for each thing the number of the count that it asks for, 0 for none.
      counts: the counts, by number.
      is_over_cells: whether all of them are over cells, so that agents need not be remembered.
    """

    def __init__(self, table: CountTable, tally_of: Mapping[int, int]) -> None:
        self.size: int = table.size
        self.which: list[int] = table.which.tolist()
        self.counts: list[IntegerCount | None] = [None, *(IntegerCount(summed, tally_of) for summed in table.counts)]
        self.is_over_cells: bool = all(id(summed) in tally_of for summed in table.counts)

    def row(self, thing: int, kind: int, place: int, counted: Counted) -> int:
        """The row of a thing, by the count that its rule asks for.

        Args:
          thing: what the rule is of.
          kind: which rule is called.
          place: the cell that it is called for.
          counted: what is counted.
        """
        count = self.counts[self.which[thing]]
        return thing * self.size if count is None else thing * self.size + count.at(kind, place, counted)


class IntegerCount:
    """One count; see `Summed`.

    Attributes:
      over: "map", "agents", "actors" or "disc".
      cap: the largest number that is told apart.
    """

    def __init__(self, summed: Summed, tally_of: Mapping[int, int]) -> None:
        """Find what is counted.

        Args:
          summed: the count.
          tally_of: the number of the tally of each count over cells, by the identity of the count.
        """
        self.over: str = summed.over
        self.cap: int = summed.cap
        self._weights: list[int] = summed.weights.tolist()
        self._tally: int = tally_of.get(id(summed), -1)

    def at(self, kind: int, place: int, counted: Counted) -> int:
        """The count for a rule of some kind that is called for a cell."""
        if self.over == "map":
            return min(self.cap, counted.tallies[self._tally].total)
        if self.over == "disc":
            return min(self.cap, counted.tallies[self._tally].around[place])
        if self.over == "actors":
            acts = zip(counted.agent_value, counted.kinds, counted.places, strict=True)
            return self._sum([value for value, *act in acts if act == [kind, place]])
        return self.whole(counted.tallies, counted.agent_value)

    def whole(self, tallies: Sequence[Tally], agent_value: Sequence[int]) -> int:
        """The count over the map, or over the agents."""
        if self.over == "map":
            return min(self.cap, tallies[self._tally].total)
        return self._sum(agent_value)

    def _sum(self, values: Sequence[int]) -> int:
        return min(self.cap, sum(map(self._weights.__getitem__, values)))
