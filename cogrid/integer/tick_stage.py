"""The stage "tick" of one world: what cells, agents and things do by themselves."""

from __future__ import annotations

from cogrid.core.draws import Purpose
from cogrid.integer.chance import draw_rows
from cogrid.integer.counts import Counted
from cogrid.integer.draws import draw_word
from cogrid.integer.stages import follow_rows, tick_agents
from cogrid.integer.state import IntegerState


def tick_plainly(world: IntegerState, actions: list[int]) -> None:
    """Let every cell do what it does by itself in one step."""
    cells, after = world.cells, world.lists.tick
    for cell in world.lists.tickable_cells:
        value = cells[cell]
        if after[value] != value:
            cells[cell] = after[value]
            world.changed_cells.append(cell)


def tick_those_that_do(world: IntegerState, actions: list[int]) -> None:
    """The same in a world where it is kept which cells tick: where there are many, or a tick is drawn or counts."""
    ticks, ticking = world.lists.ticks, world.ticking
    if ticks is None or ticking is None:
        return
    world.take_in_changes()
    if ticking.dirty or ticks.counts is not None:
        ticking.update(world.cells, Counted(world.tallies, world.agent_value, (), ()))
    if ticking.rows:
        cells, rows = list(ticking.rows), list(ticking.rows.values())
        if ticks.chance is not None:
            draw_rows(ticks.chance, rows, cells, world.key, world.time)
        follow_rows(world.cells, ticks.after, rows, cells, world.changed_cells)


def tick_all_agents(world: IntegerState, actions: list[int]) -> None:
    """Let every agent become what it becomes by itself in one step."""
    table = world.lists.agent_tick
    if table is None:
        return
    drawn = world.agent_value
    if table.chance is not None:
        by = table.chance
        drawn = [
            by.draw(value, draw_word(*world.key, Purpose.AGENT_TICK, world.time, agent_idx))
            if by.kind[value]
            else value
            for agent_idx, value in enumerate(drawn)
        ]
    tick_agents(world.agent_value, drawn, world.terminated, world.events, table.rows)


def roam(world: IntegerState, actions: list[int]) -> None:
    """Let what moves by itself move."""
    if world.lists.moves is not None:
        world.lists.moves.roam(world.cells, world.agent_cell, world.key, world.time, world.changed_cells)
