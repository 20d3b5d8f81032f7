"""`MoveTables`: what can be pushed, what moves by itself, and what receives it, as constant arrays."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Int

from cogrid.core.chance_table import ChanceTable
from cogrid.core.compiled_rules import CompiledRules
from cogrid.core.fill_table import fill_table
from cogrid.core.map_tables import MapTables
from cogrid.core.rule_kinds import LIFT, RECEIVE, ROAM
from cogrid.errors import RuleError


@dataclasses.dataclass(frozen=True, eq=False)
class MoveTables:
    """What moves, and what becomes of the cells that it leaves and comes to.

    Attributes:
      lift: `[U * V, 3]` int32, for each pair of an agent value and a cell value: the thing that the agent pushes out of
        such a cell, -1 for none; the cell value that stays behind; the bit mask of what happened. None where nothing
        can be pushed.
      receive: `[T * V]` int32, for each pair of a thing and a cell value the cell value that follows; -1 for none.
      roam: `[R, 3]` int32, for each cell value, and then for further results: the thing that moves out of such a cell
        by itself, -1 for none; the cell value that stays behind; whether it moves to one of eight neighbours, rather
        than of four. None where nothing moves by itself.
      roam_chance: which rows of it are drawn among; None if none is.
    """

    lift: Int[np.ndarray, "P 3"] | None
    receive: Int[np.ndarray, "Q"]
    roam: Int[np.ndarray, "R 3"] | None
    roam_chance: ChanceTable | None

    @classmethod
    def of(cls, compiled: CompiledRules) -> MoveTables | None:
        """The tables of a rule set; None where nothing is pushed, and nothing moves by itself.

        Raises:
          RuleError: for a thing that no object receives, and for a push that leaves behind what the agent cannot enter.
        """
        if not (compiled.rows[LIFT] or compiled.rows[ROAM]):
            return None
        _check_that_things_are_received(compiled)
        roam, roam_chance = _roam_table(compiled)
        return cls(_lift_table(compiled), _receive_table(compiled), roam, roam_chance)


def _lift_table(compiled: CompiledRules) -> Int[np.ndarray, "P 3"] | None:
    if not compiled.rows[LIFT]:
        return None
    n_cells = len(compiled.cell_values)
    rows = np.zeros((len(compiled.agent_values) * n_cells, 3), dtype=np.int32)
    rows[:, 0], rows[:, 1] = -1, np.tile(np.arange(n_cells), len(compiled.agent_values))
    for (*_, agent_id, cell_id), ((thing, left, events, _),) in compiled.rows[LIFT].items():
        _check_that_it_leaves_room(compiled, agent_id, cell_id, left)
        rows[agent_id * n_cells + cell_id] = thing, left, events
    return rows


def _receive_table(compiled: CompiledRules) -> Int[np.ndarray, "Q"]:
    n_cells = len(compiled.cell_values)
    table = np.full(len(compiled.things) * n_cells, -1, dtype=np.int32)
    for (*_, thing_id, cell_id), ((after,),) in compiled.rows[RECEIVE].items():
        table[thing_id * n_cells + cell_id] = after
    return table


def _roam_table(compiled: CompiledRules) -> tuple[Int[np.ndarray, "R 3"] | None, ChanceTable | None]:
    if not compiled.rows[ROAM]:
        return None, None
    stays = np.zeros((len(compiled.cell_values), 4), dtype=np.int32)
    stays[:, 0], stays[:, 1] = -1, np.arange(len(stays))
    rows, chance, _ = fill_table(stays, compiled, [(key[-1], ROAM, key) for key in compiled.rows[ROAM]])
    if rows[:, 2].any():
        kinds = {type(compiled.cell_values[key[-1]]).__name__ for key in compiled.rows[ROAM]}
        raise RuleError(
            f"{' or '.join(sorted(kinds))}.roam gives a Move with events, and there is no agent to whom they could "
            "happen: leave them out."
        )
    return np.ascontiguousarray(rows[:, [0, 1, 3]]), chance


def _check_that_things_are_received(compiled: CompiledRules) -> None:
    received = {thing_id for (*_, thing_id, _) in compiled.rows[RECEIVE]}
    for kind in (LIFT, ROAM):
        for (*_, cell_id), rows in compiled.rows[kind].items():
            for thing_id in {row[0] for row in rows}:
                if thing_id >= 0 and thing_id not in received:
                    raise RuleError(
                        f"{type(compiled.cell_values[cell_id]).__name__}.{kind.name} moves "
                        f"{compiled.things[thing_id]!r}, which no object receives: write def receive(self, thing) in "
                        "the class of what it can move onto."
                    )


def check_that_layouts_can_receive(tables: MoveTables, map_tables: MapTables) -> None:
    """Refuse things that nothing on the layouts can ever receive, where something on them would move these.

    Args:
      tables: what moves.
      map_tables: the layouts.
    Raises:
      RuleError: naming what moves the thing, and what to write.
    """
    compiled = map_tables.rules.compiled
    found = _values_without_moves(compiled, map_tables)
    receives = tables.receive.reshape(-1, len(compiled.cell_values)) >= 0
    can_receive = np.logical_or.reduce(receives & found, axis=1)
    for kind in (LIFT, ROAM):
        for (*_, cell_id), rows in compiled.rows[kind].items():
            lost = [row[0] for row in rows if row[0] >= 0 and not can_receive[row[0]]]
            if lost and found[cell_id]:
                owner = type(compiled.cell_values[cell_id]).__name__
                raise RuleError(
                    f"{owner}.{kind.name} moves {compiled.things[lost[0]]!r}, but nothing on the layout ever receives "
                    "it: write def receive(self, thing): return thing in the class of the ground there."
                )


def _values_without_moves(compiled: CompiledRules, map_tables: MapTables) -> Bool[np.ndarray, "V"]:
    """The cell values that can come to the layouts as long as nothing has moved."""
    others = {kind.name for kind in compiled.rows} - {kind.name for kind in (LIFT, ROAM, RECEIVE)}
    changes = set(compiled.cell_changes(others))
    found = np.zeros(len(compiled.cell_values), dtype=np.bool_)
    found[np.unique(map_tables.starts.cells)] = True
    while new := {after for before, after in changes if found[before] and not found[after]}:
        found[list(new)] = True
    return found


def _check_that_it_leaves_room(compiled: CompiledRules, agent_id: int, cell_id: int, left: int) -> None:
    by_agent = compiled.permissions.passable_by
    if not (compiled.permissions.passable if by_agent is None else by_agent[agent_id])[left]:
        raise RuleError(
            f"{type(compiled.cell_values[cell_id]).__name__}.lift leaves {compiled.cell_values[left]!r} behind for "
            f"{compiled.agent_values[agent_id]!r}, which cannot move onto it: leave something passable, or return None."
        )
