"""Collision rules: what becomes of agents that want one cell, or each other's.

Under each of them an agent may follow another one into the cell that it leaves, and no cell ever holds two agents. Two
agents never swap, except under "contenders_stay". The same on plain integers is in `cogrid.integer.collisions`; tests
check that both give the same results.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Bool, Int, Shaped, UInt

from cogrid.backend.array_ops import any_of, sum_of
from cogrid.backend.control_flow import compute_where, loop
from cogrid.backend.namespaces import Array, is_numpy, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.draws import move_ranks

SettleFn = Callable[..., Int[Array, "*B A"]]
"""`(pos, target, key, time) -> places`: `[*B, A]` int32 flat cells, of each agent and wanted by each (equal to pos for
an agent that stays), `[*B, 2]` uint32, `[*B]` int32; to the cell of each agent afterwards, pairwise distinct."""


@dataclasses.dataclass(frozen=True)
class CollisionRule:
    """One way to settle the moves of a step.

    Attributes:
      name: what the setting `collisions` of `Rules` calls it.
      settle: where the agents are afterwards.
    """

    name: str
    settle: SettleFn


def in_turn(
    pos: Int[Array, "*B A"], target: Int[Array, "*B A"], key: UInt[Array, "*B 2"], time: Int[Array, "*B"]
) -> Int[Array, "*B A"]:
    """Settle the moves one by one, in an order that is drawn where it matters; the library's own rule.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent, pairwise distinct.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
      key: `[*B, 2]` uint32, the episode's key.
      time: `[*B]` int32, the step.
    Returns:
      `[*B, A]` int32, flat cells, pairwise distinct.
    """
    n_agents = pos.shape[-1]
    is_contended, is_barred = find_meetings(pos, target)

    def settle(
        pos: Int[Array, "*B A"], target: Int[Array, "*B A"], key: UInt[Array, "*B 2"], time: Int[Array, "*B"]
    ) -> Int[Array, "*B A"]:
        return resolve_moves(pos, target, compute_once(move_ranks(key, time, n_agents), n_agents))

    in_any_order = namespace(pos).where(is_barred, pos, target)
    return compute_where(is_contended, settle, (pos, target, key, time), otherwise=in_any_order)


def all_stay(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Keep everybody in place if any two agents want one cell, or each other's.

    Source: the grid world of Carroll et al. (2019, arXiv 1910.05789), version 1.1.0, `_handle_collisions`. Exact for
    any number of agents.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent, pairwise distinct.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
    Returns:
      `[*B, A]` int32, flat cells, pairwise distinct.
    """
    is_collision = any_of(_shares_cell(target) | _swaps(pos, target))[..., None]
    return namespace(pos).where(is_collision, pos, target)


def colliders_stay(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Keep those in place who want a cell that another one wants or stays in, until nobody does; then those who swap.

    Source: the grid world of Gessler et al. (2025, arXiv 2503.17821) in JaxMARL 0.2.0, `step_agents`. Exact.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent, pairwise distinct.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
    Returns:
      `[*B, A]` int32, flat cells, pairwise distinct.
    """
    place = contenders_stay(pos, target)
    return namespace(pos).where(_swaps(pos, place), pos, place)


def contenders_stay(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Keep those in place who want a cell that another one wants or stays in, until nobody does; two may swap.

    Source: Level-Based Foraging (Papoudakis et al. 2021, arXiv 2006.07869) in `lbforaging` 2.0.0, `ForagingEnv.step`.
    Differs: the original looks for contenders once. Who wants the cell of an agent that has just been held back comes
    to stand in it, two in one cell; here the one who wants it is held back, too.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent, pairwise distinct.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
    Returns:
      `[*B, A]` int32, flat cells, pairwise distinct.
    """
    xp = namespace(pos)

    def send_back(_: int | Int[Array, ""], place: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
        return xp.where(_shares_cell(place), pos, place)

    # Each round sends at least one more agent back, and the last one cannot collide alone.
    return loop(pos.shape[-1] - 1, send_back, target, like=pos)


def chains(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """Let chains and cycles follow each other; of several that want one cell the one with the longest chain goes.

    Behind an agent follow those who want its cell, behind these others, and so on. Where chains are equally long, the
    agent with the lowest index goes. Cycles of three and more go round, and nobody squeezes in. Two never swap, and who
    wants the cell of an agent that stays, stays.

    Source: the multi-robot warehouse (Papoudakis et al. 2021, arXiv 2006.07869) in `rware` 2.0.0, `Warehouse.step`.
    Differs: among equally long chains the original goes by the order of a set of cells.

    Args:
      pos: `[*B, A]` int32, flat cell of each agent, pairwise distinct.
      target: `[*B, A]` int32, flat cell wanted; equal to pos for an agent that stays.
    Returns:
      `[*B, A]` int32, flat cells, pairwise distinct.
    """
    xp, n_agents = namespace(pos), pos.shape[-1]
    length = _chain_lengths(pos, target)
    goes = (target != pos) & ~_swaps(pos, target) & ~_yields(target, length)
    waits_for = [other_pos == target for (other_pos,) in _everybody_else(pos)]

    def hold_back(_: int | Int[Array, ""], goes: Bool[Array, "*B A"]) -> Bool[Array, "*B A"]:
        held = xp.zeros_like(goes)
        for waits, (other_goes,) in zip(waits_for, _everybody_else(goes), strict=True):
            held = held | (waits & ~other_goes)
        return goes & ~held

    return xp.where(loop(n_agents - 1, hold_back, goes, like=pos), target, pos)


def _chain_lengths(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
    """How many agents the longest chain has that ends with each agent; more than there are agents, in a cycle."""
    xp = namespace(pos)
    follows = [(other_target == pos) & (other_pos != pos) for other_pos, other_target in _everybody_else(pos, target)]

    def lengthen(_: int | Int[Array, ""], length: Int[Array, "*B A"]) -> Int[Array, "*B A"]:
        longest = xp.zeros_like(length)
        for is_behind, (behind,) in zip(follows, _everybody_else(length), strict=True):
            longest = xp.where(is_behind & (behind > longest), behind, longest)
        return longest + 1

    # A chain without a cycle has its length after as many rounds as there are agents; a cycle is longer by then.
    return loop(pos.shape[-1], lengthen, xp.ones_like(pos), like=pos)


def _yields(target: Int[Array, "*B A"], length: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
    """Whether another agent that wants the same cell goes first, by the length of its chain, then by its index."""
    xp = namespace(target)
    agent_idx = xp.broadcast_to(xp.arange(target.shape[-1], dtype=target.dtype), target.shape)
    yields = xp.zeros_like(target, dtype=bool)
    for other_target, other_length, other_idx in _everybody_else(target, length, agent_idx):
        is_first = (other_length > length) | ((other_length == length) & (other_idx < agent_idx))
        yields = yields | ((other_target == target) & is_first)
    return yields


def find_meetings(pos: Int[Array, "*B A"], target: Int[Array, "*B A"]) -> tuple[Bool[Array, "*B"], Bool[Array, "*B A"]]:
    """Find where moves are in each other's way, and where agents are in the way of moves.

    Every agent is compared with the next one, then with the one after that, and so on: arrays of pairs are slow, as
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

    Agents that stay are where they are from the outset, so at each turn one array of places is enough: it holds
    a settled agent's new place and an unsettled agent's old one. An agent may therefore follow one that was settled
    before it and left, and two agents never swap.

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


def _settle_all_stay(pos: Array, target: Array, key: Array, time: Array) -> Array:
    return all_stay(pos, target)


def _settle_colliders_stay(pos: Array, target: Array, key: Array, time: Array) -> Array:
    return colliders_stay(pos, target)


def _settle_contenders_stay(pos: Array, target: Array, key: Array, time: Array) -> Array:
    return contenders_stay(pos, target)


def _settle_chains(pos: Array, target: Array, key: Array, time: Array) -> Array:
    return chains(pos, target)


COLLISION_RULES: dict[str, CollisionRule] = {
    rule.name: rule
    for rule in (
        CollisionRule("in_turn", in_turn),
        CollisionRule("all_stay", _settle_all_stay),
        CollisionRule("colliders_stay", _settle_colliders_stay),
        CollisionRule("contenders_stay", _settle_contenders_stay),
        CollisionRule("chains", _settle_chains),
    )
}
"""The rules by name: "in_turn" is the library's own, the others are those of originals that some worlds equal."""


def _shares_cell(place: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
    """Whether each agent's cell is another one's too."""
    shares = namespace(place).zeros_like(place, dtype=bool)
    for (others,) in _everybody_else(place):
        shares = shares | (place == others)
    return shares


def _swaps(pos: Int[Array, "*B A"], place: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
    """Whether each agent and another one would change places."""
    swaps = namespace(pos).zeros_like(pos, dtype=bool)
    for other_pos, other_place in _everybody_else(pos, place):
        swaps = swaps | ((place == other_pos) & (other_place == pos))
    return swaps


def _everybody_else(*columns: Shaped[Array, "*B A"]) -> Iterator[tuple[Shaped[Array, "*B A"], ...]]:
    """Every agent's columns beside those of each other agent.

    Under NumPy beside the next one's, then beside those of the one after that, and so on: whole arrays are faster than
    broadcasting along a short axis. Under JAX beside the first agent's, then the second one's, which XLA makes faster
    than it joins arrays; an agent's own numbers are -1 there, which is no cell.
    """
    xp, n_agents = namespace(columns[0]), columns[0].shape[-1]
    if is_numpy(columns[0]):
        for shift in range(1, n_agents):
            yield tuple(xp.concat([column[..., shift:], column[..., :shift]], axis=-1) for column in columns)
        return
    numbers = xp.arange(n_agents, dtype=np.int32)
    for agent_idx in range(n_agents if n_agents > 1 else 0):
        is_self = numbers == agent_idx
        yield tuple(
            xp.where(
                is_self,
                xp.asarray(-1 if column.dtype != bool else False, dtype=column.dtype),
                column[..., agent_idx, None],
            )
            for column in columns
        )
