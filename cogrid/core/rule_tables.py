"""`RuleTables`: what the rules of a game do, as constant arrays; the same for every map."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Collection
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.core.actions import ActionSet, Interaction
from cogrid.core.collisions import COLLISION_RULES, CollisionRule
from cogrid.core.compiler import COLLISION, RULE_OF, CompiledRules, compile_rules
from cogrid.core.rules import Guard, Rules


@dataclasses.dataclass(frozen=True, eq=False)
class PairTable:
    """What a rule does to each pair of an agent value and a cell value, one row per pair.

    A row is read at once: one look-up with four numbers costs XLA less than four.

    Attributes:
      rows: `[K, 4]` int32: the cell value that follows, the agent value that follows, the bit mask of what happened,
        and whether the agent's episode ends.
    """

    rows: Int[np.ndarray, "K 4"]

    @functools.cached_property
    def can_end(self) -> bool:
        """Whether any row ends an agent's episode."""
        return bool(self.rows[:, 3].any())

    @classmethod
    def of(cls, compiled: CompiledRules, rules: list[str | None]) -> PairTable:
        """The table of some rules, one block of rows per rule; None is a rule that does nothing."""
        n_worlds = len(compiled.rules.world_axis)
        n_agents, n_cells = len(compiled.agent_values), len(compiled.cell_values)
        rows = np.zeros((len(rules), n_worlds, n_agents, n_cells, 4), dtype=np.int32)
        rows[..., 0] = np.arange(n_cells)
        rows[..., 1] = np.arange(n_agents)[:, None]
        for (rule, world_id, agent_id, cell_id), after in compiled.interactions.items():
            if rule in rules:
                row = (after.cell, after.agent, after.events, after.ends)
                rows[rules.index(rule), world_id, agent_id, cell_id] = row
        return cls(rows.reshape(-1, 4))


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
      tick: `[V]`, the value that follows each cell value by itself.
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
    tick: UInt[np.ndarray, "V"]
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
        has_enter = any(rule == "enter" for rule, *_ in compiled.interactions)
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
            tick=np.array(compiled.tick, dtype=cell_dtype),
            passable=passable,
            standable=_standable(compiled, passable),
            interact=PairTable.of(compiled, [RULE_OF.get(kind) for kind in Interaction]),
            enter=PairTable.of(compiled, [None, "enter"]) if has_enter else None,
        )

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
