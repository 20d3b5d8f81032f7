"""`RuleTables`: what the rules of a game do, as constant arrays; the same for every map."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.core.actions import ActionSet, Interaction
from cogrid.core.chance_table import ChanceTable
from cogrid.core.collisions import COLLISION_RULES, CollisionRule
from cogrid.core.compiler import COLLISION, CompiledRules, Key, compile_rules
from cogrid.core.rule_kinds import ENTER, PICKUP_DROP, TICK, TOGGLE, Row, RuleKind
from cogrid.core.rules import Guard, Rules

_KIND_OF = {Interaction.PICKUP_DROP: PICKUP_DROP, Interaction.TOGGLE: TOGGLE}
"""The rule that each interaction calls."""


@dataclasses.dataclass(frozen=True, eq=False)
class PairTable:
    """What a rule does to each pair of an agent value and a cell value, one row per pair.

    A row is read at once: one look-up with four numbers costs XLA less than four.

    Attributes:
      rows: `[K, 4]` int32: the cell value that follows, the agent value that follows, the bit mask of what happened,
        and whether the agent's episode ends. Behind the rows of all pairs there are those of further results.
      chance: which rows are drawn among; None if none is.
    """

    rows: Int[np.ndarray, "K 4"]
    chance: ChanceTable | None

    @functools.cached_property
    def can_end(self) -> bool:
        """Whether any row ends an agent's episode."""
        return bool(self.rows[:, 3].any())

    @classmethod
    def of(cls, compiled: CompiledRules, rules: Sequence[RuleKind | None]) -> PairTable:
        """The table of some rules, one block of rows per rule; None is a rule that does nothing."""
        n_worlds = len(compiled.rules.world_axis)
        n_agents, n_cells = len(compiled.agent_values), len(compiled.cell_values)
        rows = np.zeros((len(rules), n_worlds, n_agents, n_cells, 4), dtype=np.int32)
        rows[..., 0] = np.arange(n_cells)
        rows[..., 1] = np.arange(n_agents)[:, None]
        places = {
            (kind, (world_id, agent_id, cell_id)): ((block * n_worlds + world_id) * n_agents + agent_id) * n_cells
            + cell_id
            for block, kind in enumerate(rules)
            if kind is not None
            for world_id, agent_id, cell_id in compiled.rows[kind]
        }
        return cls(*fill_table(rows.reshape(-1, 4), compiled, places))


def fill_table(
    nothing: Int[np.ndarray, "K C"], compiled: CompiledRules, places: Mapping[tuple[RuleKind, Key], int]
) -> tuple[Int[np.ndarray, "R C"], ChanceTable | None]:
    """A table of what rules do: a row for each thing that can be looked up, and then those of further results.

    Args:
      nothing: `[K, C]` int32, the rows of a rule that does nothing.
      compiled: the rules.
      places: the row of each pair that something follows for, by the kind of rule and its key.
    Returns:
      `[R, C]` int32, R >= K, and which of the first K rows are drawn among; None where none is.
    """
    rows, further, drawn = nothing.copy(), list[Row](), dict[int, tuple[int, ...]]()
    for (kind, key), place in places.items():
        first, *others = compiled.rows[kind][key]
        rows[place] = first
        if others:
            further += others
            drawn[place] = compiled.last_words[kind][key]
    more = np.array(further, dtype=np.int32).reshape(-1, rows.shape[1])
    return np.concatenate([rows, more]), ChanceTable.of(len(rows), drawn)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class RuleTables:
    """What actions and rules do to values.

    Attributes:
      compiled: the numbered values and what the rules do to them.
      cell_dtype: the smallest unsigned integer that numbers all cell values.
      event_names: names of the bits of `EnvState.events`; the last one is "collision".
      redraw_mask: the bits of the events that draw the world value anew.
      guards: for guarded events, the bit and the predicate.
      collisions: what becomes of agents that want one cell.
      turn: `[K * 4]` int32, direction after each action, for each direction before.
      proposes: `[K]` bool, whether an action proposes to move ahead.
      interaction: `[K]` int32, which interaction an action is.
      tick: `[V]`, the value that follows each cell value by itself, and then those of further results.
      tick_chance: which values draw what follows; None if none does.
      passable: `[V]` bool, whether an agent can move into it.
      standable: `[V]` bool, whether an agent can be found in it.
      interact: pair table over (interaction, world value, agent value, cell value).
      enter: pair table over (nothing or enter, world value, agent value, cell value), None if no rule `enter` exists.
    """

    compiled: CompiledRules
    cell_dtype: np.dtype[Any]
    event_names: tuple[str, ...]
    redraw_mask: int
    guards: tuple[tuple[int, Guard], ...]
    collisions: CollisionRule
    turn: Int[np.ndarray, "T"]
    proposes: Bool[np.ndarray, "K"]
    interaction: Int[np.ndarray, "K"]
    tick: UInt[np.ndarray, "R"]
    tick_chance: ChanceTable | None
    passable: Bool[np.ndarray, "V"]
    standable: Bool[np.ndarray, "V"]
    interact: PairTable
    enter: PairTable | None

    @classmethod
    def of(cls, rules: Rules, action_set: ActionSet) -> RuleTables:
        """Compile a rule set, and write down what it does.

        Raises:
          RuleError: when the rules cannot be compiled.
        """
        compiled = compile_rules(rules)
        bits = {name: 1 << bit for bit, name in enumerate(compiled.event_names)}
        cell_dtype = np.dtype(np.min_scalar_type(len(compiled.cell_values) - 1))
        passable = np.array(compiled.passable)
        tick_places = {(TICK, key): key[2] for key in compiled.rows[TICK]}
        n_cells = len(compiled.cell_values)
        tick, tick_chance = fill_table(np.arange(n_cells, dtype=np.int32)[:, None], compiled, tick_places)
        return cls(
            compiled=compiled,
            cell_dtype=cell_dtype,
            event_names=compiled.event_names,
            redraw_mask=sum(bits[name] for name in rules.redraw_on),
            guards=tuple((bits[name], guard) for name, guard in sorted(rules.guards.items())),
            collisions=COLLISION_RULES[rules.collisions],
            turn=action_set.turn_table().reshape(-1),
            proposes=action_set.proposal_table(),
            interaction=action_set.interaction_table(),
            tick=tick.reshape(-1).astype(cell_dtype),
            tick_chance=tick_chance,
            passable=passable,
            standable=_standable(compiled, passable),
            interact=PairTable.of(compiled, [_KIND_OF.get(kind) for kind in Interaction]),
            enter=PairTable.of(compiled, [None, ENTER]) if compiled.rows[ENTER] else None,
        )

    @functools.cached_property
    def does_tick(self) -> Bool[np.ndarray, "V"]:
        """`[V]` bool, which cell values change by themselves, or may."""
        changes = self.tick[: self.n_cell_values] != np.arange(self.n_cell_values)
        return changes if self.tick_chance is None else changes | (self.tick_chance.kind != 0)

    def tick_results(self, cell_id: int) -> set[int]:
        """What a cell value can be one step later, by itself."""
        rows = self.compiled.rows[TICK].get((0, 0, cell_id), ())
        return {row[0] for row in rows} or {cell_id}

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


def _standable(compiled: CompiledRules, passable: Bool[np.ndarray, "V"]) -> Bool[np.ndarray, "V"]:
    """Which values an agent can be found in: those it can move into, and what these become around it."""
    standable = passable.copy()
    becomes = set(compiled.cell_changes({"tick", "enter"}))
    while True:
        reached = standable.copy()
        for before, after in becomes:
            reached[after] |= reached[before]
        if (reached == standable).all():
            return standable
        standable = reached
