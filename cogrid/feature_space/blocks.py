"""What agents see, declared as data: rows of numbers, and which row stands where.

A feature that is data is a tuple of blocks. A block has a table of rows and says, in numbers alone, how the row of a
place is found; there is no code in it. So a feature is written once, and whoever shows it reads its blocks:

- `array_view` reads them with array operations, for NumPy and for JAX, of one state or of a batch;
- `cogrid.integer.views` reads them for one world on plain integers;
- `cogrid.kernel.views` reads them for a batch in compiled code.

A `CellBlock` shows cells, one row for each place::

    row  =  look  +  scene.stride * scene  +  relation.stride * relation  +  turn_stride * direction of the viewer
    look =  cell value, or first_occupied[cell value] + by_value * value + by_direction * direction
            + by_terminated * terminated + by_self * (whether it is the viewer) of the agent that stands there

A window may have a `Sight`: a place that the viewer does not see is shown by another row.

An `AgentBlock` shows one row for the viewer::

    row  =  sum of stride * source, over the sources cell, direction, value, terminated and scene

A `ListBlock` lists what the viewer sees of cells of some values, or of agents: where each is, and what it is.

An `ArrayBlock` is what is left: an array function.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped

from cogrid.core.tables import Tables

Bounds: TypeAlias = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
"""The least and the greatest value of each number, two arrays of one shape."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """Something about the whole world that rows may depend on, as a number: what is wanted, how late it is.

    The number is `(world_value * (T + 1) + times) * 2 + events`: what the world value stands for, how many of T times
    have come, and whether one of some events just happened to anybody. A part that is not there counts nothing.

    Attributes:
      stride: how many rows further on the rows of the next scene are.
      world_value: `[W]` int32, a number for each world value; None where it does not count.
      times: the times (steps made) from which on the world looks different, in order.
      event_mask: the bits of the events that count; 0 for none.
    """

    stride: int = 0
    world_value: Int[np.ndarray, "W"] | None = None
    times: tuple[int, ...] = ()
    event_mask: int = 0


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Relation:
    """What a cell is to the viewer: its own goal, another's, nobody's.

    Attributes:
      stride: how many rows further on the rows of the next number are.
      numbers: `[W, U, V]` integer, by world value, the viewer's agent value and the cell's value.
    """

    stride: int
    numbers: Integer[np.ndarray, "W U V"]


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Sight:
    """What a viewer sees of a window, where some cells hide what is behind them.

    One sees one's own place. From a place that is seen and not opaque one sees the places to its left and right, and
    the three behind these in the next line; lines are gone through from the viewer outwards, each from left to right
    and back. Source: `Grid.process_vis` of MiniGrid 3.2.0 (Chevalier-Boisvert et al. 2023, arXiv 2306.13831). Exact.

    Attributes:
      lines: `[L, W]` int32, the places of each line, the viewer's own line first; W is at most 9.
      first: the place in its own line where the viewer is, 0..W-1.
      is_opaque: `[V + 1]` bool, which cell values hide what is behind them, and whether what is no cell does.
      hidden: the row of a place that is not seen, to which nothing is added.
      spread: `[4**W]` int32, for a line what is seen of it, and of the next line: entry `seen * 2**W + open`, of bit
        masks with one bit for each place, is `seen + next * 2**W`.
    """

    lines: Int[np.ndarray, "L W"]
    first: int
    is_opaque: Bool[np.ndarray, "V1"]
    hidden: int
    spread: Int[np.ndarray, "S"]


@functools.lru_cache(maxsize=8)
def sight_spread(width: int) -> Int[np.ndarray, "S"]:
    """The table `Sight.spread` for lines of some width."""
    table = np.zeros(4**width, dtype=np.int32)
    for seen, is_open in itertools.product(range(2**width), repeat=2):
        here, behind = seen, 0
        for step, places in ((1, range(width - 1)), (-1, range(width - 1, 0, -1))):
            for place in places:
                if here & is_open & (1 << place):
                    here |= 1 << (place + step)
                    behind |= 1 << (place + step) | 1 << place
        table[seen * 2**width + is_open] = here + behind * 2**width
    return table


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class CellBlock:
    """Cells, each shown by one row; see the module for how it is found.

    Attributes:
      rows: `[R, C]` integer, every look that a cell can have; float32 where an observation is scaled.
      shape: of what one agent sees, P * C numbers.
      shown: `[M, P]` int32, the cell that is shown in each place; N for a place without one. M is 1 where all viewers
        see the same cells, N where it depends on the cell that the viewer stands in, 4 N where it depends on that cell
        and the direction (`cell * 4 + direction`).
      blank: the row of a place without a cell, to which nothing but the turn is added.
      first_occupied: `[V]` int32, the first row with an agent in each cell value (any row for one that no agent can be
        found in); None where agents are not shown.
      by_value, by_direction, by_terminated, by_self: strides of what is to be known of the agent in a cell.
      scene: what all rows depend on, if anything.
      relation: what a cell is to the viewer, if that counts.
      turn_stride: how many rows further on the rows for a viewer of the next direction are; 0 where that does not
        count.
      sight: what hides places of a window from the viewer, if anything does.
      low, high: `[C]`, the bounds of each channel; those of the rows if left out.
    """

    rows: Shaped[np.ndarray, "R C"]
    shape: tuple[int, ...]
    shown: Int[np.ndarray, "M P"]
    blank: int = 0
    first_occupied: Int[np.ndarray, "V"] | None = None
    by_value: int = 0
    by_direction: int = 0
    by_terminated: int = 0
    by_self: int = 0
    scene: Scene | None = None
    relation: Relation | None = None
    turn_stride: int = 0
    sight: Sight | None = None
    low: Shaped[np.ndarray, "C"] | None = None
    high: Shaped[np.ndarray, "C"] | None = None

    @property
    def is_window(self) -> bool:
        """Whether the cells that are shown depend on the viewer's place."""
        return len(self.shown) > 1

    @property
    def is_shared(self) -> bool:
        """Whether all agents see the same."""
        return not (self.is_window or self.by_self or self.relation or self.turn_stride)

    @functools.cached_property
    def first_of_agents(self) -> int | None:
        """The first row with an agent, if it is the same in every cell value."""
        first = self.first_occupied
        return int(first[0]) if first is not None and (first == first[0]).all() else None

    def own_place(self, n_cells: int) -> Bool[np.ndarray, "P"] | None:
        """Of a window, in which place the viewer is, if that is the same wherever it stands."""
        cells = np.arange(len(self.shown)) // (len(self.shown) // n_cells)
        is_own = self.shown == cells[:, None]
        return is_own[0] if (is_own == is_own[0]).all() else None

    def place_of(self, n_cells: int) -> Int[np.ndarray, "N"]:
        """Where each cell is shown, for a block that is no window: `[N]` int32; -1 for a cell that is not."""
        places = np.full(n_cells + 1, -1, dtype=np.int32)
        places[self.shown[0]] = np.arange(self.shown.shape[1])
        return places[:n_cells]

    def bounds(self) -> Bounds:
        """The bounds of every number."""
        low = self.rows.min(axis=0) if self.low is None else self.low
        high = self.rows.max(axis=0) if self.high is None else self.high
        shape = (self.shown.shape[1], self.rows.shape[1])
        return np.broadcast_to(low, shape).reshape(self.shape), np.broadcast_to(high, shape).reshape(self.shape)


Source = Literal["cell", "direction", "value", "terminated"]
"""What a row can depend on of an agent."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class AgentBlock:
    """One row for each viewer; see the module for how it is found.

    Attributes:
      rows: `[R, C]` integer; float32 where an observation is scaled.
      strides: for each source that counts, how many rows further on the rows of its next number are.
      scene: what all rows depend on, if anything.
      low, high: `[C]`, the bounds of each number; those of the rows if left out.
    """

    rows: Shaped[np.ndarray, "R C"]
    strides: dict[Source, int]
    scene: Scene | None = None
    low: Shaped[np.ndarray, "C"] | None = None
    high: Shaped[np.ndarray, "C"] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """What one agent sees."""
        return (self.rows.shape[1],)

    def bounds(self) -> Bounds:
        """The bounds of every number."""
        low = self.rows.min(axis=0) if self.low is None else self.low
        return low, self.rows.max(axis=0) if self.high is None else self.high


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class ListBlock:
    """What a viewer sees of cells of some values, or of agents, one after the other: where each is, and what it is.

    Cells are listed in reading order, of those on the map the first `length`; agents by index, but the viewer first.
    What lies outside of the viewer's stretch of rows and columns is left out, and what follows moves up. An entry is::

        row_numbers[row - first row], column_numbers[column - first column], *rows[value]

    Attributes:
      of: "cells" or "agents".
      length: how many entries there are; those that nothing is left for are `blank`.
      is_listed: `[K]` bool, which cell values, or agent values, are listed.
      rows: `[K, C]` integer, what each value shows; float32 where an observation is scaled, as the next three.
      row_numbers, column_numbers: `[P]`, `[Q]`, what is shown of the distance to the first row and column.
      blank: `[2 + C]`.
      first, last: `[N, 2]` int32, the first and the last row and column that a viewer in each cell sees.
      low, high: `[2 + C]`, the bounds of an entry; those of the tables if left out.
    """

    of: Literal["cells", "agents"]
    length: int
    is_listed: Bool[np.ndarray, "K"]
    rows: Shaped[np.ndarray, "K C"]
    row_numbers: Shaped[np.ndarray, "P"]
    column_numbers: Shaped[np.ndarray, "Q"]
    blank: Shaped[np.ndarray, "E"]
    first: Int[np.ndarray, "N 2"]
    last: Int[np.ndarray, "N 2"]
    low: Shaped[np.ndarray, "E"] | None = None
    high: Shaped[np.ndarray, "E"] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """What one agent sees."""
        return (self.length * len(self.blank),)

    @functools.cached_property
    def leaves_nothing_out(self) -> bool:
        """Whether every viewer sees the whole map, and everybody on it is listed if agents are."""
        n_seen = np.prod(self.last - self.first + 1, axis=1)
        return bool((n_seen == len(self.first)).all() and (self.of == "cells" or self.is_listed.all()))

    def entry_bounds(self) -> Bounds:
        """The bounds of an entry, `[2 + C]` each."""
        parts = [self.row_numbers[:, None], self.column_numbers[:, None], self.rows]
        low = np.minimum(np.concatenate([part.min(axis=0) for part in parts]), self.blank)
        high = np.maximum(np.concatenate([part.max(axis=0) for part in parts]), self.blank)
        return low if self.low is None else self.low, high if self.high is None else self.high

    def bounds(self) -> Bounds:
        """The bounds of every number."""
        low, high = self.entry_bounds()
        return np.tile(low, self.length), np.tile(high, self.length)


@dataclasses.dataclass(frozen=True)
class ArrayBlock:
    """What an array function shows.

    Attributes:
      fn: state to `[*B, A, *shape]`.
      shape: what one agent sees.
      name: what the function is called.
    """

    fn: Callable[[Any], Any]
    shape: tuple[int, ...]
    name: str


Block = CellBlock | AgentBlock | ListBlock | ArrayBlock


def grid_block(
    tables: Tables,
    cells: Integer[np.ndarray, "*S V C"],
    agents: Integer[np.ndarray, "U 4 2 2 C"],
    *,
    scene: Scene | None = None,
    is_x_first: bool = False,
    is_from_0: bool = False,
) -> CellBlock:
    """The block of a whole grid, `[H, W, C]`, in which agents are seen on top of the cells that they stand in.

    Args:
      tables: the world.
      cells: `[*S, V, C]`, what each cell value shows, in each of S scenes where that depends on one.
      agents: `[U, 4, 2, 2, C]`, what an agent adds to its cell: by value, by direction, whether it has terminated, and
        seen by another or by itself.
      scene: what S scenes depend on; its stride is set here.
      is_x_first: whether the shape is `[W, H, C]`, column by column, instead.
      is_from_0: whether the bounds begin at 0 in each channel, whatever the rows hold.
    """
    standable = tables.rules.standable
    n_values, n_channels = cells.shape[-2:]
    flat = agents.reshape(-1, n_channels)
    looks = [
        np.concatenate([look, (look[standable][:, None] + flat).reshape(-1, n_channels)])
        for look in cells.reshape(-1, n_values, n_channels)
    ]
    first_occupied = np.full(n_values, n_values, dtype=np.int32)
    first_occupied[standable] = n_values + np.arange(standable.sum()) * len(flat)
    shown = np.arange(tables.n_cells, dtype=np.int32).reshape(tables.height, tables.width)
    shown = shown.T if is_x_first else shown
    return CellBlock(
        rows=np.concatenate(looks),
        shape=(*shown.shape, n_channels),
        shown=np.ascontiguousarray(shown).reshape(1, -1),
        first_occupied=first_occupied,
        by_value=16,
        by_direction=4,
        by_terminated=2,
        by_self=1,
        scene=None if scene is None else dataclasses.replace(scene, stride=len(looks[0])),
        low=np.zeros(n_channels, dtype=np.int64) if is_from_0 else None,
    )


def add_channels(block: CellBlock, added: Integer[np.ndarray, "R D"]) -> CellBlock:
    """A block of a grid with more channels.

    Args:
      block: of the shape `[H, W, C]`.
      added: `[R, D]`, what each row shows in them, from 0 on; with several times R rows the block's are repeated.
    """
    rows = np.concatenate([np.tile(block.rows, (len(added) // len(block.rows), 1)), added], axis=-1)
    low = np.append(block.bounds()[0][0, 0], np.zeros(added.shape[1], dtype=np.int64))
    return dataclasses.replace(block, rows=rows, shape=(*block.shape[:2], rows.shape[1]), low=low, high=None)


def agent_rows(tables: Tables, row: Callable[[Any, int, str], Sequence[int]]) -> Integer[np.ndarray, "U 4 2 2 C"]:
    """What agents add to their cells, for `grid_block`, where their end is not shown.

    Args:
      tables: the world.
      row: agent value, direction, and "other" or "self", to the number in each channel.
    """
    rows = [
        [[row(agent, direction, who) for who in ("other", "self")] for direction in range(4)]
        for agent in tables.rules.compiled.agent_values
    ]
    return np.repeat(np.array(rows)[:, :, None], 2, axis=2)


def cell_positions(tables: Tables) -> Integer[np.ndarray, "N 2"]:
    """Row and column of each cell."""
    cells = np.arange(tables.n_cells)
    return np.stack([cells // tables.width, cells % tables.width], axis=-1)


@functools.lru_cache(maxsize=512)
def typed_rows(block: CellBlock | AgentBlock, dtype: np.dtype[Any]) -> Shaped[np.ndarray, "R C"]:
    """A block's rows in the dtype that they are shown in; the same array for one block."""
    return np.ascontiguousarray(block.rows.astype(dtype))


@functools.lru_cache(maxsize=512)
def related_cells(block: CellBlock, tables: Tables) -> tuple[int, ...]:
    """The cells that can ever be something to a viewer, in a block with a relation; all of them where hooks run."""
    rules = tables.settings.rules
    if block.relation is None:
        return ()
    if rules.step_hook is not None or rules.start_hook is not None:
        return tuple(range(tables.n_cells))
    return tables.map.cells_for((block.relation.numbers != 0).any(axis=(0, 1)))
