"""Lists of what each viewer sees, read with array operations, under NumPy and JAX; see `ListBlock`."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

from cogrid.backend.array_ops import gather, lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.few_values import first_places, is_one_of
from cogrid.backend.namespaces import Array, namespace
from cogrid.feature_space.blocks import ListBlock


def show_list(block: ListBlock, state: EnvState, dtype: np.dtype[Any]) -> Shaped[Array, "*B A F"]:
    """What each agent sees of a list.

    Args:
      block: the list.
      state: any state, batched or not.
      dtype: in which dtype.
    """
    places, values = _cells(block, state) if block.of == "cells" else _agents(block, state)
    if not block.leaves_nothing_out:
        places, values = _in_sight(block, state, places, values)
    entries = _entries(block, state, places, values, dtype)
    flat = entries.reshape(*entries.shape[:-2], -1)
    return namespace(flat).broadcast_to(flat, (*state.agent_cell.shape, flat.shape[-1]))


def _cells(block: ListBlock, state: EnvState) -> tuple[Int[Array, "*B 1 K"], Int[Array, "*B 1 K"]]:
    """The cells that are listed, in reading order, and what stands in them; one behind the last cell for none."""
    places = first_places(is_one_of(block.is_listed, state.cells), block.length)
    values = gather(state.cells, _inside(places, state)).astype(np.int32)
    return places[..., None, :], values[..., None, :]


def _agents(block: ListBlock, state: EnvState) -> tuple[Int[Array, "*B A K"], Int[Array, "*B A K"]]:
    """The cells of all agents and their values, for each viewer itself first; none for one that is not listed."""
    xp, n_agents = namespace(state.cells), state.tables.n_agents
    order = np.array([[viewer, *(idx for idx in range(n_agents) if idx != viewer)] for viewer in range(n_agents)])
    places = xp.where(is_one_of(block.is_listed, state.agent_value), state.agent_cell, state.tables.n_cells)
    order = xp.asarray(order)
    return places[..., order], state.agent_value[..., order]


def _in_sight(
    block: ListBlock, state: EnvState, places: Int[Array, "*B V K"], values: Int[Array, "*B V K"]
) -> tuple[Int[Array, "*B A L"], Int[Array, "*B A L"]]:
    """Those of some places that each viewer sees, without gaps, and their values."""
    xp, n_entries = namespace(places), places.shape[-1]
    first, last = (lookup_rows(edge, state.agent_cell) for edge in (block.first, block.last))
    is_seen = places < state.tables.n_cells
    for axis, numbers in enumerate(_row_and_column(places, state)):
        is_seen = is_seen & (numbers >= first[..., axis, None]) & (numbers <= last[..., axis, None])
    nth = first_places(is_seen, block.length)
    at = xp.minimum(nth, xp.asarray(n_entries - 1, dtype=np.int32))
    moved = [gather(xp.broadcast_to(numbers, is_seen.shape), at) for numbers in (places, values)]
    return xp.where(nth < n_entries, moved[0], state.tables.n_cells), moved[1]


def _entries(
    block: ListBlock, state: EnvState, places: Int[Array, "*B V K"], values: Int[Array, "*B V K"], dtype: np.dtype[Any]
) -> Shaped[Array, "*B V K E"]:
    """What is shown of each place, and of the value there."""
    xp = namespace(places)
    inside = _inside(places, state)
    away = _row_and_column(inside, state)
    if not block.leaves_nothing_out:
        first = lookup_rows(block.first, state.agent_cell)
        away = [
            xp.where(places < state.tables.n_cells, numbers - first[..., axis, None], 0)
            for axis, numbers in enumerate(away)
        ]
    tables = (block.row_numbers.astype(dtype), block.column_numbers.astype(dtype))
    parts = [lookup_rows(table[:, None], numbers) for table, numbers in zip(tables, away, strict=True)]
    parts.append(lookup_rows(block.rows.astype(dtype), values))
    shown = xp.concat(parts, axis=-1)
    blank = xp.broadcast_to(xp.asarray(block.blank.astype(dtype)), shown.shape)
    return xp.where((places < state.tables.n_cells)[..., None], shown, blank)


def _inside(places: Int[Array, "*B"], state: EnvState) -> Int[Array, "*B"]:
    """Places, the last cell for none."""
    xp = namespace(places)
    return xp.minimum(places, xp.asarray(state.tables.n_cells - 1, dtype=places.dtype))


def _row_and_column(places: Int[Array, "*B"], state: EnvState) -> list[Int[Array, "*B"]]:
    return [places // state.tables.width, places % state.tables.width]
