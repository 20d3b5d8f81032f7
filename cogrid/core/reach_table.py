"""`ReachTable` and `MeetTable`: where acts fall that do not simply fall on one cell, and what they do to agents."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Int

from cogrid.core.acts import AROUND, FACED, Act, Beam
from cogrid.core.agent import get_dir_vec_table
from cogrid.core.chance_table import ChanceTable
from cogrid.core.compiled_rules import CompiledRules, Key
from cogrid.core.fill_table import check_size, fill_table, pair_places
from cogrid.core.rule_kinds import Column, RuleKind, Space
from cogrid.core.value_checks import read_blocking
from cogrid.errors import RuleError

OFF_GRID = 1 << 14
"""An offset that leads off every grid: of cells that a shorter line does not have."""

_AROUND = ((-1, 0), (1, 0), (0, -1), (0, 1))
"""Up, down, left, right."""


@dataclasses.dataclass(frozen=True, eq=False)
class ReachTable:
    """Where the acts of a world fall: cells in lines, by the number of the act.

    An act looks along each of its lines for the first cell that answers it. A cell in which another agent stands
    answers by that agent alone. A beam goes no further than a cell with an agent, or with a value that blocks it.

    Attributes:
      offsets: `[I, 4, L, S, 2]` int32, for each act and direction the (row, column) of each cell on each line, as seen
        from the agent; `OFF_GRID` for a cell that a line does not have.
      is_beam: `[I]` bool, whether agents and blocking values end the lines of an act.
      blocks: `[V]` bool, which cell values block beams.
      answers: `[P]` bool, for each pair of the table `interact`, whether a rule gives anything; one that asks for a
        count, for any count, since who acts together depends on where acts fall.
      is_fixed: whether no act changes where another act of the same stage falls.
    """

    offsets: Int[np.ndarray, "I 4 L S 2"]
    is_beam: Bool[np.ndarray, "I"]
    blocks: Bool[np.ndarray, "V"]
    answers: Bool[np.ndarray, "P"]
    is_fixed: bool

    @classmethod
    def of(
        cls, acts: Sequence[Act], blocks: Bool[np.ndarray, "V"], answers: Bool[np.ndarray, "P"], is_fixed: bool
    ) -> ReachTable:
        """The table of some acts, in the order of their numbers.

        Args:
          acts: the acts, the one of number 1 first.
          blocks, answers, is_fixed: as in the class.
        """
        lines = [[lines_of(act, direction) for direction in range(4)] for act in acts]
        n_lines = max(len(each) for of_act in lines for each in of_act)
        n_cells = max(len(line) for of_act in lines for each in of_act for line in each)
        offsets = np.full((len(acts) + 1, 4, n_lines, n_cells, 2), OFF_GRID, dtype=np.int32)
        for number, of_act in enumerate(lines, start=1):
            for direction, each in enumerate(of_act):
                for idx, line in enumerate(each):
                    offsets[number, direction, idx, : len(line)] = line
        is_beam = np.array([False, *(isinstance(act.reach, Beam) for act in acts)])
        return cls(offsets, is_beam, blocks, answers, is_fixed)

    @property
    def n_lines(self) -> int:
        """How many lines the widest act has, L."""
        return self.offsets.shape[2]


def lines_of(act: Act, direction: int) -> list[list[tuple[int, int]]]:
    """The cells of each line of an act, as (row, column) seen from an agent that looks in a direction.

    Args:
      act: the act.
      direction: Right=0, Down=1, Left=2, Up=3.
    """
    steps = get_dir_vec_table()
    ahead = steps[direction]
    if act.reach is AROUND:
        return [list(_AROUND)]
    if act.reach is FACED:
        return [[_offset(ahead)]]
    if not isinstance(act.reach, Beam):
        return [[(0, 0)]]
    lines = [[_offset(ahead * far) for far in range(1, act.reach.length + 1)]]
    for aside in range(1, act.reach.width // 2 + 1):
        for turn in (3, 1):  # To the left, then to the right.
            beside = steps[(direction + turn) % 4] * aside
            lines.append([_offset(beside + ahead * far) for far in range(act.reach.length)])
    return lines


def _offset(step: Int[np.ndarray, "2"]) -> tuple[int, int]:
    return int(step[0]), int(step[1])


@dataclasses.dataclass(frozen=True, eq=False)
class MeetTable:
    """What an act does to each pair of an agent that acts and another one that it falls on, one row per pair.

    The rows are those of (number of the act, world value, value of the one that acts, value of the other one).

    Attributes:
      rows: `[K, 6]` int32: the value of the other one that follows, that of the one that acts, the bit masks of what
        happened to the one that acts and to the other one, and whether the episode of each of them ends. Behind the
        rows of all pairs there are those of further results.
      chance: which rows are drawn among; None if none is.
      answers: `[P]` bool, for each pair, whether a rule gives anything.
    """

    rows: Int[np.ndarray, "K 6"]
    chance: ChanceTable | None
    answers: Bool[np.ndarray, "P"]

    @functools.cached_property
    def can_end(self) -> bool:
        """Whether any row ends an agent's episode."""
        return bool(self.rows[:, 4:].any())

    @functools.cached_property
    def other_events(self) -> int:
        """The bits of everything that can happen to the one that an act falls on."""
        return int(np.bitwise_or.reduce(self.rows[:, 3]))

    @classmethod
    def of(cls, compiled: CompiledRules, kinds: Sequence[RuleKind | None]) -> MeetTable | None:
        """The table of some rules of agents, one block of rows per kind; None where no agent has any.

        Args:
          compiled: the compiled rules.
          kinds: the rule that each act calls, by its number; None for an act on the agent itself, and for number 0.

        Raises:
          RuleError: when the table would be too large.
        """
        if not any(compiled.rows.get(kind) for kind in kinds if kind):
            return None
        n_worlds, n_agents = len(compiled.rules.world_axis), len(compiled.agent_values)
        axes = {"acts": len(kinds), "world values": n_worlds, "agent values": n_agents, "values of the other": n_agents}
        check_size(compiled.rules.name, "meetings", axes)
        rows = np.zeros((len(kinds), n_worlds, n_agents, n_agents, 6), dtype=np.int32)
        rows[..., 0] = np.arange(n_agents)
        rows[..., 1] = np.arange(n_agents)[:, None]
        places: list[tuple[int, RuleKind, Key]] = []
        for block, kind in enumerate(kinds):
            for key in compiled.rows.get(kind, {}) if kind else ():
                _, world_id, partner_id, owner_id = key
                if kind is not None:
                    pair = ((block * n_worlds + world_id) * n_agents + partner_id) * n_agents + owner_id
                    places.append((pair, kind, key))
        answers = np.zeros(rows.size // 6, dtype=np.bool_)
        answers[[pair for pair, *_ in places]] = True
        table, chance, _ = fill_table(rows.reshape(-1, 6), compiled, places)
        return cls(table, chance, answers)


def reach_table(
    compiled: CompiledRules,
    acts: Sequence[Act],
    kinds: Sequence[RuleKind | None],
    passable: Bool[np.ndarray, "V"],
    meet: MeetTable | None,
) -> ReachTable | None:
    """Where the acts of a rule set fall; None where each falls on one cell, known beforehand, and never on an agent.

    Args:
      compiled: the compiled rules.
      acts: the acts, the one of number 1 first.
      kinds: the rule that each act calls, by its number; None for number 0.
      passable: `[V]` bool, which cell values some agent can move into.
      meet: what the acts do to other agents.
    Raises:
      RuleError: for a guard on an event that happens to another agent than the one that acts.
    """
    if meet is None and all(act.is_near for act in acts):
        return None
    guarded = [name for name in compiled.rules.guards if meet and meet.other_events & compiled.event_bit(name)]
    if guarded:
        raise RuleError(
            f"Rules {compiled.rules.name!r}: guards has the event {guarded[0]!r}, which happens to one that another "
            "one acts on (other_events). A guard is asked for the agent that acts; name another event."
        )
    shape = len(kinds), len(compiled.rules.world_axis), len(compiled.agent_values), len(compiled.cell_values)
    answers = np.zeros(math.prod(shape), dtype=np.bool_)
    answers[[pair for pair, *_ in pair_places(compiled, kinds)]] = True
    blocks = read_blocking(compiled.cell_values, passable)
    is_fixed = meet is None and not _changes_answers(compiled, kinds, answers.reshape(shape), blocks)
    return ReachTable.of(acts, blocks, answers, is_fixed)


def _changes_answers(
    compiled: CompiledRules,
    kinds: Sequence[RuleKind | None],
    answers: Bool[np.ndarray, "I W U V"],
    blocks: Bool[np.ndarray, "V"],
) -> bool:
    """Whether some act makes of a cell, or of the agent that acts, what answers other acts, or ends other lines."""
    names = {kind.name for kind in kinds if kind is not None}
    of_cells = np.array(list(set(compiled.cell_changes(names))), dtype=np.int64).reshape(-1, 2).T
    of_agents = np.array(list(_agent_changes(compiled, kinds)), dtype=np.int64).reshape(-1, 2).T
    return not (
        np.array_equal(answers[..., of_cells[0]], answers[..., of_cells[1]])
        and np.array_equal(blocks[of_cells[0]], blocks[of_cells[1]])
        and np.array_equal(answers[:, :, of_agents[0]], answers[:, :, of_agents[1]])
    )


def _agent_changes(compiled: CompiledRules, kinds: Sequence[RuleKind | None]) -> set[tuple[int, int]]:
    """Which value follows which of agents that act, as `(before, after)`."""
    return {
        (partner_id if kind.owner is Space.CELL else owner_id, row[place])
        for kind in kinds
        if kind is not None
        for place in kind.result.of_column(Column.AGENT)
        for (*_, partner_id, owner_id), rows in compiled.rows.get(kind, {}).items()
        for row in rows
    }
