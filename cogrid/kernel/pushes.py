"""Agents that move into a cell and move what was in it one cell on; equal to `cogrid.core.pushes`."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.permissions import may_enter, may_leave, wanted_cell, wanted_direction


@inner
def find_pushes(game: Any, world: Any) -> None:
    """Find out who pushes what where; those who do want the cell ahead then, and those who are hindered collide."""
    n_agents = game[at.N_AGENTS]
    for agent in range(n_agents):
        note_push(game, world, world[game[at.ACTIONS] + agent], agent)
    for agent in range(n_agents):
        world[game[at.FLAGS] + agent] = is_hindered(game, world, agent)
    for agent in range(n_agents):
        if world[game[at.FLAGS] + agent]:
            world[game[at.PUSHED_TO] + agent] = -1
            world[game[at.EVENTS] + agent] |= game[at.COLLISION_MASK]
        elif world[game[at.PUSHED_TO] + agent] >= 0:
            world[game[at.TARGETS] + agent] = world[game[at.PUSHED_FROM] + agent]


@inner
def note_push(game: Any, world: Any, action: int, agent: int) -> None:
    """Write what an agent would push, if no other agent hinders it; -1 to `PUSHED_TO` if nothing."""
    world[game[at.PUSHED_TO] + agent] = -1
    if world[game[at.TERMINATED] + agent] or not game[game[at.PROPOSES] + action]:
        return
    if world[game[at.TARGETS] + agent] != world[agent] or not may_leave(game, world, agent):
        return
    ahead = wanted_cell(game, world, agent, action)
    beyond = game[game[at.FRONT] + ahead * 4 + wanted_direction(game, world, agent, action)]
    value = world[game[at.VALUE] + agent]
    told = game[at.LIFT] + 3 * (value * game[at.N_CELL_VALUES] + world[game[at.CELLS] + ahead])
    if game[told] < 0 or beyond == ahead or may_enter(game, world, agent, ahead):
        return
    after = game[game[at.RECEIVE] + game[told] * game[at.N_CELL_VALUES] + world[game[at.CELLS] + beyond]]
    if after >= 0:
        world[game[at.PUSHED_FROM] + agent] = ahead
        world[game[at.PUSHED_TO] + agent] = beyond
        world[game[at.PUSHED_LEFT] + agent] = game[told + 1]
        world[game[at.PUSHED_AFTER] + agent] = after
        world[game[at.PUSHED_EVENTS] + agent] = game[told + 2]


@inner
def is_hindered(game: Any, world: Any, agent: int) -> bool:
    """Whether another agent stands in the cell to which an agent pushes, wants it, or pushes out of it or into it."""
    n_agents = game[at.N_AGENTS]
    ahead, beyond = world[game[at.PUSHED_FROM] + agent], world[game[at.PUSHED_TO] + agent]
    for other in range(n_agents):
        if beyond < 0 or other == agent:
            continue
        if beyond == world[other] or beyond == world[game[at.TARGETS] + other]:
            return True
        from_there, to_there = world[game[at.PUSHED_FROM] + other], world[game[at.PUSHED_TO] + other]
        if to_there >= 0 and (beyond in (from_there, to_there) or ahead == to_there):
            return True
    return False


@inner
def make_pushes(game: Any, world: Any) -> None:
    """Move what the agents have pushed that have got into their cells."""
    n_agents = game[at.N_AGENTS]
    for agent in range(n_agents):
        ahead, beyond = world[game[at.PUSHED_FROM] + agent], world[game[at.PUSHED_TO] + agent]
        if beyond >= 0 and world[agent] == ahead:
            world[game[at.CELLS] + ahead] = world[game[at.PUSHED_LEFT] + agent]
            world[game[at.CELLS] + beyond] = world[game[at.PUSHED_AFTER] + agent]
            world[game[at.EVENTS] + agent] |= world[game[at.PUSHED_EVENTS] + agent]
