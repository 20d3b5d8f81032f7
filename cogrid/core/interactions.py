"""What agents do to cells: rules `enter` and `stand` right after movement, `pickup_drop` and `toggle` in a stage."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.backend.array_ops import MAX_UNROLLED, any_of, at, gather, lookup, lookup_rows, put, scatter
from cogrid.backend.control_flow import take_turns
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.draws import Purpose, words
from cogrid.core.guards import guarded
from cogrid.core.reach import act_along_lines
from cogrid.core.rule_tables import PairTable


def enter_cells(prev_state: EnvState, state: EnvState, start: EnvState | None = None) -> EnvState:
    """Run the `enter` rule of every cell that an agent has just moved into, in index order.

    Args:
      prev_state: the state before the movement.
      state: the state after it.
      start: the state at the start of the step, for guarded events; by default the one before the movement.
    Returns:
      The state with what the rules changed: cells, agent values, events, ends.
    """
    if state.tables.rules.enter is None:
        return state
    has_moved = state.agent_cell != prev_state.agent_cell
    block = has_moved.astype(np.int32)
    return _run_rules(start or prev_state, state, state.tables.rules.enter, block, state.agent_cell, Purpose.ENTER)


def stand_on_cells(state: EnvState, start: EnvState | None = None) -> EnvState:
    """Run the `stand` rule of every cell in which an agent stands, in index order.

    Args:
      state: the state after the movement and the `enter` rules.
      start: the state at the start of the step, for guarded events; by default the given one.
    Returns:
      The state with what the rules changed: cells, agent values, events, ends.
    """
    if state.tables.rules.stand is None:
        return state
    block = namespace(state.cells).ones_like(state.agent_cell)
    return _run_rules(start or state, state, state.tables.rules.stand, block, state.agent_cell, Purpose.STAND)


def process_interactions(state: EnvState, actions: Int[Array, "*B A"], prev_state: EnvState | None = None) -> EnvState:
    """Let each agent in turn interact with the cell in front of it, in index order.

    An act may fall on the agent's own cell instead, or on itself; one that looks further, and one that may fall on
    another agent, is in `cogrid.core.reach`. Each agent sees what the earlier ones did. Nothing
    happens if another agent stands in that cell, if it is off the grid, or if the agent has terminated. After the last
    interaction the world value is drawn anew if an event asks for it.

    Args:
      state: the state before the stage: after movement, in the library's own order.
      actions: `[*B, A]` int32.
      prev_state: the state at the start of the step, for guarded events; by default the given one.
    Returns:
      The state with what the rules changed: cells, agent values, events, ends, world value.
    """
    tables = state.tables
    if tables.rules.reach is not None:
        return redraw_world(act_along_lines(state, actions, prev_state or state, tables.rules.reach))
    ahead = lookup(tables.map.front, state.agent_cell * 4 + state.agent_dir)
    is_hindered = _is_occupied(ahead, state)
    kind = lookup(tables.rules.interaction, actions)
    if tables.rules.acts_here is not None:
        is_here = lookup(tables.rules.acts_here, kind)
        ahead = namespace(actions).where(is_here, state.agent_cell, ahead)
        is_hindered = is_hindered & ~is_here
    kind = namespace(actions).where(is_hindered, 0, kind)
    after = _run_rules(prev_state or state, state, tables.rules.interact, kind, ahead, Purpose.INTERACT)
    return redraw_world(after)


def _is_occupied(cell: Int[Array, "*B A"], state: EnvState) -> Bool[Array, "*B A"]:
    """Whether an agent stands in each of some cells."""
    if state.tables.n_agents > MAX_UNROLLED:
        return any_of(cell[..., :, None] == state.agent_cell[..., None, :])
    # One agent after the other: NumPy takes twice as long over an array of pairs, whose last axes are short.
    is_occupied = cell == at(state.agent_cell, 0)[..., None]
    for agent_idx in range(1, state.tables.n_agents):
        is_occupied = is_occupied | (cell == at(state.agent_cell, agent_idx)[..., None])
    return is_occupied


def redraw_world(state: EnvState) -> EnvState:
    """Draw the world value anew where an event of this step asks for it.

    Args:
      state: the state after the last interaction, its `events` those of this step.
    Returns:
      The state with the new world value.
    """
    if not state.tables.rules.redraw_mask:
        return state
    xp = namespace(state.cells)
    is_asked = any_of((state.events & state.tables.rules.redraw_mask) != 0)
    word = words(state.rng_key, Purpose.WORLD_VALUE, state.time + 1, 1)[..., 0]
    drawn = (word % state.tables.rules.n_world_values).astype(np.int32)
    return state.with_changes(world_value=xp.where(is_asked, drawn, state.world_value))


def _run_rules(
    start: EnvState,
    state: EnvState,
    table: PairTable,
    block: Int[Array, "*B A"],
    place: Int[Array, "*B A"],
    purpose: Purpose,
) -> EnvState:
    """Run one rule for each agent in index order, each seeing what the earlier ones did.

    Args:
      start: the state at the start of the step.
      state: the state before.
      table: what the rules do, in blocks of (world value, agent value, cell value); in block 0 nothing happens.
      block: `[*B, A]` int32, each agent's block.
      place: `[*B, A]` int32, the cell that each agent acts on.
      purpose: what the words are drawn for by which chances are decided, one for each agent.
    """
    rules = state.tables.rules
    rows = _RowsOfAgents.of(state, table, block, place, purpose)
    is_for_all = table.counts is None or not table.counts.is_of_actors
    if is_for_all and not table.changes_cells and not rules.guards:
        return _follow_at_once(state, table, rows.of_all(state.cells))
    names = ("agent_value", "events", "terminated")[: 3 if table.can_end else 2]
    seen = names if rules.guards else ()  # Only guards look at anything but the cells between two turns.

    def act(agent_idx: int | Int[Array, ""], now: tuple[Array, ...]) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
        cells, *numbers = now
        here = at(place, agent_idx)
        after = lookup_rows(table.rows, rows.row(agent_idx, here, cells))
        cell, value, happened = after[..., 0], after[..., 1], after[..., 2]
        at_turn = state.with_changes(cells=cells, **dict(zip(seen, numbers, strict=True)))
        columns = (value, at(state.events, agent_idx) | guarded(start, at_turn, agent_idx, happened))
        if table.can_end:
            columns = (*columns, at(state.terminated, agent_idx) | (after[..., 3] != 0))
        numbers = [put(number, agent_idx, new) for number, new in zip(numbers, columns, strict=False)]
        carried = tuple(after[..., 4 + idx] for idx in range(len(rules.amount_names)))
        return (scatter(cells, here, cell), *numbers), (*columns, *carried)

    start_with = (state.cells, *(getattr(state, name) for name in seen))
    (cells, *_), columns = take_turns(state.tables.n_agents, act, start_with, like=state.cells)
    carried = columns[len(names) :]
    after = state.with_changes(cells=cells, **dict(zip(names, columns, strict=False)))
    xp = namespace(state.cells)
    return after.with_changes(amounts=state.amounts + xp.stack(carried, axis=-1)) if carried else after


@dataclasses.dataclass(frozen=True, eq=False)
class _RowsOfAgents:
    """Finds the row of a pair table that each agent's rule follows at its turn.

    Attributes:
      table: the table.
      block, place: as in `_run_rules`.
      first_pair: `[*B, A]` int32, the pair of each agent with the cell value 0.
      taken: the counts that are taken of the whole world at the start of the stage.
      drawn: `[*B, A]` uint32, each agent's word, where anything is drawn.
    """

    table: PairTable
    block: Int[Array, "*B A"]
    place: Int[Array, "*B A"]
    first_pair: Int[Array, "*B A"]
    taken: list[Array]
    drawn: UInt[Array, "*B A"] | None

    @classmethod
    def of(
        cls, state: EnvState, table: PairTable, block: Int[Array, "*B A"], place: Int[Array, "*B A"], purpose: Purpose
    ) -> _RowsOfAgents:
        """What can be known before the first turn; arguments as in `_run_rules`."""
        rules = state.tables.rules
        n_pairs = rules.n_agent_values * rules.n_cell_values
        first_pair = namespace(state.cells).where(state.terminated, 0, block) * (rules.n_world_values * n_pairs)
        if state.world_value is not None:
            first_pair = first_pair + (state.world_value * n_pairs)[..., None]
        first_pair = first_pair + state.agent_value * rules.n_cell_values
        taken = [] if table.counts is None else table.counts.of_stage(state)
        drawn = None if table.chance is None else words(state.rng_key, purpose, state.time, state.tables.n_agents)
        return cls(table, block, place, first_pair, taken, drawn)

    def row(
        self, agent_idx: int | Int[Array, ""], here: Int[Array, "*B"], cells: UInt[Array, "*B N"]
    ) -> Int[Array, "*B"]:
        """The row of an agent that acts on a cell, as the cells are at its turn."""
        table = self.table
        before = gather(cells, here[..., None])[..., 0].astype(np.int32)
        pair = at(self.first_pair, agent_idx) + before
        if table.counts is not None:
            counts = table.counts.at_place(self.taken, self.block, self.place, at(self.block, agent_idx), here)
            pair = table.counts.row(pair, counts)
        if table.chance is not None and self.drawn is not None:
            pair = table.chance.draw(pair, at(self.drawn, agent_idx))
        return compute_once(pair, len(table.rows))

    def of_all(self, cells: UInt[Array, "*B N"]) -> Int[Array, "*B A"]:
        """The rows of all agents at once, where no agent sees what another one did, nor counts who acts with it."""
        pair = self.first_pair + gather(cells, self.place).astype(np.int32)
        if self.table.counts is not None:
            pair = self.table.counts.row(pair, self.table.counts.at_places(self.taken, self.place))
        if self.table.chance is not None and self.drawn is not None:
            pair = self.table.chance.draw(pair, self.drawn)
        return compute_once(pair, len(self.table.rows))


def _follow_at_once(state: EnvState, table: PairTable, rows: Int[Array, "*B A"]) -> EnvState:
    """What rules make of all agents that leave the cells as they are."""
    after = lookup_rows(table.rows, rows)
    now = state.with_changes(agent_value=after[..., 1], events=state.events | after[..., 2])
    if table.can_end:
        now = now.with_changes(terminated=state.terminated | (after[..., 3] != 0))
    return now if state.amounts is None else now.with_changes(amounts=state.amounts + after[..., 4:])


process_interactions_jax = process_interactions
