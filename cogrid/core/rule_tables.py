"""`RuleTables`: what the rules of a game do, as constant arrays; the same for every map."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.core.actions import ActionSet
from cogrid.core.acts import ITSELF, OWN, Act
from cogrid.core.agent import Agent
from cogrid.core.chance_table import ChanceTable
from cogrid.core.collisions import COLLISION_RULES, CollisionRule
from cogrid.core.compiled_rules import COLLISION, CompiledRules
from cogrid.core.compiler import compile_rules
from cogrid.core.count_table import CountTable
from cogrid.core.fill_table import check_size, fill_table, pair_places
from cogrid.core.reach_table import MeetTable, ReachTable, reach_table
from cogrid.core.rule_calls import call_rule, impurity
from cogrid.core.rule_kinds import AGENT_TICK, ENTER, STAND, TICK, Row, RuleKind, Space, called_rules
from cogrid.core.rules import Guard, Rules
from cogrid.errors import RuleError


@dataclasses.dataclass(frozen=True, eq=False)
class PairTable:
    """What a rule does to each pair of an agent value and a cell value, one row per pair.

    A row is read at once: one look-up with four numbers costs XLA less than four.

    Attributes:
      rows: `[K, 4 + E]` int32: the cell value that follows, the agent value that follows, the bit mask of what
        happened, whether the agent's episode ends, and the amount of each event that carries one anywhere. There are
        several rows for each pair where counts are asked for, and behind the rows of all pairs those of further
        results.
      chance: which rows are drawn among; None if none is.
      counts: which pairs ask for a count; None if none does.
      changes_cells: whether any row makes something else of a cell.
    """

    rows: Int[np.ndarray, "K C"]
    chance: ChanceTable | None
    counts: CountTable | None
    changes_cells: bool

    @functools.cached_property
    def can_end(self) -> bool:
        """Whether any row ends an agent's episode."""
        return bool(self.rows[:, 3].any())

    @classmethod
    def of(cls, compiled: CompiledRules, kinds: Sequence[RuleKind | None]) -> PairTable:
        """The table of some rules, one block of rows per kind; None is a rule that does nothing.

        A rule of the agent itself does the same in front of every cell value, and leaves it as it is.
        """
        n_worlds = len(compiled.rules.world_axis)
        n_agents, n_cells = len(compiled.agent_values), len(compiled.cell_values)
        axes = {"acts": len(kinds), "world values": n_worlds, "agent values": n_agents, "cell values": n_cells}
        check_size(compiled.rules.name, "rules", axes)
        width = 4 + len(compiled.amounts)
        rows = np.zeros((len(kinds), n_worlds, n_agents, n_cells, width), dtype=np.int32)
        rows[..., 0] = np.arange(n_cells)
        rows[..., 1] = np.arange(n_agents)[:, None]

        def widened(thing: int, row: Row) -> Row:
            whole = row if len(row) >= 4 else (thing % n_cells, *row)
            return (*whole, *(0,) * (width - len(whole)))

        names = {kind.name for kind in kinds if kind is not None}
        changes_cells = any(before != after for before, after in compiled.cell_changes(names))
        table = fill_table(rows.reshape(-1, width), compiled, pair_places(compiled, kinds), widened)
        return cls(*table, changes_cells)


@dataclasses.dataclass(frozen=True, eq=False)
class AgentTable:
    """What agents do by themselves in each step, one row per agent value.

    Attributes:
      rows: `[U, 3]` int32: the agent value that follows, the bit mask of what happened, and whether the agent's episode
        ends. Behind the rows of all values there are those of further results.
      chance: which rows are drawn among; None if none is.
    """

    rows: Int[np.ndarray, "U 3"]
    chance: ChanceTable | None

    @functools.cached_property
    def only_changes(self) -> bool:
        """Whether nothing happens in any row, and no episode ends."""
        return not self.rows[:, 1:].any()

    @classmethod
    def of(cls, compiled: CompiledRules) -> AgentTable | None:
        """The table of the agents' ticks; None where no agent has any."""
        still = np.zeros((len(compiled.agent_values), 3), dtype=np.int32)
        still[:, 0] = np.arange(len(still))
        rows, chance, _ = fill_table(still, compiled, [(key[-1], AGENT_TICK, key) for key in compiled.rows[AGENT_TICK]])
        return None if np.array_equal(rows, still) else cls(rows, chance)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class RuleTables:
    """What actions and rules do to values.

    Attributes:
      compiled: the numbered values and what the rules do to them.
      turn: `[K * 4]` int32, direction after each action, for each direction before.
      proposes: `[K]` bool, whether an action proposes to move.
      goes: `[K * 4]` int32, the direction in which each action goes, for each direction after its turn, -1 for none;
        None where no action goes anywhere but ahead.
      takes: `[U * K]` bool, which actions each agent value takes; None where all take all.
      interaction: `[K]` int32, the number of the act that an action is, 0 for none: the acts of the library, then the
        rule set's own.
      acts_here: `[I]` bool, by the number of an act, whether it falls on the agent's own cell; None where none does.
      tick: `[V]`, the value that follows each cell value by itself, `[V * C]` where counts are asked for; and then
        those of further results.
      tick_chance: which of these rows are drawn among; None if none is.
      tick_counts: which cell values ask for a count; None if none does.
      passable: `[V]` bool, whether some agent can move into it.
      passable_by: `[U * V]` bool, whether each agent value can move into it; None where no object asks who it is.
      leave: `[U * V]` bool, whether each agent value can move out of it; None where all can.
      standable: `[V]` bool, whether an agent can be found in it.
      agent_tick: what agents become by themselves; None where none does.
      reach: where acts fall; None where each falls on one cell, known beforehand, and never on another agent.
      meet: what acts do to other agents; None where no agent answers any.
      interact: pair table over (number of the act, world value, agent value, cell value).
      enter: pair table over (nothing or enter, world value, agent value, cell value), None if no rule `enter` exists.
      stand: the same for the rules `stand`.
    """

    compiled: CompiledRules
    turn: Int[np.ndarray, "T"]
    proposes: Bool[np.ndarray, "K"]
    goes: Int[np.ndarray, "T"] | None
    takes: Bool[np.ndarray, "P"] | None
    interaction: Int[np.ndarray, "K"]
    acts_here: Bool[np.ndarray, "I"] | None
    tick: UInt[np.ndarray, "R"]
    tick_chance: ChanceTable | None
    tick_counts: CountTable | None
    passable: Bool[np.ndarray, "V"]
    passable_by: Bool[np.ndarray, "P"] | None
    leave: Bool[np.ndarray, "P"] | None
    standable: Bool[np.ndarray, "V"]
    agent_tick: AgentTable | None
    reach: ReachTable | None
    meet: MeetTable | None
    interact: PairTable
    enter: PairTable | None
    stand: PairTable | None

    @classmethod
    def of(cls, rules: Rules, action_set: ActionSet) -> RuleTables:
        """Compile a rule set, and write down what it does.

        Raises:
          RuleError: when the rules cannot be compiled.
        """
        compiled = compile_rules(rules)
        permissions = compiled.permissions
        tick_places = [(key[-1], TICK, key) for key in compiled.rows[TICK]]
        still = np.arange(len(compiled.cell_values), dtype=np.int32)[:, None]
        tick, tick_chance, tick_counts = fill_table(still, compiled, tick_places)
        goes = action_set.go_table()
        acts = [None, *map(_rule_of_act, action_set.acts)]
        interact, meet = PairTable.of(compiled, acts), MeetTable.of(compiled, list(map(_rule_of_other, acts)))
        return cls(
            compiled=compiled,
            turn=action_set.turn_table().reshape(-1),
            proposes=goes[:, 0] >= 0,
            goes=None if ((goes < 0) | (goes == np.arange(4))).all() else goes.reshape(-1),
            takes=_takes(compiled, action_set),
            interaction=action_set.interaction_table(),
            acts_here=_acts_here(action_set.acts),
            tick=tick.reshape(-1).astype(compiled.cell_dtype),
            tick_chance=tick_chance,
            tick_counts=tick_counts,
            passable=permissions.passable,
            passable_by=None if permissions.passable_by is None else permissions.passable_by.reshape(-1),
            leave=None if permissions.leave is None else permissions.leave.reshape(-1),
            standable=_standable(compiled, action_set, permissions.passable),
            agent_tick=AgentTable.of(compiled),
            reach=reach_table(compiled, action_set.acts, acts, permissions.passable, meet),
            meet=meet,
            interact=interact,
            enter=PairTable.of(compiled, [None, ENTER]) if compiled.rows[ENTER] else None,
            stand=PairTable.of(compiled, [None, STAND]) if compiled.rows[STAND] else None,
        )

    @functools.cached_property
    def cell_dtype(self) -> np.dtype[Any]:
        """The smallest unsigned integer that numbers all cell values."""
        return self.compiled.cell_dtype

    @property
    def event_names(self) -> tuple[str, ...]:
        """Names of the bits of `EnvState.events`; the last one is "collision"."""
        return self.compiled.event_names

    @functools.cached_property
    def redraw_mask(self) -> int:
        """The bits of the events that draw the world value anew."""
        return sum(self.compiled.event_bit(name) for name in self.compiled.rules.redraw_on)

    @functools.cached_property
    def guards(self) -> tuple[tuple[int, Guard], ...]:
        """For guarded events, the bit and the predicate."""
        return tuple(
            (self.compiled.event_bit(name), guard) for name, guard in sorted(self.compiled.rules.guards.items())
        )

    @functools.cached_property
    def collisions(self) -> CollisionRule:
        """What becomes of agents that want one cell."""
        return COLLISION_RULES[self.compiled.rules.collisions]

    @functools.cached_property
    def does_tick(self) -> Bool[np.ndarray, "V"]:
        """`[V]` bool, which cell values change by themselves, or may."""
        return np.array([self.tick_results(cell_id) != {cell_id} for cell_id in range(self.n_cell_values)])

    def tick_results(self, cell_id: int) -> set[int]:
        """What a cell value can be one step later, by itself."""
        return self._ticks.get(cell_id, {cell_id})

    @functools.cached_property
    def _ticks(self) -> dict[int, set[int]]:
        ticks: dict[int, set[int]] = {}
        for (*_, cell_id), rows in self.compiled.rows[TICK].items():
            ticks.setdefault(cell_id, set()).update(row[0] for row in rows)
        return ticks

    @property
    def amount_names(self) -> tuple[str, ...]:
        """The events that carry an amount, in the order of the state's `amounts`."""
        return tuple(self.compiled.amounts)

    @functools.cached_property
    def n_cell_values(self) -> int:
        """How many cell values there are, V."""
        return len(self.compiled.cell_values)

    @functools.cached_property
    def n_agent_values(self) -> int:
        """How many agent values there are, U."""
        return len(self.compiled.agent_values)

    @functools.cached_property
    def n_world_values(self) -> int:
        """How many world values there are; 1 in a game that has none."""
        return len(self.compiled.rules.world_axis)

    @functools.cached_property
    def has_world_values(self) -> bool:
        """Whether there are world values."""
        return bool(self.compiled.rules.world_values)

    @functools.cached_property
    def collision_mask(self) -> int:
        """The bit of the event "collision"."""
        return 1 << self.event_names.index(COLLISION)

    @functools.cached_property
    def type_of(self) -> tuple[str, ...]:
        """The name of each cell value's object type, V of them."""
        return tuple(map(self.compiled.rules.type_name, self.compiled.cell_values))

    def open_to(self, agent_ids: Collection[int]) -> Bool[np.ndarray, "V"]:
        """Whether each of some agent values can move into each cell value.

        Args:
          agent_ids: the agent values.
        """
        if self.passable_by is None:
            return self.passable
        return np.logical_and.reduce(self.passable_by.reshape(self.n_agent_values, -1)[list(agent_ids)])

    def types_that_become(self, names: Collection[str]) -> set[str]:
        """The object types that can turn into one of some, these among them, by any rule.

        Args:
          names: the names of the object types.
        """
        found = set(names)
        while True:
            more = {before for before, after in self._type_changes if after in found} - found
            if not more:
                return found
            found |= more

    @functools.cached_property
    def _type_changes(self) -> set[tuple[str, str]]:
        """Which object type turns into which, by any rule."""
        names = self.type_of
        return {(names[before], names[after]) for before, after in self.compiled.cell_changes()}


def _rule_of_act(act: Act) -> RuleKind:
    """The rule that an act calls: of the cell that it falls on, or of the agent itself."""
    return called_rules(act.calls, act.reach is ITSELF)[0]


def _rule_of_other(kind: RuleKind | None) -> RuleKind | None:
    """The rule of another agent that an act calls, by the rule of an object; None for an act on the agent itself."""
    return called_rules(kind.name)[1] if kind is not None and kind.owner is Space.CELL else None


def _acts_here(acts: Sequence[Act]) -> Bool[np.ndarray, "I"] | None:
    """By its number, whether an act falls on the agent's own cell; None where none does."""
    here = np.array([False, *(act.reach in (OWN, ITSELF) for act in acts)])
    return here if here.any() else None


def _takes(compiled: CompiledRules, action_set: ActionSet) -> Bool[np.ndarray, "P"] | None:
    """Which actions each agent value takes, asked twice; None where every value takes all."""
    if all(type(agent).takes is Agent.takes for agent in compiled.agent_values):
        return None
    asked = [(agent, name) for agent in compiled.agent_values for name in action_set.names]
    answers = [call_rule(agent, "takes", name) for agent, name in asked]
    for (agent, name), answer in zip(asked, answers, strict=True):
        owner = f"{type(agent).__name__}.takes"
        if not isinstance(answer, (bool, np.bool_)):
            raise RuleError(f"{owner} returned {answer!r} for {agent!r}({name!r}): it is True or False.")
        if name == "Noop" and not answer:
            raise RuleError(f"{owner} returned False for {agent!r}('Noop'): every agent can do nothing.")
    again = [call_rule(agent, "takes", name) for agent, name in reversed(asked)][::-1]
    for (agent, name), before, after in zip(asked, answers, again, strict=True):
        if before != after:
            raise impurity(agent, "takes", (name,), before, after)
    return None if all(answers) else np.array(answers, dtype=np.bool_)


def _standable(
    compiled: CompiledRules, action_set: ActionSet, passable: Bool[np.ndarray, "V"]
) -> Bool[np.ndarray, "V"]:
    """Which values an agent can be found in: those it can move into, and what these become around it."""
    standable = passable.copy()
    drawn = [draw.calls for draw in compiled.rules.draws]
    own = [act.calls for act in action_set.listed_acts if act.reach is OWN]
    becomes = set(compiled.cell_changes({"tick", "enter", "stand", "roam", *drawn, *own}))
    while True:
        reached = standable.copy()
        for before, after in becomes:
            reached[after] |= reached[before]
        if (reached == standable).all():
            return standable
        standable = reached
