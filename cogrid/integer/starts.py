"""How an episode begins, on plain integers; equal to `cogrid.core.starts` and `cogrid.core.jax_step.start_state`."""

from __future__ import annotations

import bisect
from collections.abc import Sequence

from cogrid.core.draws import Purpose
from cogrid.integer.draws import draw_words


def draw_start_cells(key0: int, key1: int, places: Sequence[int], rooms: Sequence[Sequence[int]]) -> list[int]:
    """Where the agents start: on their marks, or on distinct free cells that are drawn.

    Args:
      key0, key1: the episode's key.
      places: the marked cell of each agent, -1 where it is drawn.
      rooms: the free cells that each agent's start is drawn from, in reading order.
    """
    cells = list(places)
    n_drawn = sum(place < 0 for place in places)
    drawn = draw_words(key0, key1, Purpose.START_CELL, 0, n_drawn)
    taken: list[int] = []
    for agent_idx in range(len(places)):
        if places[agent_idx] < 0:
            cells[agent_idx] = _draw_free_cell(rooms[agent_idx], taken, drawn[len(taken)])
            bisect.insort(taken, cells[agent_idx])
    return cells


def _draw_free_cell(room: Sequence[int], taken: Sequence[int], word: int) -> int:
    """One of a room's cells that are not taken, both in reading order; a large room is not gone through."""
    places = [bisect.bisect_left(room, cell) for cell in taken]
    taken_here = [place for place, cell in zip(places, taken, strict=True) if place < len(room) and room[place] == cell]
    chosen = word % (len(room) - len(taken_here))
    for place in taken_here:
        chosen += place <= chosen
    return room[chosen]


def draw_start_directions(key0: int, key1: int, fixed: Sequence[int], n_agents: int) -> list[int]:
    """The direction that each agent starts in: the fixed ones in turn, or drawn where there are none."""
    if fixed:
        return [fixed[agent_idx % len(fixed)] for agent_idx in range(n_agents)]
    return [word >> 30 for word in draw_words(key0, key1, Purpose.START_DIRECTION, 0, n_agents)]


def draw_one_of(key0: int, key1: int, purpose: int, time: int, n: int) -> int:
    """A number from 0 to n - 1, drawn for one purpose at one time."""
    return draw_words(key0, key1, purpose, time, 1)[0] % n
