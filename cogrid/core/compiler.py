"""The compiler: finds every value that a rule set can reach, and writes down what each rule does to each."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from cogrid.core.actions import Interaction
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.objects import Floor
from cogrid.core.rules import Rules, kind_of
from cogrid.errors import RuleError, did_you_mean

MAX_CELL_VALUES = 10_000
MAX_AGENT_VALUES = 1_000
MAX_PAIRS = 1_000_000
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
      interactions: for `(rule name, world id, agent id, cell id)`, what follows, where anything does.
    """

    rules: Rules
    cell_values: tuple[GridObject, ...]
    agent_values: tuple[Agent, ...]
    event_names: tuple[str, ...]
    tick: tuple[int, ...]
    interactions: dict[tuple[str, int, int, int], Transition]


@functools.lru_cache(maxsize=256)
def compile_rules(rules: Rules) -> CompiledRules:
    """Compile a rule set; done once for equal rule sets.

    Starts from every value that the rule set declares (a fresh object of each class, its examples, each item on the
    floor and in each agent's hand), and applies every rule to every pair until nothing new appears.

    Args:
      rules: the rule set.
    Raises:
      RuleError: when a rule fails or returns something that is no value, when values never stop growing, or when a
        guard or a redraw names an event that no rule reports. Names class, and method or field.
    """
    return _Closure(rules).run()


class _Closure:
    """The values found so far, and the rules applied to them."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.cells: dict[GridObject, int] = {}
        self.agents: dict[Agent, int] = {}
        self.cell_list: list[GridObject] = []
        self.agent_list: list[Agent] = []
        self.events: dict[str, None] = {}
        self.tick: list[int] = []
        self.outcomes: dict[tuple[str, int, int, int], Outcome] = {}

    def run(self) -> CompiledRules:
        self._add_declared_values()
        self._apply_rules_until_closed()
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
            interactions={where: self._transition(outcome, bits) for where, outcome in self.outcomes.items()},
        )

    def _add_declared_values(self) -> None:
        self._cell_id(Floor(), "the rule set")
        for entry in self.rules.objects:
            fresh = self.rules.fresh.get(self.rules.type_name(entry))
            if fresh is not None:
                self._cell_id(fresh, type(fresh).__name__)
            for example in _examples(kind_of(entry) if fresh is None else fresh):
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
                self.tick.append(self._cell_id(_call(cell, "tick", cell.tick), f"{type(cell).__name__}.tick"))
                for agent_id in range(n_agents):
                    self._apply_rules(agent_id, n_cells)
                n_cells += 1
            else:
                for cell_id in range(n_cells):
                    self._apply_rules(n_agents, cell_id)
                n_agents += 1

    def _apply_rules(self, agent_id: int, cell_id: int) -> None:
        cell, agent = self.cell_list[cell_id], self.agent_list[agent_id]
        if isinstance(cell, Floor) and not self.rules.items_on_floor:
            return
        for rule_name, takes_world in _written_rules(type(cell)):
            for world_id, world in enumerate(self.rules.world_axis):
                extra = {"world": world} if takes_world else {}
                outcome = _call(cell, rule_name, getattr(cell, rule_name), agent, **extra)
                if outcome is not None:
                    self._add_outcome(outcome, f"{type(cell).__name__}.{rule_name}")
                    self.outcomes[rule_name, world_id, agent_id, cell_id] = outcome

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
        self.events.update(dict.fromkeys(outcome.events))
        if len(self.events) > MAX_EVENTS:
            raise RuleError(f"{source}: more than {MAX_EVENTS} event names: {', '.join(self.events)}.")

    def _cell_id(self, value: Any, source: str) -> int:
        known = self.cells.get(value) if _is_hashable(value) else None
        if known is not None:
            return known
        _check_cell_value(value, source, self.rules)
        self.cells[value] = len(self.cells)
        self.cell_list.append(value)
        if len(self.cells) > MAX_CELL_VALUES or len(self.cells) * len(self.agents) > MAX_PAIRS:
            raise RuleError(_growth_message(self.cells, source))
        return self.cells[value]

    def _agent_id(self, value: Any, source: str) -> int:
        known = self.agents.get(value) if _is_hashable(value) else None
        if known is not None:
            return known
        _check_agent_value(value, source, self.rules)
        self.agents[value] = len(self.agents)
        self.agent_list.append(value)
        if len(self.agents) > MAX_AGENT_VALUES or len(self.cells) * len(self.agents) > MAX_PAIRS:
            raise RuleError(_growth_message(self.agents, source))
        return self.agents[value]

    def _transition(self, outcome: Outcome, bits: dict[str, int]) -> Transition:
        events = 0
        for name in outcome.events:
            events |= bits[name]
        return Transition(self.cells[outcome.cell], self.agents[outcome.agent], events, bool(outcome.ends))


def _examples(owner: GridObject | type[GridObject]) -> tuple[GridObject, ...]:
    """The examples that an object declares, or its class where there is no fresh value to ask."""
    if kind_of(owner).examples is GridObject.examples:
        return ()
    try:
        examples: Any = owner.examples  # of a class that has no fresh value it must be a class method
        return tuple(examples())
    except Exception as error:
        raise RuleError(f"{kind_of(owner).__name__}.examples failed: {type(error).__name__}: {error}") from error


@functools.cache
def _written_rules(kind: type[GridObject]) -> tuple[tuple[str, bool], ...]:
    """The rules that a class writes itself: name, and whether it takes the world value."""
    written = [
        name for name in ("pickup_drop", "toggle", "enter") if getattr(kind, name) is not getattr(GridObject, name)
    ]
    return tuple((name, "world" in inspect.signature(getattr(kind, name)).parameters) for name in written)


def _call(cell: GridObject, rule_name: str, rule: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return rule(*args, **kwargs)
    except Exception as error:
        given = ", ".join([repr(value) for value in (*args, *kwargs.values())])
        raise RuleError(
            f"{type(cell).__name__}.{rule_name} failed for {cell!r}({given}): {type(error).__name__}: {error}"
        ) from error


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _check_cell_value(value: Any, source: str, rules: Rules) -> None:
    if not isinstance(value, GridObject):
        raise RuleError(f"{source} gave {value!r} for a cell: a cell holds a GridObject.")
    if type(value) not in rules.kinds:
        raise RuleError(
            f"{source} gave {value!r}, and {type(value).__name__} is not among the objects of rules {rules.name!r}."
        )
    _check_fields(value, source)
    on_floor = value.object_type()
    if on_floor is not None and _type_name(on_floor) not in rules.type_names:
        raise RuleError(
            f"{source} gave {value!r}, and {_type_name(on_floor)!r} is not among the items of rules {rules.name!r}."
        )


def _check_agent_value(value: Any, source: str, rules: Rules) -> None:
    if not isinstance(value, Agent):
        raise RuleError(f"{source} gave {value!r} for an agent: an agent is an Agent.")
    _check_fields(value, source)
    if value.held is not None and value.held not in rules.items:
        raise RuleError(f"{source} gave {value!r}, and {value.held!r} is not among the items of rules {rules.name!r}.")


def _check_fields(value: Any, source: str) -> None:
    for field in dataclasses.fields(value):
        if not _is_hashable(getattr(value, field.name)):
            raise RuleError(
                f"{source} gave a {type(value).__name__} whose field {field.name!r} is {getattr(value, field.name)!r}: "
                "fields of a value must be hashable (a tuple instead of a list)."
            )


def _type_name(kind: Any) -> str:
    return kind if isinstance(kind, str) else kind.name


def _check_event_names(rules: Rules, event_names: tuple[str, ...]) -> None:
    for setting, names in (("redraw_on", rules.redraw_on), ("guards", tuple(rules.guards))):
        for name in names:
            if name not in event_names:
                raise RuleError(
                    f"Rules {rules.name!r}: {setting} names the event {name!r}, which no rule reports. "
                    f"{did_you_mean(name, event_names)}"
                )


def _growth_message(values: dict[Any, int], source: str) -> str:
    kind, count = Counter(type(value) for value in values).most_common(1)[0]
    members = [value for value in values if type(value) is kind]
    distinct: dict[str, set[Hashable]] = {
        field.name: {getattr(value, field.name) for value in members} for field in dataclasses.fields(kind)
    }
    widest = max(distinct, key=lambda name: len(distinct[name]))
    return (
        f"The values of {kind.__name__} do not stop growing ({count:,} so far, last from {source}): its field "
        f"{widest!r} has taken {len(distinct[widest]):,} values. Bound what the rules can make of it."
    )
