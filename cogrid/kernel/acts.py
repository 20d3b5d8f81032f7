"""The stage in which agents act: on the cell that they face, on their own, along lines of cells, or on each other."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.counts import asks_for_counts, keep_for_counts
from cogrid.kernel.draws import draw_word
from cogrid.kernel.grid import faced_cell, is_occupied
from cogrid.kernel.lines import act_along_lines, first_fall
from cogrid.kernel.members import draw_members
from cogrid.kernel.rules import run_rule


@inner
def interact(game: Any, world: Any) -> None:
    """The whole stage."""
    if asks_for_counts(game, game[at.INTERACT]):
        keep_for_counts(game, world)
        keep_acts(game, world)
    for agent in range(game[at.N_AGENTS]):
        kind = game[game[at.INTERACTION] + world[game[at.ACTIONS] + agent]]
        if kind and game[at.REACH] >= 0:
            act_along_lines(game, world, kind, agent)
        elif kind:
            cell = near_cell(game, world, kind, agent)
            if cell >= 0:
                table = game[at.INTERACT]
                run_rule(game, world, table, kind, agent, cell, game[at.INTERACT_WORDS], agent)
    if game[at.REDRAW_MASK] and count_agents_with(game, world, game[at.REDRAW_MASK]):
        redraw_world(game, world)
    for idx in range(game[at.N_DRAWS]):
        draw_on_events(game, world, game[at.DRAWS] + idx * at.DRAW_SIZE)


@inner
def near_cell(game: Any, world: Any, kind: int, agent: int) -> int:
    """The cell on which an act falls that looks no further than one; -1 for none."""
    if world[game[at.TERMINATED] + agent]:
        return -1
    if game[at.ACTS_HERE] >= 0 and game[game[at.ACTS_HERE] + kind]:
        return world[agent]
    ahead = faced_cell(game, world, agent)
    return -1 if is_occupied(game, world, ahead) else ahead


@inner
def keep_acts(game: Any, world: Any) -> None:
    """Keep what each agent is about to do, and the cell that it falls on; of acts along lines the first line."""
    n_agents = game[at.N_AGENTS]
    for agent in range(n_agents):
        kind, cell = game[game[at.INTERACTION] + world[game[at.ACTIONS] + agent]], -1
        if kind and game[at.REACH] >= 0:
            cell = first_fall(game, world, kind, agent)
        elif kind:
            cell = near_cell(game, world, kind, agent)
        world[game[at.KINDS] + agent] = kind if cell >= 0 else 0
        world[game[at.SPOTS] + agent] = cell


@inner
def count_agents_with(game: Any, world: Any, mask: int) -> int:
    """To how many agents one of some events has happened."""
    n_agents, total = game[at.N_AGENTS], 0
    for agent in range(n_agents):
        total += (world[game[at.EVENTS] + agent] & mask) != 0
    return total


@inner
def redraw_world(game: Any, world: Any) -> None:
    """Draw the world value anew."""
    word = draw_word(game, world, game[at.WORLD_VALUE_WORDS], world[game[at.TIME]] + 1, 0)
    world[game[at.WORLD_VALUE]] = word % game[at.N_WORLD_VALUES]


@inner
def draw_on_events(game: Any, world: Any, draw: int) -> None:
    """Make a draw for those events of this step that ask for it."""
    if game[draw + at.DRAWN_MASK]:
        n_events = count_agents_with(game, world, game[draw + at.DRAWN_MASK])
        n_drawn = min(n_events, game[draw + at.AT_MOST]) * game[draw + at.DRAWN_K]
        if n_drawn:
            time = world[game[at.TIME]] + 1
            draw_members(game, world, draw, n_drawn, time)
