"""What agents see of one world on plain integers, as bytes: the reader of a feature's blocks for one world.

The other readers of the same data are `cogrid.feature_space.array_view` and `cogrid.kernel.views`. What only an array
function shows is observed on arrays, beside the rest.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from jaxtyping import Int

from cogrid.core.tables import Tables
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
from cogrid.integer.lists import list_view

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld

View = Callable[["IntegerWorld"], "Sequence[bytes | bytearray]"]
"""What each agent sees of a world, as bytes. Asked after every step: it looks at the cells that have changed."""


def integer_view(
    blocks: Sequence[Block], tables: Tables, dtype: np.dtype[Any]
) -> Callable[[IntegerWorld], list[bytearray]]:
    """A function that shows blocks of one world, over and over: for each agent bytes of its own.

    Args:
      blocks: what to show, one after the other.
      tables: the world.
      dtype: in which dtype.
    """
    views = [_view(block, tables, dtype) for block in blocks]
    if len(views) == 1:
        (only,) = views
        return lambda world: [bytearray(seen) for seen in only(world)]
    join = bytearray().join
    return lambda world: [join(parts) for parts in zip(*[view(world) for view in views], strict=True)]


def _view(block: Block, tables: Tables, dtype: np.dtype[Any]) -> View:
    if isinstance(block, ArrayBlock):
        return lambda world: [seen.tobytes() for seen in block.fn(world.to_state()).astype(dtype)]
    if isinstance(block, AgentBlock):
        return _agent_view(block, dtype)
    if isinstance(block, ListBlock):
        return list_view(block, tables, dtype)
    return _window_view(block, tables, dtype) if block.is_window else _map_view(block, tables, dtype)


def integer_scene(scene: Scene, world: IntegerWorld) -> int:
    """How many rows further on the rows of a world's scene are."""
    number = 0 if scene.world_value is None else int(scene.world_value[world.world_value])
    if scene.times:
        number = number * (len(scene.times) + 1) + sum([world.time >= time for time in scene.times])
    if scene.event_mask:
        number = number * 2 + any(events & scene.event_mask for events in world.events)
    return number * scene.stride


def _row_bytes(block: CellBlock | AgentBlock, dtype: np.dtype[Any]) -> list[bytes]:
    return [row.tobytes() for row in typed_rows(block, dtype)]


def _agent_view(block: AgentBlock, dtype: np.dtype[Any]) -> View:
    rows, scene = _row_bytes(block, dtype), block.scene
    names = {"cell": "agent_cell", "direction": "agent_dir", "value": "agent_value", "terminated": "terminated"}
    terms = [(names[source], stride) for source, stride in block.strides.items()]
    name, stride = terms[0]
    if len(terms) == 1 and stride == 1 and scene is None:
        return lambda world: [rows[number] for number in getattr(world, name)]

    def view(world: IntegerWorld) -> list[bytes]:
        numbers = [0 if scene is None else integer_scene(scene, world)] * world.n_agents
        for name, stride in terms:
            numbers = [number + stride * of for number, of in zip(numbers, getattr(world, name), strict=True)]
        return [rows[number] for number in numbers]

    return view


def _agent_looks(block: CellBlock) -> Callable[[IntegerWorld, int], list[int]]:
    """A world and the first row of its scene, to the row of each agent's cell as others see it."""
    if block.first_occupied is None:
        return lambda world, first: []
    first_occupied: list[int] = block.first_occupied.tolist()
    by_value, by_direction, by_terminated = block.by_value, block.by_direction, block.by_terminated

    if block.first_of_agents is not None:
        return _agent_looks_anywhere(block, block.first_of_agents)

    def look(world: IntegerWorld, first: int) -> list[int]:
        cells, agents = world.cells, (world.agent_cell, world.agent_value, world.agent_dir, world.terminated)
        return [
            first + first_occupied[cells[cell]] + value * by_value + direction * by_direction + ended * by_terminated
            for cell, value, direction, ended in zip(*agents, strict=True)
        ]

    return look


def _agent_looks_anywhere(block: CellBlock, first_of_agents: int) -> Callable[[IntegerWorld, int], list[int]]:
    """`_agent_looks` where it does not matter in which cell an agent stands."""
    by_value, by_direction, by_terminated = block.by_value, block.by_direction, block.by_terminated

    def look(world: IntegerWorld, first: int) -> list[int]:
        first += first_of_agents
        return [
            first + value * by_value + direction * by_direction + ended * by_terminated
            for value, direction, ended in zip(world.agent_value, world.agent_dir, world.terminated, strict=True)
        ]

    return look


class _JoinedRows(dict["tuple[int, ...]", bytes]):
    """The rows of a few numbers, joined; kept, since neighbours are much the same from step to step."""

    MAX_KEPT = 100_000

    def __init__(self, rows: list[bytes]) -> None:
        super().__init__()
        self._rows = rows

    def __missing__(self, numbers: tuple[int, ...]) -> bytes:
        joined = b"".join([self._rows[number] for number in numbers])
        if len(self) < self.MAX_KEPT:
            self[numbers] = joined
        return joined


Window = TypeVar("Window")


class _Windows(dict[int, Window]):
    """The cells around each viewer, in a form made when somebody first stands there: a large map has very many."""

    def __init__(self, shown: Int[np.ndarray, "M P"], make: Callable[[list[int]], Window]) -> None:
        super().__init__()
        self._shown, self._make = shown, make

    def __missing__(self, pose: int) -> Window:
        self[pose] = self._make(self._shown[pose].tolist())
        return self[pose]


def _window_view(block: CellBlock, tables: Tables, dtype: np.dtype[Any]) -> View:
    """The cells around each viewer, joined row by row."""
    n_turns = 4 if block.turn_stride else 1
    rows = _row_bytes(block, dtype)
    turned = [rows[turn * block.turn_stride :].__getitem__ for turn in range(n_turns)] * (4 // n_turns)
    read = _Windows(block.shown, lambda window: operator.itemgetter(*window))
    by_pose, by_self, blank, scene = len(block.shown) > tables.n_cells, block.by_self, block.blank, block.scene
    look_at_agents, relate = _agent_looks(block), None if block.relation is None else _relate_window(block)
    hide = None if block.sight is None else _hide_from(block.sight, block.shown, tables.n_cells)
    joined = _JoinedRows(rows)

    def view_of_cells(world: IntegerWorld) -> list[bytes]:
        looks = [*world.cells, blank]
        return [joined[read[cell](looks)] for cell in world.agent_cell]

    def view(world: IntegerWorld) -> list[bytes]:
        first = 0 if scene is None else integer_scene(scene, world)
        looks = [first + value for value in world.cells] if first else world.cells.copy()
        looks.append(blank)
        for cell, look in zip(world.agent_cell, look_at_agents(world, first), strict=False):
            looks[cell] = look
        seen = []
        for agent_idx, (cell, direction) in enumerate(zip(world.agent_cell, world.agent_dir, strict=True)):
            pose = cell * 4 + direction if by_pose else cell
            looks[cell] += by_self
            numbers = read[pose](looks)
            looks[cell] -= by_self
            if relate is not None:
                numbers = relate(numbers, pose, world, agent_idx)
            if hide is not None:
                seen.append(hide(rows, map(turned[direction], numbers), pose, world.cells))
                continue
            seen.append(b"".join(map(turned[direction], numbers)))
        return seen

    is_plain = scene is None and relate is None and hide is None
    is_of_cells = block.first_occupied is None and is_plain and not by_pose and n_turns == 1
    return view_of_cells if is_of_cells and len(block.shown[0]) <= 4 else view


class _Line(dict[Any, int]):
    """Which places of a line of a window are open, as a bit mask, by the values of its cells."""

    def __init__(self, cells: list[int], n_cells: int, is_open: list[bool]) -> None:
        super().__init__()
        self._bits = [1 << bit for bit, cell in enumerate(cells) if cell < n_cells]
        self._outside = sum(1 << bit for bit, cell in enumerate(cells) if cell == n_cells) * is_open[-1]
        self._is_open = is_open
        inside = [cell for cell in cells if cell < n_cells]
        self.read: Callable[[list[int]], Any] = operator.itemgetter(*inside) if inside else lambda cells: ()

    def __missing__(self, values: Any) -> int:
        told = zip(self._bits, values if isinstance(values, tuple) else (values,), strict=True)
        self[values] = self._outside + sum(bit for bit, value in told if self._is_open[value])
        return self[values]


def _hide_from(
    sight: Sight, shown: Int[np.ndarray, "M P"], n_cells: int
) -> Callable[[list[bytes], Iterable[bytes], int, list[int]], bytes]:
    """The looks of a window, joined, without those of the places that are not seen."""
    width, hidden, first = sight.lines.shape[1], sight.hidden, 1 << sight.first
    is_open: list[bool] = (~sight.is_opaque).tolist()
    lines: list[list[int]] = sight.lines.tolist()
    spread: list[int] = sight.spread.tolist()
    full = 2**width - 1
    unseen = [
        [[place for bit, place in enumerate(places) if not seen >> bit & 1] for seen in range(full + 1)]
        for places in lines
    ]

    def make(window: list[int]) -> list[_Line]:
        return [_Line([window[place] for place in places], n_cells, is_open) for places in lines]

    windows = _Windows(shown, make)

    def hide(rows: list[bytes], looks: Iterable[bytes], pose: int, cells: list[int]) -> bytes:
        parts, seen, blank = list(looks), first, rows[hidden]
        for line, places in zip(windows[pose], unseen, strict=True):
            after = spread[(seen << width) + line[line.read(cells)]]
            for place in places[after & full]:
                parts[place] = blank
            seen = after >> width
        return b"".join(parts)

    return hide


def _relate_window(block: CellBlock) -> Callable[[Sequence[int], int, IntegerWorld, int], Sequence[int]]:
    """The rows of a window, moved on by what their cells are to the viewer."""
    relation: list[list[list[int]]] = _relation_rows(block)
    windows = _Windows(block.shown, list)

    def relate(numbers: Sequence[int], pose: int, world: IntegerWorld, agent_idx: int) -> Sequence[int]:
        further, cells = relation[world.world_value][world.agent_value[agent_idx]], world.cells
        return [
            number + further[cells[place]] if place < len(cells) else number
            for number, place in zip(numbers, windows[pose], strict=True)
        ]

    return relate


def _relation_rows(block: CellBlock) -> Any:
    """World value, the viewer's value and a cell value, to how many rows further on the viewer's rows are."""
    if block.relation is None:
        return []
    return (block.relation.numbers.astype(np.int64) * block.relation.stride).tolist()


def _map_view(block: CellBlock, tables: Tables, dtype: np.dtype[Any]) -> View:
    """Cells in fixed places: kept as bytes, and kept up to date by the cells that have changed."""
    rows, by_self = _row_bytes(block, dtype), block.by_self
    size, look_at_agents = len(rows[0]), _agent_looks(block)
    starts: list[int] = (block.place_of(tables.n_cells) * size).tolist()
    relate = None if block.relation is None else _relate_map(block, tables, rows, starts)
    kept = _KeptMap(block, rows, starts)

    def view_of_all(world: IntegerWorld) -> list[bytearray]:
        looks = look_at_agents(world, kept.keep_up(world) if kept.scene is not None or world.changed_cells else 0)
        shown = kept.shown.copy()
        for cell, look in zip(world.agent_cell, looks, strict=False):
            start = starts[cell]
            shown[start : start + size] = rows[look]
        return [shown] * world.n_agents

    def view(world: IntegerWorld) -> list[bytearray]:
        first = kept.keep_up(world) if kept.scene is not None or world.changed_cells else 0
        looks = look_at_agents(world, first)
        occupied = [(starts[cell], look) for cell, look in zip(world.agent_cell, looks, strict=True)]
        shown = kept.shown.copy()
        for start, look in occupied:
            shown[start : start + size] = rows[look]
        seen = []
        for start, look in occupied:
            mine = shown.copy()
            mine[start : start + size] = rows[look + by_self]
            seen.append(mine)
        if relate is not None:
            relate(seen, world, looks, first)
        return seen

    return view_of_all if block.is_shared else view


class _KeptMap:
    """A map without its agents, as bytes, kept up to date from step to step.

    Attributes:
      shown: the bytes.
      scene: by what its rows differ from step to step; None where they do not.
    """

    def __init__(self, block: CellBlock, rows: list[bytes], starts: list[int]) -> None:
        self.shown = bytearray(rows[block.blank] * block.shown.shape[1])
        self.scene = block.scene
        self._rows, self._starts = rows, starts
        self._first_before = 0

    def keep_up(self, world: IntegerWorld) -> int:
        """Bring the map up to date: all of it in another scene, else the cells that have changed.

        Returns:
          How many rows further on the rows of the scene are.
        """
        first = 0 if self.scene is None else integer_scene(self.scene, world)
        rows, starts, shown, cells = self._rows, self._starts, self.shown, world.cells
        size = len(rows[0])
        for cell in world.changed_cells if first == self._first_before else range(len(cells)):
            start = starts[cell]
            if start >= 0:
                shown[start : start + size] = rows[first + cells[cell]]
        self._first_before = first
        return first


def _relate_map(
    block: CellBlock, tables: Tables, rows: list[bytes], starts: list[int]
) -> Callable[[list[bytearray], IntegerWorld, list[int], int], None]:
    """What all agents see, changed where a cell is something to one of them."""
    relation: list[list[list[int]]] = _relation_rows(block)
    related, by_self, size = related_cells(block, tables), block.by_self, len(rows[0])

    def relate(seen: list[bytearray], world: IntegerWorld, looks: list[int], first: int) -> None:
        further_of = relation[world.world_value]
        for cell in related:
            start, value = starts[cell], world.cells[cell]
            there = world.agent_cell.index(cell) if cell in world.agent_cell else -1
            look = first + value if there < 0 else looks[there]
            for agent_idx, (mine, viewer) in enumerate(zip(seen, world.agent_value, strict=True)):
                further = further_of[viewer][value]
                if further:
                    mine[start : start + size] = rows[look + further + (by_self if there == agent_idx else 0)]

    return relate
