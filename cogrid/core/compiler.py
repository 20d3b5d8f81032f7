"""The compiler: finds every value that a rule set can reach, and writes down what each rule does to each."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from cogrid.core.acts import ITSELF, LIBRARY_ACTS, Act
from cogrid.core.agent import Agent
from cogrid.core.asked_counts import asked_count
from cogrid.core.chance import Chance, last_words_of, results_of
from cogrid.core.count_table import Summed
from cogrid.core.counts import Count
from cogrid.core.grid_object import Event, GridObject
from cogrid.core.objects import Floor
from cogrid.core.permissions import Permissions
from cogrid.core.rule_calls import failure, impurity, is_hashable
from cogrid.core.rule_kinds import (
    MEETING,
    OUTCOME,
    RECEIVE,
    SPACE_OF,
    Column,
    Row,
    RuleKind,
    Space,
    rule_kinds,
    written_rules,
)
from cogrid.core.rules import Rules, kind_of
from cogrid.core.value_checks import check_agent_value, check_cell_value, check_thing, read_examples
from cogrid.core.value_limits import MAX_PAIRS, MAX_VALUES, Newest, too_many
from cogrid.errors import RuleError, did_you_mean

PAIRS_TRIED_AGAIN = 2_000
"""How many pairs of a cell and an agent value, about, show that rules are pure."""

MAX_EVENTS = 30
"""Of the rules' own. Event masks are int32, the sign bit stays unused, and one bit is for collisions."""

COLLISION = "collision"
"""The one event that no rule reports: an agent was kept from moving by another one. Its bit comes after the rules'."""

NamedRow = tuple[Any, ...]
"""A row with the names of events."""

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


@functools.lru_cache(maxsize=256)
def compile_rules(rules: Rules) -> CompiledRules:
    """Compile a rule set; done once for equal rule sets.

    Starts from every value that the rule set declares (a fresh object of each class, its examples, each item on the
    floor and in each agent's hand), and applies every rule to every pair until nothing new appears. Then every rule is
    applied again, in the reverse order, and must give the same (to some of the pairs only where there are many).

    Args:
      rules: the rule set.
    Raises:
      RuleError: when a rule fails, returns something that is not a value, or returns something else the second
        time, when there are too many values, or when a guard or a redraw names an event that no rule reports. Names
        class, and method or field.
    """
    return _Closure(rules).run()


@dataclasses.dataclass(frozen=True, eq=False)
class _Rule:
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


class _Numbering:
    """The values of one space that have been found, in the order of their numbers.

    Attributes:
      values: the values.
      ids: their numbers.
      rules: the rules of each value that has been taken in.
    """

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.ids: dict[Any, int] = {}
        self.rules: list[list[_Rule]] = []

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


class _Closure:
    """The values found so far, and the rules applied to them.

    Attributes:
      kinds: the kinds of rules.
      written: the rules that each class writes itself, with whether each takes the world value.
      partners: the spaces whose values rules are called with.
      spaces: the values of each space, by its number.
      counts_asked: the count that each rule of a class asks for.
      newest: the rule that was applied last.
      newest_result: which of its results was read last.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        acts = LIBRARY_ACTS if rules.own_actions is None else rules.own_actions.listed_acts
        self.kinds = rule_kinds(acts, [draw.calls for draw in rules.draws])
        self.written: dict[type, tuple[tuple[RuleKind, bool], ...]] = {}
        self.partners = {kind.partner for kind in self.kinds}
        self.spaces = [_Numbering() for _ in Space]
        self.events: dict[str, None] = {}
        self.amounts: dict[str, int] = {}
        self.counts_asked: dict[tuple[type, RuleKind], Count | None] = {}
        self.newest: _Rule | None = None
        self.newest_result: Any = None

    def run(self) -> CompiledRules:
        self._add_declared_values()
        self._apply_rules_until_closed()
        self._apply_rules_again()
        self._check_that_values_stayed()
        self._check_that_acts_are_answered()
        self._check_that_draws_are_answered()
        reported = tuple(sorted(self.events))
        _check_event_names(self.rules, reported)
        event_names = (*reported, COLLISION)
        rows = self._rows({name: 1 << bit for bit, name in enumerate(event_names)})
        cells, agents = (self.spaces[space].values for space in (Space.CELL, Space.AGENT))
        return CompiledRules(
            rules=self.rules,
            cell_values=tuple(cells),
            agent_values=tuple(agents),
            things=tuple(self.spaces[Space.THING].values),
            event_names=event_names,
            permissions=Permissions.of(cells, agents),
            amounts=dict(sorted(self.amounts.items())),
            rows=rows,
            last_words=self._last_words(),
            counts={count: Summed.of(count, cells, self.spaces[Space.AGENT].values) for count in self.rules.counts},
            asked={
                (rule.kind, owner_id): count
                for rule, _, owner_id in self._applied()
                if (count := self.counts_asked[type(rule.owner), rule.kind])
            },
        )

    def _check_that_values_stayed(self) -> None:
        """Refuse a rule that has changed a value, instead of returning another one: nobody finds it by its hash."""
        for space in self.spaces:
            for number, value in enumerate(space.values):
                if space.ids.get(value) != number:
                    raise RuleError(
                        f"A rule has changed a {type(value).__name__} in place, which is {value!r} now: values never "
                        "change, so return replace(self, ...)."
                    )

    def _check_that_acts_are_answered(self) -> None:
        """Refuse an act of the rule set's own that calls a method that nothing has."""
        answered = {kind.name for rules in self.written.values() for kind, _ in rules}
        for act in () if self.rules.own_actions is None else self.rules.own_actions.own_acts:
            if act.calls not in answered:
                who = "agent" if act.reach is ITSELF else "object and no agent"
                arguments = "self" if act.reach is ITSELF else "self, agent"
                raise RuleError(
                    f"Rules {self.rules.name!r}: no {who} answers the act {act.name!r}: {self._misplaced(act)}"
                    f"write def {act.calls}({arguments}) in the class that it is for. "
                    f"{did_you_mean(act.calls, self._public_methods())}"
                )

    def _misplaced(self, act: Act) -> str:
        """Of an act on the agent itself, which object has the method that it calls, to begin a remedy with."""
        objects = [kind.__name__ for kind in self.rules.kinds if act.calls in self._methods_of(kind)]
        if act.reach is not ITSELF or not objects:
            return ""
        return (
            f"{objects[0]} has {act.calls!r}, and reach=ITSELF calls the acting agent's own; choose another reach, or "
        )

    def _check_that_draws_are_answered(self) -> None:
        """Refuse a draw that calls a method that nothing has."""
        answered = {kind.name for rules in self.written.values() for kind, _ in rules}
        for draw in self.rules.draws:
            if draw.calls not in answered:
                raise RuleError(
                    f"Rules {self.rules.name!r}: no object and no agent answers the draw of {draw.calls!r}: write def "
                    f"{draw.calls}(self) in the class that it is for. "
                    f"{did_you_mean(draw.calls, self._public_methods())}"
                )

    def _public_methods(self) -> list[str]:
        """What the classes of the rule set have, to find a misspelt method."""
        return sorted({name for kind in self.written for name in self._methods_of(kind)})

    @staticmethod
    def _methods_of(kind: type) -> list[str]:
        """The methods that a class writes itself and the library does not know."""
        known = {*dir(GridObject), *dir(Agent)}
        return [name for name, value in vars(kind).items() if callable(value) and name not in known]

    def _add_declared_values(self) -> None:
        for entry in self.rules.objects:
            fresh = self.rules.fresh.get(self.rules.type_name(entry))
            if fresh is not None:
                self._number(Space.CELL, fresh, type(fresh).__name__)
            for example in read_examples(kind_of(entry) if fresh is None else fresh):
                self._number(Space.CELL, example, f"{kind_of(entry).__name__}.examples")
        for value in self.rules.symbols.values():
            self._number(Space.CELL, value, "the rule set's symbols")
        for item in self.rules.items if self.rules.items_on_floor else ():
            self._number(Space.CELL, Floor(item), "the rule set's items")
        for agent in self.rules.agents:
            self._number(Space.AGENT, agent, "the rule set's agents")
            for item in self.rules.items:
                self._number(Space.AGENT, agent.holding(item), "the rule set's items")

    def _apply_rules_until_closed(self) -> None:
        """Take the values in one by one, those of the first space that has any left first."""
        while waiting := [
            space for space, found in zip(Space, self.spaces, strict=True) if found.n_taken < len(found.values)
        ]:
            self._take_in(waiting[0])

    def _take_in(self, space: Space) -> None:
        """Apply the rules of the next value, and apply rules to it, with every value that was taken in before."""
        number = self.spaces[space].n_taken
        rules = self._rules_of(space, self.spaces[space].values[number])
        for rule in rules:
            if rule.kind.partner is None:
                self._apply(rule)
        for partner in self.spaces:
            paired = [
                rule for rule in rules if rule.kind.partner is not None and self.spaces[rule.kind.partner] is partner
            ]
            for value in partner.values[: partner.n_taken] if paired else ():
                for rule in paired:
                    self._apply(rule, value)
        self.spaces[space].rules.append(rules)
        if space in self.partners:
            self._apply_to(space, self.spaces[space].values[number])

    def _apply_to(self, space: Space, value: GridObject | Agent) -> None:
        """Apply the rules of all values that were taken in to a value that they can be called with."""
        for owner in self.spaces:
            for rules in owner.rules:
                for rule in rules:
                    if rule.kind.partner is space:
                        self._apply(rule, value)

    def _rules_of(self, space: Space, value: GridObject | Agent) -> list[_Rule]:
        if space is Space.THING:
            return []
        rules = list[_Rule]()
        if type(value) not in self.written:
            self.written[type(value)] = written_rules(type(value), space, self._kinds_of(value))
        for kind, takes_world in self.written[type(value)]:
            count = self._asked_count(type(value), kind)
            for world, world_ids in self._worlds(kind, takes_world):
                for number in range(count.cap + 1 if count else 1):
                    asked = {**world, **({count.name: number} if count else {})}
                    method = getattr(value, kind.name)
                    call = functools.partial(method, **asked) if asked else method
                    rules.append(_Rule(kind, value, call, asked, world_ids, number))
        return rules

    def _worlds(self, kind: RuleKind, takes_world: bool) -> list[tuple[dict[str, Hashable], Sequence[int]]]:
        """What a rule is told of the world value, and the world values that this holds for."""
        axis = self.rules.world_axis
        if takes_world:
            return [({"world_value": world}, (world_id,)) for world_id, world in enumerate(axis)]
        return [({}, range(len(axis)) if kind.takes_world else range(1))]

    def _asked_count(self, owner: type, kind: RuleKind) -> Count | None:
        if (owner, kind) not in self.counts_asked:
            self.counts_asked[owner, kind] = asked_count(owner, kind, self.rules)
        return self.counts_asked[owner, kind]

    def _kinds_of(self, value: GridObject | Agent) -> Sequence[RuleKind]:
        """The kinds of rules that count for a value: where nothing is put down, floor does nothing but receive."""
        return (RECEIVE,) if isinstance(value, Floor) and not self.rules.items_on_floor else self.kinds

    def _apply(self, rule: _Rule, *partner: Any) -> None:
        try:
            given = rule.call(*partner)
        except Exception as error:
            raise rule.failure(partner, error) from error
        rule.given.append(given)
        if given is None and rule.kind.result.is_optional:
            rule.rows.append(None)
            return
        if rule.kind.is_certain and isinstance(given, Chance):
            raise RuleError(f"{rule.source} returned {given!r}: what it says must be certain, so name one result.")
        self.newest = rule
        rule.rows.append(tuple([self._read(rule, result, partner) for result in results_of(given)]))

    def _apply_rules_again(self) -> None:
        """Apply every rule once more, in the reverse order; one that gives something else now is not pure.

        Where there are many pairs of values, those that are tried again are spread over them.
        """
        applied = [rules for space in self.spaces for rules in space.rules]
        stride = 1 + sum(len(rule.given) for rules in applied for rule in rules) // PAIRS_TRIED_AGAIN
        for number, rules in reversed(list(enumerate(applied))):
            for rule in reversed(rules):
                first = number % stride if rule.kind.partner is not None else 0
                self._apply_again(rule, range(first, len(rule.given), stride)[::-1])

    def _apply_again(self, rule: _Rule, partner_ids: range) -> None:
        partners = None if rule.kind.partner is None else self.spaces[rule.kind.partner].values
        for partner_id in partner_ids:
            partner = () if partners is None else (partners[partner_id],)
            before = rule.given[partner_id]
            try:
                after = rule.call(*partner)
            except Exception as error:
                raise rule.failure(partner, error) from error
            if after != before:
                raise impurity(rule.owner, rule.kind.name, partner, before, after, rule.asked)

    def _newest(self, source: str) -> Newest | None:
        """The rule that has made the newest value, with what it gave and what it was called with to do so."""
        if self.newest is None or self.newest.source != source:
            return None
        if self.newest.kind.partner is not None and self.newest.kind.result.partner is None:
            return None  # It cannot be applied to its own result.
        given = results_of(self.newest.given[-1])
        return self.newest.kind, self.newest_result, given.index(self.newest_result), self.newest.asked

    def _read(self, rule: _Rule, given: Any, partner: tuple[Any, ...]) -> NamedRow:
        """A result of a rule, by number, values that are new numbered; events by name."""
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
                row.append(self._number(SPACE_OF[column], entry, source))
                continue
            if column is Column.EVENTS:
                self._add_events(entry, field, source, result is OUTCOME)
            elif not isinstance(entry, (bool, np.bool_)):
                raise RuleError(f"{source}: {field} is True or False, not {entry!r}.")
            row.append(entry)
        return tuple(row)

    def _row_of_nothing(self, rule: _Rule, partner: tuple[Any, ...]) -> NamedRow:
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
        events = tuple(map(_name_of, events))
        if COLLISION in events:
            raise RuleError(
                f"{source} reports {COLLISION!r}, what the movement reports of agents in each other's "
                "way; choose another name."
            )
        self.events.update(dict.fromkeys(events))
        if len(self.events) > MAX_EVENTS:
            raise RuleError(f"{source}: more than {MAX_EVENTS} event names: {', '.join(self.events)}.")

    def _number(self, space: Space, value: Any, source: str) -> int:
        """The number of a value, which is a new one if the value is new."""
        found = self.spaces[space]
        known = found.ids.get(value) if is_hashable(value) else None
        if known is not None:
            return known
        _CHECKS[space](value, source, self.rules)
        number = found.ids[value] = len(found.values)
        found.values.append(value)
        cells, agents = (self.spaces[space].ids for space in (Space.CELL, Space.AGENT))
        if space is Space.THING and len(found.values) > MAX_VALUES[space]:
            raise RuleError(
                f"{source} moves {value!r}: that is one thing more than the {MAX_VALUES[space]:,} that there can be. "
                "Let the rules tell fewer of them apart."
            )
        if len(found.values) > MAX_VALUES[space] or len(cells) * len(agents) > MAX_PAIRS:
            raise too_many(self.rules, cells, agents, space, source, self._newest(source))
        return number

    def _rows(self, bits: Mapping[str, int]) -> dict[RuleKind, dict[Key, tuple[Row, ...]]]:
        """Everything that rules have given, by number."""
        rows: dict[RuleKind, dict[Key, tuple[Row, ...]]] = {kind: {} for kind in self.kinds}
        for rule, partner_id, owner_id in self._applied():
            named = rule.rows[partner_id]
            if named is not None:
                results = tuple([_by_number(rule.kind, result, bits, sorted(self.amounts)) for result in named])
                for world_id in rule.world_ids:
                    rows[rule.kind][rule.number, world_id, partner_id, owner_id] = results
        return rows

    def _last_words(self) -> dict[RuleKind, dict[Key, tuple[int, ...]]]:
        """The last word of each result of every chance."""
        words: dict[RuleKind, dict[Key, tuple[int, ...]]] = {kind: {} for kind in self.kinds}
        for rule, partner_id, owner_id in self._applied():
            if isinstance(rule.given[partner_id], Chance):
                for world_id in rule.world_ids:
                    words[rule.kind][rule.number, world_id, partner_id, owner_id] = last_words_of(
                        rule.given[partner_id]
                    )
        return words

    def _applied(self) -> Iterator[tuple[_Rule, int, int]]:
        """Each rule with the numbers of each value that it was called with (0 for none) and of its owner."""
        for space in self.spaces:
            for owner_id, rules in enumerate(space.rules):
                for rule in rules:
                    yield from ((rule, partner_id, owner_id) for partner_id in range(len(rule.rows)))


def _by_number(kind: RuleKind, named: tuple[Any, ...], bits: Mapping[str, int], carrying: Sequence[str]) -> Row:
    """A row whose events are a bit mask; of an Outcome with the amounts of the events that carry any."""
    row = [
        functools.reduce(lambda mask, event: mask | bits[_name_of(event)], entry, 0)
        if column is Column.EVENTS
        else int(entry)
        for (_, column), entry in zip(kind.result.columns, named, strict=True)
    ]
    for name in carrying if kind.result is OUTCOME else ():
        (events,) = (named[place] for place in kind.result.of_column(Column.EVENTS))
        row.append(sum(event.amount if isinstance(event, Event) else 1 for event in events if _name_of(event) == name))
    return tuple(row)


def _name_of(event: str | Event) -> str:
    return event if isinstance(event, str) else event.name


def _check_event_names(rules: Rules, event_names: tuple[str, ...]) -> None:
    by_draws = tuple(name for draw in rules.draws for name in draw.on)
    for setting, names in (("redraw_on", rules.redraw_on), ("guards", tuple(rules.guards)), ("draws", by_draws)):
        for name in names:
            if name not in event_names:
                raise RuleError(
                    f"Rules {rules.name!r}: {setting} names the event {name!r}, which no rule reports. "
                    f"{did_you_mean(name, event_names)}"
                )
