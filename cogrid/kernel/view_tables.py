"""What agents observe, packed for the compiled reader: two flat arrays, one of integers and one of the rows' bytes.

The integers begin with `HEADER` sizes of the world, then a record of `RECORD` integers for each block, then the tables
that the records point into. The names below are places in the header and in a record. A table that a block does not
have is at 0.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int32, Shaped, UInt8

from cogrid.backend.env_state import NUMBER_NAMES
from cogrid.core.tables import Tables
from cogrid.feature_space.blocks import (
    AgentBlock,
    ArrayBlock,
    Block,
    CellBlock,
    ListBlock,
    Relation,
    Scene,
    Sight,
    related_cells,
    typed_rows,
)

HEADER = 9
N_BLOCKS, N_AGENTS, N_CELLS, N_NUMBERS, N_BYTES, TIME, WORLD_VALUE, LAYOUT_IDX, GRID_WIDTH = range(HEADER)

RECORD = 48
(
    KIND,
    AT,
    ROWS,
    ROW_BYTES,
    SCENE_STRIDE,
    SCENE_VALUES,
    N_TIMES,
    TIMES,
    EVENT_MASK,
    BY_CELL,
    BY_VALUE,
    BY_DIRECTION,
    BY_TERMINATED,
    BY_SELF,
    N_POSES,
    N_PLACES,
    SHOWN,
    BLANK,
    FIRST_OCCUPIED,
    SHOWS_AGENTS,
    TURN_STRIDE,
    RELATION,
    RELATION_STRIDE,
    RELATION_WORLDS,
    N_AGENT_VALUES,
    N_CELL_VALUES,
    N_RELATED,
    RELATED,
    N_LINES,
    LINES,
    LINE_WIDTH,
    LINE_FIRST,
    OPAQUE,
    HIDDEN,
    SPREAD,
    TEMPLATES,
    N_LAYOUTS,
    START_CELLS,
    START_BYTES,
    PLACE_OF,
    LENGTH,
    IS_LISTED,
    ROW_NUMBERS,
    COLUMN_NUMBERS,
    ENTRY_BLANK,
    ENTRY_BYTES,
    FIRST_SEEN,
    LAST_SEEN,
) = range(RECORD)

FUNCTION, AGENT, MAP, WINDOW, LISTED_CELLS, LISTED_AGENTS = range(6)
"""The kinds of records: a map is shown from a template, a window place by place; an array function not by a kernel."""

MAX_TEMPLATE_BYTES = 2**20
"""A block with larger templates is shown place by place: they would crowd everything else out of the cache."""


@dataclasses.dataclass(frozen=True, eq=False)
class PackedView:
    """Blocks for the compiled reader.

    Attributes:
      numbers: int32, the header, the records and the tables.
      rows: uint8, the rows of all blocks in the dtype of the observation, and their templates.
    """

    numbers: Int32[np.ndarray, "Z"]
    rows: UInt8[np.ndarray, "Y"]


def pack_view(blocks: Sequence[Block], tables: Tables, dtype: np.dtype[Any]) -> PackedView:
    """Pack the blocks of an observation.

    Args:
      blocks: what is shown, one after the other.
      tables: the world.
      dtype: in which dtype.
    """
    packer = _Packer(tables, dtype, n_blocks=len(blocks))
    for idx, block in enumerate(blocks):
        packer.add(idx, block)
    return packer.packed()


class _Packer:
    """Collects the tables of blocks, and writes down where they are."""

    def __init__(self, tables: Tables, dtype: np.dtype[Any], n_blocks: int) -> None:
        self._tables, self._dtype = tables, dtype
        self._head = np.zeros(HEADER + n_blocks * RECORD, dtype=np.int32)
        self._numbers: list[np.ndarray] = [self._head]
        self._rows: list[np.ndarray] = []
        self._n_numbers, self._n_row_bytes, self._n_seen = len(self._head), 0, 0
        n_agents, has_worlds = tables.n_agents, tables.rules.has_world_values
        time = NUMBER_NAMES.index("rng_key") * n_agents + 2
        n_carried = n_agents * len(tables.rules.amount_names)
        self._head[[N_BLOCKS, N_AGENTS, N_CELLS, GRID_WIDTH]] = n_blocks, n_agents, tables.n_cells, tables.width
        self._head[N_NUMBERS] = time + 1 + has_worlds + tables.map.is_set + n_carried
        self._head[[TIME, WORLD_VALUE, LAYOUT_IDX]] = time, time + 1, time + 1 + has_worlds

    def add(self, idx: int, block: Block) -> None:
        """Write the record of a block."""
        pack = {CellBlock: self._cell, AgentBlock: self._agent, ListBlock: self._list, ArrayBlock: self._function}
        fields = {AT: self._n_seen, **pack[type(block)](block)}
        first = HEADER + idx * RECORD
        for place, number in fields.items():
            self._head[first + place] = number
        self._n_seen += math.prod(block.shape) * self._dtype.itemsize

    def packed(self) -> PackedView:
        """Everything that was added."""
        self._head[N_BYTES] = self._n_seen
        rows = np.concatenate(self._rows) if self._rows else np.zeros(1, dtype=np.uint8)
        return PackedView(np.concatenate(self._numbers), rows)

    def _table(self, values: Any) -> int:
        """Keep a table of integers; where it begins."""
        flat = np.asarray(values).astype(np.int32).reshape(-1)
        self._numbers.append(flat)
        self._n_numbers += len(flat)
        return self._n_numbers - len(flat)

    def _bytes(self, values: np.ndarray) -> int:
        """Keep rows in the observation's dtype; at which byte they begin."""
        return self._add_bytes(values.astype(self._dtype))

    def _add_bytes(self, values: np.ndarray) -> int:
        flat = np.ascontiguousarray(values).view(np.uint8).reshape(-1)
        self._rows.append(flat)
        self._n_row_bytes += len(flat)
        return self._n_row_bytes - len(flat)

    def _function(self, block: ArrayBlock) -> dict[int, int]:
        return {KIND: FUNCTION}

    def _agent(self, block: AgentBlock) -> dict[int, int]:
        strides = {"cell": BY_CELL, "direction": BY_DIRECTION, "value": BY_VALUE, "terminated": BY_TERMINATED}
        return {
            KIND: AGENT,
            **self._typed(block),
            **self._scene(block.scene),
            **{strides[source]: stride for source, stride in block.strides.items()},
        }

    def _cell(self, block: CellBlock) -> dict[int, int]:
        templates = None if block.is_window or block.turn_stride else self._templates(block)
        return {
            KIND: WINDOW if templates is None else MAP,
            **self._typed(block),
            **self._scene(block.scene),
            **self._agents_in_cells(block),
            **self._relation(block),
            **self._sight(block.sight),
            **self._map(block, templates),
            N_POSES: len(block.shown),
            N_PLACES: block.shown.shape[1],
            SHOWN: self._table(block.shown),
            BLANK: block.blank,
            TURN_STRIDE: block.turn_stride,
        }

    def _typed(self, block: CellBlock | AgentBlock) -> dict[int, int]:
        rows = typed_rows(block, self._dtype)
        return {ROWS: self._bytes(rows), ROW_BYTES: rows.shape[1] * self._dtype.itemsize}

    def _scene(self, scene: Scene | None) -> dict[int, int]:
        if scene is None:
            return {}
        values = np.zeros(self._tables.rules.n_world_values) if scene.world_value is None else scene.world_value
        return {
            SCENE_STRIDE: scene.stride,
            SCENE_VALUES: 0 if scene.world_value is None else self._table(values),
            N_TIMES: len(scene.times),
            TIMES: self._table(scene.times),
            EVENT_MASK: scene.event_mask,
        }

    def _agents_in_cells(self, block: CellBlock) -> dict[int, int]:
        if block.first_occupied is None:
            return {}
        return {
            SHOWS_AGENTS: 1,
            FIRST_OCCUPIED: self._table(block.first_occupied),
            BY_VALUE: block.by_value,
            BY_DIRECTION: block.by_direction,
            BY_TERMINATED: block.by_terminated,
            BY_SELF: block.by_self,
        }

    def _relation(self, block: CellBlock) -> dict[int, int]:
        relation: Relation | None = block.relation
        if relation is None:
            return {}
        n_worlds, n_agent_values, n_cell_values = relation.numbers.shape
        related = related_cells(block, self._tables)
        return {
            RELATION: self._table(relation.numbers),
            RELATION_STRIDE: relation.stride,
            RELATION_WORLDS: n_worlds,
            N_AGENT_VALUES: n_agent_values,
            N_CELL_VALUES: n_cell_values,
            N_RELATED: len(related),
            RELATED: self._table(related),
        }

    def _sight(self, sight: Sight | None) -> dict[int, int]:
        if sight is None:
            return {}
        return {
            N_LINES: len(sight.lines),
            LINES: self._table(sight.lines),
            LINE_WIDTH: sight.lines.shape[1],
            LINE_FIRST: sight.first,
            OPAQUE: self._table(sight.is_opaque),
            HIDDEN: sight.hidden,
            SPREAD: self._table(sight.spread),
            N_CELL_VALUES: len(sight.is_opaque) - 1,
        }

    def _templates(self, block: CellBlock) -> Shaped[np.ndarray, "S L P C"] | None:
        """For each scene and layout a map on which nothing has changed; None where they would be too large."""
        starts, scene = self._tables.map.starts.cells, block.scene
        n_templates = _n_scenes(scene) * len(starts)
        if n_templates * math.prod(block.shape) * self._dtype.itemsize > MAX_TEMPLATE_BYTES:
            return None
        shown = block.shown[0]
        at_start = np.concatenate([starts, np.zeros_like(starts[:, :1])], axis=1).astype(np.int64)[:, shown]
        first_rows = np.arange(_n_scenes(scene)) * (0 if scene is None else scene.stride)
        numbers = np.where(shown == self._tables.n_cells, block.blank, at_start + first_rows[:, None, None])
        return typed_rows(block, self._dtype)[numbers]

    def _map(self, block: CellBlock, templates: Shaped[np.ndarray, "S L P C"] | None) -> dict[int, int]:
        if templates is None:
            return {}
        starts = self._tables.map.starts.cells
        return {
            TEMPLATES: self._bytes(templates),
            N_LAYOUTS: len(starts),
            START_CELLS: self._table(starts),
            START_BYTES: self._add_bytes(starts),
            PLACE_OF: self._table(block.place_of(self._tables.n_cells)),
        }

    def _list(self, block: ListBlock) -> dict[int, int]:
        itemsize = self._dtype.itemsize
        return {
            KIND: LISTED_CELLS if block.of == "cells" else LISTED_AGENTS,
            ROWS: self._bytes(block.rows),
            ROW_BYTES: block.rows.shape[1] * itemsize,
            LENGTH: block.length,
            IS_LISTED: self._table(block.is_listed),
            ROW_NUMBERS: self._bytes(block.row_numbers),
            COLUMN_NUMBERS: self._bytes(block.column_numbers),
            ENTRY_BLANK: self._bytes(block.blank),
            ENTRY_BYTES: len(block.blank) * itemsize,
            FIRST_SEEN: self._table(block.first),
            LAST_SEEN: self._table(block.last),
        }


def _n_scenes(scene: Scene | None) -> int:
    """How many scenes there are."""
    if scene is None:
        return 1
    n_values = 1 if scene.world_value is None else int(scene.world_value.max()) + 1
    return n_values * (len(scene.times) + 1) * (2 if scene.event_mask else 1)
