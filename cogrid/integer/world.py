"""`IntegerWorld`: one world on plain integers and lists, for the NumPy environment."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.count_table import CountTable
from cogrid.core.draws import Purpose
from cogrid.core.jax_step import run_step_hook
from cogrid.core.rule_tables import AgentTable, PairTable
from cogrid.core.tables import Tables
from cogrid.integer.chance import IntegerChance, as_lists, draw_rows
from cogrid.integer.collisions import SETTLE
from cogrid.integer.counts import Counted, IntegerCounts
from cogrid.integer.draws import draw_word, draw_words
from cogrid.integer.member_draws import IntegerDraw
from cogrid.integer.moves import IntegerMoves, Push, hinders
from cogrid.integer.reach import IntegerMeetings, IntegerReach
from cogrid.integer.stages import (
    faced_cell,
    follow_rows,
    follow_rule,
    keep_back,
    note_attempts,
    note_collisions,
    refuse_actions,
    tick_agents,
    tick_cells,
    turn_and_propose,
)
from cogrid.integer.starts import draw_one_of, draw_start_cells, draw_start_directions


class IntegerPairs:
    """A `PairTable`, or an `AgentTable`, as lists: its rows, which are drawn among, and which pairs ask for a count."""

    def __init__(self, table: PairTable | AgentTable, counts: IntegerCounts | None = None) -> None:
        self.rows: list[list[int]] = table.rows.tolist()
        self.chance: IntegerChance | None = as_lists(table.chance)
        self.counts = counts


class IntegerTables:
    """The tables of a world as lists; see `RuleTables` and `MapTables` for what they hold."""

    def __init__(self, tables: Tables) -> None:
        rules, map_tables = tables.rules, tables.map
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
        self.passable: list[bool] = rules.passable.tolist()
        self.tick_chance: IntegerChance | None = as_lists(rules.tick_chance)
        self.passable_by: list[bool] | None = None if rules.passable_by is None else rules.passable_by.tolist()
        self.leave: list[bool] | None = None if rules.leave is None else rules.leave.tolist()
        self.reach: IntegerReach | None = None
        if rules.reach is not None:
            self.reach = IntegerReach(rules.reach, tables.height, tables.width)
        self.meet: IntegerMeetings | None = None if rules.meet is None else IntegerMeetings(rules.meet)
        self.tick_counts: IntegerCounts | None = _counts_of(rules.tick_counts, tables)
        self.interact: IntegerPairs = _pairs(rules.interact, tables)
        self.enter: IntegerPairs | None = None if rules.enter is None else _pairs(rules.enter, tables)
        self.stand: IntegerPairs | None = None if rules.stand is None else _pairs(rules.stand, tables)
        self.start_cells: list[list[int]] = map_tables.starts.cells.tolist()
        self.start_places: list[list[int]] = map_tables.starts.places.tolist()
        self.start_rooms: list[list[list[int]]] = map_tables.starts.rooms_of_agents
        self.moves: IntegerMoves | None = None
        if tables.moves is not None:
            around: list[list[int]] = map_tables.around.tolist()
            self.moves = IntegerMoves(tables.moves, rules.n_cell_values, self.front, around)
        self.draws: list[IntegerDraw] = [IntegerDraw(draw, tables.height, tables.width) for draw in tables.draws]
        self.open_at_start: list[bool] = map_tables.open_at_start.tolist()
        self.start_values: list[int] = map_tables.start_values.tolist()


def _pairs(table: PairTable, tables: Tables) -> IntegerPairs:
    """A pair table of a world as lists."""
    return IntegerPairs(table, _counts_of(table.counts, tables))


def _counts_of(table: CountTable | None, tables: Tables) -> IntegerCounts | None:
    """A count table of a world as lists; None for none."""
    return None if table is None else IntegerCounts(table, tables.height, tables.width)


@functools.lru_cache(maxsize=64)
def _integer_tables(tables: Tables) -> IntegerTables:
    return IntegerTables(tables)


def ends_before_movement(tables: Tables) -> bool:
    """Whether an agent's episode can end in a step before the agents move: by itself, or by an act."""
    rules, order = tables.rules, tables.settings.rules.stages
    by_itself = rules.agent_tick is not None and not rules.agent_tick.only_changes
    by_act = rules.interact.can_end or (rules.meet is not None and rules.meet.can_end)
    before = order[: order.index("move")]
    return (by_itself and "tick" in before) or (by_act and "interact" in before)


class IntegerWorld:
    """One world, stepped in place.

    Attributes:
      tables: the world's tables.
      cells: value id of each cell.
      agent_cell, agent_dir, agent_value, terminated, events: one entry per agent, as in `EnvState`.
      key: the episode's key, as two integers.
      time: steps made.
      world_value: id of the world value; 0 in a world that has none.
      layout_idx: which layout of a set is played; 0 in a world that plays a single layout.
      amounts: what the events of each agent in the last step have carried; empty in a world where none carries any.
      changed_cells: cells that may have changed since an observation was last made; whoever observes empties it.
      attempts: for each agent, the pair of its agent value and the faced cell's value before the last step, as in the
        tables; -1 for one that interacted with nothing on the grid.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.n_agents: int = tables.n_agents
        self._lists = _integer_tables(tables)
        self._n_amounts = len(tables.rules.amount_names)
        self._n_cell_values = tables.rules.n_cell_values
        self._n_pairs = tables.rules.n_agent_values * tables.rules.n_cell_values
        self._n_block = tables.rules.n_world_values * self._n_pairs
        self._guards = tables.rules.guards
        is_plain = self._lists.tick_chance is None and self._lists.tick_counts is None
        self._tick = self._tick_plainly if is_plain else self._tick_by_chance_or_count
        self._move = self._move_and_enter if tables.rules.stand is None else self._move_and_stand
        stages = self._chosen_stages()
        self._stages = [stages[name] for name in tables.settings.rules.stages]
        self._settle = SETTLE[tables.rules.collisions.name]
        self._keeps_back = tables.rules.passable_by is not None or tables.rules.leave is not None
        self._can_push = self._lists.moves is not None and self._lists.moves.can_push
        is_asked = self._lists.passable_by is not None or self._lists.leave is not None
        self._is_restricted = self._can_push or is_asked
        self._draws_anew = bool(tables.rules.redraw_mask or tables.draws)
        self._has_hook = tables.settings.rules.step_hook is not None
        self._before: EnvState | None = None
        self._counted = Counted([], [], [], [])
        self.changed_cells: list[int] = []
        self.attempts: list[int] = [-1] * tables.n_agents
        self.cells: list[int]
        self.agent_cell: list[int]
        self.agent_dir: list[int]
        self.agent_value: list[int]
        self.terminated: list[bool]
        self.events: list[int]
        self.key: tuple[int, int]
        self.time: int
        self.world_value: int
        self.layout_idx: int
        self.amounts: list[list[int]]

    def _chosen_stages(self) -> dict[str, Callable[[list[int]], None]]:
        """The function of each stage: the plainest one that does all that this world uses."""
        lists, stages = self._lists, {"tick": self._tick, "move": self._move, "interact": self._interact}
        if lists.agent_tick is not None:
            stages["tick"] = self._tick_all
        if lists.moves is not None and lists.moves.can_roam:
            stages["tick"] = self._tick_and_roam
        if ends_before_movement(self.tables):
            stages["move"] = self._move_those_left
        if lists.reach is not None:
            stages["interact"] = self._interact_along_lines
        elif lists.acts_here is not None:
            stages["interact"] = self._interact_near
        return stages

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> None:
        """Start an episode; equal to `jax_step.start_state`."""
        tables, rules, lists = self.tables, self.tables.settings.rules, self._lists
        self.key = key
        self.time = 0
        self.layout_idx = layout_idx or 0
        if tables.map.is_set and layout_idx is None:
            self.layout_idx = draw_one_of(*key, Purpose.LAYOUT, 0, tables.map.starts.n_layouts)
        self.agent_dir = draw_start_directions(*key, rules.start_directions, self.n_agents)
        self.agent_value = list(lists.start_values)
        self.terminated = [False] * self.n_agents
        self.events = [0] * self.n_agents
        self.amounts = [[0] * self._n_amounts for _ in range(self.n_agents)] if self._n_amounts else []
        self.world_value = 0
        if tables.rules.has_world_values:
            self.world_value = draw_one_of(*key, Purpose.WORLD_VALUE, 0, tables.rules.n_world_values)
        self._set_cells(list(lists.start_cells[self.layout_idx]))
        self.agent_cell, rooms = lists.start_places[self.layout_idx], lists.start_rooms[self.layout_idx]
        if tables.draws_at_reset:
            rooms = self._draw_at_reset(rooms)
        self.agent_cell = draw_start_cells(*key, self.agent_cell, rooms)
        for draw in lists.draws:
            if draw.table.is_after_starts:
                self._draw_members(draw, draw.table.k, 0)
        if rules.start_hook is not None:
            self.load(rules.start_hook(self.to_state(), self._hook_key(Purpose.START_HOOK)))

    def _draw_at_reset(self, rooms: list[list[int]]) -> list[list[int]]:
        """Make the draws of a reset; returns what is left of the cells that agents can start in."""
        for draw in self._lists.draws:
            if draw.table.is_at_reset:
                self._draw_members(draw, draw.table.k, 0)
        is_open = [self._lists.open_at_start[value] for value in self.cells]
        return [[cell for cell in room if is_open[cell]] for room in rooms]

    def _draw_members(self, draw: IntegerDraw, n_drawn: int, time: int) -> None:
        draw.make(
            n_drawn,
            self.key,
            time,
            self.cells,
            self.agent_value,
            self.agent_cell,
            self.terminated,
            self.changed_cells,
        )

    def load(self, state: EnvState) -> None:
        """Go on from a state; NumPy leaves, not batched."""
        self._load_numbers(state)
        self._set_cells(state.cells.tolist())

    def _load_numbers(self, state: EnvState) -> None:
        self.key = (int(state.rng_key[0]), int(state.rng_key[1]))
        self.time = int(state.time)
        self.agent_cell = state.agent_cell.tolist()
        self.agent_dir = state.agent_dir.tolist()
        self.agent_value = state.agent_value.tolist()
        self.terminated = state.terminated.tolist()
        self.events = state.events.tolist()
        self.world_value = 0 if state.world_value is None else int(state.world_value)
        self.layout_idx = 0 if state.layout_idx is None else int(state.layout_idx)
        self.amounts = [] if state.amounts is None else state.amounts.tolist()

    def _set_cells(self, cells: list[int]) -> None:
        self.cells = cells
        self.changed_cells = list(range(len(cells)))

    def to_state(self) -> EnvState:
        """A snapshot, as NumPy arrays."""
        return self._state_of(self.cells, self._columns())

    def _state_of(self, cells: list[int], columns: tuple[Sequence[int], ...]) -> EnvState:
        tables = self.tables
        numbers = [*itertools.chain(*columns), *self.key, self.time]
        if tables.rules.has_world_values:
            numbers.append(self.world_value)
        if tables.map.is_set:
            numbers.append(self.layout_idx)
        numbers += itertools.chain(*self.amounts)
        return EnvState(
            cells=np.array(cells, dtype=tables.rules.cell_dtype),
            numbers=np.array(numbers, dtype=np.int64).astype(np.int32),  # A key's words are unsigned: the same bits.
            tables=tables,
        )

    def _columns(self) -> tuple[Sequence[int], ...]:
        """What is stored of the agents, in the order of `Numbers`."""
        return self.agent_cell, self.agent_dir, self.agent_value, self.terminated, self.events

    def _state_before(self) -> EnvState:
        """The state at the start of the step, for guards."""
        if self._before is None:
            self._before = self._state_of(*self._columns_before)
        return self._before

    def step(self, actions: list[int]) -> None:
        """Make one step; equal to `jax_step.advance`.

        Args:
          actions: one per agent, in range; Noop for a terminated agent. Changed in place: an action that an agent does
            not take becomes Noop.
        """
        if self._lists.takes is not None:
            action_set = self.tables.action_set
            refuse_actions(actions, self.agent_value, self._lists.takes, len(action_set), action_set.noop)
        if self._has_hook:
            self._before = self.to_state()
        elif self._guards:  # Few steps ask a guard: what it needs is copied, and made into a state when one does.
            columns = tuple(list(column) for column in self._columns())
            self._before, self._columns_before = None, (self.cells.copy(), columns)
        lists = self._lists
        note_attempts(
            self.attempts,
            actions,
            self.cells,
            self.agent_cell,
            self.agent_dir,
            self.agent_value,
            lists.interaction,
            lists.front,
            self._n_cell_values,
        )
        self.events = [0] * self.n_agents
        if self._n_amounts:
            self.amounts = [[0] * self._n_amounts for _ in actions]
        for stage in self._stages:
            stage(actions)
        if self._has_hook:
            self._run_hook(actions)
        self.time += 1

    def _tick_plainly(self, actions: list[int]) -> None:
        tick_cells(self.cells, self._lists.tick, self._lists.tickable_cells, self.changed_cells)

    def _tick_by_chance_or_count(self, actions: list[int]) -> None:
        """The stage in a world where a tick is drawn, or asks for a count."""
        lists, candidates = self._lists, self._lists.tickable_cells
        rows = [self.cells[cell] for cell in candidates]
        if lists.tick_counts is not None:
            rows = lists.tick_counts.of_cells(self.cells, self.agent_value, candidates)
        if lists.tick_chance is not None:
            draw_rows(lists.tick_chance, rows, candidates, self.key, self.time)
        follow_rows(self.cells, lists.tick, rows, candidates, self.changed_cells)

    def _tick_all(self, actions: list[int]) -> None:
        """The ticks of cells, then those of agents."""
        self._tick(actions)
        table = self._lists.agent_tick
        if table is None:
            return
        drawn = self.agent_value
        if table.chance is not None:
            by = table.chance
            drawn = [
                by.draw(value, draw_word(*self.key, Purpose.AGENT_TICK, self.time, agent_idx))
                if by.kind[value]
                else value
                for agent_idx, value in enumerate(drawn)
            ]
        tick_agents(self.agent_value, drawn, self.terminated, self.events, table.rows)

    def _move_those_left(self, actions: list[int]) -> None:
        """The stage in a world where an episode can end in the same step before it."""
        noop = self.tables.action_set.noop
        told = zip(self.terminated, actions, strict=True)
        self._move([noop if has_ended else action for has_ended, action in told])

    def _tick_and_roam(self, actions: list[int]) -> None:
        self._tick_all(actions)
        if self._lists.moves is not None:
            self._lists.moves.roam(self.cells, self.agent_cell, self.key, self.time, self.changed_cells)

    def _find_pushes(self, actions: list[int], target: list[int]) -> dict[int, Push]:
        """What agents push, whose targets are set to the cells that they want then; notes who is hindered."""
        lists, found = self._lists, dict[int, Push]()
        for agent_idx, (action, cell) in enumerate(zip(actions, self.agent_cell, strict=True)):
            if lists.moves is None or not lists.proposes[action] or target[agent_idx] != cell:
                continue
            value, direction = self.agent_value[agent_idx], self.agent_dir[agent_idx]
            if lists.goes is not None:
                direction = lists.goes[action * 4 + direction]
            ahead = lists.front[cell * 4 + direction]
            may_leave = lists.leave is None or lists.leave[value * self._n_cell_values + self.cells[cell]]
            push = lists.moves.push_of(self.cells, value, ahead, direction)
            if push is not None and may_leave and not self._may_enter(value, ahead):
                found[agent_idx] = push
        hindered = [idx for idx, push in found.items() if hinders(push, idx, self.agent_cell, target, found)]
        for agent_idx in hindered:
            self.events[agent_idx] |= self.tables.rules.collision_mask
        made = {agent_idx: push for agent_idx, push in found.items() if agent_idx not in hindered}
        for agent_idx, (ahead, *_) in made.items():
            target[agent_idx] = ahead
        return made

    def _may_enter(self, value: int, cell: int) -> bool:
        lists = self._lists
        if lists.passable_by is None:
            return lists.passable[self.cells[cell]]
        return lists.passable_by[value * self._n_cell_values + self.cells[cell]]

    def _make_pushes(self, pushes: dict[int, Push]) -> None:
        """Move what the agents have pushed that have got into their cells."""
        for agent_idx, (ahead, beyond, left, received, events) in pushes.items():
            if self.agent_cell[agent_idx] == ahead:
                self.cells[ahead], self.cells[beyond] = left, received
                self.changed_cells += (ahead, beyond)
                self.events[agent_idx] |= events

    def _move_and_enter(self, actions: list[int]) -> None:
        lists, target = self._lists, [0] * self.n_agents
        is_anybody = turn_and_propose(
            actions,
            self.cells,
            self.agent_cell,
            self.agent_dir,
            target,
            lists.turn,
            lists.proposes,
            lists.front,
            lists.passable,
            lists.goes,
        )
        if not is_anybody and not self._can_push:
            return
        pushes = self._keep_back_and_push(actions, target) if self._is_restricted else None
        before = self.agent_cell
        self.agent_cell = before.copy()
        self._settle(self.agent_cell, target, *self.key, self.time)
        if self.agent_cell != target:
            note_collisions(self.agent_cell, target, self.events, self.tables.rules.collision_mask)
        if pushes:
            self._make_pushes(pushes)
        if lists.enter is not None:
            if lists.enter.counts is not None:
                kinds = [int(cell != old) for cell, old in zip(self.agent_cell, before, strict=True)]
                self._start_counting(kinds, self.agent_cell)
            for agent_idx, cell in enumerate(self.agent_cell):
                if cell != before[agent_idx] and not self.terminated[agent_idx]:
                    self._run_rule(lists.enter, Purpose.ENTER, self._n_block, agent_idx, cell)

    def _keep_back_and_push(self, actions: list[int], target: list[int]) -> dict[int, Push]:
        """Keep those where they are that may not go; then what is pushed."""
        lists = self._lists
        if self._keeps_back:
            keep_back(
                target,
                self.cells,
                self.agent_cell,
                self.agent_value,
                lists.passable_by,
                lists.leave,
                self._n_cell_values,
            )
        return self._find_pushes(actions, target) if self._can_push else {}

    def _move_and_stand(self, actions: list[int]) -> None:
        self._move_and_enter(actions)
        stand = self._lists.stand
        if stand is not None and stand.counts is not None:
            self._start_counting([1] * self.n_agents, self.agent_cell)
        for agent_idx, cell in enumerate(self.agent_cell):
            if stand is not None and not self.terminated[agent_idx]:
                self._run_rule(stand, Purpose.STAND, self._n_block, agent_idx, cell)

    def _interact(self, actions: list[int]) -> None:
        lists = self._lists
        if lists.interact.counts is not None:
            self._start_counting(*self._acts(actions))
        for agent_idx, action in enumerate(actions):
            kind = lists.interaction[action]
            if kind and not self.terminated[agent_idx]:
                ahead = faced_cell(agent_idx, self.agent_cell, self.agent_dir, lists.front)
                if ahead not in self.agent_cell:
                    self._run_rule(lists.interact, Purpose.INTERACT, kind * self._n_block, agent_idx, ahead)
        if self._draws_anew:
            self._draw_anew()

    def _interact_near(self, actions: list[int]) -> None:
        """The stage in a world with acts on the own cell."""
        lists = self._lists
        is_here = lists.acts_here or ()
        if lists.interact.counts is not None:
            self._start_counting(*self._acts(actions))
        for agent_idx, action in enumerate(actions):
            kind, place = lists.interaction[action], self.agent_cell[agent_idx]
            if kind and not self.terminated[agent_idx]:
                if not is_here[kind]:
                    place = faced_cell(agent_idx, self.agent_cell, self.agent_dir, lists.front)
                if is_here[kind] or place not in self.agent_cell:
                    self._run_rule(lists.interact, Purpose.INTERACT, kind * self._n_block, agent_idx, place)
        if self._draws_anew:
            self._draw_anew()

    def _interact_along_lines(self, actions: list[int]) -> None:
        """The stage in a world with acts that look along lines, or fall on other agents."""
        lists = self._lists
        reach = lists.reach
        if reach is None:
            return
        if lists.interact.counts is not None:
            self._start_counting(*self._falls(reach, actions))
        for agent_idx, action in enumerate(actions):
            kind = lists.interaction[action]
            if kind:
                for line_idx, line in enumerate(reach.lines[kind][self.agent_dir[agent_idx]]):
                    if not self.terminated[agent_idx]:
                        self._act_along(reach, kind, agent_idx, line_idx, line)
        if self._draws_anew:
            self._draw_anew()

    def _act_along(
        self, reach: IntegerReach, kind: int, agent_idx: int, line_idx: int, line: list[tuple[int, int]]
    ) -> None:
        """Let an agent act on the first cell of a line that answers, before one that ends the line."""
        hit = self._fall(reach, kind, agent_idx, line)
        if hit is None:
            return
        lists, number = self._lists, agent_idx * reach.n_lines + line_idx
        cell, other = hit
        if other == agent_idx:
            self._run_rule(lists.interact, Purpose.INTERACT, kind * self._n_block, agent_idx, cell, number)
        elif lists.meet is not None:
            self._meet(lists.meet, self._first_row(kind, agent_idx) + self.agent_value[other], agent_idx, other, number)

    def _first_row(self, kind: int, agent_idx: int) -> int:
        """The first row of the table of meetings for an act of an agent."""
        rules = self.tables.rules
        block = kind * rules.n_world_values + self.world_value
        return (block * rules.n_agent_values + self.agent_value[agent_idx]) * rules.n_agent_values

    def _fall(
        self, reach: IntegerReach, kind: int, agent_idx: int, line: list[tuple[int, int]]
    ) -> tuple[int, int] | None:
        """The first cell of a line that answers, and the agent that does so; for an object the acting agent itself."""
        meet = self._lists.meet
        block = kind * self._n_block + self.world_value * self._n_pairs
        first = block + self.agent_value[agent_idx] * self._n_cell_values
        for cell in reach.cells(self.agent_cell[agent_idx], line):
            other = self.agent_cell.index(cell) if cell in self.agent_cell else agent_idx
            if other == agent_idx:
                if reach.answers[first + self.cells[cell]]:
                    return cell, other
            elif meet is not None and not self.terminated[other]:
                pair = self._first_row(kind, agent_idx) + self.agent_value[other]
                if meet.answers[pair]:
                    return cell, other
            if reach.is_beam[kind] and (other != agent_idx or reach.blocks[self.cells[cell]]):
                return None
        return None

    def _meet(self, meet: IntegerMeetings, pair: int, agent_idx: int, other: int, number: int) -> None:
        """Make of two agents what a rule makes of them."""
        if meet.chance is not None and meet.chance.kind[pair]:
            pair = meet.chance.draw(pair, draw_word(*self.key, Purpose.INTERACT, self.time, number))
        row = meet.rows[pair]
        self.agent_value[other], happened, told = row[0], row[2], row[3]
        self.events[other] |= told
        self.terminated[other] = self.terminated[other] or bool(row[5])
        self.events[agent_idx] |= self._guarded(agent_idx, happened)
        self.agent_value[agent_idx] = row[1]
        self.terminated[agent_idx] = self.terminated[agent_idx] or bool(row[4])

    def _draw_anew(self) -> None:
        """Draw the world value anew, and members of groups, where an event of this step asks for it."""
        rules = self.tables.rules
        if rules.redraw_mask and any(events & rules.redraw_mask for events in self.events):
            self.world_value = draw_one_of(*self.key, Purpose.WORLD_VALUE, self.time + 1, rules.n_world_values)
        for draw in self._lists.draws:
            if draw.table.event_mask and (n_drawn := draw.n_asked(self.events)):
                self._draw_members(draw, n_drawn, self.time + 1)

    def _acts(self, actions: list[int]) -> tuple[list[int], list[int]]:
        """What each agent is about to do, 0 for nothing, and the cell that it falls on."""
        lists, kinds, places = self._lists, list[int](), list[int]()
        for agent_idx, action in enumerate(actions):
            kind = lists.interaction[action]
            is_here = lists.acts_here is not None and lists.acts_here[kind]
            ahead = faced_cell(agent_idx, self.agent_cell, self.agent_dir, lists.front)
            is_hindered = self.terminated[agent_idx] or (not is_here and ahead in self.agent_cell)
            kinds.append(0 if is_hindered else kind)
            places.append(self.agent_cell[agent_idx] if is_here else ahead)
        return kinds, places

    def _falls(self, reach: IntegerReach, actions: list[int]) -> tuple[list[int], list[int]]:
        """The same where acts look along lines: of the first line of each."""
        kinds, places = [0] * self.n_agents, list(self.agent_cell)
        for agent_idx, action in enumerate(actions):
            kind = self._lists.interaction[action]
            if kind and not self.terminated[agent_idx]:
                hit = self._fall(reach, kind, agent_idx, reach.lines[kind][self.agent_dir[agent_idx]][0])
                if hit is not None and hit[1] == agent_idx:
                    kinds[agent_idx], places[agent_idx] = kind, hit[0]
        return kinds, places

    def _start_counting(self, kinds: list[int], places: list[int]) -> None:
        """Keep what counts are taken of, at the start of a stage."""
        self._counted = Counted(self.cells.copy(), self.agent_value.copy(), kinds, places)

    def _guarded(self, agent_idx: int, happened: int) -> int:
        """The events of a rule without those whose guard does not hold now."""
        for bit, guard in self._guards:
            if happened & bit and not guard(self._state_before(), self.to_state(), agent_idx):
                happened &= ~bit
        return happened

    def _run_rule(
        self, table: IntegerPairs, purpose: Purpose, block: int, agent_idx: int, cell: int, number: int = -1
    ) -> None:
        """Run a rule of a cell; `number` is that of its word, if it is not the agent's."""
        first = block + self.world_value * self._n_pairs
        pair = first + self.agent_value[agent_idx] * self._n_cell_values + self.cells[cell]
        if table.counts is not None:
            pair = table.counts.row(pair, block // self._n_block, cell, self._counted)
        if table.chance is not None and table.chance.kind[pair]:
            word = draw_word(*self.key, purpose, self.time, agent_idx if number < 0 else number)
            pair = table.chance.draw(pair, word)
        happened = table.rows[pair][2]
        if self._guards:
            happened = self._guarded(agent_idx, happened)
        follow_rule(
            pair,
            happened,
            agent_idx,
            cell,
            self.cells,
            self.agent_value,
            self.terminated,
            self.events,
            self.changed_cells,
            table.rows,
        )
        if self._n_amounts:
            carried = zip(self.amounts[agent_idx], table.rows[pair][4:], strict=True)
            self.amounts[agent_idx] = [amount + more for amount, more in carried]

    def _hook_key(self, purpose: Purpose) -> np.ndarray:
        """A hook's key. On one world, arrays would take longer over its two words than the whole step takes."""
        return np.array(draw_words(*self.key, purpose, self.time, 2), dtype=np.uint32)

    def _run_hook(self, actions: list[int]) -> None:
        now = self.to_state()
        key = self._hook_key(Purpose.STEP_HOOK)
        after = run_step_hook(self._state_before(), now, np.array(actions, dtype=np.int32), key)
        self._load_numbers(after)
        if after.cells is not now.cells:  # Cells that stay as they were need not be observed anew.
            for cell in np.flatnonzero(after.cells != now.cells).tolist():
                self.cells[cell] = int(after.cells[cell])
                self.changed_cells.append(cell)
