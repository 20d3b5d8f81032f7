"""Lists of what each viewer sees, read with array operations, under NumPy and JAX; see `ListBlock`."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Shaped

from cogrid.backend.array_ops import gather, lookup, lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.feature_space.blocks import ListBlock


def show_list(block: ListBlock, state: EnvState, dtype: np.dtype[Any]) -> Shaped[Array, "*B A F"]:
    """What each agent sees of a list.

    Args:
      block: the list.
      state: any state, batched or not.
      dtype: in which dtype.
    """
    xp = namespace(state.cells)
    places, values, is_there = _cells(block, state) if block.of == "cells" else _agents(block, state)
    first, last = (lookup_rows(edge, state.agent_cell) for edge in (block.first, block.last))
    at = [places // state.tables.width, places % state.tables.width]
    is_seen = is_there
    for axis, numbers in enumerate(at):
        is_seen = is_seen & (numbers >= first[..., axis, None]) & (numbers <= last[..., axis, None])
    tables = (block.row_numbers.astype(dtype), block.column_numbers.astype(dtype))
    away = [xp.where(is_seen, at[axis] - first[..., axis, None], 0) for axis in range(2)]
    shown = [lookup(table, distance) for table, distance in zip(tables, away, strict=True)]
    values = xp.broadcast_to(values, is_seen.shape)
    shown += [lookup(np.ascontiguousarray(table), values) for table in block.rows.astype(dtype).T]
    entries = _moved_up(xp.stack(shown, axis=-1), is_seen, block, dtype)
    return entries.reshape(*state.agent_cell.shape, -1)


def _cells(
    block: ListBlock, state: EnvState
) -> tuple[Int[Array, "*B 1 K"], Int[Array, "*B 1 K"], Bool[Array, "*B 1 K"]]:
    """The cells that are listed, in reading order, what stands in them, and whether there are so many."""
    xp, n_cells = namespace(state.cells), state.tables.n_cells
    nth = xp.cumsum(lookup(block.is_listed, state.cells), axis=-1, dtype=np.int32)
    before = [xp.sum(nth <= slot, axis=-1, dtype=np.int32) for slot in range(block.length)]
    places = xp.stack(before, axis=-1)
    is_there = places < n_cells
    places = xp.where(is_there, places, 0)
    values = gather(state.cells, places).astype(np.int32)
    return places[..., None, :], values[..., None, :], is_there[..., None, :]


def _agents(
    block: ListBlock, state: EnvState
) -> tuple[Int[Array, "*B A K"], Int[Array, "*B A K"], Bool[Array, "*B A K"]]:
    """The cells of all agents, their values, and whether they are listed; for each viewer itself first."""
    n_agents = state.tables.n_agents
    order = np.array([[viewer, *(idx for idx in range(n_agents) if idx != viewer)] for viewer in range(n_agents)])
    order = namespace(state.cells).asarray(order)
    values = state.agent_value[..., order]
    return state.agent_cell[..., order], values, lookup(block.is_listed, values)


def _moved_up(
    entries: Shaped[Array, "*B A K E"], is_seen: Bool[Array, "*B A K"], block: ListBlock, dtype: np.dtype[Any]
) -> Shaped[Array, "*B A L E"]:
    """The entries that are seen, without gaps, and blanks behind them."""
    xp, slots = namespace(entries), range(1, block.length + 1)
    nth = xp.cumsum(is_seen, axis=-1, dtype=np.int32)
    is_here = xp.stack([is_seen & (nth == slot) for slot in slots], axis=-2).astype(dtype)
    moved = xp.sum(is_here[..., None] * entries[..., None, :, :], axis=-2, dtype=dtype)
    is_blank = xp.stack([nth[..., -1] < slot for slot in slots], axis=-1)[..., None]
    return xp.where(is_blank, xp.broadcast_to(xp.asarray(block.blank.astype(dtype)), moved.shape), moved)
