"""Blocks read with array operations: what agents see of a state, under NumPy and JAX, of one state or of a batch."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped

from cogrid.backend.array_ops import any_of, gather, lookup, lookup_rows, put_all
from cogrid.backend.env_state import EnvState
from cogrid.backend.joining import Constant, Stretch, join
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.feature_space.blocks import (
    AgentBlock,
    ArrayBlock,
    Block,
    CellBlock,
    ListBlock,
    Scene,
    Sight,
    related_cells,
    typed_rows,
)
from cogrid.feature_space.list_view import show_list
from cogrid.feature_space.seen_rows import rows_seen

MAX_PLACED = 24
"""So many related cells are compared one by one; where there are more, every cell is looked up."""


def show(blocks: Sequence[Block], state: EnvState, dtype: np.dtype[Any]) -> Shaped[Array, "..."]:
    """What each agent sees of a state.

    Args:
      blocks: what to show.
      state: any state, batched or not.
      dtype: in which dtype.
    Returns:
      `[*B, A, F]`, several blocks flattened and joined; `[*B, A, *shape]` for a single one.
    """
    if len(blocks) == 1:
        return _show(blocks[0], state, dtype)
    by_block = [_parts(block, state, dtype) for block in blocks]
    by_agent = [part for agent_parts in zip(*by_block, strict=True) for parts in agent_parts for part in parts]
    return join(by_agent).reshape(*state.cells.shape[:-1], state.tables.n_agents, -1)


def _show(block: Block, state: EnvState, dtype: np.dtype[Any]) -> Shaped[Array, "*B A *S"]:
    if isinstance(block, ArrayBlock):
        return block.fn(state).astype(dtype)
    if isinstance(block, ListBlock):
        return show_list(block, state, dtype)
    rows = typed_rows(block, dtype)
    if isinstance(block, AgentBlock):
        return lookup_rows(rows, _agent_row_numbers(block, state))
    if block.is_shared:
        shared = join(_shared_parts(block, state, dtype))[..., None, :]
        seen = namespace(shared).broadcast_to(shared, (*state.agent_cell.shape, shared.shape[-1]))
    elif block.is_window:
        seen = lookup_rows(rows, window_row_numbers(block, state))
    elif block.relation is None:
        seen = rows_seen(rows, *_grid_row_numbers(block, state))
    else:
        seen = lookup_rows(rows, compute_once(related_row_numbers(block, state), len(rows)))
    return seen.reshape(*state.agent_cell.shape, *block.shape)


def _parts(block: Block, state: EnvState, dtype: np.dtype[Any]) -> list[list[Stretch | Constant]]:
    """What each agent sees as parts to be joined; all numbers flat."""
    n_agents = state.tables.n_agents
    if isinstance(block, CellBlock) and block.is_shared:
        return [_shared_parts(block, state, dtype)] * n_agents
    flat = _show(block, state, dtype).reshape(*state.cells.shape[:-1], -1)
    size = flat.shape[-1] // n_agents
    return [[Stretch(flat, idx * size, (idx + 1) * size)] for idx in range(n_agents)]


def scene_number(scene: Scene, state: EnvState) -> Int[Array, "*B"]:
    """The number of the scene that a state is in: `[*B]` int32."""
    xp = namespace(state.cells)
    number = xp.zeros_like(state.time)
    if scene.world_value is not None:
        number = lookup(scene.world_value, cast(Any, state.world_value))
    if scene.times:
        number = number * (len(scene.times) + 1)
        for time in scene.times:
            number = number + (state.time >= time).astype(np.int32)
    if scene.event_mask:
        number = number * 2 + any_of((state.events & scene.event_mask) != 0).astype(np.int32)
    return number


def _agent_row_numbers(block: AgentBlock, state: EnvState) -> Int[Array, "*B A"]:
    sources = {
        "cell": state.agent_cell,
        "direction": state.agent_dir,
        "value": state.agent_value,
        "terminated": state.terminated,
    }
    terms = [
        sources[name].astype(np.int32) * stride if stride > 1 else sources[name].astype(np.int32)
        for name, stride in block.strides.items()
    ]
    if block.scene is not None:
        terms.append((scene_number(block.scene, state) * block.scene.stride)[..., None])
    return sum(terms[1:], terms[0])


def agents_row_numbers(block: CellBlock, state: EnvState) -> Int[Array, "*B A"]:
    """The row of each agent's cell as others see it, its scene not counted: `[*B, A]` int32."""
    number = state.agent_value * block.by_value + state.agent_dir * block.by_direction
    if block.by_terminated:
        number = number + state.terminated.astype(np.int32) * block.by_terminated
    if block.first_of_agents is not None:
        return number + block.first_of_agents
    return number + lookup(cast(Any, block.first_occupied), gather(state.cells, state.agent_cell))


def cell_row_numbers(block: CellBlock, state: EnvState) -> tuple[Int[Array, "*B N"], Int[Array, "*B A"] | None]:
    """The row of each cell as others see it, and the row of each agent's cell as it sees it itself, if it is shown."""
    cells, own = state.cells.astype(np.int32), None
    if block.first_occupied is not None:
        own = agents_row_numbers(block, state)
    if block.scene is not None:
        first = (scene_number(block.scene, state) * block.scene.stride)[..., None]
        cells, own = cells + first, None if own is None else own + first
    if own is None:
        return cells, None
    return put_all(cells, state.agent_cell, own), own + block.by_self


def _grid_row_numbers(
    block: CellBlock, state: EnvState
) -> tuple[Int[Array, "*B P"], Int[Array, "*B A"], Int[Array, "*B A"]]:
    """Of a block of the whole grid the row of each place, the agents' places, and their own rows."""
    tables = state.tables
    numbers, own = cell_row_numbers(block, state)
    shown = block.shown[0]
    if np.array_equal(shown, np.arange(tables.n_cells)):
        return numbers, state.agent_cell, cast(Any, own)
    height, width = tables.height, tables.width
    if np.array_equal(shown, np.arange(tables.n_cells).reshape(height, width).T.reshape(-1)):
        by_row = numbers.reshape(*numbers.shape[:-1], height, width)  # XLA turns faster than it looks up.
        numbers = namespace(numbers).swapaxes(by_row, -1, -2).reshape(numbers.shape)
    else:
        numbers = numbers[..., shown]
    return numbers, lookup(block.place_of(tables.n_cells), state.agent_cell), cast(Any, own)


def related_row_numbers(block: CellBlock, state: EnvState) -> Int[Array, "*B A P"]:
    """Of a block of the whole grid with a relation, the row of each place for each viewer."""
    xp, tables = namespace(state.cells), state.tables
    numbers, places, own = _grid_row_numbers(block, state)
    by_viewer = xp.broadcast_to(numbers[..., None, :], (*own.shape, numbers.shape[-1]))
    by_viewer = put_all(by_viewer, places[..., None], own[..., None])
    cells = np.array(related_cells(block, tables), dtype=np.int32)
    if len(cells) > MAX_PLACED:
        shown = xp.asarray(block.shown[0])
        return by_viewer + relation_offsets(block, state, state.cells[..., None, shown])
    offsets = relation_offsets(block, state, state.cells[..., None, xp.asarray(cells)])
    at = xp.broadcast_to(xp.asarray(block.place_of(tables.n_cells)[cells]), offsets.shape)
    return by_viewer + put_all(xp.zeros_like(by_viewer), at, offsets)


def relation_offsets(block: CellBlock, state: EnvState, values: Integer[Array, "*B V K"]) -> Int[Array, "*B A K"]:
    """How many rows further on each viewer's rows of some cell values are; one row of values for each viewer or all."""
    relation = cast(Any, block.relation)
    n_worlds, n_agents, n_cells = relation.numbers.shape
    viewer = state.agent_value
    if n_worlds > 1:
        viewer = viewer + (cast(Any, state.world_value) * n_agents)[..., None]
    pair = viewer[..., None] * n_cells + values.astype(np.int32)
    return lookup(relation.numbers.astype(np.int32).reshape(-1) * np.int32(relation.stride), pair)


def window_row_numbers(block: CellBlock, state: EnvState) -> Int[Array, "*B A P"]:
    """Of a window, the row of each place for each viewer."""
    xp = namespace(state.cells)
    pose = state.agent_cell
    if len(block.shown) > state.tables.n_cells:
        pose = pose * 4 + state.agent_dir
    window = lookup_rows(block.shown, pose)
    flat = window.reshape(*window.shape[:-2], -1)
    numbers, own = cell_row_numbers(block, state)
    seen = gather(_with_blank(numbers, block.blank), flat).reshape(window.shape)
    if own is not None and block.by_self:
        own_place = block.own_place(state.tables.n_cells)
        is_own = window == state.agent_cell[..., None] if own_place is None else xp.asarray(own_place)
        seen = xp.where(xp.broadcast_to(is_own, seen.shape), own[..., None], seen)
    if block.relation is not None:
        values = gather(_with_blank(state.cells.astype(np.int32), 0), flat).reshape(window.shape)
        offsets = relation_offsets(block, state, values)
        seen = seen + xp.where(window == state.tables.n_cells, xp.zeros_like(offsets), offsets)
    seen = seen + (state.agent_dir * block.turn_stride)[..., None] if block.turn_stride else seen
    return seen if block.sight is None else xp.where(_is_in_sight(block.sight, state, window), seen, block.sight.hidden)


def _is_in_sight(sight: Sight, state: EnvState, window: Int[Array, "*B A P"]) -> Bool[Array, "*B A P"]:
    """Which places of a window each viewer sees."""
    xp, width = namespace(state.cells), sight.lines.shape[1]
    flat = window.reshape(*window.shape[:-2], -1)
    values = _with_blank(state.cells.astype(np.int32), len(sight.is_opaque) - 1)
    is_opaque = lookup(sight.is_opaque, gather(values, flat))
    is_open = (~is_opaque).astype(np.int32).reshape(window.shape)
    weights, seen = [1 << bit for bit in range(width)], xp.full_like(state.agent_cell, 1 << sight.first)
    by_line: list[Array] = []
    for places in sight.lines.tolist():
        bits = [is_open[..., place] * weight for place, weight in zip(places, weights, strict=True)]
        open_mask = functools.reduce(operator.add, bits)
        spread = lookup(sight.spread, seen * 2**width + open_mask)
        by_line.append(spread % 2**width)
        seen = spread // 2**width
    masks = xp.stack(by_line, axis=-1)
    place_of = np.argsort(sight.lines.reshape(-1))
    line, bit = (xp.asarray(numbers.astype(np.int32)) for numbers in np.divmod(place_of, width))
    of_place = masks[..., line]
    return ((of_place >> xp.broadcast_to(bit, of_place.shape)) & 1) != 0


def _with_blank(numbers: Int[Array, "*B N"], blank: int) -> Int[Array, "*B M"]:
    """Numbers of cells, and behind them one for what is no cell."""
    xp = namespace(numbers)
    return xp.concat([numbers, xp.full((*numbers.shape[:-1], 1), blank, dtype=np.int32)], axis=-1)


def _shared_parts(block: CellBlock, state: EnvState, dtype: np.dtype[Any]) -> list[Stretch | Constant]:
    """What everybody sees as parts to be joined: stretches of what can change, and what never does."""
    tables = state.tables
    shown, rows = block.shown[0], typed_rows(block, dtype)
    can_change = np.zeros(tables.n_cells + 1, dtype=np.bool_)
    can_change[tables.map.changeable_cells if block.scene is None else np.arange(tables.n_cells)] = True
    is_changeable = can_change[shown] if can_change[shown].any() else shown < tables.n_cells
    at_start = np.append(tables.map.start_cells.astype(np.int32), block.blank)
    fixed = rows[at_start[shown]]
    looks = lookup_rows(rows, _shared_row_numbers(block, state, shown[is_changeable]))
    flat = looks.reshape(*looks.shape[:-2], -1)
    size = rows.shape[1]
    firsts = np.flatnonzero(np.diff(is_changeable, prepend=~is_changeable[0])).tolist()
    parts: list[Stretch | Constant] = []
    n_shown = 0
    for first, last in zip(firsts, [*firsts[1:], len(shown)], strict=True):
        if is_changeable[first]:
            parts.append(Stretch(flat, size * n_shown, size * (n_shown + last - first)))
            n_shown += last - first
        else:
            parts.append(Constant(fixed[first:last].reshape(-1)))
    return parts


def _shared_row_numbers(block: CellBlock, state: EnvState, cells: Int[np.ndarray, "D"]) -> Int[Array, "*B D"]:
    """The row of some cells, in a block that all agents see alike."""
    xp = namespace(state.cells)
    row = state.cells[..., cells].astype(np.int32)
    if block.first_occupied is not None:
        cell_numbers = xp.broadcast_to(xp.asarray(cells), row.shape)
        of_agents = agents_row_numbers(block, state)
        for agent_idx in range(state.tables.n_agents):
            is_here = cell_numbers == state.agent_cell[..., agent_idx, None]
            row = xp.where(is_here, of_agents[..., agent_idx, None], row)
    return row if block.scene is None else row + (scene_number(block.scene, state) * block.scene.stride)[..., None]
