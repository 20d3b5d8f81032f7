"""The stage in which agents turn and move, push things, and step on cells whose rules run then."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.collisions import settle
from cogrid.kernel.compiled import inner
from cogrid.kernel.counts import asks_for_counts, keep_for_counts
from cogrid.kernel.permissions import may_go, wanted_cell
from cogrid.kernel.pushes import find_pushes, make_pushes
from cogrid.kernel.rules import run_rule


@inner
def move(game: Any, world: Any) -> None:
    """The whole stage."""
    n_agents = game[at.N_AGENTS]
    is_anybody = turn_and_propose(game, world)
    if game[at.LIFT] >= 0:
        find_pushes(game, world)
        is_anybody = True
    if is_anybody:
        settle(game, world)
        for agent in range(n_agents):
            if world[agent] != world[game[at.TARGETS] + agent]:
                world[game[at.EVENTS] + agent] |= game[at.COLLISION_MASK]
        if game[at.LIFT] >= 0:
            make_pushes(game, world)
        if game[at.ENTER] >= 0:
            enter_cells(game, world)
    if game[at.STAND] >= 0:
        stand_on_cells(game, world)


@inner
def turn_and_propose(game: Any, world: Any) -> bool:
    """Turn the agents, and write the cell that each wants, its own where it stays; whether anybody wants to move."""
    n_agents, is_anybody = game[at.N_AGENTS], False
    for agent in range(n_agents):
        cell = world[agent]
        world[game[at.TARGETS] + agent] = cell
        world[game[at.BEFORE] + agent] = cell
        if world[game[at.TERMINATED] + agent]:
            continue
        action, facing = world[game[at.ACTIONS] + agent], game[at.DIRECTION] + agent
        world[facing] = game[game[at.TURN] + action * 4 + world[facing]]
        if game[game[at.PROPOSES] + action]:
            ahead = wanted_cell(game, world, agent, action)
            if ahead != cell and may_go(game, world, agent, ahead):
                world[game[at.TARGETS] + agent] = ahead
                is_anybody = True
    return is_anybody


@inner
def enter_cells(game: Any, world: Any) -> None:
    """Run the `enter` rule of every cell that an agent has just moved into, in index order."""
    n_agents, table = game[at.N_AGENTS], game[at.ENTER]
    if asks_for_counts(game, table):
        keep_for_counts(game, world)
        for agent in range(n_agents):
            has_moved = world[agent] != world[game[at.BEFORE] + agent]
            world[game[at.KINDS] + agent] = has_moved
            world[game[at.SPOTS] + agent] = world[agent]
    for agent in range(n_agents):
        cell = world[agent]
        if cell != world[game[at.BEFORE] + agent] and not world[game[at.TERMINATED] + agent]:
            run_rule(game, world, table, 1, agent, cell, game[at.ENTER_WORDS], agent)


@inner
def stand_on_cells(game: Any, world: Any) -> None:
    """Run the `stand` rule of every cell in which an agent stands, in index order."""
    n_agents, table = game[at.N_AGENTS], game[at.STAND]
    if asks_for_counts(game, table):
        keep_for_counts(game, world)
        for agent in range(n_agents):
            world[game[at.KINDS] + agent] = 1
            world[game[at.SPOTS] + agent] = world[agent]
    for agent in range(n_agents):
        if not world[game[at.TERMINATED] + agent]:
            cell = world[agent]
            run_rule(game, world, table, 1, agent, cell, game[at.STAND_WORDS], agent)
