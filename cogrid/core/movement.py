"""The stage in which agents turn and move: one by one in a random order, unless the rule set says otherwise."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.backend.array_ops import any_of, gather, lookup, sum_of
from cogrid.backend.control_flow import compute_where, loop
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.collisions import all_stay, colliders_stay
from cogrid.core.draws import move_ranks


def move_agents(state: EnvState, actions: Int[Array, "*B A"]) -> EnvState:
    """Turn the agents, then settle their moves.

    A move action turns the agent, always, and proposes the cell in front; under rotation actions only Forward proposes.
    A proposal into a cell that is not passable, or off the grid, falls back to staying. The moves left are settled one
    by one in an order drawn for this step (see `resolve_moves`), or as the rule set's `collisions` say. Terminated
    agents do nothing. Whoever proposes a move into a passable cell and stays has been held back by another agent: that
    is the event "collision".

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
    ahead = lookup(tables.map.front, state.agent_cell * 4 + direction)
    is_passable = lookup(tables.rules.passable, gather(state.cells, ahead))
    goes = lookup(tables.rules.proposes, actions) & is_passable & ~state.terminated
    target = xp.where(goes, ahead, state.agent_cell)
    if tables.n_agents == 1:
        return state.with_changes(agent_cell=target, agent_dir=direction)
    target = compute_once(target, tables.n_cells)
    place = compute_once(_settle(state, target), tables.n_cells)
    collisions = (place != target).astype(np.int32) * tables.rules.collision_mask
    return state.with_changes(agent_cell=place, agent_dir=direction, events=state.events | collisions)


def _settle(state: EnvState, target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Where the agents are after the movement, by the rule set's rule for collisions."""
    rule = state.tables.settings.rules.collisions
    if rule == "all_stay":
        return all_stay(state.agent_cell, target)
    if rule == "colliders_stay":
        return colliders_stay(state.agent_cell, target)
    return _settle_in_turn(state, target)


def _settle_in_turn(state: EnvState, target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Where the agents are after their moves were settled one by one, in an order that is drawn where it matters."""
    n_agents = state.tables.n_agents
    xp = namespace(target)
    is_contended, is_barred = find_meetings(state.agent_cell, target)

    def in_turn(
        pos: Int[Array, "*B A"], target: Int[Array, "*B A"], key: UInt[Array, "*B 2"], time: Int[Array, "*B"]
    ) -> Int[Array, "*B A"]:
        return resolve_moves(pos, target, compute_once(move_ranks(key, time, n_agents), n_agents))

    in_any_order = xp.where(is_barred, state.agent_cell, target)
    return compute_where(
        is_contended, in_turn, (state.agent_cell, target, state.rng_key, state.time), otherwise=in_any_order
    )


def find_meetings(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> tuple[Bool[Array, "*B"], Bool[Array, "*B A"]]:
    """Find where moves are in each other's way, and where agents are in the way of moves.

    Every agent is held against the next one, then against the one after that, and so on: arrays of pairs are slow, as
    their last axis is short.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
    Returns:
      `[*B]` bool, whether the order matters in which moves are settled: somebody wants the cell that another one wants
      too, or is about to leave. And `[*B, A]` bool, who wants a cell in which somebody stands.
    """
    xp = namespace(target)
    is_mover = target != pos
    meets, is_barred = xp.zeros_like(is_mover), xp.zeros_like(is_mover)
    for shift in range(1, pos.shape[-1]):
        other_pos, other_target, moves_too = (
            xp.concat([values[..., shift:], values[..., :shift]], axis=-1) for values in (pos, target, is_mover)
        )
        stands_there = target == other_pos
        meets = meets | (((target == other_target) | stands_there) & moves_too)
        is_barred = is_barred | stands_there
    return any_of(meets & is_mover), is_barred


def resolve_moves(pos: Int[Array, "*B A"], target: Int[Array, "*B A"], rank: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Settle all moves, lowest rank first; whoever stands in the way of a move stops it.

    Agents that stay are where they are from the outset, so at each turn one array of places tells it all: a settled
    agent's new one, an unsettled agent's old one. An agent may therefore follow one that was settled before it and
    left, and two agents never swap.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent, pairwise distinct.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
      rank: `[*B, A]` int32, a permutation of 0..A-1.
    Returns:
      `[*B, A]` int32, flat cells, pairwise distinct.
    """
    xp = namespace(pos)

    def settle(turn: int | Int[Array, ""], place: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
        is_mover = rank == turn
        wanted = sum_of(xp.where(is_mover, target, 0))[..., None]
        is_taken = any_of((place == wanted) & ~is_mover)[..., None]
        return xp.where(is_mover & ~is_taken, target, place)

    return loop(pos.shape[-1], settle, pos, like=pos)


move_agents_jax = move_agents
