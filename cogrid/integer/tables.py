"""The tables of a world as lists, which are read faster one number at a time than arrays are."""

from __future__ import annotations

import functools

from cogrid.core.count_table import CountTable
from cogrid.core.rule_tables import AgentTable, PairTable
from cogrid.core.tables import Tables
from cogrid.integer.chance import IntegerChance, as_lists
from cogrid.integer.collisions import SETTLE, Settle
from cogrid.integer.counts import IntegerCounts
from cogrid.integer.member_draws import IntegerDraw
from cogrid.integer.moves import IntegerMoves
from cogrid.integer.reach import IntegerMeetings, IntegerReach


class IntegerPairs:
    """A `PairTable`, or an `AgentTable`, as lists: its rows, which are drawn among, and which pairs ask for a count."""

    def __init__(self, table: PairTable | AgentTable, counts: IntegerCounts | None = None) -> None:
        self.rows: list[list[int]] = table.rows.tolist()
        self.chance: IntegerChance | None = as_lists(table.chance)
        self.counts = counts


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
        self.agent_tick: IntegerPairs | None = None if rules.agent_tick is None else IntegerPairs(rules.agent_tick)
        self.tick: list[int] = rules.tick.tolist()
        self.tickable_cells: tuple[int, ...] = map_tables.tickable_cells
        self.tick_chance: IntegerChance | None = as_lists(rules.tick_chance)
        self.tick_counts: IntegerCounts | None = _counts_of(rules.tick_counts, tables)
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
        self.interact: IntegerPairs = _pairs(rules.interact, tables)
        self.enter: IntegerPairs | None = None if rules.enter is None else _pairs(rules.enter, tables)
        self.stand: IntegerPairs | None = None if rules.stand is None else _pairs(rules.stand, tables)
        self.reach: IntegerReach | None = None
        if rules.reach is not None:
            self.reach = IntegerReach(rules.reach, tables.height, tables.width)
        self.meet: IntegerMeetings | None = None if rules.meet is None else IntegerMeetings(rules.meet)
        self.draws: list[IntegerDraw] = [IntegerDraw(draw, tables.height, tables.width) for draw in tables.draws]
        self.starts = IntegerStarts(tables)


def _pairs(table: PairTable, tables: Tables) -> IntegerPairs:
    """A pair table of a world as lists."""
    return IntegerPairs(table, _counts_of(table.counts, tables))


def _counts_of(table: CountTable | None, tables: Tables) -> IntegerCounts | None:
    """A count table of a world as lists; None for none."""
    return None if table is None else IntegerCounts(table, tables.height, tables.width)


@functools.lru_cache(maxsize=64)
def integer_tables(tables: Tables) -> IntegerTables:
    """The tables of a world as lists; made once for equal worlds."""
    return IntegerTables(tables)
