"""The tables of a world as lists, which are read faster one number at a time than arrays are."""

from __future__ import annotations

import functools

import numpy as np
from jaxtyping import Bool

from cogrid.core.count_table import CountTable
from cogrid.core.rule_tables import AgentTable, PairTable, RuleTables
from cogrid.core.tables import Tables
from cogrid.integer.chance import IntegerChance, as_lists
from cogrid.integer.collisions import SETTLE, Settle
from cogrid.integer.counts import CellCount, IntegerCounts
from cogrid.integer.member_draws import IntegerDraw
from cogrid.integer.moves import IntegerMoves
from cogrid.integer.reach import IntegerMeetings, IntegerReach
from cogrid.integer.ticking import FEW, IntegerTicks


class Tallied:
    """The counts over cells that the rules of a world can ask for.

    Attributes:
      counts: the counts.
      tally_of: the number of each among them, by the identity of its `Summed`.
    """

    def __init__(self, tables: Tables) -> None:
        over_cells = [summed for summed in tables.rules.compiled.counts.values() if summed.over in ("map", "disc")]
        self.counts: list[CellCount] = [CellCount(summed, tables.height, tables.width) for summed in over_cells]
        self.tally_of: dict[int, int] = {id(summed): number for number, summed in enumerate(over_cells)}


class IntegerPairs:
    """A `PairTable` as lists: its rows, which are drawn among, and which pairs ask for a count.

    Attributes:
      is_idle: for each row but those of further results, whether it leaves everything as it is, and draws nothing.
    """

    def __init__(self, table: PairTable, rules: RuleTables, counts: IntegerCounts | None) -> None:
        self.rows: list[list[int]] = table.rows.tolist()
        self.is_idle: list[bool] = _are_idle(table, rules).tolist()
        self.chance: IntegerChance | None = as_lists(table.chance)
        self.counts = counts


def _are_idle(table: PairTable, rules: RuleTables) -> Bool[np.ndarray, "K"]:
    """Which rows of a pair table leave everything as it is, and draw nothing."""
    rows = table.rows if table.chance is None else table.rows[: len(table.chance.kind)]
    agent, cell = np.divmod(
        np.arange(len(rows)) // (1 if table.counts is None else table.counts.size), rules.n_cell_values
    )
    leaves_values = (rows[:, 0] == cell) & (rows[:, 1] == agent % rules.n_agent_values)
    is_idle = leaves_values & ~rows[:, 2:].any(axis=1)
    return is_idle if table.chance is None else is_idle & (table.chance.kind == 0)


class IntegerAgents:
    """An `AgentTable` as lists: its rows, and which are drawn among."""

    def __init__(self, table: AgentTable) -> None:
        self.rows: list[list[int]] = table.rows.tolist()
        self.chance: IntegerChance | None = as_lists(table.chance)


class IntegerStarts:
    """Where agents can start, and with which values, by layout; see `Starts`."""

    def __init__(self, tables: Tables) -> None:
        starts = tables.map.starts
        self.cells: list[list[int]] = starts.cells.tolist()
        self.places: list[list[int]] = starts.places.tolist()
        self.rooms: list[list[list[int]]] = starts.rooms_of_agents
        self.is_open: list[bool] = tables.map.open_at_start.tolist()
        self.values: list[int] = tables.map.start_values.tolist()


class IntegerTables:
    """The tables of a world as lists; see `RuleTables` and `MapTables` for what they hold."""

    def __init__(self, tables: Tables) -> None:
        rules, map_tables = tables.rules, tables.map
        self.n_cell_values: int = rules.n_cell_values
        self.n_pairs: int = rules.n_agent_values * rules.n_cell_values
        self.n_block: int = rules.n_world_values * self.n_pairs
        self.front: list[int] = map_tables.front.tolist()
        self.turn: list[int] = rules.turn.tolist()
        self.proposes: list[bool] = rules.proposes.tolist()
        self.goes: list[int] | None = None if rules.goes is None else rules.goes.tolist()
        self.takes: list[bool] | None = None if rules.takes is None else rules.takes.tolist()
        self.interaction: list[int] = rules.interaction.tolist()
        self.acts_here: list[bool] | None = None if rules.acts_here is None else rules.acts_here.tolist()
        self.agent_tick: IntegerAgents | None = None if rules.agent_tick is None else IntegerAgents(rules.agent_tick)
        self.tallied: Tallied = Tallied(tables)
        self.tick: list[int] = rules.tick.tolist()
        self.tickable_cells: tuple[int, ...] = map_tables.tickable_cells
        self.ticks: IntegerTicks | None = _ticks_of(tables, self.tallied)
        self.passable: list[bool] = rules.passable.tolist()
        self.passable_by: list[bool] | None = None if rules.passable_by is None else rules.passable_by.tolist()
        self.leave: list[bool] | None = None if rules.leave is None else rules.leave.tolist()
        self.settle: Settle = SETTLE[rules.collisions.name]
        self.moves: IntegerMoves | None = None
        if tables.moves is not None:
            around: list[list[int]] = map_tables.around.tolist()
            self.moves = IntegerMoves(tables.moves, rules.n_cell_values, self.front, around)
        self.can_push: bool = self.moves is not None and self.moves.can_push
        self.is_restricted: bool = self.can_push or self.passable_by is not None or self.leave is not None
        self.interact: IntegerPairs = _pairs(rules.interact, tables, self.tallied)
        self.enter: IntegerPairs | None = None if rules.enter is None else _pairs(rules.enter, tables, self.tallied)
        self.stand: IntegerPairs | None = None if rules.stand is None else _pairs(rules.stand, tables, self.tallied)
        self.reach: IntegerReach | None = None
        if rules.reach is not None:
            self.reach = IntegerReach(rules.reach, tables.height, tables.width)
        self.meet: IntegerMeetings | None = None if rules.meet is None else IntegerMeetings(rules.meet)
        self.draws: list[IntegerDraw] = [
            IntegerDraw(draw, tables.width, self.tallied.tally_of) for draw in tables.draws
        ]
        self.starts: IntegerStarts = IntegerStarts(tables)


def _pairs(table: PairTable, tables: Tables, tallied: Tallied) -> IntegerPairs:
    """A pair table of a world as lists."""
    return IntegerPairs(table, tables.rules, _counts_of(table.counts, tallied))


def _counts_of(table: CountTable | None, tallied: Tallied) -> IntegerCounts | None:
    """A count table of a world as lists; None for none."""
    return None if table is None else IntegerCounts(table, tallied.tally_of)


def _ticks_of(tables: Tables, tallied: Tallied) -> IntegerTicks | None:
    """What cells do by themselves; None where they are few, and each of them simply becomes what follows."""
    rules = tables.rules
    is_plain = rules.tick_chance is None and rules.tick_counts is None
    if is_plain and len(tables.map.tickable_cells) <= FEW:
        return None
    return IntegerTicks(tables, _counts_of(rules.tick_counts, tallied))


@functools.lru_cache(maxsize=64)
def integer_tables(tables: Tables) -> IntegerTables:
    """The tables of a world as lists; made once for equal worlds."""
    return IntegerTables(tables)
