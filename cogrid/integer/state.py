"""`IntegerState`: what one world is at a time, as plain integers and lists, which the stages of a step change."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.rules import Guard
from cogrid.core.tables import Tables
from cogrid.integer.counts import Counted, Tally
from cogrid.integer.member_draws import IntegerDraw
from cogrid.integer.tables import IntegerTables, integer_tables
from cogrid.integer.ticking import Ticking


class _LateState(EnvState):
    """A state whose arrays are made when they are first read."""

    def __init__(self, tables: Tables, make: Callable[[], EnvState]) -> None:
        self.__dict__.update(tables=tables, make=make)

    def __getattr__(self, name: str) -> Any:
        """Make the arrays, or read one that objects declare."""
        if name not in ("cells", "_numbers"):
            return super().__getattr__(name)
        made = self.__dict__["make"]()
        self.__dict__.update(cells=made.cells, _numbers=made.numbers)
        return self.__dict__[name]


class IntegerState:
    """One world on plain integers.

    Attributes:
      tables: the world's tables.
      lists: the same as lists.
      n_agents: how many agents there are.
      cells: value id of each cell.
      agent_cell, agent_dir, agent_value, terminated, events: one entry per agent, as in `EnvState`.
      key: the episode's key, as two integers.
      time: steps made.
      world_value: id of the world value; 0 in a world that has none.
      layout_idx: which layout of a set is played; 0 in a world that plays a single layout.
      n_amounts: how many events carry an amount.
      amounts: what the events of each agent in the last step have carried; empty in a world where none carries any.
      changed_cells: cells that may have changed since an observation was last made; see `forget_changes`.
      tallies: what is counted over cells, as it was when `take_in_changes` was last called.
      ticking: which cells tick; None where they are looked at in each step.
      attempts: for each agent, the pair of its agent value and the faced cell's value before the last step, as in the
        tables; -1 for one that interacted with nothing on the grid.
      notes_attempts: whether these are noted; whoever pays for none may say no.
      counted: what the rules of the stage at hand count.
      guards: for the bit of an event that a guard decides on, the guard.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.lists: IntegerTables = integer_tables(tables)
        self.n_agents: int = tables.n_agents
        self.n_amounts: int = len(tables.rules.amount_names)
        self.guards: tuple[tuple[int, Guard], ...] = tables.rules.guards
        self.changed_cells: list[int] = []
        self.tallies: list[Tally] = [Tally(count) for count in self.lists.tallied.counts]
        self.ticking: Ticking | None = None if self.lists.ticks is None else Ticking(self.lists.ticks)
        self.counted: Counted = Counted(self.tallies, [], [], [])
        self._n_taken: int = 0
        self.attempts: list[int] = [-1] * tables.n_agents
        self.notes_attempts: bool = True
        self._before: EnvState | None = None
        self._columns_before: tuple[list[int], list[Sequence[int]]]
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

    def load(self, state: EnvState) -> None:
        """Go on from a state; NumPy leaves, not batched."""
        self.load_numbers(state)
        self.set_cells(state.cells.tolist())

    def load_numbers(self, state: EnvState) -> None:
        """Take over everything of a state but its cells."""
        row: list[int] = state.numbers.tolist()
        columns = self.tables.number_columns
        of_agents = [row[first : first + size] for first, size in list(columns.values())[:5]]
        self.agent_cell, self.agent_dir, self.agent_value, terminated, self.events = of_agents
        self.terminated = [bool(ended) for ended in terminated]
        first, last = row[columns["rng_key"][0] :][:2]
        self.key = (first & 0xFFFFFFFF, last & 0xFFFFFFFF)
        self.time = row[columns["time"][0]]
        self.world_value = row[columns["world_value"][0]] if self.tables.rules.has_world_values else 0
        self.layout_idx = row[columns["layout_idx"][0]] if self.tables.map.is_set else 0
        self.amounts = [] if state.amounts is None else state.amounts.tolist()

    def set_cells(self, cells: list[int]) -> None:
        """Take over cells, all of which may have changed."""
        self.cells = cells
        self.changed_cells = list(range(len(cells)))
        self._n_taken = 0

    def take_in_changes(self) -> None:
        """Bring up to date what is kept of the cells from step to step, by those that have changed."""
        if self._n_taken == len(self.changed_cells):
            return
        changed = self.changed_cells[self._n_taken :]
        self._n_taken = len(self.changed_cells)
        moved = [tally.update(self.cells, changed) for tally in self.tallies]
        if self.ticking is not None:
            self.ticking.dirty.update(changed, *moved)

    def forget_changes(self) -> None:
        """Empty `changed_cells`: all that is kept of them has been brought up to date."""
        if self.changed_cells:
            self.take_in_changes()
            self.changed_cells.clear()
            self._n_taken = 0

    def to_state(self) -> EnvState:
        """A snapshot, as NumPy arrays."""
        return self._state_of(self.cells, self._columns())

    def remember_numbers(self) -> None:
        """Keep what the state at the start of a step is made of, for a hook and for guards: few look at that state."""
        self._before, self._columns_before = None, (self.cells.copy(), [list(column) for column in self._columns()])

    def state_before(self) -> EnvState:
        """The state at the start of the step, whose arrays are made when they are looked at."""
        if self._before is None:
            self._before = _LateState(self.tables, functools.partial(self._state_of, *self._columns_before))
        return self._before

    def _columns(self) -> Sequence[Sequence[int]]:
        """What is stored of the agents, in the order of `Numbers`."""
        return self.agent_cell, self.agent_dir, self.agent_value, self.terminated, self.events

    def _state_of(self, cells: list[int], columns: Sequence[Sequence[int]]) -> EnvState:
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

    def draw_members(self, draw: IntegerDraw, n_drawn: int, time: int) -> None:
        """Draw members of a group, who become what follows."""
        self.take_in_changes()
        draw.make(
            n_drawn,
            self.key,
            time,
            self.cells,
            self.agent_value,
            self.agent_cell,
            self.terminated,
            self.changed_cells,
            self.tallies,
        )
