"""The stage in which agents act, in a world whose acts look along lines of cells, or fall on other agents.

Worlds whose acts fall on one cell, known beforehand, are played by `cogrid.core.interactions`. Where the acts fall is
found in `cogrid.core.falls`. The same on plain integers is in `cogrid.integer.reach`.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.backend.array_ops import at, gather, lookup, lookup_rows, put, scatter
from cogrid.backend.control_flow import loop
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.draws import Purpose, words
from cogrid.core.falls import Fall, Lines, fall, falls_at_start, find_lines, first_pair
from cogrid.core.guards import guarded
from cogrid.core.reach_table import ReachTable
from cogrid.core.rule_tables import MeetTable, RuleTables

Now = tuple[Array, ...]
"""Between two turns: cells, agent values, events, who has terminated, and amounts where events carry any."""


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
    stage = _Stage.of(state, actions, start, reach)
    carried = () if state.amounts is None else (state.amounts,)
    begin = (state.cells, state.agent_value, state.events, state.terminated, *carried)
    n_turns = state.tables.n_agents * reach.n_lines
    cells, agent_value, events, terminated, *carried = loop(n_turns, stage.act, begin, like=state.cells)
    after = state.with_changes(cells=cells, agent_value=agent_value, events=events, terminated=terminated)
    return after.with_changes(amounts=carried[0]) if carried else after


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


@dataclasses.dataclass(frozen=True)
class _Stage:
    """What the turns of the stage have in common.

    Attributes:
      state: the state before the stage.
      start: the state at the start of the step.
      reach: where acts fall.
      kinds: `[*B, A]` int32, the number of each agent's act; 0 for none.
      lines: the cells that acts can fall on.
      falls: where they fall, if that is the same at each turn; else None.
      counted: what counts are taken of; None where no rule asks for any.
      drawn: `[*B, T]` uint32, a word for each turn; None where nothing is drawn.
    """

    state: EnvState
    start: EnvState
    reach: ReachTable
    kinds: Int[Array, "*B A"]
    lines: Lines
    falls: Fall | None
    counted: _Counted | None
    drawn: UInt[Array, "*B T"] | None

    @classmethod
    def of(cls, state: EnvState, actions: Int[Array, "*B A"], start: EnvState, reach: ReachTable) -> _Stage:
        """What is known before the first turn."""
        rules, xp = state.tables.rules, namespace(state.cells)
        kinds = xp.where(state.terminated, 0, lookup(rules.interaction, actions))
        lines = find_lines(state, kinds, reach)
        falls, counted, drawn = None, None, None
        if reach.is_fixed or rules.interact.counts is not None:
            falls = falls_at_start(state, kinds, reach, lines)
        if falls is not None and rules.interact.counts is not None:  # Who act together act along their first lines.
            firsts = falls.map(lambda each: each[..., :: reach.n_lines])
            together = xp.where(firsts.on_object, kinds, 0)
            counted = _Counted(rules.interact.counts.of_stage(state), together, firsts.place)
        if rules.interact.chance is not None or (rules.meet is not None and rules.meet.chance is not None):
            n_turns = state.tables.n_agents * reach.n_lines
            drawn = words(state.rng_key, Purpose.INTERACT, state.time, n_turns)
        return cls(state, start, reach, kinds, lines, falls if reach.is_fixed else None, counted, drawn)

    def act(self, turn: int | Int[Array, ""], now: Now) -> Now:
        """Let one agent act along one line."""
        rules, xp = self.state.tables.rules, namespace(self.state.cells)
        cells, agent_value, events, terminated, *carried = now
        agent_idx = turn // self.reach.n_lines
        own_value = at(agent_value, agent_idx)
        kind = xp.where(at(terminated, agent_idx), 0, at(self.kinds, agent_idx))
        first = first_pair(rules, kind, own_value, self.state.world_value)
        hit = self._fall(turn, kind, first, now)
        word = None if self.drawn is None else at(self.drawn, turn)

        row = xp.where(hit.on_object, first, own_value)
        after = _what_follows(rules, hit, row, kind, cells, self.counted, word)
        value, happened, ends = after[..., 1], after[..., 2], after[..., 3]
        if rules.meet is not None:
            first_row = xp.where(hit.on_agent, first, own_value) * rules.n_agent_values
            met = _what_meeting_brings(rules.meet, hit, first_row, agent_value, word)
            value = xp.where(hit.on_agent, met[..., 1], value)
            happened, ends = happened | met[..., 2], ends | met[..., 4]
            agent_value, events, terminated = _meet(rules.meet, hit.other, met, agent_value, events, terminated)
        at_turn = self.state.with_changes(cells=cells, agent_value=agent_value, events=events, terminated=terminated)
        happened = guarded(self.start, at_turn, agent_idx, happened)
        if rules.interact.changes_cells:
            cells = scatter(cells, hit.place, after[..., 0])
        agent_value = put(agent_value, agent_idx, value)
        events = put(events, agent_idx, at(events, agent_idx) | happened)
        if rules.interact.can_end or (rules.meet is not None and rules.meet.can_end):
            terminated = put(terminated, agent_idx, at(terminated, agent_idx) | (ends != 0))
        if carried:
            carried = [_add_amounts(carried[0], agent_idx, after[..., 4:])]
        return cells, agent_value, events, terminated, *carried

    def _fall(self, turn: int | Int[Array, ""], kind: Int[Array, "*B"], first: Int[Array, "*B"], now: Now) -> Fall:
        """Where the line of a turn falls; nowhere for an agent whose episode has ended since the first turn."""
        if self.falls is None:
            cells, agent_value, _, terminated, *_ = now
            line = self.lines.turn(turn)
            return fall(self.state.tables.rules, self.reach, line, kind, first, cells, agent_value, terminated)
        hit = self.falls.map(lambda each: at(each, turn))
        return dataclasses.replace(hit, on_object=hit.on_object & (kind > 0))


def _meet(
    meet: MeetTable,
    other: Int[Array, "*B"],
    met: Int[Array, "*B C"],
    agent_value: Int[Array, "*B A"],
    events: Int[Array, "*B A"],
    terminated: Bool[Array, "*B A"],
) -> tuple[Array, Array, Array]:
    """What becomes of the agents that acts have fallen on: their values, events and ends."""
    agent_value = scatter(agent_value, other, met[..., 0])
    if meet.other_events:
        events = scatter(events, other, gather(events, other[..., None])[..., 0] | met[..., 3])
    if meet.can_end:
        is_gone = gather(terminated, other[..., None])[..., 0] | (met[..., 5] != 0)
        terminated = scatter(terminated, other, is_gone)
    return agent_value, events, terminated


def _what_follows(
    rules: RuleTables,
    hit: Fall,
    first: Int[Array, "*B"],
    kind: Int[Array, "*B"],
    cells: UInt[Array, "*B N"],
    counted: _Counted | None,
    word: UInt[Array, "*B"] | None,
) -> Int[Array, "*B C"]:
    """What an act makes of the object that it has fallen on, and of the agent that acts."""
    before = gather(cells, hit.place[..., None])[..., 0].astype(np.int32)
    pair = first * rules.n_cell_values + before
    if rules.interact.counts is not None and counted is not None:
        counts = rules.interact.counts.at_place(counted.taken, counted.kinds, counted.places, kind, hit.place)
        pair = rules.interact.counts.row(pair, counts)
    if rules.interact.chance is not None:
        pair = rules.interact.chance.draw(pair, word)
    return lookup_rows(rules.interact.rows, compute_once(pair, len(rules.interact.rows)))


def _what_meeting_brings(
    meet: MeetTable,
    hit: Fall,
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
