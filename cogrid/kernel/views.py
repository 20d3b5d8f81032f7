"""What agents observe of a batch, read by compiled code: one kernel for all worlds, whose blocks are its arguments.

It is the fourth reader of `cogrid.feature_space.blocks`, equal to `array_view` bit for bit. Rows are moved as bytes, so
the kernel is the same for every dtype of observations. See `view_tables` for how blocks are packed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

from cogrid.kernel.compiled import compiled, inlined, instruction, pointer
from cogrid.kernel.view_tables import (
    AT,
    BLANK,
    BY_CELL,
    BY_DIRECTION,
    BY_SELF,
    BY_TERMINATED,
    BY_VALUE,
    COLUMN_NUMBERS,
    ENTRY_BLANK,
    ENTRY_BYTES,
    EVENT_MASK,
    FIRST_OCCUPIED,
    FIRST_SEEN,
    GRID_WIDTH,
    HIDDEN,
    IS_LISTED,
    KIND,
    LAST_SEEN,
    LAYOUT_IDX,
    LENGTH,
    LINE_FIRST,
    LINE_WIDTH,
    LINES,
    LISTED_AGENTS,
    N_AGENT_VALUES,
    N_AGENTS,
    N_BYTES,
    N_CELL_VALUES,
    N_CELLS,
    N_LAYOUTS,
    N_LINES,
    N_NUMBERS,
    N_PLACES,
    N_POSES,
    N_RELATED,
    N_TIMES,
    OPAQUE,
    PLACE_OF,
    RELATED,
    RELATION,
    RELATION_STRIDE,
    RELATION_WORLDS,
    ROW_BYTES,
    ROW_NUMBERS,
    ROWS,
    SCENE_STRIDE,
    SCENE_VALUES,
    SHOWN,
    SHOWS_AGENTS,
    SPREAD,
    START_BYTES,
    START_CELLS,
    TEMPLATES,
    TIME,
    TIMES,
    TURN_STRIDE,
    WORLD_VALUE,
)

TILE = 8
"""So many worlds are shown to their first viewers before any is copied to the others: a processor waits when it reads
at once what it has written in other pieces."""


@instruction
def _copy(typing_context: Any, target: Any, target_at: Any, source: Any, source_at: Any, n_bytes: Any) -> Any:
    """Copy bytes from one place to another."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        places = [builder.gep(arguments[idx], [arguments[idx + 1]], inbounds=True) for idx in (0, 2)]
        to, of = places
        cgutils.raw_memcpy(builder, to, of, arguments[4], 1)
        return context.get_dummy_value()

    return types.void(target, types.intp, source, types.intp, types.intp), generate


def _mover(n_bytes: int) -> Any:
    """A function that moves so many bytes from any place to any other in one piece."""

    @instruction
    def move(typing_context: Any, target: Any, target_at: Any, source: Any, source_at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            piece = ir.IntType(8 * n_bytes).as_pointer()
            places = [builder.gep(arguments[idx], [arguments[idx + 1]], inbounds=True) for idx in (0, 2)]
            to, of = (builder.bitcast(place, piece) for place in places)
            builder.store(builder.load(of, align=1), to, align=1)
            return context.get_dummy_value()

        return types.void(target, types.intp, source, types.intp), generate

    return move


_move_1, _move_2, _move_4, _move_8, _move_16 = (_mover(n_bytes) for n_bytes in (1, 2, 4, 8, 16))


@instruction
def _word(typing_context: Any, source: Any, at: Any) -> Any:
    """Eight bytes from any place, as one integer."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = builder.gep(builder.bitcast(arguments[0], ir.IntType(8).as_pointer()), [arguments[1]], inbounds=True)
        return builder.load(builder.bitcast(first, ir.IntType(64).as_pointer()), align=1)

    return types.int64(source, types.intp), generate


@inlined
def _copy_row(target, target_at, source, source_at, n_bytes):
    """`_copy` for few: without a call, in pieces that overlap."""
    if n_bytes >= 16:
        for at in range(0, n_bytes - 16, 16):
            _move_16(target, target_at + at, source, source_at + at)
        _move_16(target, target_at + n_bytes - 16, source, source_at + n_bytes - 16)
    elif n_bytes >= 8:
        _move_8(target, target_at, source, source_at)
        _move_8(target, target_at + n_bytes - 8, source, source_at + n_bytes - 8)
    elif n_bytes >= 4:
        _move_4(target, target_at, source, source_at)
        _move_4(target, target_at + n_bytes - 4, source, source_at + n_bytes - 4)
    elif n_bytes >= 2:
        _move_2(target, target_at, source, source_at)
        _move_2(target, target_at + n_bytes - 2, source, source_at + n_bytes - 2)
    else:
        _move_1(target, target_at, source, source_at)


@inlined
def _scene_number(view, at, world_at, numbers):
    """The scene that a world is in."""
    if view[at + SCENE_STRIDE] == 0:
        return 0
    number = 0
    if view[at + SCENE_VALUES]:
        number = view[view[at + SCENE_VALUES] + numbers[world_at + view[WORLD_VALUE]]]
    n_times, time = view[at + N_TIMES], numbers[world_at + view[TIME]]
    number *= n_times + 1
    for idx in range(n_times):
        number += time >= view[view[at + TIMES] + idx]
    if view[at + EVENT_MASK]:
        happened = 0
        for agent in range(view[N_AGENTS]):
            happened |= numbers[world_at + 4 * view[N_AGENTS] + agent]
        number = 2 * number + ((happened & view[at + EVENT_MASK]) != 0)
    return number


@inlined
def _look_at_agents(view, at, first_row, world_at, cells, cells_at, numbers, looks, looks_at):
    """Write the row of each agent's cell as others see it."""
    n_agents, first_occupied = view[N_AGENTS], view[at + FIRST_OCCUPIED]
    by_direction, by_value, by_terminated = view[at + BY_DIRECTION], view[at + BY_VALUE], view[at + BY_TERMINATED]
    for agent in range(n_agents):
        place = world_at + agent
        look = first_row + view[first_occupied + cells[cells_at + numbers[place]]]
        look += by_direction * numbers[place + n_agents] + by_value * numbers[place + 2 * n_agents]
        looks[looks_at + agent] = look + by_terminated * numbers[place + 3 * n_agents]


@compiled
def show_agents(view_array, at, row_array, first, last, cell_array, number_array, out_array):
    """One row for each viewer."""
    view, rows, numbers, out = pointer(view_array), pointer(row_array), pointer(number_array), pointer(out_array)
    n_agents, n_numbers, size = view[N_AGENTS], view[N_NUMBERS], view[at + ROW_BYTES]
    for world in range(first, last):
        world_at = world * n_numbers
        first_row = view[at + SCENE_STRIDE] * _scene_number(view, at, world_at, numbers)
        for agent in range(n_agents):
            place = world_at + agent
            row = (
                first_row
                + view[at + BY_CELL] * numbers[place]
                + view[at + BY_DIRECTION] * numbers[place + n_agents]
                + view[at + BY_VALUE] * numbers[place + 2 * n_agents]
                + view[at + BY_TERMINATED] * numbers[place + 3 * n_agents]
            )
            target = (world * n_agents + agent) * view[N_BYTES] + view[at + AT]
            _copy_row(out, target, rows, view[at + ROWS] + row * size, size)


@compiled
def show_maps(view_array, at, row_array, first, last, cell_array, number_array, out_array):
    """Cells in fixed places."""
    view, rows, cells = pointer(view_array), pointer(row_array), pointer(cell_array)
    numbers, out, itemsize = pointer(number_array), pointer(out_array), cell_array.itemsize
    changed_array = np.empty(view[N_CELLS] + 8, dtype=np.int32)
    look_array = np.empty(TILE * view[N_AGENTS], dtype=np.int32)
    changed, looks = pointer(changed_array), pointer(look_array)
    for tile in range(first, last, TILE):
        stop = min(tile + TILE, last)
        for world in range(tile, stop):
            looks_at = (world - tile) * view[N_AGENTS]
            _show_shared_map(view, at, rows, world, cells, itemsize, numbers, changed, looks, looks_at, out)
        for world in range(tile, stop):
            looks_at = (world - tile) * view[N_AGENTS]
            _show_own_maps(view, at, rows, world, numbers, looks, looks_at, out)
            if view[at + RELATION]:
                _relate_map(view, at, rows, world, cells, numbers, looks, looks_at, out)
    return len(changed_array) + len(look_array)  # What is used here is not freed before.


@inlined
def _show_own_maps(view, at, rows, world, numbers, looks, looks_at, out):
    """Copy the first viewer's map for the others, and show each viewer its own cell."""
    n_agents, size, n_bytes = view[N_AGENTS], view[at + ROW_BYTES], view[N_BYTES]
    n_map_bytes, places, by_self = view[at + N_PLACES] * size, view[at + PLACE_OF], view[at + BY_SELF]
    seen = world * n_agents * n_bytes + view[at + AT]
    for agent in range(1, n_agents):
        _copy(out, seen + agent * n_bytes, out, seen, n_map_bytes)
    if by_self:
        for agent in range(n_agents):
            place = view[places + numbers[world * view[N_NUMBERS] + agent]]
            if place >= 0:
                own = view[at + ROWS] + (looks[looks_at + agent] + by_self) * size
                _copy_row(out, seen + agent * n_bytes + place * size, rows, own, size)


@inlined
def _show_shared_map(view, at, rows, world, cells, itemsize, numbers, changed, looks, looks_at, out):
    """The template of the scene and the layout, then what differs from it, then the agents."""
    n_agents, size, n_layouts = view[N_AGENTS], view[at + ROW_BYTES], view[at + N_LAYOUTS]
    n_map_bytes, places, rows_at = view[at + N_PLACES] * size, view[at + PLACE_OF], view[at + ROWS]
    world_at, cells_at = world * view[N_NUMBERS], world * view[N_CELLS]
    seen = world * n_agents * view[N_BYTES] + view[at + AT]
    scene = _scene_number(view, at, world_at, numbers)
    layout = numbers[world_at + view[LAYOUT_IDX]] if n_layouts > 1 else 0
    _copy(out, seen, rows, view[at + TEMPLATES] + (scene * n_layouts + layout) * n_map_bytes, n_map_bytes)
    first_row = scene * view[at + SCENE_STRIDE]
    for idx in range(_find_changed(view, at, rows, layout, cells, itemsize, cells_at, changed)):
        cell = changed[idx]
        place = view[places + cell]
        if place >= 0:
            row = rows_at + (first_row + cells[cells_at + cell]) * size
            _copy_row(out, seen + place * size, rows, row, size)
    if view[at + SHOWS_AGENTS]:
        _look_at_agents(view, at, first_row, world_at, cells, cells_at, numbers, looks, looks_at)
        for agent in range(n_agents):
            place = view[places + numbers[world_at + agent]]
            if place >= 0:
                _copy_row(out, seen + place * size, rows, rows_at + looks[looks_at + agent] * size, size)


@inlined
def _find_changed(view, at, rows, layout, cells, itemsize, cells_at, changed):
    """Write which cells are others than at the start, some of them twice, and say how many; eight bytes at a time."""
    n_cells, n_changed = view[N_CELLS], 0
    at_start, start_bytes = view[at + START_CELLS] + layout * n_cells, view[at + START_BYTES]
    start_bytes += layout * n_cells * itemsize
    n_bytes = n_cells * itemsize
    for byte in range(0, n_bytes, 8):
        at_byte = min(byte, max(n_bytes - 8, 0))
        if n_bytes < 8 or _word(cells, cells_at * itemsize + at_byte) != _word(rows, start_bytes + at_byte):
            for cell in range(at_byte // itemsize, min((at_byte + 8) // itemsize, n_cells)):
                if cells[cells_at + cell] != view[at_start + cell]:
                    changed[n_changed] = cell
                    n_changed += 1
    return n_changed


@inlined
def _relation_table(view, at, world_at, agent, numbers):
    """Where the relation of cell values to a viewer begins."""
    value = numbers[world_at + 2 * view[N_AGENTS] + agent]
    if view[at + RELATION_WORLDS] > 1:
        value += view[at + N_AGENT_VALUES] * numbers[world_at + view[WORLD_VALUE]]
    return view[at + RELATION] + value * view[at + N_CELL_VALUES]


@inlined
def _relate_map(view, at, rows, world, cells, numbers, looks, looks_at, out):
    """Change a map where a cell is something to a viewer."""
    n_agents, size = view[N_AGENTS], view[at + ROW_BYTES]
    world_at, cells_at = world * view[N_NUMBERS], world * view[N_CELLS]
    first_row = view[at + SCENE_STRIDE] * _scene_number(view, at, world_at, numbers)
    for viewer in range(n_agents):
        relation = _relation_table(view, at, world_at, viewer, numbers)
        seen = (world * n_agents + viewer) * view[N_BYTES] + view[at + AT]
        for idx in range(view[at + N_RELATED]):
            cell = view[view[at + RELATED] + idx]
            place, value = view[view[at + PLACE_OF] + cell], cells[cells_at + cell]
            further = view[relation + value] * view[at + RELATION_STRIDE]
            if further == 0 or place < 0:
                continue
            row = first_row + value
            if view[at + SHOWS_AGENTS]:
                for agent in range(n_agents):
                    if numbers[world_at + agent] == cell:
                        row = looks[looks_at + agent]
                if numbers[world_at + viewer] == cell:
                    row = looks[looks_at + viewer] + view[at + BY_SELF]
            _copy_row(out, seen + place * size, rows, view[at + ROWS] + (row + further) * size, size)


@compiled
def show_windows(view_array, at, row_array, first, last, cell_array, number_array, out_array):
    """The cells around each viewer, place by place."""
    view, rows, cells = pointer(view_array), pointer(row_array), pointer(cell_array)
    numbers, out = pointer(number_array), pointer(out_array)
    who_array = np.full(view[N_CELLS], -1, dtype=np.int32)
    look_array = np.empty(view[N_AGENTS], dtype=np.int32)
    who, looks = pointer(who_array), pointer(look_array)
    n_agents, n_cells, n_places = view[N_AGENTS], view[N_CELLS], view[at + N_PLACES]
    shows_agents, poses = view[at + SHOWS_AGENTS], view[at + N_POSES]
    for world in range(first, last):
        world_at, cells_at = world * view[N_NUMBERS], world * n_cells
        first_row = view[at + SCENE_STRIDE] * _scene_number(view, at, world_at, numbers)
        if shows_agents:
            _look_at_agents(view, at, first_row, world_at, cells, cells_at, numbers, looks, 0)
            for agent in range(n_agents):
                who[numbers[world_at + agent]] = agent
        for viewer in range(n_agents):
            cell, direction = numbers[world_at + viewer], numbers[world_at + n_agents + viewer]
            pose = 0 if poses == 1 else cell if poses == n_cells else 4 * cell + direction
            window = view[at + SHOWN] + pose * n_places
            seen = (world * n_agents + viewer) * view[N_BYTES] + view[at + AT]
            before = who[cell]
            if shows_agents:
                looks[viewer] += view[at + BY_SELF]
                who[cell] = viewer
            _show_places(view, at, rows, world, viewer, window, first_row, cells, numbers, who, looks, out, seen)
            if shows_agents:
                looks[viewer] -= view[at + BY_SELF]
                who[cell] = before
            if view[at + N_LINES]:
                _hide(view, at, rows, window, cells, cells_at, out, seen)
        if shows_agents:
            for agent in range(n_agents):
                who[numbers[world_at + agent]] = -1
    return len(who_array) + len(look_array)  # What is used here is not freed before.


@inlined
def _show_places(view, at, rows, world, viewer, window, first_row, cells, numbers, who, looks, out, seen):
    """The rows of the places of one viewer's window."""
    n_agents, n_cells, size = view[N_AGENTS], view[N_CELLS], view[at + ROW_BYTES]
    world_at, cells_at = world * view[N_NUMBERS], world * n_cells
    turn = view[at + TURN_STRIDE] * numbers[world_at + n_agents + viewer]
    related = view[at + RELATION] != 0
    relation = _relation_table(view, at, world_at, viewer, numbers) if related else 0
    for place in range(view[at + N_PLACES]):
        cell = view[window + place]
        row = view[at + BLANK]
        if cell < n_cells:
            value = cells[cells_at + cell]
            row = first_row + value if who[cell] < 0 else looks[who[cell]]
            if related:
                row += view[relation + value] * view[at + RELATION_STRIDE]
        _copy_row(out, seen + place * size, rows, view[at + ROWS] + (row + turn) * size, size)


@inlined
def _hide(view, at, rows, window, cells, cells_at, out, seen_at):
    """Hide the places of a window that the viewer does not see."""
    width, size, n_cells = view[at + LINE_WIDTH], view[at + ROW_BYTES], view[N_CELLS]
    hidden = view[at + ROWS] + view[at + HIDDEN] * size
    seen = 1 << view[at + LINE_FIRST]
    for line in range(view[at + N_LINES]):
        places = view[at + LINES] + line * width
        is_open = 0
        for bit in range(width):
            cell = view[window + view[places + bit]]
            value = cells[cells_at + cell] if cell < n_cells else view[at + N_CELL_VALUES]
            is_open |= (1 - view[view[at + OPAQUE] + value]) << bit
        spread = view[view[at + SPREAD] + (seen << width) + is_open]
        for bit in range(width):
            if not spread >> bit & 1:
                _copy_row(out, seen_at + view[places + bit] * size, rows, hidden, size)
        seen = spread >> width


@compiled
def show_lists(view_array, at, row_array, first, last, cell_array, number_array, out_array):
    """Cells of some values, or agents, one after the other; the viewer first of these."""
    view, rows, cells = pointer(view_array), pointer(row_array), pointer(cell_array)
    numbers, out = pointer(number_array), pointer(out_array)
    n_agents, length = view[N_AGENTS], view[at + LENGTH]
    of_agents, n_things = view[at + KIND] == LISTED_AGENTS, view[N_CELLS]
    if of_agents:
        n_things = n_agents
    for world in range(first, last):
        world_at, cells_at = world * view[N_NUMBERS], world * view[N_CELLS]
        for viewer in range(n_agents):
            seen = (world * n_agents + viewer) * view[N_BYTES] + view[at + AT]
            stands_in, n_listed, n_seen = numbers[world_at + viewer], 0, 0
            for thing in range(n_things):
                if of_agents:
                    agent = viewer if thing == 0 else thing - (thing <= viewer)
                    cell = numbers[world_at + agent]
                    value = numbers[world_at + 2 * n_agents + agent]
                else:
                    cell, value = thing, np.int32(cells[cells_at + thing])
                if not view[view[at + IS_LISTED] + value]:
                    continue
                n_seen += _show_entry(view, at, rows, stands_in, cell, value, out, seen, n_seen)
                n_listed += 1
                if n_seen == length or (not of_agents and n_listed == length):
                    break
            for slot in range(n_seen, length):
                entry = seen + slot * view[at + ENTRY_BYTES]
                _copy_row(out, entry, rows, view[at + ENTRY_BLANK], view[at + ENTRY_BYTES])


@inlined
def _show_entry(view, at, rows, stands_in, cell, value, out, seen, slot):
    """Write an entry of a list if the viewer sees that far; how many were written."""
    first, last = view[at + FIRST_SEEN] + 2 * stands_in, view[at + LAST_SEEN] + 2 * stands_in
    row, column = cell // view[GRID_WIDTH], cell % view[GRID_WIDTH]
    if row < view[first] or row > view[last] or column < view[first + 1] or column > view[last + 1]:
        return 0
    n_shown = view[at + ROW_BYTES]
    itemsize = (view[at + ENTRY_BYTES] - n_shown) // 2
    entry = seen + slot * view[at + ENTRY_BYTES]
    _copy_row(out, entry, rows, view[at + ROW_NUMBERS] + (row - view[first]) * itemsize, itemsize)
    column_at = view[at + COLUMN_NUMBERS] + (column - view[first + 1]) * itemsize
    _copy_row(out, entry + itemsize, rows, column_at, itemsize)
    _copy_row(out, entry + 2 * itemsize, rows, view[at + ROWS] + value * n_shown, n_shown)
    return 1
