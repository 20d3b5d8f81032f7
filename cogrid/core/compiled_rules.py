"""What the compiler makes of a rule set: its values, numbered, and what each rule does to them, by number."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from cogrid.core.agent import Agent
from cogrid.core.count_table import Summed
from cogrid.core.counts import Count
from cogrid.core.grid_object import GridObject
from cogrid.core.permissions import Permissions
from cogrid.core.rule_kinds import MEETING, OUTCOME, Column, Row, RuleKind, Space
from cogrid.core.rules import Rules

COLLISION = "collision"
"""The one event that no rule reports: an agent was kept from moving by another one. Its bit comes after the rules'."""

Key = tuple[int, int, int, int]
"""Count (0 where the rule asks for none), world value, the value that a rule was called with (0 where with none), and
the value whose rule it is."""


@dataclasses.dataclass(frozen=True)
class Transition:
    """What one rule does to one agent value and one cell value, all by number; events as a bit mask."""

    cell: int
    agent: int
    events: int = 0
    ends: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class CompiledRules:
    """A rule set with all its values numbered and all its rules written down.

    Attributes:
      rules: what was compiled.
      cell_values: every cell value; the index is its value id. Bare floor is 0.
      agent_values: every agent value, likewise.
      things: what can be moved from cell to cell, likewise.
      event_names: the events in the order of their bits: those of the rules by name, then "collision".
      permissions: which agents can move into a cell of each value, and out of it.
      amounts: the largest amount of each event that carries one anywhere, by name; an `Outcome`'s row has a column more
        for each of these events.
      rows: for each kind of rule, by `(count, world id, partner id, owner id)`, what follows where anything does: one
        row, or one for each result of a chance.
      last_words: likewise, where there are several rows, the last word of each (see `last_words_of`).
      counts: every count of the rule set, by number.
      asked: for a kind of rule and the number of its owner, the count that it asks for, where it asks for one.
    """

    rules: Rules
    cell_values: tuple[GridObject, ...]
    agent_values: tuple[Agent, ...]
    things: tuple[Any, ...]
    event_names: tuple[str, ...]
    permissions: Permissions
    amounts: Mapping[str, int]
    rows: Mapping[RuleKind, Mapping[Key, tuple[Row, ...]]]
    last_words: Mapping[RuleKind, Mapping[Key, tuple[int, ...]]]
    counts: Mapping[Count, Summed]
    asked: Mapping[tuple[RuleKind, int], Count]

    def count_of(self, kind: RuleKind, owner_id: int) -> Count | None:
        """The count that a rule asks for; None for none."""
        return self.asked.get((kind, owner_id))

    @functools.cached_property
    def cell_dtype(self) -> np.dtype[Any]:
        """The smallest unsigned integer that numbers all cell values."""
        return np.dtype(np.min_scalar_type(len(self.cell_values) - 1))

    @functools.cached_property
    def interactions(self) -> dict[tuple[str, int, int, int, int], tuple[Transition, ...]]:
        """For `(rule name, count, world id, agent id, cell id)`, what can follow, where anything does."""
        return {
            (kind.name, *key): tuple(Transition(row[0], row[1], row[2], bool(row[3])) for row in rows)
            for kind, of_kind in self.rows.items()
            if kind.result is OUTCOME
            for key, rows in of_kind.items()
        }

    def event_bit(self, name: str) -> int:
        """The bit of an event."""
        return 1 << self.event_names.index(name)

    def agent_changes(self) -> Iterator[tuple[int, int, int]]:
        """Which agent value follows which, by a rule of an agent, and what happens to it: `(before, after, events)`."""
        for kind, of_kind in self.rows.items():
            if kind.owner is not Space.AGENT:
                continue
            for (*_, partner_id, owner_id), rows in of_kind.items():
                for row in rows:
                    if kind.result is MEETING:
                        yield from ((owner_id, row[0], row[3]), (partner_id, row[1], row[2]))
                    else:  # A draw tells of no events.
                        yield owner_id, row[0], row[1] if len(row) > 1 else 0

    def cell_changes(self, names: Collection[str] | None = None) -> Iterator[tuple[int, int]]:
        """Which cell value follows which, by any rule, as `(before, after)`; some more than once.

        Args:
          names: the rules that count; all if left out.
        """
        for kind, of_kind in self.rows.items():
            if kind.owner is Space.CELL and (names is None or kind.name in names):
                for place in kind.result.of_column(Column.CELL):
                    yield from ((owner_id, row[place]) for (*_, owner_id), rows in of_kind.items() for row in rows)
