"""The stage in which every cell, and then every agent, does what it does by itself."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int, UInt

from cogrid.backend.array_ops import at, lookup, lookup_rows, put
from cogrid.backend.env_state import EnvState
from cogrid.backend.few_values import follow
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.draws import Purpose, words, words_at
from cogrid.core.tables import Tables


def tick_cells(state: EnvState) -> EnvState:
    """Let every cell do what it does by itself in one step."""
    tables: Tables = state.tables
    rules = tables.rules
    if rules.tick_chance is not None or rules.tick_counts is not None:
        return state.with_changes(cells=lookup(rules.tick, _rows_of_cells(state)))
    if tables.map.ticking_cells is None:
        return state.with_changes(cells=follow(rules.tick, state.cells))
    cells = state.cells
    for cell in tables.map.ticking_cells:
        cells = put(cells, cell, lookup(rules.tick, at(state.cells, cell)))
    return state.with_changes(cells=cells)


def _rows_of_cells(state: EnvState) -> Int[Array, "*B N"]:
    """The row of each cell, where some values ask for a count, or draw what becomes of them."""
    rules = state.tables.rules
    row = state.cells.astype(np.int32)
    if rules.tick_counts is not None:
        row = rules.tick_counts.row(row, rules.tick_counts.of_cells(state))
    return row if rules.tick_chance is None else rules.tick_chance.draw(row, _words_of_cells(state))


def _words_of_cells(state: EnvState) -> UInt[Array, "*B N"]:
    """A word for each cell: drawn for those that can ever hold a value that draws, 0 for all others."""
    tables: Tables = state.tables
    drawing = np.array(tables.map.drawing_cells, dtype=np.int32)
    if 2 * len(drawing) > tables.n_cells:
        return words(state.rng_key, Purpose.TICK, state.time, tables.n_cells)
    xp = namespace(state.cells)
    drawn = words_at(state.rng_key, Purpose.TICK, state.time, drawing)
    blank = xp.zeros((*drawn.shape[:-1], 1), dtype=np.uint32)
    return xp.concat([drawn, blank], axis=-1)[..., _places(drawing, tables.n_cells)]


def _places(members: Int[np.ndarray, "D"], n_cells: int) -> Int[np.ndarray, "N"]:
    """For each cell its place among some cells, D for the others."""
    places = np.full(n_cells, len(members), dtype=np.int32)
    places[members] = np.arange(len(members))
    return places


def tick_agents(state: EnvState) -> EnvState:
    """Let every agent become what it becomes by itself in one step; not one that has terminated."""
    tables: Tables = state.tables
    table = tables.rules.agent_tick
    if table is None:
        return state
    xp = namespace(state.cells)
    row = state.agent_value
    if table.chance is not None:
        row = table.chance.draw(row, words(state.rng_key, Purpose.AGENT_TICK, state.time, tables.n_agents))
    if table.only_changes:
        value = lookup(table.rows[:, 0], row)
        return state.with_changes(agent_value=xp.where(state.terminated, state.agent_value, value))
    after = lookup_rows(table.rows, row)
    events = xp.where(state.terminated, xp.zeros_like(state.events), after[..., 1])
    return state.with_changes(
        agent_value=xp.where(state.terminated, state.agent_value, after[..., 0]),
        events=state.events | events,
        terminated=state.terminated | (after[..., 2] != 0),
    )
