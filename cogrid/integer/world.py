"""`IntegerWorld`: one world on plain integers and lists, reset and stepped, for the NumPy environment."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cogrid.core.draws import Purpose
from cogrid.core.jax_step import run_step_hook
from cogrid.core.tables import Tables
from cogrid.integer.draws import draw_words
from cogrid.integer.interact_stage import draw_anew, interact, interact_near
from cogrid.integer.move_stage import move_and_enter, move_those_left, stand
from cogrid.integer.reach_stage import interact_along_lines
from cogrid.integer.stages import note_attempts, refuse_actions
from cogrid.integer.starts import draw_one_of, draw_start_cells, draw_start_directions
from cogrid.integer.state import IntegerState
from cogrid.integer.tables import IntegerTables
from cogrid.integer.tick_stage import roam, tick_all_agents, tick_plainly, tick_those_that_do

Stage = Callable[[IntegerState, list[int]], None]
"""`(world, actions)`: changes the world."""


class IntegerWorld(IntegerState):
    """One world, stepped in place; see `IntegerState` for what it is at a time."""

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self._has_hook = tables.settings.rules.step_hook is not None
        of_name = {
            "tick": _tick_stages(self.lists),
            "move": _move_stages(tables, self.lists),
            "interact": _interact_stages(tables, self.lists),
        }
        self._stages: list[Stage] = [stage for name in tables.settings.rules.stages for stage in of_name[name]]

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> None:
        """Start an episode; equal to `jax_step.start_state`."""
        world: IntegerState = self  # Which declares these attributes, once.
        tables, rules, starts = self.tables, self.tables.settings.rules, self.lists.starts
        world.key = key
        world.time = 0
        world.layout_idx = layout_idx or 0
        if tables.map.is_set and layout_idx is None:
            world.layout_idx = draw_one_of(*key, Purpose.LAYOUT, 0, tables.map.starts.n_layouts)
        world.agent_dir = draw_start_directions(*key, rules.start_directions, self.n_agents)
        world.agent_value = list(starts.values)
        world.terminated = [False] * self.n_agents
        world.events = [0] * self.n_agents
        world.amounts = [[0] * self.n_amounts for _ in range(self.n_agents)] if self.n_amounts else []
        world.world_value = 0
        if tables.rules.has_world_values:
            world.world_value = draw_one_of(*key, Purpose.WORLD_VALUE, 0, tables.rules.n_world_values)
        self.set_cells(list(starts.cells[self.layout_idx]))
        self._place_agents_and_draw()
        if rules.start_hook is not None:
            self.load(rules.start_hook(self.to_state(), self._hook_key(Purpose.START_HOOK)))

    def _place_agents_and_draw(self) -> None:
        """Put the agents where they start, between the draws of a reset that come before them and those after."""
        world: IntegerState = self  # Which declares these attributes, once.
        starts = self.lists.starts
        world.agent_cell, rooms = starts.places[self.layout_idx], starts.rooms[self.layout_idx]
        if self.tables.draws_at_reset:
            for draw in self.lists.draws:
                if draw.table.is_at_reset:
                    self.draw_members(draw, draw.table.k, 0)
            is_open = [starts.is_open[value] for value in self.cells]
            rooms = [[cell for cell in room if is_open[cell]] for room in rooms]
        world.agent_cell = draw_start_cells(*self.key, self.agent_cell, rooms)
        for draw in self.lists.draws:
            if draw.table.is_after_starts:
                self.draw_members(draw, draw.table.k, 0)

    def step(self, actions: list[int]) -> None:
        """Make one step; equal to `jax_step.advance`.

        Args:
          actions: one per agent, in range; Noop for a terminated agent. Changed in place: an action that an agent does
            not take becomes Noop.
        """
        world: IntegerState = self  # Which declares these attributes, once.
        lists = self.lists
        if lists.takes is not None:
            action_set = self.tables.action_set
            refuse_actions(actions, self.agent_value, lists.takes, len(action_set), action_set.noop)
        if self._has_hook or self.guards:
            self.remember_numbers()
        if self.notes_attempts:
            note_attempts(
                self.attempts,
                actions,
                self.cells,
                self.agent_cell,
                self.agent_dir,
                self.agent_value,
                lists.interaction,
                lists.front,
                lists.n_cell_values,
            )
        world.events = [0] * self.n_agents
        if self.n_amounts:
            world.amounts = [[0] * self.n_amounts for _ in actions]
        for stage in self._stages:
            stage(self, actions)
        if self._has_hook:
            self._run_hook(actions)
        world.time += 1

    def _hook_key(self, purpose: Purpose) -> np.ndarray:
        """A hook's key. On one world, arrays would take longer over its two words than the whole step takes."""
        return np.array(draw_words(*self.key, purpose, self.time, 2), dtype=np.uint32)

    def _run_hook(self, actions: list[int]) -> None:
        now = self.to_state()
        key = self._hook_key(Purpose.STEP_HOOK)
        after = run_step_hook(self.state_before(), now, np.array(actions, dtype=np.int32), key)
        self.load_numbers(after)
        if after.cells is not now.cells:  # Cells that stay as they were need not be observed anew.
            for cell in np.flatnonzero(after.cells != now.cells).tolist():
                self.cells[cell] = int(after.cells[cell])
                self.changed_cells.append(cell)


def _tick_stages(lists: IntegerTables) -> list[Stage]:
    """What the stage "tick" of a world does: the plainest that does all that the world uses."""
    stages: list[Stage] = [tick_plainly if lists.ticks is None else tick_those_that_do]
    if lists.agent_tick is not None:
        stages.append(tick_all_agents)
    if lists.moves is not None and lists.moves.can_roam:
        stages.append(roam)
    return stages


def _move_stages(tables: Tables, lists: IntegerTables) -> list[Stage]:
    """What the stage "move" of a world does."""
    stages: list[Stage] = [move_those_left if _ends_before_movement(tables) else move_and_enter]
    return stages if lists.stand is None else [*stages, stand]


def _ends_before_movement(tables: Tables) -> bool:
    """Whether an agent's episode can end in a step before the agents move: by itself, or by an act."""
    rules, order = tables.rules, tables.settings.rules.stages
    by_itself = rules.agent_tick is not None and not rules.agent_tick.only_changes
    by_act = rules.interact.can_end or (rules.meet is not None and rules.meet.can_end)
    before = order[: order.index("move")]
    return (by_itself and "tick" in before) or (by_act and "interact" in before)


def _interact_stages(tables: Tables, lists: IntegerTables) -> list[Stage]:
    """What the stage "interact" of a world does."""
    act: Stage = interact if lists.acts_here is None else interact_near
    if lists.reach is not None:
        act = interact_along_lines
    return [act, draw_anew] if tables.rules.redraw_mask or tables.draws else [act]
