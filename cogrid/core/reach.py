"""The stage in which agents act, in a world whose acts look along lines of cells, or fall on other agents.

Worlds whose acts fall on one cell, known beforehand, are played by `cogrid.core.interactions`. The same on plain
integers is in `cogrid.integer.reach`.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.backend.array_ops import MAX_UNROLLED, at, gather, lookup, lookup_rows, put, put_all, scatter
from cogrid.backend.control_flow import loop
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.draws import Purpose, words
from cogrid.core.guards import guarded
from cogrid.core.reach_table import ReachTable
from cogrid.core.rule_tables import MeetTable, RuleTables
from cogrid.core.tables import Tables

Now = tuple[Array, ...]
"""Between two turns: cells, agent values, events, who has terminated, and amounts where events carry any."""


@dataclasses.dataclass(frozen=True)
class Lines:
    """What does not change while agents act: where they stand, and so where their acts can fall.

    Each line of each agent is a turn of its own: those of agent 0 first.

    Attributes:
      act: `[*B, A]` int32, the number of each agent's act; 0 for none.
      cells: `[*B, S, T]` int32, the cells of each turn's line; 0 for one off the grid.
      is_inside: `[*B, S, T]` bool, which of them are on the grid.
      standing: `[*B, S, T]` int32, who stands there, its index and one more; 0 for nobody else.
    """

    act: Int[Array, "*B A"]
    cells: Int[Array, "*B S T"]
    is_inside: Bool[Array, "*B S T"]
    standing: Int[Array, "*B S T"]


def act_along_lines(state: EnvState, actions: Int[Array, "*B A"], start: EnvState, reach: ReachTable) -> EnvState:
    """Let each agent in turn act, in index order, each line of an act after the other.

    Each sees what the earlier ones did. A line falls on the first of its cells that answers: one with another agent
    answers if that agent has a rule for the act and has not terminated, any other one if its object has a rule.

    Args:
      state: the state before the stage.
      actions: `[*B, A]` int32.
      start: the state at the start of the step, for guarded events.
      reach: where acts fall.
    Returns:
      The state with what the rules changed: cells, agent values, events, ends.
    """
    tables: Tables = state.tables
    lines = find_lines(state, lookup(tables.rules.interaction, actions), reach)
    meet = tables.rules.meet
    drawn = None
    if tables.rules.interact.chance is not None or (meet is not None and meet.chance is not None):
        drawn = words(state.rng_key, Purpose.INTERACT, state.time, tables.n_agents * reach.n_lines)

    counted = None if tables.rules.interact.counts is None else _start_counting(state, reach, lines)

    def act(turn: int | Int[Array, ""], now: Now) -> Now:
        return _act_along(state, start, reach, lines, turn, drawn, counted, now)

    carried = () if state.amounts is None else (state.amounts,)
    begin = (state.cells, state.agent_value, state.events, state.terminated, *carried)
    n_turns = tables.n_agents * reach.n_lines
    cells, agent_value, events, terminated, *carried = loop(n_turns, act, begin, like=state.cells)
    after = state.with_changes(cells=cells, agent_value=agent_value, events=events, terminated=terminated)
    return after.with_changes(amounts=carried[0]) if carried else after


def find_lines(state: EnvState, act: Int[Array, "*B A"], reach: ReachTable) -> Lines:
    """Find the cells that acts can fall on, and who stands there."""
    tables: Tables = state.tables
    xp = namespace(state.cells)
    n_acts, _, n_lines, n_steps, _ = reach.offsets.shape
    flat = reach.offsets.reshape(n_acts * 4, -1)
    offsets = lookup_rows(flat, act * 4 + state.agent_dir)
    offsets = offsets.reshape(*act.shape, n_lines, n_steps, 2)
    row = (state.agent_cell // tables.width)[..., None, None] + offsets[..., 0]
    column = (state.agent_cell % tables.width)[..., None, None] + offsets[..., 1]
    is_inside = (row >= 0) & (row < tables.height) & (column >= 0) & (column < tables.width)
    cells = xp.where(is_inside, row * tables.width + column, 0)
    numbers = xp.broadcast_to(xp.arange(1, tables.n_agents + 1, dtype=np.int32), act.shape)
    standing = _who_stands_in(cells, state, numbers)
    is_other = is_inside & (standing != numbers[..., None, None])
    standing = xp.where(is_other, standing, 0)
    return Lines(act, *(_by_turn(values) for values in (cells, is_inside, standing)))


def _who_stands_in(cells: Int[Array, "*B A L S"], state: EnvState, numbers: Int[Array, "*B A"]) -> Array:
    """Who stands in some cells: `[*B, A, L, S]` int32, the number of an agent, 0 for nobody."""
    xp = namespace(cells)
    n_agents, *size = cells.shape[-3:]
    if n_agents <= MAX_UNROLLED and n_agents * math.prod(size) <= state.tables.n_cells:
        standing = xp.zeros_like(cells)
        for agent_idx in range(n_agents):
            standing = xp.where(
                cells == at(state.agent_cell, agent_idx)[..., None, None, None], agent_idx + 1, standing
            )
        return standing
    occupants = put_all(xp.zeros_like(state.cells, dtype=np.int32), state.agent_cell, numbers)
    return gather(occupants, cells.reshape(*cells.shape[:-3], -1)).reshape(cells.shape)


def _by_turn(values: Array) -> Array:
    """`[*B, A, L, S]` as `[*B, S, T]`, the turns in their order."""
    moved = namespace(values).moveaxis(values, -1, -3)
    return moved.reshape(*moved.shape[:-2], -1)


@dataclasses.dataclass(frozen=True)
class _Hit:
    """Where a line has fallen.

    Attributes:
      place: `[*B]` int32, the cell.
      other: `[*B]` int32, the index of the agent there; 0 where there is none.
      on_object: `[*B]` bool, whether it has fallen on an object.
      on_agent: `[*B]` bool, whether it has fallen on an agent.
    """

    place: Int[Array, "*B"]
    other: Int[Array, "*B"]
    on_object: Bool[Array, "*B"]
    on_agent: Bool[Array, "*B"]


@dataclasses.dataclass(frozen=True)
class _Counted:
    """What counts are taken of, at the start of the stage.

    Attributes:
      taken: what each count is taken from.
      kinds: `[*B, A]` int32, the act of each agent that falls on an object, 0 for none.
      places: `[*B, A]` int32, the cell that it falls on.
    """

    taken: list[Array]
    kinds: Int[Array, "*B A"]
    places: Int[Array, "*B A"]


def _start_counting(state: EnvState, reach: ReachTable, lines: Lines) -> _Counted | None:
    """Take the counts that rules may ask for; those who act together act along their first lines."""
    tables: Tables = state.tables
    counts = tables.rules.interact.counts
    if counts is None:
        return None
    xp = namespace(state.cells)
    now = (state.cells, state.agent_value, state.events, state.terminated)
    kinds: list[Array] = []
    places: list[Array] = []
    for agent_idx in range(tables.n_agents):
        act = xp.where(at(state.terminated, agent_idx), 0, at(lines.act, agent_idx))
        first = _first_pair(state, act, at(state.agent_value, agent_idx))
        hit = _fall(tables.rules, reach, lines, agent_idx * reach.n_lines, act, first, now)
        kinds.append(xp.where(hit.on_object, act, 0))
        places.append(hit.place)
    return _Counted(counts.of_stage(state), xp.stack(kinds, axis=-1), xp.stack(places, axis=-1))


def _first_pair(state: EnvState, act: Int[Array, "*B"], own_value: Int[Array, "*B"]) -> Int[Array, "*B"]:
    """Which row of values an act of an agent reads, before the value that it falls on."""
    rules = state.tables.rules
    block = act * rules.n_world_values
    if state.world_value is not None:
        block = block + state.world_value
    return block * rules.n_agent_values + own_value


def _act_along(
    state: EnvState,
    start: EnvState,
    reach: ReachTable,
    lines: Lines,
    turn: int | Int[Array, ""],
    drawn: UInt[Array, "*B W"] | None,
    counted: _Counted | None,
    now: Now,
) -> Now:
    """Let one agent act along one line."""
    tables: Tables = state.tables
    agent_idx = turn // reach.n_lines
    rules, xp = tables.rules, namespace(state.cells)
    cells, agent_value, events, terminated, *carried = now
    own_value = at(agent_value, agent_idx)
    act = xp.where(at(terminated, agent_idx), 0, at(lines.act, agent_idx))
    first = _first_pair(state, act, own_value)
    hit = _fall(rules, reach, lines, turn, act, first, now)
    word = None if drawn is None else at(drawn, turn)

    after = _what_follows(rules, hit, xp.where(hit.on_object, first, own_value), act, cells, counted, word)
    value, happened, ends = after[..., 1], after[..., 2], after[..., 3]
    if rules.meet is not None:
        first_row = xp.where(hit.on_agent, first, own_value) * rules.n_agent_values
        met = _what_meeting_brings(rules.meet, hit, first_row, agent_value, word)
        value = xp.where(hit.on_agent, met[..., 1], value)
        happened, ends = happened | met[..., 2], ends | met[..., 4]
        agent_value = scatter(agent_value, hit.other, met[..., 0])
        if rules.meet.other_events:
            events = scatter(events, hit.other, gather(events, hit.other[..., None])[..., 0] | met[..., 3])
        if rules.meet.can_end:
            is_gone = gather(terminated, hit.other[..., None])[..., 0] | (met[..., 5] != 0)
            terminated = scatter(terminated, hit.other, is_gone)
    at_turn = state.with_changes(cells=cells, agent_value=agent_value, events=events, terminated=terminated)
    happened = guarded(start, at_turn, agent_idx, happened)
    cells = scatter(cells, hit.place, after[..., 0])
    agent_value = put(agent_value, agent_idx, value)
    events = put(events, agent_idx, at(events, agent_idx) | happened)
    terminated = put(terminated, agent_idx, at(terminated, agent_idx) | (ends != 0))
    if carried:
        carried = [_add_amounts(carried[0], agent_idx, after[..., 4:])]
    return cells, agent_value, events, terminated, *carried


def _what_follows(
    rules: RuleTables,
    hit: _Hit,
    first: Int[Array, "*B"],
    act: Int[Array, "*B"],
    cells: UInt[Array, "*B N"],
    counted: _Counted | None,
    word: UInt[Array, "*B"] | None,
) -> Int[Array, "*B C"]:
    """What an act makes of the object that it has fallen on, and of the agent that acts."""
    before = gather(cells, hit.place[..., None])[..., 0].astype(np.int32)
    pair = first * rules.n_cell_values + before
    if rules.interact.counts is not None and counted is not None:
        counts = rules.interact.counts.at_place(counted.taken, counted.kinds, counted.places, act, hit.place)
        pair = rules.interact.counts.row(pair, counts)
    if rules.interact.chance is not None:
        pair = rules.interact.chance.draw(pair, word)
    return lookup_rows(rules.interact.rows, compute_once(pair, len(rules.interact.rows)))


def _what_meeting_brings(
    meet: MeetTable,
    hit: _Hit,
    first_row: Int[Array, "*B"],
    agent_value: Int[Array, "*B A"],
    word: UInt[Array, "*B"] | None,
) -> Int[Array, "*B C"]:
    """What an act makes of the agent that it has fallen on, and of the one that acts."""
    pair = first_row + gather(agent_value, hit.other[..., None])[..., 0]
    if meet.chance is not None:
        pair = meet.chance.draw(pair, word)
    return lookup_rows(meet.rows, compute_once(pair, len(meet.rows)))


def _add_amounts(
    amounts: Int[Array, "*B A E"], agent_idx: int | Int[Array, ""], more: Int[Array, "*B E"]
) -> Int[Array, "*B A E"]:
    """Add what the events of one agent carry."""
    xp = namespace(amounts)
    is_own = xp.arange(amounts.shape[-2], dtype=np.int32)[:, None] == agent_idx
    return amounts + is_own.astype(np.int32) * more[..., None, :]


def _fall(
    rules: RuleTables,
    reach: ReachTable,
    lines: Lines,
    turn: int | Int[Array, ""],
    act: Int[Array, "*B"],
    first: Int[Array, "*B"],
    now: Now,
) -> _Hit:
    """Find the first cell of a line that answers, before one that ends the line."""
    cells, agent_value, _, terminated, *_ = now
    xp = namespace(cells)
    path, is_inside, standing = (at(each, turn) for each in (lines.cells, lines.is_inside, lines.standing))
    value = gather(cells, path).astype(np.int32)
    is_taken = standing > 0
    answers = lookup(reach.answers, first[..., None] * rules.n_cell_values + value) & ~is_taken
    other = xp.maximum(standing - 1, xp.zeros_like(standing))
    if rules.meet is not None:
        pair = first[..., None] * rules.n_agent_values + gather(agent_value, other)
        answers = answers | (lookup(rules.meet.answers, pair) & is_taken & ~gather(terminated, other))
    answers = answers & is_inside
    ends = lookup(reach.is_beam, act)[..., None] & (is_taken | lookup(reach.blocks, value))
    step = xp.argmax(answers | ends, axis=-1).astype(np.int32)[..., None]
    has_fallen, has_met = gather(answers, step)[..., 0], gather(is_taken, step)[..., 0]
    return _Hit(
        place=gather(path, step)[..., 0],
        other=gather(other, step)[..., 0],
        on_object=has_fallen & ~has_met,
        on_agent=has_fallen & has_met,
    )
