"""How an episode begins; equal to `cogrid.core.jax_step.drawn_start`."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.draws import (
    draw_block,
    draw_word,
)
from cogrid.kernel.grid import is_occupied
from cogrid.kernel.members import draw_members


@inner
def start_next(game: Any, world: Any) -> None:
    """Start the episode that follows, on a layout that is drawn."""
    word0, word1 = draw_block(game, world, game[at.NEXT_EPISODE_WORDS], 0, 0)
    world[game[at.KEY]], world[game[at.KEY] + 1] = word0, word1
    start_world(game, world, -1)


@inner
def start_world(game: Any, world: Any, layout: int) -> None:
    """Start an episode with the key that is in the numbers; on a layout that is drawn, for -1."""
    if game[at.LAYOUT] >= 0:
        if layout < 0:
            layout = draw_word(game, world, game[at.LAYOUT_WORDS], 0, 0)
        layout %= game[at.N_LAYOUTS]
        world[game[at.LAYOUT]] = layout
    else:
        layout = 0
    start_numbers(game, world)
    n_agents, n_cells = game[at.N_AGENTS], game[at.N_CELLS]
    for cell in range(n_cells):
        world[game[at.CELLS] + cell] = game[game[at.START_CELLS] + layout * n_cells + cell]
    for agent in range(n_agents):
        world[agent] = game[game[at.START_PLACES] + layout * n_agents + agent]
    make_draws(game, world, False)
    draw_start_cells(game, world, layout)
    make_draws(game, world, True)


@inner
def start_numbers(game: Any, world: Any) -> None:
    """Set the clock, the world value, and all of the agents but where they stand."""
    n_agents, n_directions = game[at.N_AGENTS], game[at.N_DIRECTIONS]
    world[game[at.TIME]] = 0
    for agent in range(n_agents):
        if n_directions:
            direction = game[game[at.START_DIRECTIONS] + agent % n_directions]
        else:
            direction = draw_word(game, world, game[at.START_DIRECTION_WORDS], 0, agent) >> 30
        world[game[at.DIRECTION] + agent] = direction
        world[game[at.VALUE] + agent] = game[game[at.START_VALUES] + agent]
        world[game[at.TERMINATED] + agent] = 0
        world[game[at.EVENTS] + agent] = 0
    for amount in range(n_agents * game[at.N_AMOUNTS]):
        world[game[at.AMOUNTS] + amount] = 0
    if game[at.WORLD_VALUE] >= 0:
        word = draw_word(game, world, game[at.WORLD_VALUE_WORDS], 0, 0)
        world[game[at.WORLD_VALUE]] = word % game[at.N_WORLD_VALUES]


@inner
def make_draws(game: Any, world: Any, is_after_starts: bool) -> None:
    """Make the draws of a reset that come after agents have started, or those before."""
    for idx in range(game[at.N_DRAWS]):
        draw = game[at.DRAWS] + idx * at.DRAW_SIZE
        if game[draw + at.DRAWN_MASK] == 0 and (game[draw + at.DRAWN_IS_FREE] != 0) == is_after_starts:
            draw_members(game, world, draw, game[draw + at.DRAWN_K], 0)


@inner
def draw_start_cells(game: Any, world: Any, layout: int) -> None:
    """Draw where those agents start that have no mark: each free cell of their room as likely as any other."""
    n_agents, n_drawn = game[at.N_AGENTS], 0
    for agent in range(n_agents):
        if world[agent] < 0:
            room = game[at.START_ROOMS] + (layout * n_agents + agent) * game[at.N_CELLS]
            chosen = draw_word(game, world, game[at.START_CELL_WORDS], 0, n_drawn)
            chosen %= count_free(game, world, room)
            n_drawn += 1
            for cell in range(game[at.N_CELLS]):
                if is_free(game, world, room, cell):
                    if chosen == 0:
                        world[agent] = cell
                        break
                    chosen -= 1


@inner
def count_free(game: Any, world: Any, room: int) -> int:
    """How many cells of a room an agent can start in."""
    total = 0
    for cell in range(game[at.N_CELLS]):
        total += is_free(game, world, room, cell)
    return total


@inner
def is_free(game: Any, world: Any, room: int, cell: int) -> bool:
    """Whether an agent can start in a cell, as a room, the draws before, and the other agents leave it."""
    if not game[room + cell] or is_occupied(game, world, cell):
        return False
    return game[at.OPEN_AT_START] < 0 or game[game[at.OPEN_AT_START] + world[game[at.CELLS] + cell]] != 0
