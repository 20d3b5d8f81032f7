"""How an episode begins: the layout that is played, its cells, and where the agents start on it."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Shaped, UInt

from cogrid.backend.array_ops import at, gather, lookup_rows, put
from cogrid.backend.control_flow import loop
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.draws import Purpose, words
from cogrid.core.layout import Layout
from cogrid.errors import LayoutError


@dataclasses.dataclass(frozen=True, eq=False)
class Starts:
    """The layouts of a world at the start, one row for each; a world that plays a single layout has one row.

    Attributes:
      cells: `[L, N]`, value id of each cell.
      places: `[L, A]` int32, the marked start cell of each agent, -1 where it is drawn at reset.
      is_free: `[L, N]` bool, the cells that a start can be drawn from.
      is_set: whether the world plays a set of layouts, one of which is named in the state.
      rooms: `[L, A, N]` bool, the cells that each agent's start is drawn from as long as they are free; None for all.
    """

    cells: UInt[np.ndarray, "L N"]
    places: Int[np.ndarray, "L A"]
    is_free: Bool[np.ndarray, "L N"]
    is_set: bool
    rooms: Bool[np.ndarray, "L A N"] | None = None

    @classmethod
    def of(
        cls,
        layouts: tuple[Layout, ...],
        cells: UInt[np.ndarray, "L N"],
        passable: Bool[np.ndarray, "V"],
        n_agents: int,
        is_set: bool,
        is_drawn_in_room: bool = False,
        n_closed: int = 0,
    ) -> Starts:
        """Work out where agents can start on each layout.

        Args:
          layouts: the layouts, all of one size.
          cells: `[L, N]`, value id of each cell at the start.
          passable: `[V]` bool, whether every agent can start in each cell value.
          n_agents: how many agents play.
          is_set: whether the world plays a set of layouts, one of which is named in the state.
          is_drawn_in_room: whether an agent's mark only says in which room its start is drawn.
          n_closed: how many of the free cells the draws of a reset may close.
        Raises:
          LayoutError: when a layout has too few free cells for the agents, or lacks the mark of a room.
        """
        places = np.full((len(layouts), n_agents), -1, dtype=np.int32)
        is_free = passable[cells]
        if is_drawn_in_room:
            return cls(cells, places, is_free, is_set, _rooms(layouts, is_free, n_agents))
        for idx, layout in enumerate(layouts):
            fixed = layout.fixed_starts(n_agents)
            taken = [cell for cell in fixed if cell is not None]
            places[idx] = [-1 if cell is None else cell for cell in fixed]
            is_free[idx, taken] = False
            which = f"Layout {idx} of the set" if is_set else "The layout"
            _check_room(which, n_agents, len(taken), max(int(is_free[idx].sum()) - n_closed, 0))
        return cls(cells, places, is_free, is_set)

    @functools.cached_property
    def is_drawn(self) -> Bool[np.ndarray, "L A"]:
        """`[L, A]` bool, whether an agent's start cell is drawn."""
        return self.places < 0

    @functools.cached_property
    def drawn_agents(self) -> tuple[int, ...]:
        """The agents whose start cell is drawn on any layout."""
        return tuple(np.flatnonzero(self.is_drawn.any(axis=0)).tolist())

    @functools.cached_property
    def word_numbers(self) -> Int[np.ndarray, "L A"]:
        """`[L, A]` int32, for an agent whose start cell is drawn, how many before it have theirs drawn."""
        return np.maximum(np.cumsum(self.is_drawn, axis=1, dtype=np.int32) - 1, 0)

    @functools.cached_property
    def rooms_of_agents(self) -> list[list[list[int]]]:
        """The free cells that each agent's start can be drawn from, in reading order, on each layout."""
        if self.rooms is None:
            return [[np.flatnonzero(free).tolist()] * self.places.shape[1] for free in self.is_free]
        return [
            [np.flatnonzero(room & free).tolist() for room in rooms]
            for rooms, free in zip(self.rooms, self.is_free, strict=True)
        ]

    @property
    def n_layouts(self) -> int:
        """How many layouts there are."""
        return len(self.cells)


def _rooms(layouts: tuple[Layout, ...], is_free: Bool[np.ndarray, "L N"], n_agents: int) -> Bool[np.ndarray, "L A N"]:
    """The free cells that each agent can walk to from its mark."""
    rooms = np.zeros((len(layouts), n_agents, is_free.shape[1]), dtype=np.bool_)
    for layout, free, by_agent in zip(layouts, is_free, rooms, strict=True):
        for agent_idx, cell in enumerate(layout.fixed_starts(n_agents)):
            if cell is None:
                raise LayoutError(
                    f"agent_{agent_idx} has no mark, so its start cannot be drawn in a room: draw a + or the "
                    f"digit {agent_idx + 1}."
                )
            by_agent[agent_idx] = _cells_around(cell, free, layout.width)
    return rooms


def _cells_around(cell: int, is_free: Bool[np.ndarray, "N"], width: int) -> Bool[np.ndarray, "N"]:
    """The free cells that can be walked to from a cell."""
    reached = np.zeros_like(is_free).reshape(-1, width)
    reached.reshape(-1)[cell] = True
    while True:
        wider = reached.copy()
        wider[1:] |= reached[:-1]
        wider[:-1] |= reached[1:]
        wider[:, 1:] |= reached[:, :-1]
        wider[:, :-1] |= reached[:, 1:]
        wider &= is_free.reshape(wider.shape)
        if (wider == reached).all():
            return reached.reshape(-1)
        reached = wider


def _check_room(which: str, n_agents: int, n_marked: int, n_free: int) -> None:
    if n_agents - n_marked > n_free:
        raise LayoutError(
            f"{which} has too few free cells: {n_agents} agents need a start, {n_marked} of them have a mark, and only "
            f"{n_free} unmarked free cells are left. Draw more floor, or set num_agents to {n_marked + n_free} or less."
        )


def draw_layout(key: UInt[Array, "*B 2"], starts: Starts) -> Int[Array, "*B"]:
    """Draw the layout that an episode plays.

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      starts: the layouts.
    Returns:
      `[*B]` int32.
    """
    time = namespace(key).zeros(key.shape[:-1], dtype=np.int32)
    return (words(key, Purpose.LAYOUT, time, 1)[..., 0] % starts.n_layouts).astype(np.int32)


def repeat(constant: Shaped[np.ndarray, "K"], key: UInt[Array, "*B 2"]) -> Shaped[Array, "*B K"]:
    """The same numbers for every environment, in an array of their own.

    Args:
      constant: `[K]`, any dtype.
      key: `[*B, 2]` uint32, for the batch and the backend.
    Returns:
      `[*B, K]`, the constant's dtype.
    """
    xp = namespace(key)
    repeated = xp.broadcast_to(xp.asarray(constant), (*key.shape[:-1], constant.shape[0]))
    return repeated.copy() if xp is np else repeated


def rows_of_layout(
    table: Shaped[np.ndarray, "L K"], layout_idx: Int[Array, "*B"] | None, key: UInt[Array, "*B 2"]
) -> Shaped[Array, "*B K"]:
    """Each environment's row of a table with a row for each layout.

    Args:
      table: `[L, K]`, any dtype.
      layout_idx: `[*B]` int32, the layout of each environment; None in a world that plays a single layout.
      key: `[*B, 2]` uint32, for the batch and the backend.
    Returns:
      `[*B, K]`, the table's dtype.
    """
    return repeat(table[0], key) if layout_idx is None else lookup_rows(table, layout_idx)


def draw_start_cells(
    key: UInt[Array, "*B 2"],
    layout_idx: Int[Array, "*B"] | None,
    starts: Starts,
    is_open: Bool[Array, "*B N"] | None = None,
) -> Int[Array, "*B A"]:
    """Where the agents start: on their marks, or on distinct free cells that are drawn, each as likely as any other.

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      layout_idx: `[*B]` int32, the layout of each environment; None in a world that plays a single layout.
      starts: the layouts.
      is_open: `[*B, N]` bool, which of the free cells are so still; None for all.
    Returns:
      `[*B, A]` int32, flat cells.
    """
    places = rows_of_layout(starts.places, layout_idx, key)
    if not starts.drawn_agents:
        return places
    xp = namespace(key)
    drawn = words(key, Purpose.START_CELL, xp.zeros(key.shape[:-1], dtype=np.int32), len(starts.drawn_agents))
    agent_of = np.array(starts.drawn_agents, dtype=np.int32)

    def place_one(turn: int | Int[Array, ""], carry: Any) -> Any:
        is_free, places = carry
        agent_idx = xp.asarray(agent_of)[turn]
        room = _room_of(starts, layout_idx, agent_idx, like=key)
        if layout_idx is None:
            is_free, cell = _take_free_cell(is_free, room, drawn[..., turn])
            return is_free, put(places, agent_idx, cell)
        word = gather(drawn, at(lookup_rows(starts.word_numbers, layout_idx), agent_idx)[..., None])[..., 0]
        is_drawn = at(lookup_rows(starts.is_drawn, layout_idx), agent_idx)
        left_free, cell = _take_free_cell(is_free | ~is_drawn[..., None], room, word)
        cell = xp.where(is_drawn, cell, at(places, agent_idx))
        return xp.where(is_drawn[..., None], left_free, is_free), put(places, agent_idx, cell)

    is_free = rows_of_layout(starts.is_free, layout_idx, key)
    is_free = is_free if is_open is None else is_free & is_open
    _, places = loop(len(starts.drawn_agents), place_one, (is_free, places), like=key)
    return places


def _room_of(
    starts: Starts, layout_idx: Int[Array, "*B"] | None, agent_idx: int | Int[Array, ""], like: Array
) -> Bool[Array, "*R N"] | None:
    """The cells of an agent's room, `[N]`, or in a set `[*B, N]`; None if it may start anywhere."""
    if starts.rooms is None:
        return None
    if layout_idx is None:
        return namespace(like).asarray(starts.rooms[0])[agent_idx]
    n_layouts, n_agents, n_cells = starts.rooms.shape
    return lookup_rows(starts.rooms.reshape(n_layouts * n_agents, n_cells), layout_idx * n_agents + agent_idx)


def _take_free_cell(
    is_free: Bool[Array, "*B N"], room: Bool[Array, "*R N"] | None, word: UInt[Array, "*B"]
) -> tuple[Bool[Array, "*B N"], Int[Array, "*B"]]:
    """One of the free cells (of a room), chosen by a random word, and what is free without it; at least one must be."""
    xp = namespace(is_free)
    cell_numbers = np.arange(is_free.shape[-1], dtype=np.int32)
    can_be = is_free if room is None else is_free & room
    nth = xp.cumsum(can_be, axis=-1, dtype=np.int32)
    chosen = (word % nth[..., -1].astype(np.uint32)).astype(np.int32)
    is_chosen = can_be & (nth == chosen[..., None] + 1)
    cell = xp.sum(xp.where(is_chosen, xp.asarray(cell_numbers), 0), axis=-1, dtype=np.int32)
    return is_free & ~is_chosen, cell
