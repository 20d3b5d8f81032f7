"""The compiler: finds every value that a rule set can reach, and writes down what each rule does to each."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from cogrid.core.actions import Interaction
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.objects import Floor
from cogrid.core.rule_calls import call_rule, failure, impurity, is_hashable
from cogrid.core.rules import Rules, kind_of
from cogrid.core.value_checks import check_agent_value, check_cell_value, read_examples, read_passable
from cogrid.core.value_limits import MAX_AGENT_VALUES, MAX_CELL_VALUES, MAX_PAIRS, Newest, too_many
from cogrid.errors import RuleError, did_you_mean

PAIRS_TRIED_AGAIN = 2_000
"""How many pairs of a cell and an agent value, about, show that rules are pure."""

MAX_EVENTS = 30
"""Of the rules' own. Event masks are int32, the sign bit stays unused, and one bit is for collisions."""

COLLISION = "collision"
"""The one event that no rule reports: an agent was kept from moving by another one. Its bit comes after the rules'."""

RULE_OF = {Interaction.PICKUP_DROP: "pickup_drop", Interaction.TOGGLE: "toggle"}
"""The method that each interaction calls."""


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
      event_names: the events in the order of their bits: those of the rules by name, then "collision".
      tick: the value id that follows each value id by itself.
      passable: whether an agent can move into a cell of each value.
      interactions: for `(rule name, world id, agent id, cell id)`, what follows, where anything does.
    """

    rules: Rules
    cell_values: tuple[GridObject, ...]
    agent_values: tuple[Agent, ...]
    event_names: tuple[str, ...]
    tick: tuple[int, ...]
    passable: tuple[bool, ...]
    interactions: dict[tuple[str, int, int, int], Transition]


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
    """A rule of one cell value, and what it has given for each agent value so far.

    Attributes:
      name: the method's name.
      call: the method, to be called with an agent.
      worlds: the world value that it is called with, too, if it takes one.
      world_ids: the world values that this holds for.
      outcomes: what follows for each agent value, None for nothing.
    """

    name: str
    call: Callable[[Agent], Any]
    worlds: tuple[Hashable, ...]
    world_ids: Sequence[int]
    outcomes: list[Any] = dataclasses.field(default_factory=list[Any])


class _Closure:
    """The values found so far, and the rules applied to them.

    Attributes:
      rules_of: the rules of each cell value.
      newest: the rule that was applied last to a pair of values.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.cells: dict[GridObject, int] = {}
        self.agents: dict[Agent, int] = {}
        self.cell_list: list[GridObject] = []
        self.agent_list: list[Agent] = []
        self.events: dict[str, None] = {}
        self.tick: list[int] = []
        self.rules_of: list[list[_Rule]] = []
        self.newest: _Rule | None = None

    def run(self) -> CompiledRules:
        self._add_declared_values()
        self._apply_rules_until_closed()
        self._apply_rules_again()
        self._check_that_values_stayed()
        reported = tuple(sorted(self.events))
        _check_event_names(self.rules, reported)
        event_names = (*reported, COLLISION)
        bits = {name: 1 << bit for bit, name in enumerate(event_names)}
        return CompiledRules(
            rules=self.rules,
            cell_values=tuple(self.cell_list),
            agent_values=tuple(self.agent_list),
            event_names=event_names,
            tick=tuple(self.tick),
            passable=tuple(read_passable(self.cell_list)),
            interactions={
                (rule.name, world_id, agent_id, cell_id): self._transition(outcome, bits)
                for cell_id, rules in enumerate(self.rules_of)
                for rule in rules
                for agent_id, outcome in enumerate(rule.outcomes)
                if outcome is not None
                for world_id in rule.world_ids
            },
        )

    def _check_that_values_stayed(self) -> None:
        """Refuse a rule that has changed a value, instead of returning another one: nobody finds it by its hash."""
        for values, ids in ((self.cell_list, self.cells), (self.agent_list, self.agents)):
            for number, value in enumerate(values):
                if ids.get(value) != number:
                    raise RuleError(
                        f"A rule has changed a {type(value).__name__} in place, which is {value!r} now: values never "
                        "change, so return replace(self, ...)."
                    )

    def _add_declared_values(self) -> None:
        for entry in self.rules.objects:
            fresh = self.rules.fresh.get(self.rules.type_name(entry))
            if fresh is not None:
                self._cell_id(fresh, type(fresh).__name__)
            for example in read_examples(kind_of(entry) if fresh is None else fresh):
                self._cell_id(example, f"{kind_of(entry).__name__}.examples")
        for value in self.rules.symbols.values():
            self._cell_id(value, "the rule set's symbols")
        for item in self.rules.items if self.rules.items_on_floor else ():
            self._cell_id(Floor(item), "the rule set's items")
        for agent in self.rules.agents:
            self._agent_id(agent, "the rule set's agents")
            for item in self.rules.items:
                self._agent_id(agent.holding(item), "the rule set's items")

    def _apply_rules_until_closed(self) -> None:
        """Take the values in one by one, and apply the rules to each pair of a new value and one taken in before."""
        n_cells = n_agents = 0
        while n_cells < len(self.cell_list) or n_agents < len(self.agent_list):
            if n_cells < len(self.cell_list):
                cell = self.cell_list[n_cells]
                self.rules_of.append(self._rules_of(cell))
                self.tick.append(self._cell_id(call_rule(cell, "tick"), f"{type(cell).__name__}.tick"))
                for agent_id in range(n_agents):
                    self._apply_rules(agent_id, n_cells)
                n_cells += 1
            else:
                for cell_id in range(n_cells):
                    self._apply_rules(n_agents, cell_id)
                n_agents += 1

    def _rules_of(self, cell: GridObject) -> list[_Rule]:
        if isinstance(cell, Floor) and not self.rules.items_on_floor:
            return []
        axis, rules = self.rules.world_axis, list[_Rule]()
        for name, takes_world in _written_rules(type(cell)):
            method = getattr(cell, name)
            if not takes_world:
                rules.append(_Rule(name, method, (), range(len(axis))))
                continue
            for world_id, world in enumerate(axis):
                rules.append(_Rule(name, functools.partial(method, world_value=world), (world,), (world_id,)))
        return rules

    def _apply_rules(self, agent_id: int, cell_id: int) -> None:
        agent = self.agent_list[agent_id]
        for rule in self.rules_of[cell_id]:
            try:
                outcome = rule.call(agent)
            except Exception as error:
                raise failure(self.cell_list[cell_id], rule.name, (agent, *rule.worlds), error) from error
            rule.outcomes.append(outcome)
            if outcome is not None:
                self.newest = rule
                self._add_outcome(outcome, f"{type(self.cell_list[cell_id]).__name__}.{rule.name}")

    def _apply_rules_again(self) -> None:
        """Apply every rule once more, in the reverse order; one that gives something else now is not pure.

        Where there are many pairs of values, those that are tried again are spread over them.
        """
        n_pairs = sum(len(rules) for rules in self.rules_of) * len(self.agent_list)
        stride = 1 + n_pairs // PAIRS_TRIED_AGAIN
        for cell_id in reversed(range(len(self.cell_list))):
            cell, after = self.cell_list[cell_id], self.cell_list[self.tick[cell_id]]
            if (again := call_rule(cell, "tick")) != after:
                raise impurity(cell, "tick", (), after, again)
            for rule in reversed(self.rules_of[cell_id]):
                self._apply_again(cell, rule, range(cell_id % stride, len(self.agent_list), stride)[::-1])

    def _apply_again(self, cell: GridObject, rule: _Rule, agent_ids: range) -> None:
        for agent_id in agent_ids:
            agent, before = self.agent_list[agent_id], rule.outcomes[agent_id]
            try:
                after = rule.call(agent)
            except Exception as error:
                raise failure(cell, rule.name, (agent, *rule.worlds), error) from error
            if after != before:
                args = (agent, *(rule.worlds if self.rules.world_values else ()))
                raise impurity(cell, rule.name, args, before, after)

    def _newest(self, source: str) -> Newest | None:
        """The rule that has made the newest value, and what it was called with to do so."""
        name = source.rpartition(".")[2]
        if self.newest is not None and self.newest.name == name:
            outcome = self.newest.outcomes[-1]
            return name, outcome.cell, (outcome.agent, *self.newest.worlds)
        return (name, self.cell_list[-1], ()) if name == "tick" else None

    def _add_outcome(self, outcome: Any, source: str) -> None:
        if not isinstance(outcome, Outcome):
            raise RuleError(f"{source} returned {outcome!r}: a rule returns an Outcome, or None for nothing.")
        self._cell_id(outcome.cell, source)
        self._agent_id(outcome.agent, source)
        if not isinstance(outcome.events, tuple) or not all(isinstance(name, str) for name in outcome.events):
            raise RuleError(f"{source}: events is a tuple of names, not {outcome.events!r}.")
        if COLLISION in outcome.events:
            raise RuleError(
                f"{source} reports {COLLISION!r}, what the movement reports of agents in each other's "
                "way; choose another name."
            )
        if not isinstance(outcome.ends, (bool, np.bool_)):
            raise RuleError(f"{source}: ends is True or False, not {outcome.ends!r}.")
        self.events.update(dict.fromkeys(outcome.events))
        if len(self.events) > MAX_EVENTS:
            raise RuleError(f"{source}: more than {MAX_EVENTS} event names: {', '.join(self.events)}.")

    def _cell_id(self, value: Any, source: str) -> int:
        known = self.cells.get(value) if is_hashable(value) else None
        if known is not None:
            return known
        check_cell_value(value, source, self.rules)
        self.cells[value] = len(self.cells)
        self.cell_list.append(value)
        if len(self.cells) > MAX_CELL_VALUES or len(self.cells) * len(self.agents) > MAX_PAIRS:
            raise too_many(self.rules, self.cells, self.agents, "cell", source, self._newest(source))
        return self.cells[value]

    def _agent_id(self, value: Any, source: str) -> int:
        known = self.agents.get(value) if is_hashable(value) else None
        if known is not None:
            return known
        check_agent_value(value, source, self.rules)
        self.agents[value] = len(self.agents)
        self.agent_list.append(value)
        if len(self.agents) > MAX_AGENT_VALUES or len(self.cells) * len(self.agents) > MAX_PAIRS:
            raise too_many(self.rules, self.cells, self.agents, "agent", source, self._newest(source))
        return self.agents[value]

    def _transition(self, outcome: Outcome, bits: dict[str, int]) -> Transition:
        events = 0
        for name in outcome.events:
            events |= bits[name]
        return Transition(self.cells[outcome.cell], self.agents[outcome.agent], events, bool(outcome.ends))


@functools.cache
def _written_rules(kind: type[GridObject]) -> tuple[tuple[str, bool], ...]:
    """The rules that a class writes itself: name, and whether it takes the world value."""
    written = [
        name for name in ("pickup_drop", "toggle", "enter") if getattr(kind, name) is not getattr(GridObject, name)
    ]
    return tuple((name, "world_value" in inspect.signature(getattr(kind, name)).parameters) for name in written)


def _check_event_names(rules: Rules, event_names: tuple[str, ...]) -> None:
    for setting, names in (("redraw_on", rules.redraw_on), ("guards", tuple(rules.guards))):
        for name in names:
            if name not in event_names:
                raise RuleError(
                    f"Rules {rules.name!r}: {setting} names the event {name!r}, which no rule reports. "
                    f"{did_you_mean(name, event_names)}"
                )
