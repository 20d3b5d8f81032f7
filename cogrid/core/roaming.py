"""What moves by itself: out of its cell, to a neighbour that is drawn among those that receive it."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from cogrid.backend.array_ops import gather, lookup, lookup_rows, scatter, sum_of
from cogrid.backend.control_flow import loop_up_to
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.draws import Purpose, word_pair


def roam(state: EnvState) -> EnvState:
    """Let what moves by itself move, one after the other, in the reading order of the cells before.

    Each moves to a neighbour that receives it and in which no agent stands, any as likely as any other; where there is
    none it stays. What a cell has become by an earlier one's move does not move again.

    Args:
      state: the state after the ticks.
    Returns:
      The state with other cells.
    """
    moves = state.tables.moves
    if moves is None or moves.roam is None:
        return state
    xp, n_values = namespace(state.cells), state.tables.rules.n_cell_values
    may_move = moves.roam[:n_values, 0] >= 0
    if moves.roam_chance is not None:
        may_move = may_move | (moves.roam_chance.kind != 0)
    is_mover = lookup(may_move, state.cells)
    order = xp.argsort(~is_mover, axis=-1, stable=True).astype(np.int32)
    n_movers = xp.sum(is_mover, axis=-1, dtype=np.int32)

    def move_one(turn: int | Int[Array, ""], cells: Any) -> Any:
        place = xp.broadcast_to(xp.asarray(turn, dtype=np.int32), n_movers.shape)
        here = gather(order, xp.minimum(place, xp.asarray(np.int32(state.cells.shape[-1] - 1)))[..., None])[..., 0]
        return _moved(state, cells, here, turn, xp.asarray(n_movers > turn))

    return state.with_changes(cells=loop_up_to(n_movers, move_one, state.cells, like=state.cells))


def _moved(
    state: EnvState, cells: Array, here: Int[Array, "*B"], turn: int | Int[Array, ""], is_turn: Bool[Array, "*B"]
) -> Array:
    """The cells after the move of one of them."""
    xp, tables = namespace(cells), state.tables
    moves, n_values = tables.moves, tables.rules.n_cell_values
    of_chance, of_neighbour = word_pair(state.rng_key, Purpose.ROAM, state.time, turn)
    now = gather(cells, here[..., None])[..., 0].astype(np.int32)
    is_same = now == gather(state.cells, here[..., None])[..., 0].astype(np.int32)
    row = now
    if moves.roam_chance is not None:
        row = moves.roam_chance.draw(row, of_chance)
    told = lookup_rows(moves.roam, row)
    thing, left, is_diagonal = told[..., 0], told[..., 1], told[..., 2] != 0
    around = lookup_rows(tables.map.around, here)
    pair = xp.maximum(thing, xp.zeros_like(thing))[..., None] * n_values + gather(cells, around).astype(np.int32)
    received = lookup(moves.receive, pair)
    is_taken = xp.zeros_like(received, dtype=np.bool_)
    for agent_idx in range(tables.n_agents):
        is_taken = is_taken | (around == state.agent_cell[..., agent_idx][..., None])
    is_near = xp.asarray(np.arange(8) < 4) | is_diagonal[..., None]
    can_be = (received >= 0) & ~is_taken & is_near & (around != here[..., None])
    nth = xp.cumsum(can_be, axis=-1, dtype=np.int32)
    n_ways = nth[..., -1]
    chosen = (of_neighbour % xp.maximum(n_ways, xp.ones_like(n_ways)).astype(np.uint32)).astype(np.int32)
    is_chosen = can_be & (nth == chosen[..., None] + 1)
    goes = is_turn & is_same & (thing >= 0) & (n_ways > 0)
    there = xp.where(goes, sum_of(xp.where(is_chosen, around, 0)), here)
    after = xp.where(goes, sum_of(xp.where(is_chosen, received, 0)), now)
    cells = scatter(cells, here, xp.where(goes, left, now))
    return scatter(cells, there, after)
