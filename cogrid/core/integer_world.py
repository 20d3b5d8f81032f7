"""`IntegerWorld`: one world on plain integers and lists, for the NumPy environment.

Array calls on two agents cost more than the work itself, so an environment that steps one world at a time steps it
here: the same tables as lists, the stages of `jax_step.advance` one after the other, equal to them bit for bit (tests
see to it).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.collisions import integer_all_stay, integer_colliders_stay
from cogrid.core.draws import Purpose, integer_move_order, integer_words
from cogrid.core.jax_step import run_step_hook
from cogrid.core.rule_tables import PairTable
from cogrid.core.starts import integer_layout, integer_start_cells
from cogrid.core.tables import Tables


class _IntegerPairs:
    """A pair table as lists."""

    def __init__(self, table: PairTable) -> None:
        self.cell, self.agent, self.events, self.ends = (column.tolist() for column in table.rows.T)


def _all_stay(place: list[int], target: list[int], movers: list[int]) -> list[int]:
    return integer_all_stay(place, target)


def _colliders_stay(place: list[int], target: list[int], movers: list[int]) -> list[int]:
    return integer_colliders_stay(place, target)


class IntegerWorld:
    """One world, stepped in place.

    Attributes:
      tables: the world's tables.
      cells: value id of each cell.
      agent_cell, agent_dir, agent_value, terminated, events: one entry per agent, as in `EnvState`.
      key: the episode's key, as two integers.
      time: steps made.
      world: id of the world value; 0 in a world that has none.
      layout_idx: which layout of a set is played; 0 in a world that is no set.
      changed_cells: cells that may have changed since an observation was last made; whoever observes empties it.
      attempts: for each agent, the pair of its agent value and the faced cell's value before the last step, as in the
        tables; -1 for one that interacted with nothing on the grid.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.n_agents: int = tables.n_agents
        self._agents = range(tables.n_agents)
        self._n_cell_values = tables.rules.n_cell_values
        self._n_pairs = tables.rules.n_agent_values * tables.rules.n_cell_values
        self._n_block = tables.rules.n_world_values * self._n_pairs
        self._front: list[int] = tables.map.front.tolist()
        self._turn: list[int] = tables.rules.turn.tolist()
        self._proposes: list[bool] = tables.rules.proposes.tolist()
        self._interaction: list[int] = tables.rules.interaction.tolist()
        self._tick: list[int] = tables.rules.tick.tolist()
        self._is_ticking = [after != before for before, after in enumerate(self._tick)]
        self._passable: list[bool] = tables.rules.passable.tolist()
        self._interact = _IntegerPairs(tables.rules.interact)
        self._enter = None if tables.rules.enter is None else _IntegerPairs(tables.rules.enter)
        self._guards = tables.rules.guards
        self._collision_mask = tables.rules.collision_mask
        stages = {"tick": self._tick_cells, "move": self._move_and_enter, "interact": self._interact_all}
        self._stages = [stages[name] for name in tables.settings.rules.stages]
        self._settle = {"in_turn": self._settle_in_turn, "all_stay": _all_stay, "colliders_stay": _colliders_stay}[
            tables.settings.rules.collisions
        ]
        self._has_hook = tables.settings.rules.step_hook is not None
        self._before: EnvState | None = None
        self.changed_cells: list[int] = []
        self.attempts: list[int] = [-1] * tables.n_agents
        self.agent_cell: list[int]
        self.agent_dir: list[int]
        self.agent_value: list[int]
        self.terminated: list[bool]
        self.events: list[int]
        self.key: tuple[int, int]
        self.time: int
        self.world: int
        self.layout_idx: int

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> None:
        """Start an episode; equal to `jax_step.start_state`."""
        tables, rules, starts = self.tables, self.tables.settings.rules, self.tables.map.starts
        self.key = key
        self.time = 0
        self.layout_idx = layout_idx or 0
        if starts.is_set and layout_idx is None:
            self.layout_idx = integer_layout(key, starts)
        self.agent_cell = integer_start_cells(key, self.layout_idx, starts)
        if not rules.start_directions:
            self.agent_dir = [word >> 30 for word in integer_words(key, Purpose.START_DIRECTION, 0, self.n_agents)]
        else:
            directions = rules.start_directions
            self.agent_dir = [directions[agent_idx % len(directions)] for agent_idx in self._agents]
        self.agent_value = tables.map.start_values.tolist()
        self.terminated = [False] * self.n_agents
        self.events = [0] * self.n_agents
        self.world = 0
        if rules.world_values:
            self.world = integer_words(key, Purpose.WORLD_VALUE, 0, 1)[0] % tables.rules.n_world_values
        self._set_cells(starts.cells[self.layout_idx].tolist())
        if rules.start_hook is not None:
            hook_key = np.array(integer_words(key, Purpose.START_HOOK, 0, 2), dtype=np.uint32)
            self.load(rules.start_hook(self.to_state(), hook_key))

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
        self.world = 0 if state.world is None else int(state.world)
        self.layout_idx = 0 if state.layout_idx is None else int(state.layout_idx)

    def to_state(self) -> EnvState:
        """A snapshot, as NumPy arrays."""
        return self._state_of(self.cells, self._columns())

    def _state_of(self, cells: list[int], columns: tuple[Sequence[int], ...]) -> EnvState:
        tables = self.tables
        numbers = [*itertools.chain(*columns), *self.key, self.time]
        if tables.rules.has_world:
            numbers.append(self.world)
        if tables.map.is_set:
            numbers.append(self.layout_idx)
        return EnvState(
            cells=np.array(cells, dtype=tables.rules.cell_dtype),
            numbers=np.array(numbers, dtype=np.int64).astype(np.int32),  # A key's words are unsigned: the same bits.
            tables=tables,
        )

    def _columns(self) -> tuple[Sequence[int], ...]:
        """What is stored of the agents, in the order of `Numbers`."""
        return self.agent_cell, self.agent_dir, self.agent_value, self.terminated, self.events

    def _copied_columns(self) -> tuple[Sequence[int], ...]:
        return tuple(list(column) for column in self._columns())

    def _state_before(self) -> EnvState:
        """The state at the start of the step, for guards."""
        if self._before is None:
            self._before = self._state_of(*self._columns_before)
        return self._before

    def step(self, actions: list[int]) -> None:
        """Make one step; equal to `jax_step.advance`.

        Args:
          actions: one per agent, in range; Noop for a terminated agent.
        """
        if self._has_hook:
            self._before = self.to_state()
        elif self._guards:  # Few steps ask a guard: what it needs is copied, and made into a state when one does.
            self._before, self._columns_before = None, (self.cells.copy(), self._copied_columns())
        self._note_attempts(actions)
        self.events = [0] * self.n_agents
        for stage in self._stages:
            stage(actions)
        if self._has_hook:
            self._run_hook(actions)
        self.time += 1

    def _note_attempts(self, actions: list[int]) -> None:
        attempts = [-1] * self.n_agents
        for agent_idx in self._agents:
            if self._interaction[actions[agent_idx]]:
                cell = self.agent_cell[agent_idx]
                ahead = self._front[cell * 4 + self.agent_dir[agent_idx]]
                if ahead != cell:
                    attempts[agent_idx] = self.agent_value[agent_idx] * self._n_cell_values + self.cells[ahead]
        self.attempts = attempts

    def _set_cells(self, cells: list[int]) -> None:
        self.cells = cells
        self.changed_cells = list(range(len(cells)))
        self._ticking = {cell for cell, value in enumerate(cells) if self._is_ticking[value]}

    def _set_cell(self, cell: int, value: int) -> None:
        self.cells[cell] = value
        self.changed_cells.append(cell)
        if self._is_ticking[value]:
            self._ticking.add(cell)
        else:
            self._ticking.discard(cell)

    def _tick_cells(self, actions: list[int]) -> None:
        if self._ticking:
            for cell in tuple(self._ticking):
                self._set_cell(cell, self._tick[self.cells[cell]])

    def _move_and_enter(self, actions: list[int]) -> None:
        cell_before = self.agent_cell
        self._move(actions)
        if self._enter is not None:
            self._enter_cells(self._enter, cell_before)

    def _move(self, actions: list[int]) -> None:
        place = self.agent_cell
        direction = self.agent_dir = [
            self._turn[action * 4 + before] for action, before in zip(actions, self.agent_dir, strict=True)
        ]
        target = place.copy()
        movers: list[int] = []
        for agent_idx in self._agents:
            if self._proposes[actions[agent_idx]]:
                ahead = self._front[place[agent_idx] * 4 + direction[agent_idx]]
                if ahead != place[agent_idx] and self._passable[self.cells[ahead]]:
                    target[agent_idx] = ahead
                    movers.append(agent_idx)
        if movers:
            settled = self.agent_cell = self._settle(place.copy(), target, movers)
            if settled != target:
                for agent_idx in movers:
                    if settled[agent_idx] != target[agent_idx]:
                        self.events[agent_idx] |= self._collision_mask

    def _settle_in_turn(self, place: list[int], target: list[int], movers: list[int]) -> list[int]:
        """Settle the moves one by one; the order is only drawn where it matters."""
        if len(movers) > 1:
            wanted = [target[agent_idx] for agent_idx in movers]
            left = {place[agent_idx] for agent_idx in movers}
            if len(set(wanted)) < len(wanted) or not left.isdisjoint(wanted):
                is_mover = set(movers)
                order = integer_move_order(self.key, self.time, self.n_agents)
                movers = [agent_idx for agent_idx in order if agent_idx in is_mover]
        for agent_idx in movers:
            if target[agent_idx] not in place:
                place[agent_idx] = target[agent_idx]
        return place

    def _enter_cells(self, table: _IntegerPairs, cell_before: list[int]) -> None:
        for agent_idx in self._agents:
            cell = self.agent_cell[agent_idx]
            if cell != cell_before[agent_idx] and not self.terminated[agent_idx]:
                self._run_rule(table, self._n_block + self.world * self._n_pairs, agent_idx, cell)

    def _interact_all(self, actions: list[int]) -> None:
        for agent_idx in self._agents:
            kind = self._interaction[actions[agent_idx]]
            if kind and not self.terminated[agent_idx]:
                ahead = self._front[self.agent_cell[agent_idx] * 4 + self.agent_dir[agent_idx]]
                if ahead not in self.agent_cell:
                    self._run_rule(self._interact, kind * self._n_block + self.world * self._n_pairs, agent_idx, ahead)
        if self.tables.rules.redraw_mask and any(events & self.tables.rules.redraw_mask for events in self.events):
            word = integer_words(self.key, Purpose.WORLD_VALUE, self.time + 1, 1)[0]
            self.world = word % self.tables.rules.n_world_values

    def _run_rule(self, table: _IntegerPairs, block: int, agent_idx: int, cell: int) -> None:
        before = self.cells[cell]
        pair = block + self.agent_value[agent_idx] * self._n_cell_values + before
        events = table.events[pair]
        for bit, guard in self._guards:
            if events & bit and not guard(self._state_before(), self.to_state(), agent_idx):
                events &= ~bit
        self.events[agent_idx] |= events
        if table.ends[pair]:
            self.terminated[agent_idx] = True
        if table.cell[pair] != before:
            self._set_cell(cell, table.cell[pair])
        self.agent_value[agent_idx] = table.agent[pair]

    def _run_hook(self, actions: list[int]) -> None:
        # On one world, arrays would take longer over the two words of the key than the whole step takes.
        key = np.array(integer_words(self.key, Purpose.STEP_HOOK, self.time, 2), dtype=np.uint32)
        now = self.to_state()
        after = run_step_hook(self._state_before(), now, np.array(actions, dtype=np.int32), key)
        self._load_numbers(after)
        if after.cells is not now.cells:  # Cells that stay as they were need not be observed anew.
            for cell in np.flatnonzero(after.cells != now.cells).tolist():
                self._set_cell(cell, int(after.cells[cell]))
