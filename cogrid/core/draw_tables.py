"""What is drawn among members of groups (see `cogrid.core.draw`): tables, and the draw itself on arrays."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.backend.array_ops import MAX_UNROLLED, any_of, at, gather, lookup, scatter, sum_of
from cogrid.backend.control_flow import loop, replace_where
from cogrid.backend.env_state import EnvState
from cogrid.backend.few_values import is_one_of
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.chance_table import ChanceTable
from cogrid.core.compiled_rules import CompiledRules
from cogrid.core.count_table import CountTable
from cogrid.core.draw import Draw
from cogrid.core.draws import Purpose, words
from cogrid.core.rule_kinds import RuleKind, Space, drawn_rules
from cogrid.core.rule_tables import fill_table

BLOCK = 16
"""How many places are counted together when the member of some number is looked for."""


@dataclasses.dataclass(frozen=True, eq=False)
class MemberTable:
    """What a draw does to values of one space.

    Attributes:
      is_member: `[K]` bool, which values are in the group.
      after: `[R]` int32, the value that follows each value that is drawn, several for one that asks for a count, and
        then those of further results.
      chance: which rows draw what follows; None if none does.
      counts: which values ask for a count; None if none does.
    """

    is_member: Bool[np.ndarray, "K"]
    after: Int[np.ndarray, "R"]
    chance: ChanceTable | None
    counts: CountTable | None = None

    @classmethod
    def of(cls, compiled: CompiledRules, kind: RuleKind) -> MemberTable | None:
        """The table of one kind of rule; None where no value answers."""
        n_values = len(compiled.cell_values if kind.owner is Space.CELL else compiled.agent_values)
        places = [(key[-1], kind, key) for key in compiled.rows[kind]]
        if not places:
            return None
        after, chance, counts = fill_table(np.arange(n_values, dtype=np.int32)[:, None], compiled, places)
        return cls(np.isin(np.arange(n_values), [value for value, *_ in places]), after.reshape(-1), chance, counts)

    @property
    def touched(self) -> Int[np.ndarray, "D"]:
        """The rows that stand for what is drawn."""
        size = 1 if self.counts is None else self.counts.size
        is_touched = np.repeat(self.is_member, size)
        return np.append(np.flatnonzero(is_touched), np.arange(len(is_touched), len(self.after)))

    def may_close(self, is_open: Bool[np.ndarray, "K"]) -> bool:
        """Whether a value that is open can become one that is not."""
        return bool(is_open[self.is_member].any()) and not is_open[self.after[self.touched]].all()

    def taken(self, state: EnvState) -> Sequence[Int[Array, "*B N"]]:
        """Every count that is asked for, for each cell, in a state: `[*B, N]` int32."""
        return [] if self.counts is None else self.counts.of_cells(state)

    def draw(
        self, value: Int[Array, "*B K"], word: UInt[Array, "*B"], taken: Sequence[Int[Array, "*B K"]] = ()
    ) -> Int[Array, "*B K"]:
        """What follows each of some values, if a word decides what is drawn.

        Args:
          value: `[*B, K]` int32.
          word: `[*B]` uint32.
          taken: the counts for each of them, of `taken`.
        Returns:
          `[*B, K]` int32.
        """
        row = value if self.counts is None else self.counts.row(value, taken)
        if self.chance is not None:
            row = self.chance.draw(row, namespace(row).broadcast_to(word[..., None], row.shape))
        return lookup(self.after, row)


@dataclasses.dataclass(frozen=True, eq=False)
class DrawTable:
    """One draw of a rule set.

    Attributes:
      k, is_free, apart: as in `Draw`.
      event_mask: the bits of the events that draw; 0 for a draw at reset.
      at_most: for how many agents a step draws at most; 1 for a draw at reset.
      first_word: the number of its first word; each member has two, one to choose it, one for its chance.
      cells, agents: what it does to either; None where none is a member.
    """

    k: int
    is_free: bool
    apart: tuple[tuple[int, int], ...]
    event_mask: int
    at_most: int
    first_word: int
    cells: MemberTable | None
    agents: MemberTable | None

    @property
    def leaves_out_agents(self) -> bool:
        """Whether cells in which agents stand are left out; at reset, those in which they will start for certain."""
        return self.is_free or not self.event_mask

    @property
    def is_at_reset(self) -> bool:
        """Whether it is made at each reset, before agents start."""
        return not (self.event_mask or self.is_free)

    @property
    def is_after_starts(self) -> bool:
        """Whether it is made at each reset, after agents have started."""
        return self.is_free and not self.event_mask

    @property
    def chooses_at_once(self) -> bool:
        """Whether who is drawn changes nothing for those drawn later, but that it is gone; and few are drawn."""
        members = [members for members in (self.cells, self.agents) if members is not None]
        is_certain = all(table.chance is None and table.counts is None for table in members)
        return is_certain and not self.apart and self.n_slots <= MAX_UNROLLED

    @property
    def n_slots(self) -> int:
        """How many members are drawn at most at one time."""
        return self.k * self.at_most


def draw_tables(compiled: CompiledRules, n_agents: int) -> tuple[DrawTable, ...]:
    """The tables of a rule set's draws, in their order.

    Args:
      compiled: the rules.
      n_agents: how many agents play.
    """
    bits = {name: 1 << bit for bit, name in enumerate(compiled.event_names)}
    tables: list[DrawTable] = []
    for draw in compiled.rules.draws:
        of_cells, of_agents = (MemberTable.of(compiled, kind) for kind in drawn_rules(draw.calls))
        first_word = tables[-1].first_word + 2 * tables[-1].n_slots if tables else 0
        mask = sum(bits[name] for name in draw.on)
        tables.append(
            DrawTable(
                draw.k, draw.is_free, draw.apart, mask, _most_drawers(draw, n_agents), first_word, of_cells, of_agents
            )
        )
    return tuple(tables)


def cells_closed_at_reset(tables: Iterable[DrawTable], is_open: Bool[np.ndarray, "V"]) -> int:
    """How many of the cells that agents can start in the draws of a reset may close.

    Args:
      tables: the draws.
      is_open: `[V]` bool, whether every agent can start in each cell value.
    """
    at_reset = [(table.k, table.cells) for table in tables if table.is_at_reset]
    return sum(k for k, cells in at_reset if cells is not None and cells.may_close(is_open))


def _most_drawers(draw: Draw, n_agents: int) -> int:
    """For how many agents a draw is made at most at one time."""
    if not draw.on:
        return 1
    return n_agents if draw.at_most is None else min(draw.at_most, n_agents)


def draw_at_reset(state: EnvState, is_after_starts: bool = False) -> EnvState:
    """Make the draws of a reset.

    Args:
      state: the first state; an agent whose start is not drawn yet is in cell -1.
      is_after_starts: whether to make those that come after agents have started, or those before.
    Returns:
      The state with other cells and agent values.
    """
    for table in state.tables.draws:
        if table.is_after_starts if is_after_starts else table.is_at_reset:
            drawn = words(state.rng_key, Purpose.DRAW, state.time, table.first_word + 2 * table.n_slots)
            state = _draw_members(state, table, drawn, namespace(state.cells).ones_like(state.time) * table.k)
    return state


def draw_on_events(state: EnvState) -> EnvState:
    """Make the draws that an event of this step asks for.

    Args:
      state: the state after the last act, its `events` those of this step.
    Returns:
      The state with other cells and agent values.
    """
    for table in state.tables.draws:
        if table.event_mask:
            is_asked = namespace(state.cells).asarray(any_of((state.events & table.event_mask) != 0))
            (state,) = replace_where(is_asked, functools.partial(_draw_for_events, table), (state,))
    return state


def _draw_for_events(table: DrawTable, state: EnvState) -> tuple[EnvState]:
    n_events = sum_of(((state.events & table.event_mask) != 0).astype(np.int32))
    n_drawn = namespace(state.cells).minimum(n_events, n_events * 0 + table.at_most) * table.k
    drawn = words(state.rng_key, Purpose.DRAW, state.time + 1, table.first_word + 2 * table.n_slots)
    return (_draw_members(state, table, drawn, n_drawn),)


def _draw_members(state: EnvState, table: DrawTable, drawn: UInt[Array, "*B W"], n_drawn: Int[Array, "*B"]) -> EnvState:
    """Choose members one after the other, cells in reading order before agents, and let each become what follows."""
    if table.chooses_at_once:
        return _draw_at_once(state, table, drawn, n_drawn)
    xp, n_cells = namespace(state.cells), state.cells.shape[-1]
    taken = [] if table.cells is None else table.cells.taken(state)

    def choose(
        slot: int | Int[Array, ""], now: tuple[Bool[Array, "*B M"], Int[Array, "*B M"]]
    ) -> tuple[Bool[Array, "*B M"], Int[Array, "*B M"]]:
        is_left, values = now
        nth = xp.cumsum(is_left, axis=-1, dtype=np.int32)
        n_left = xp.maximum(nth[..., -1], xp.ones_like(n_drawn))
        chosen = (at(drawn, table.first_word + 2 * slot) % n_left.astype(np.uint32)).astype(np.int32)
        is_chosen = is_left & (nth == chosen[..., None] + 1) & (n_drawn > slot)[..., None]
        after = _after_all(table, values, at(drawn, table.first_word + 2 * slot + 1), n_cells, taken)
        is_left = is_left & ~is_chosen
        if table.apart:
            is_left = is_left & ~_is_near(table, is_chosen, n_cells, state.tables.width)
        return is_left, xp.where(is_chosen, after, values)

    values = xp.concat([state.cells.astype(np.int32), state.agent_value], axis=-1)
    _, values = loop(table.n_slots, choose, (_members(state, table), values), like=state.cells)
    cells, agents = values[..., :n_cells], values[..., n_cells:]
    return state.with_changes(cells=cells.astype(state.cells.dtype), agent_value=agents)


def _draw_at_once(state: EnvState, table: DrawTable, drawn: UInt[Array, "*B W"], n_drawn: Int[Array, "*B"]) -> EnvState:
    """The same members, found by their numbers in the group as it was: nothing is gone through for each of them."""
    xp, n_cells = namespace(state.cells), state.cells.shape[-1]
    is_member = _members(state, table)
    n_members = xp.sum(is_member, axis=-1, dtype=np.int32)
    values, before = xp.concat([state.cells.astype(np.int32), state.agent_value], axis=-1), list[Array]()
    for slot in range(table.n_slots):
        n_left = xp.maximum(n_members - slot, xp.ones_like(n_members))
        number = (at(drawn, table.first_word + 2 * slot) % n_left.astype(np.uint32)).astype(np.int32)
        for earlier in before:  # From the lowest on: whoever comes after one that is gone has a higher number.
            number = number + (number >= earlier).astype(np.int32)
        before = _inserted(before, number)
        is_made = (n_drawn > slot) & (n_members > slot)
        place = compute_once(xp.where(is_made, _place_of(is_member, number), 0), is_member.shape[-1])
        value = gather(values, place[..., None])[..., 0]
        after = _after(table, value, place >= n_cells)
        values = scatter(values, place, xp.where(is_made, after, value))
    cells, agents = values[..., :n_cells], values[..., n_cells:]
    return state.with_changes(cells=cells.astype(state.cells.dtype), agent_value=agents)


def _place_of(is_member: Bool[Array, "*B M"], number: Int[Array, "*B"]) -> Int[Array, "*B"]:
    """Where the member of some number stands: first in which block of places, then in which of these."""
    xp = namespace(is_member)
    n_blocks = -(-is_member.shape[-1] // BLOCK)
    blank = xp.zeros((*is_member.shape[:-1], n_blocks * BLOCK - is_member.shape[-1]), dtype=np.bool_)
    flags = xp.concat([is_member, blank], axis=-1).astype(np.int32)
    ends = xp.cumsum(
        xp.sum(flags.reshape(*flags.shape[:-1], n_blocks, BLOCK), axis=-1, dtype=np.int32), axis=-1, dtype=np.int32
    )
    block = sum_of((ends <= number[..., None]).astype(np.int32))
    block = xp.minimum(block, xp.full_like(block, n_blocks - 1))  # Of a number that no member has.
    first = gather(xp.concat([xp.zeros_like(ends[..., :1]), ends], axis=-1), block[..., None])[..., 0]
    inside = gather(flags, block[..., None] * BLOCK + xp.arange(BLOCK, dtype=np.int32))
    step = sum_of((xp.cumsum(inside, axis=-1, dtype=np.int32) <= (number - first)[..., None]).astype(np.int32))
    return xp.minimum(block * BLOCK + step, xp.full_like(block, is_member.shape[-1] - 1))


def _after(table: DrawTable, value: Int[Array, "*B"], is_agent: Bool[Array, "*B"]) -> Int[Array, "*B"]:
    """What one that is drawn becomes, where that is certain."""
    xp = namespace(value)
    after = value
    if table.cells is not None:
        after = xp.where(is_agent, after, lookup(table.cells.after, xp.where(is_agent, 0, value)))
    if table.agents is not None:
        after = xp.where(is_agent, lookup(table.agents.after, xp.where(is_agent, value, 0)), after)
    return after


def _inserted(ascending: list[Array], number: Array) -> list[Array]:
    """Numbers in ascending order, with one more."""
    xp, placed = namespace(number), list[Array]()
    for other in ascending:
        placed.append(xp.minimum(other, number))
        number = xp.maximum(other, number)
    return [*placed, number]


def _members(state: EnvState, table: DrawTable) -> Bool[Array, "*B M"]:
    """Who is in the group: of the cells, then of the agents that have not terminated."""
    xp = namespace(state.cells)
    in_cells = xp.zeros_like(state.cells, dtype=np.bool_)
    if table.cells is not None:
        in_cells = is_one_of(table.cells.is_member, state.cells)
    if table.leaves_out_agents:
        numbers = xp.arange(state.cells.shape[-1], dtype=np.int32)
        for agent_idx in range(state.tables.n_agents):
            in_cells = in_cells & (numbers != at(state.agent_cell, agent_idx)[..., None])
    agents = xp.zeros_like(state.terminated)
    if table.agents is not None:
        agents = is_one_of(table.agents.is_member, state.agent_value) & ~state.terminated
    return xp.concat([in_cells, agents], axis=-1)


def _after_all(
    table: DrawTable,
    values: Int[Array, "*B M"],
    word: UInt[Array, "*B"],
    n_cells: int,
    taken: Sequence[Int[Array, "*B N"]],
) -> Int[Array, "*B M"]:
    """What everybody becomes who is drawn."""
    of_cells, of_agents = values[..., :n_cells], values[..., n_cells:]
    of_cells = of_cells if table.cells is None else table.cells.draw(of_cells, word, taken)
    of_agents = of_agents if table.agents is None else table.agents.draw(of_agents, word)
    return namespace(values).concat([of_cells, of_agents], axis=-1)


def _is_near(table: DrawTable, is_chosen: Bool[Array, "*B M"], n_cells: int, width: int) -> Bool[Array, "*B M"]:
    """Who lies too near to a cell that is chosen; no agent does."""
    xp = namespace(is_chosen)
    height = n_cells // width
    grid = is_chosen[..., :n_cells].reshape(*is_chosen.shape[:-1], height, width)
    near = xp.zeros_like(grid)
    for rows, columns in table.apart:
        near = near | _moved(grid, rows, columns) | _moved(grid, -rows, -columns)
    flat = near.reshape(*is_chosen.shape[:-1], n_cells)
    return xp.concat([flat, xp.zeros_like(is_chosen[..., n_cells:])], axis=-1)


def _moved(grid: Bool[Array, "*B H W"], rows: int, columns: int) -> Bool[Array, "*B H W"]:
    """A grid of flags, moved; what leaves it is lost."""
    height, width = grid.shape[-2:]
    if abs(rows) >= height or abs(columns) >= width:
        return namespace(grid).zeros_like(grid)
    is_kept = np.zeros((height, width), dtype=np.bool_)
    is_kept[max(rows, 0) : height + min(rows, 0), max(columns, 0) : width + min(columns, 0)] = True
    xp = namespace(grid)
    return xp.roll(xp.roll(grid, rows, axis=-2), columns, axis=-1) & xp.asarray(is_kept)
