"""The stage in which agents turn and move."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int

from cogrid.backend.array_ops import gather, lookup
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.pushes import find_pushes, make_pushes


def move_agents(state: EnvState, actions: Int[Array, "*B A"]) -> EnvState:
    """Turn the agents, then settle their moves.

    A move action turns the agent, always, and proposes the cell in front; under rotation actions only Forward proposes.
    Backward, StepLeft and StepRight propose the cell there, and do not turn the agent.
    A proposal into a cell that is not passable for the agent, off the grid, or out of a cell that it may not leave,
    falls back to staying. The moves left are settled one
    by one in an order drawn for this step, or as the rule set's `collisions` say (see `cogrid.core.collisions`).
    Who goes towards something that it cannot walk into may push it one cell on (see `cogrid.core.pushes`).
    Terminated agents do nothing. Whoever proposes a move into a passable cell and stays has been held back by another
    agent: that is the event "collision".

    Args:
      state: the state before; its `time` and `rng_key` give the order.
      actions: `[*B, A]` int32.
    Returns:
      The state with new `agent_cell` and `agent_dir`, and the collisions among its `events`.
    """
    tables = state.tables
    xp = namespace(state.cells)
    turned = lookup(tables.rules.turn, actions * 4 + state.agent_dir)
    direction = compute_once(xp.where(state.terminated, state.agent_dir, turned), 4)
    goes_to = direction
    if tables.rules.goes is not None:  # Some actions go elsewhere than ahead. Who does not go stays, wherever that is.
        goes_to = xp.maximum(lookup(tables.rules.goes, actions * 4 + direction), xp.zeros_like(direction))
    ahead = lookup(tables.map.front, state.agent_cell * 4 + goes_to)
    goes = lookup(tables.rules.proposes, actions) & _may_go(state, ahead) & ~state.terminated
    target = xp.where(goes, ahead, state.agent_cell)
    if tables.moves is not None and tables.moves.lift is not None:
        wants = lookup(tables.rules.proposes, actions) & ~goes & ~state.terminated & _may_leave(state)
        pushes = find_pushes(state, ahead, goes_to, target, wants)
        hindered = pushes.is_hindered.astype(np.int32) * tables.rules.collision_mask
        settled = _settle(state, xp.where(pushes.is_push, ahead, target), direction)
        return make_pushes(settled.with_changes(events=settled.events | hindered), pushes)
    return _settle(state, target, direction)


def _settle(state: EnvState, target: Int[Array, "*B A"], direction: Int[Array, "*B A"]) -> EnvState:
    """The state after the moves to the cells that agents want, and the turns."""
    tables = state.tables
    if tables.n_agents == 1:
        return state.with_changes(agent_cell=target, agent_dir=direction)
    target = compute_once(target, tables.n_cells)
    settled = tables.rules.collisions.settle(state.agent_cell, target, state.rng_key, state.time)
    place = compute_once(settled, tables.n_cells)
    collisions = (place != target).astype(np.int32) * tables.rules.collision_mask
    return state.with_changes(agent_cell=place, agent_dir=direction, events=state.events | collisions)


def _may_go(state: EnvState, ahead: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
    """Whether each agent may move into the cell ahead of it, and out of its own."""
    rules = state.tables.rules
    wanted = gather(state.cells, ahead)
    if rules.passable_by is None and rules.leave is None:
        return lookup(rules.passable, wanted)
    first_pair = state.agent_value * rules.n_cell_values
    if rules.passable_by is None:
        may_go = lookup(rules.passable, wanted)
    else:
        may_go = lookup(rules.passable_by, first_pair + wanted.astype(np.int32))
    return may_go if rules.leave is None else may_go & _may_leave(state)


def _may_leave(state: EnvState) -> Bool[Array, "*B A"]:
    """Whether each agent may move out of its cell."""
    rules = state.tables.rules
    if rules.leave is None:
        return namespace(state.cells).ones_like(state.terminated)
    own = gather(state.cells, state.agent_cell).astype(np.int32)
    return lookup(rules.leave, state.agent_value * rules.n_cell_values + own)


move_agents_jax = move_agents
