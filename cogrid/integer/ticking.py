"""Which cells of one world change by themselves in the next step, or may: kept from step to step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from cogrid.core.rule_tables import RuleTables
from cogrid.core.tables import Tables
from cogrid.integer.chance import IntegerChance, as_lists
from cogrid.integer.counts import Counted, IntegerCounts

FEW = 8
"""So many cells that can ever tick are looked at in each step; of more it is kept which of them do."""


class IntegerTicks:
    """What cell values do by themselves, as lists.

    Attributes:
      after: the value that follows, by row.
      chance: which rows are drawn among; None if none is.
      counts: which cell values ask for a count; None if none does.
      is_live: for each row, whether anything else follows than the value, or may.
      is_candidate: for each cell, whether it can ever hold a value that ticks.
    """

    def __init__(self, tables: Tables, counts: IntegerCounts | None) -> None:
        rules: RuleTables = tables.rules
        self.after: list[int] = rules.tick.tolist()
        self.chance: IntegerChance | None = as_lists(rules.tick_chance)
        self.counts = counts
        size = 1 if counts is None else counts.size
        n_rows = rules.n_cell_values * size
        is_live = rules.tick[:n_rows] != np.arange(n_rows) // size
        if rules.tick_chance is not None:
            is_live |= rules.tick_chance.kind[:n_rows] != 0
        self.is_live: list[bool] = is_live.tolist()
        is_candidate = np.zeros(tables.n_cells, dtype=np.bool_)
        is_candidate[list(tables.map.tickable_cells)] = True
        self.is_candidate: list[bool] = is_candidate.tolist()


class Ticking:
    """The cells of one world that tick in the next step.

    Attributes:
      rows: for each of them the row that says what follows, as it was at the last `update`.
      dirty: cells that may have changed since then, or around which a count may have.
    """

    def __init__(self, ticks: IntegerTicks) -> None:
        self.rows: dict[int, int] = {}
        self.dirty: set[int] = set()
        self._ticks = ticks
        self._candidates = [cell for cell, is_one in enumerate(ticks.is_candidate) if is_one]
        self._wholes: list[int] = []

    def update(self, cells: Sequence[int], counted: Counted) -> None:
        """Look anew at the cells that are dirty, or at all if a count over the whole world has changed.

        Args:
          cells: value id of each cell.
          counted: what is counted now.
        """
        counts, is_live, rows = self._ticks.counts, self._ticks.is_live, self.rows
        looked_at: Iterable[int] = self.dirty
        if counts is not None and self._has_another_whole(counts, counted):
            looked_at = self._candidates
            if all(count is None or count.over != "disc" for count in counts.counts):
                self._update_all(counts, cells, counted)
                looked_at = ()
        is_candidate = self._ticks.is_candidate
        for cell in looked_at:
            if is_candidate[cell]:
                row = cells[cell] if counts is None else counts.row(cells[cell], 0, cell, counted)
                if is_live[row]:
                    rows[cell] = row
                else:
                    rows.pop(cell, None)
        self.dirty.clear()

    def _update_all(self, counts: IntegerCounts, cells: Sequence[int], counted: Counted) -> None:
        """The same for all cells at once, where each value has one row, wherever it is."""
        is_live = self._ticks.is_live
        row_of = [counts.row(value, 0, 0, counted) for value in range(len(counts.which))]
        live = {value: row for value, row in enumerate(row_of) if is_live[row]}
        self.rows = {cell: live[cells[cell]] for cell in self._candidates if cells[cell] in live}

    def _has_another_whole(self, counts: IntegerCounts, counted: Counted) -> bool:
        """Whether a count over the map or the agents has changed, on which the rows of many cells depend."""
        wholes = [
            count.whole(counted.tallies, counted.agent_value)
            for count in counts.counts
            if count is not None and count.over != "disc"
        ]
        is_new, self._wholes = wholes != self._wholes, wholes
        return is_new
