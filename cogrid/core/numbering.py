"""The numbers that the compiler gives to values as they appear, and how it reads what a rule has given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cogrid.core.applied_rule import AppliedRule, NamedRow, name_of
from cogrid.core.chance import results_of
from cogrid.core.compiled_rules import COLLISION
from cogrid.core.grid_object import Event
from cogrid.core.rule_calls import is_hashable
from cogrid.core.rule_kinds import OUTCOME, SPACE_OF, Column, Space
from cogrid.core.rules import Rules
from cogrid.core.value_checks import check_agent_value, check_cell_value, check_thing
from cogrid.core.value_limits import MAX_PAIRS, MAX_VALUES, Newest, too_many
from cogrid.errors import RuleError

MAX_EVENTS = 30
"""Of the rules' own. Event masks are int32, the sign bit stays unused, and one bit is for collisions."""


class SpaceNumbers:
    """The values of one space that have been found, in the order of their numbers.

    Attributes:
      values: the values.
      ids: their numbers.
      rules: the rules of each value that has been taken in.
    """

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.ids: dict[Any, int] = {}
        self.rules: list[list[AppliedRule]] = []

    @property
    def n_taken(self) -> int:
        """How many values have been taken in: their rules are applied, and rules are applied to them."""
        return len(self.rules)


_CHECKS: dict[Space, Callable[[Any, str, Rules], None]] = {
    Space.CELL: check_cell_value,
    Space.AGENT: check_agent_value,
    Space.THING: check_thing,
}
"""What refuses a value that is not of a space."""


class Numbering:
    """The values and the events that have been found so far.

    Attributes:
      spaces: the values of each space, by its number.
      events: the names of the events, in the order in which they were found.
      amounts: the largest amount of each event that carries one.
      newest: the rule that was applied last.
      newest_result: which of its results was read last.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.spaces: list[SpaceNumbers] = [SpaceNumbers() for _ in Space]
        self.events: dict[str, None] = {}
        self.amounts: dict[str, int] = {}
        self.newest: AppliedRule | None = None
        self.newest_result: Any = None

    def number(self, space: Space, value: Any, source: str) -> int:
        """The number of a value, which is a new one if the value is new.

        Args:
          space: what the value is.
          value: the value.
          source: the rule or setting that has given it, as messages name it.
        Raises:
          RuleError: for what is no value of this space, or one too many.
        """
        found = self.spaces[space]
        known = found.ids.get(value) if is_hashable(value) else None
        if known is not None:
            return known
        _CHECKS[space](value, source, self.rules)
        number = found.ids[value] = len(found.values)
        found.values.append(value)
        self._refuse_too_many(space, value, source)
        return number

    def read(self, rule: AppliedRule, given: Any, partner: tuple[Any, ...]) -> NamedRow:
        """A result of a rule, by number, values that are new numbered; events by name.

        Args:
          rule: the rule.
          given: the result.
          partner: the value that it was called with, if with one.
        Raises:
          RuleError: for what a rule of this kind cannot give.
        """
        result, source = rule.kind.result, rule.source
        self.newest_result = given
        if given is None and result.is_optional:
            return self._row_of_nothing(rule, partner)
        given = result.whole(given)
        if result.record is not None and not isinstance(given, result.record):
            raise RuleError(f"{source} returned {given!r}: a rule returns {result.asks_for}, or None for nothing.")
        row: list[Any] = []
        for field, column in result.columns:
            entry = getattr(given, field) if field else given
            if column in SPACE_OF:
                row.append(self.number(SPACE_OF[column], entry, source))
                continue
            if column is Column.EVENTS:
                self._add_events(entry, field, source, result is OUTCOME)
            elif not isinstance(entry, (bool, np.bool_)):
                raise RuleError(f"{source}: {field} is True or False, not {entry!r}.")
            row.append(entry)
        return tuple(row)

    def _row_of_nothing(self, rule: AppliedRule, partner: tuple[Any, ...]) -> NamedRow:
        """The result that owner and partner stay as they are."""
        stay = {rule.kind.result.owner: (rule.kind.owner, rule.owner)}
        if rule.kind.partner is not None and rule.kind.result.partner is not None:
            stay[rule.kind.result.partner] = (rule.kind.partner, partner[0])
        values = {field: self.spaces[space].ids[value] for field, (space, value) in stay.items()}
        blank = {Column.EVENTS: (), Column.THING: -1}
        return tuple(values.get(field, blank.get(column, 0)) for field, column in rule.kind.result.columns)

    def _add_events(self, events: Any, field: str, source: str, may_carry: bool) -> None:
        if not isinstance(events, tuple) or not all(isinstance(event, (str, Event)) for event in events):
            raise RuleError(f"{source}: {field} is a tuple of names and Events, not {events!r}.")
        for event in events:
            if isinstance(event, Event):
                self.amounts[event.name] = max(event.amount, self.amounts.get(event.name, 0))
                if not may_carry or event.name in self.rules.guards:
                    why = "has a guard" if may_carry else "is not of an Outcome"
                    raise RuleError(f"{source}: the event {event.name!r} {why}, and so can carry no amount.")
        events = tuple(map(name_of, events))
        if COLLISION in events:
            raise RuleError(
                f"{source} reports {COLLISION!r}, what the movement reports of agents in each other's "
                "way; choose another name."
            )
        self.events.update(dict.fromkeys(events))
        if len(self.events) > MAX_EVENTS:
            raise RuleError(f"{source}: more than {MAX_EVENTS} event names: {', '.join(self.events)}.")

    def _refuse_too_many(self, space: Space, value: Any, source: str) -> None:
        cells, agents = (self.spaces[space].ids for space in (Space.CELL, Space.AGENT))
        if space is Space.THING and len(self.spaces[space].values) > MAX_VALUES[space]:
            raise RuleError(
                f"{source} moves {value!r}: that is one thing more than the {MAX_VALUES[space]:,} that there can be. "
                "Let the rules tell fewer of them apart."
            )
        if len(self.spaces[space].values) > MAX_VALUES[space] or len(cells) * len(agents) > MAX_PAIRS:
            raise too_many(self.rules, cells, agents, space, source, self._maker_of_newest(source))

    def _maker_of_newest(self, source: str) -> Newest | None:
        """The rule that has made the newest value, with what it gave and what it was called with to do so."""
        if self.newest is None or self.newest.source != source:
            return None
        if self.newest.kind.partner is not None and self.newest.kind.result.partner is None:
            return None  # It cannot be applied to its own result.
        given = results_of(self.newest.given[-1])
        return self.newest.kind, self.newest_result, given.index(self.newest_result), self.newest.asked
