"""Pushes: agents that move into a cell and move what was in it one cell on."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Bool, Int

from cogrid.backend.array_ops import at, gather, lookup, lookup_rows, scatter
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace


@dataclasses.dataclass(frozen=True, eq=False)
class Pushes:
    """What agents push in one step, if they get into the cells that they want.

    Attributes:
      is_push: `[*B, A]` bool, who pushes.
      is_hindered: `[*B, A]` bool, who would push, but for another agent.
      ahead, beyond: `[*B, A]` int32, the cell that is wanted, and the next one on.
      left, received: `[*B, A]` int32, what these two cells become.
      events: `[*B, A]` int32, what happened, as a bit mask.
    """

    is_push: Bool[Array, "*B A"]
    is_hindered: Bool[Array, "*B A"]
    ahead: Int[Array, "*B A"]
    beyond: Int[Array, "*B A"]
    left: Int[Array, "*B A"]
    received: Int[Array, "*B A"]
    events: Int[Array, "*B A"]


def find_pushes(
    state: EnvState,
    ahead: Int[Array, "*B A"],
    direction: Int[Array, "*B A"],
    target: Int[Array, "*B A"],
    can_push: Bool[Array, "*B A"],
) -> Pushes:
    """Find out who pushes what where, all from the state as it is.

    A push is made if the next cell is on the grid and receives the thing, and no other agent stands in it, wants it, or
    pushes out of it or into it.

    Args:
      state: the state before the moves.
      ahead: `[*B, A]` int32, the cell that each agent goes towards.
      direction: `[*B, A]` int32, in which direction.
      target: `[*B, A]` int32, the cell that each agent walks to; its own if it does not walk.
      can_push: `[*B, A]` bool, who goes towards a cell that it cannot walk into, and may leave its own.
    """
    xp, tables = namespace(state.cells), state.tables
    moves, n_values = tables.moves, tables.rules.n_cell_values
    beyond = lookup(tables.map.front, ahead * 4 + direction)
    lifted = lookup_rows(moves.lift, state.agent_value * n_values + gather(state.cells, ahead).astype(np.int32))
    thing = lifted[..., 0]
    pair = xp.maximum(thing, xp.zeros_like(thing)) * n_values + gather(state.cells, beyond).astype(np.int32)
    received = lookup(moves.receive, pair)
    would = can_push & (thing >= 0) & (beyond != ahead) & (received >= 0)
    is_hindered = xp.zeros_like(would)
    for other in range(tables.n_agents):
        cell, wanted, pushes = at(state.agent_cell, other), at(target, other), at(would, other)
        from_there, to_there = at(ahead, other), at(beyond, other)
        meets = (beyond == cell[..., None]) | (beyond == wanted[..., None])
        crosses = (beyond == from_there[..., None]) | (beyond == to_there[..., None]) | (ahead == to_there[..., None])
        is_other = np.arange(tables.n_agents) != other
        is_hindered = is_hindered | ((meets | (crosses & pushes[..., None])) & xp.asarray(is_other))
    return Pushes(would & ~is_hindered, would & is_hindered, ahead, beyond, lifted[..., 1], received, lifted[..., 2])


def make_pushes(state: EnvState, pushes: Pushes) -> EnvState:
    """Move what the agents have pushed that have got into their cells.

    Args:
      state: the state after the moves.
      pushes: what agents pushed.
    Returns:
      The state with other cells and events.
    """
    xp = namespace(state.cells)
    has_pushed = pushes.is_push & (state.agent_cell == pushes.ahead)
    cells = state.cells
    for agent_idx in range(state.tables.n_agents):
        is_made = at(has_pushed, agent_idx)
        for place, after in ((pushes.ahead, pushes.left), (pushes.beyond, pushes.received)):
            here = at(place, agent_idx)
            before = gather(cells, here[..., None])[..., 0].astype(np.int32)
            cells = scatter(cells, here, xp.where(is_made, at(after, agent_idx), before))
    events = xp.where(has_pushed, pushes.events, xp.zeros_like(pushes.events))
    return state.with_changes(cells=cells, events=state.events | events)
