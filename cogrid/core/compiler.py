"""The compiler: finds every value that a rule set can reach, and writes down what each rule does to each."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from cogrid.core.acts import LIBRARY_ACTS
from cogrid.core.agent import Agent
from cogrid.core.applied_rule import AppliedRule, by_number
from cogrid.core.asked_counts import asked_count
from cogrid.core.chance import Chance, last_words_of, results_of
from cogrid.core.compiled_rules import COLLISION, CompiledRules, Key
from cogrid.core.count_table import Summed
from cogrid.core.counts import Count
from cogrid.core.grid_object import GridObject
from cogrid.core.numbering import Numbering
from cogrid.core.objects import Floor
from cogrid.core.permissions import Permissions
from cogrid.core.rule_calls import impurity
from cogrid.core.rule_kinds import RECEIVE, Row, RuleKind, Space, rule_kinds, written_rules
from cogrid.core.rules import Rules, kind_of
from cogrid.core.unanswered import check_event_names, check_that_acts_are_answered, check_that_draws_are_answered
from cogrid.core.value_checks import read_examples
from cogrid.errors import RuleError

PAIRS_TRIED_AGAIN = 2_000
"""How many pairs of a cell and an agent value, about, show that rules are pure."""


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


class _Closure:
    """The search for every value: rules are applied to the values found so far, until none is new.

    Attributes:
      kinds: the kinds of rules.
      written: the rules that each class writes itself, with whether each takes the world value.
      partners: the spaces whose values rules are called with.
      numbering: the numbers of the values, and the events.
      spaces: the values of each space, by its number.
      counts_asked: the count that each rule of a class asks for.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        acts = LIBRARY_ACTS if rules.own_actions is None else rules.own_actions.listed_acts
        self.kinds = rule_kinds(acts, [draw.calls for draw in rules.draws])
        self.written: dict[type, tuple[tuple[RuleKind, bool], ...]] = {}
        self.partners = {kind.partner for kind in self.kinds}
        self.numbering = Numbering(rules)
        self.spaces = self.numbering.spaces
        self.counts_asked: dict[tuple[type, RuleKind], Count | None] = {}

    def run(self) -> CompiledRules:
        self._add_declared_values()
        self._apply_rules_until_closed()
        self._apply_rules_again()
        self._check_that_values_stayed()
        answered = {kind.name for rules in self.written.values() for kind, _ in rules}
        check_that_acts_are_answered(self.rules, answered, self.written)
        check_that_draws_are_answered(self.rules, answered, self.written)
        reported = tuple(sorted(self.numbering.events))
        check_event_names(self.rules, reported)
        return self._written_down((*reported, COLLISION))

    def _written_down(self, event_names: tuple[str, ...]) -> CompiledRules:
        """What was found, by number."""
        cells, agents, things = (tuple(space.values) for space in self.spaces)
        return CompiledRules(
            rules=self.rules,
            cell_values=cells,
            agent_values=agents,
            things=things,
            event_names=event_names,
            permissions=Permissions.of(cells, agents),
            amounts=dict(sorted(self.numbering.amounts.items())),
            rows=self._rows({name: 1 << bit for bit, name in enumerate(event_names)}),
            last_words=self._last_words(),
            counts={count: Summed.of(count, cells, agents) for count in self.rules.counts},
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

    def _add_declared_values(self) -> None:
        for entry in self.rules.objects:
            fresh = self.rules.fresh.get(self.rules.type_name(entry))
            if fresh is not None:
                self.numbering.number(Space.CELL, fresh, type(fresh).__name__)
            for example in read_examples(kind_of(entry) if fresh is None else fresh):
                self.numbering.number(Space.CELL, example, f"{kind_of(entry).__name__}.examples")
        for value in self.rules.symbols.values():
            self.numbering.number(Space.CELL, value, "the rule set's symbols")
        for item in self.rules.items if self.rules.items_on_floor else ():
            self.numbering.number(Space.CELL, Floor(item), "the rule set's items")
        for agent in self.rules.agents:
            self.numbering.number(Space.AGENT, agent, "the rule set's agents")
            for item in self.rules.items:
                self.numbering.number(Space.AGENT, agent.holding(item), "the rule set's items")

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

    def _rules_of(self, space: Space, value: GridObject | Agent) -> list[AppliedRule]:
        if space is Space.THING:
            return []
        rules = list[AppliedRule]()
        if type(value) not in self.written:
            self.written[type(value)] = written_rules(type(value), space, self._kinds_of(value))
        for kind, takes_world in self.written[type(value)]:
            count = self._asked_count(type(value), kind)
            for world, world_ids in self._worlds(kind, takes_world):
                for number in range(count.cap + 1 if count else 1):
                    asked = {**world, **({count.name: number} if count else {})}
                    method = getattr(value, kind.name)
                    call = functools.partial(method, **asked) if asked else method
                    rules.append(AppliedRule(kind, value, call, asked, world_ids, number))
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

    def _apply(self, rule: AppliedRule, *partner: Any) -> None:
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
        self.numbering.newest = rule
        rule.rows.append(tuple([self.numbering.read(rule, result, partner) for result in results_of(given)]))

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

    def _apply_again(self, rule: AppliedRule, partner_ids: range) -> None:
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

    def _rows(self, bits: Mapping[str, int]) -> dict[RuleKind, dict[Key, tuple[Row, ...]]]:
        """Everything that rules have given, by number."""
        rows: dict[RuleKind, dict[Key, tuple[Row, ...]]] = {kind: {} for kind in self.kinds}
        carrying = sorted(self.numbering.amounts)
        for rule, partner_id, owner_id in self._applied():
            named = rule.rows[partner_id]
            if named is not None:
                results = tuple([by_number(rule.kind, result, bits, carrying) for result in named])
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

    def _applied(self) -> Iterator[tuple[AppliedRule, int, int]]:
        """Each rule with the numbers of each value that it was called with (0 for none) and of its owner."""
        for space in self.spaces:
            for owner_id, rules in enumerate(space.rules):
                for rule in rules:
                    yield from ((rule, partner_id, owner_id) for partner_id in range(len(rule.rows)))
