"""The stage in which every cell, and then every agent, does what it does by itself, and in which things roam."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.counts import asks_for_counts, counted_row, keep_cells, keep_for_counts
from cogrid.kernel.draws import draw_block
from cogrid.kernel.grid import is_occupied
from cogrid.kernel.rules import decided_row, drawn_row, is_drawn_among


@inner
def tick(game: Any, world: Any) -> None:
    """The whole stage."""
    tick_cells(game, world)
    if game[at.AGENT_TICK] >= 0:
        tick_agents(game, world)
    if game[at.ROAM] >= 0:
        roam(game, world)


@inner
def tick_cells(game: Any, world: Any) -> None:
    """Let every cell do what it does by itself in one step."""
    table = game[at.TICK]
    rows = game[table + at.ROWS]
    if asks_for_counts(game, table):
        keep_for_counts(game, world)
    for place in range(game[at.TICKING], game[at.TICKING] + game[at.N_TICKING]):
        cell = game[place]
        row_idx = counted_row(game, world, table, world[game[at.CELLS] + cell], 1, cell)
        row_idx = drawn_row(game, world, table, row_idx, game[at.TICK_WORDS], cell)
        world[game[at.CELLS] + cell] = game[rows + row_idx]


@inner
def tick_agents(game: Any, world: Any) -> None:
    """Let every agent become what it becomes by itself; not one that has terminated."""
    n_agents, table = game[at.N_AGENTS], game[at.AGENT_TICK]
    for agent in range(n_agents):
        if not world[game[at.TERMINATED] + agent]:
            value = world[game[at.VALUE] + agent]
            row_idx = drawn_row(game, world, table, value, game[at.AGENT_TICK_WORDS], agent)
            told = game[table + at.ROWS] + row_idx * game[table + at.ROW_WIDTH]
            world[game[at.VALUE] + agent] = game[told]
            world[game[at.EVENTS] + agent] |= game[told + 1]
            if game[told + 2]:
                world[game[at.TERMINATED] + agent] = 1


@inner
def roam(game: Any, world: Any) -> None:
    """Let what moves by itself move, one after the other, in the reading order of the cells before."""
    table, turn = game[at.ROAM], 0
    keep_cells(game, world)
    for here in range(game[at.N_CELLS]):
        before = world[game[at.KEPT_CELLS] + here]
        thing = game[game[table + at.ROWS] + before * game[table + at.ROW_WIDTH]]
        if thing >= 0 or is_drawn_among(game, table, before):
            if world[game[at.CELLS] + here] == before:
                roam_from(game, world, here, turn)
            turn += 1


@inner
def roam_from(game: Any, world: Any, here: int, turn: int) -> None:
    """Let what stands in a cell move to a neighbour that receives it, and in which no agent stands."""
    table, row_idx = game[at.ROAM], world[game[at.CELLS] + here]
    of_chance, of_neighbour = draw_block(game, world, game[at.ROAM_WORDS], world[game[at.TIME]], turn)
    if is_drawn_among(game, table, row_idx):
        row_idx = decided_row(game, table, row_idx, of_chance)
    told = game[table + at.ROWS] + row_idx * game[table + at.ROW_WIDTH]
    thing, left = game[told], game[told + 1]
    n_near = 8 if game[told + 2] else 4
    if thing < 0:
        return
    n_ways = 0
    for idx in range(n_near):
        n_ways += received(game, world, here, thing, idx) >= 0
    if n_ways:
        chosen = of_neighbour % n_ways
        for idx in range(n_near):
            after = received(game, world, here, thing, idx)
            if after >= 0:
                if chosen == 0:
                    world[game[at.CELLS] + game[game[at.AROUND] + here * 8 + idx]] = after
                    world[game[at.CELLS] + here] = left
                    return
                chosen -= 1


@inner
def received(game: Any, world: Any, here: int, thing: int, idx: int) -> int:
    """What a neighbour of a cell becomes that a thing moves to; -1 where it cannot."""
    there = game[game[at.AROUND] + here * 8 + idx]
    if there == here or is_occupied(game, world, there):
        return -1
    return game[game[at.RECEIVE] + thing * game[at.N_CELL_VALUES] + world[game[at.CELLS] + there]]
