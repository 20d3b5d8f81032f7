"""A rule as the compiler applies it: a method of one value, and what it has given so far."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cogrid.core.agent import Agent
from cogrid.core.grid_object import Event, GridObject
from cogrid.core.rule_calls import failure
from cogrid.core.rule_kinds import OUTCOME, Column, Row, RuleKind
from cogrid.errors import RuleError

NamedRow = tuple[Any, ...]
"""A row with the names of events."""


@dataclasses.dataclass(frozen=True, eq=False)
class AppliedRule:
    """A rule of one value, and what it has given so far.

    Attributes:
      kind: which kind of rule it is.
      owner: the value whose method it is.
      call: the method.
      asked: what it asks for by name: the world value, a count.
      world_ids: the world values that this holds for.
      number: the count that it is called with; 0 if with none.
      given: what it gave with each value that it was called with, None for nothing; one entry if it takes none.
      rows: the same by number, but events by name; several rows for a chance.
    """

    kind: RuleKind
    owner: GridObject | Agent
    call: Callable[..., Any]
    asked: Mapping[str, Any]
    world_ids: Sequence[int]
    number: int
    given: list[Any] = dataclasses.field(default_factory=list[Any])
    rows: list[tuple[NamedRow, ...] | None] = dataclasses.field(default_factory=list[Any])

    @functools.cached_property
    def source(self) -> str:
        """How messages name the rule."""
        return f"{type(self.owner).__name__}.{self.kind.name}"

    def failure(self, partner: tuple[Any, ...], error: Exception) -> RuleError:
        """The error for a rule that has failed with a value that it was called with, if with one."""
        return failure(self.owner, self.kind.name, partner, error, self.asked)


def by_number(kind: RuleKind, named: NamedRow, bits: Mapping[str, int], carrying: Sequence[str]) -> Row:
    """A row whose events are a bit mask; of an Outcome with the amounts of the events that carry any.

    Args:
      kind: the kind of the rule that has given it.
      named: the row with the names of events.
      bits: the bit of each event.
      carrying: the events that carry an amount anywhere.
    """
    row = [
        functools.reduce(lambda mask, event: mask | bits[name_of(event)], entry, 0)
        if column is Column.EVENTS
        else int(entry)
        for (_, column), entry in zip(kind.result.columns, named, strict=True)
    ]
    for name in carrying if kind.result is OUTCOME else ():
        (events,) = (named[place] for place in kind.result.of_column(Column.EVENTS))
        row.append(sum(event.amount if isinstance(event, Event) else 1 for event in events if name_of(event) == name))
    return tuple(row)


def name_of(event: str | Event) -> str:
    """The name of an event, whether it carries an amount or not."""
    return event if isinstance(event, str) else event.name
