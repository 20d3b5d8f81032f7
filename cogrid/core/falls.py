"""Where acts fall that look along lines of cells: which cells these are, who stands there, and what answers."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Int, Shaped, UInt

from cogrid.backend.array_ops import MAX_UNROLLED, at, gather, lookup, lookup_rows, put_all
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.reach_table import ReachTable
from cogrid.core.rule_tables import RuleTables

MAX_KNOWN_LINES = 2**20
"""Up to so many cells of lines are written down for a map; where there are more, they are computed in each step."""


@dataclasses.dataclass(frozen=True)
class Lines:
    """What does not change while agents act: where they stand, and so where their acts can fall.

    Each line of each agent is a turn of its own: those of agent 0 first.

    Attributes:
      cells: `[*B, T, S]` int32, the cells of each turn's line; 0 for one off the grid.
      is_inside: `[*B, T, S]` bool, which of them are on the grid.
      standing: `[*B, T, S]` int32, who stands there, its index and one more; 0 for nobody else.
    """

    cells: Int[Array, "*B S"]
    is_inside: Bool[Array, "*B S"]
    standing: Int[Array, "*B S"]

    def turn(self, turn: int | Int[Array, ""]) -> Lines:
        """The line of one turn, without the axis of turns."""
        return Lines(*(each[..., turn, :] for each in (self.cells, self.is_inside, self.standing)))


def find_lines(state: EnvState, act: Int[Array, "*B A"], reach: ReachTable) -> Lines:
    """Find the cells that acts can fall on, and who stands there.

    Args:
      state: the state before the stage.
      act: the number of each agent's act; 0 for none.
      reach: where acts fall.
    """
    tables = state.tables
    xp = namespace(state.cells)
    found = _cells_of_lines(state, act, reach)
    is_inside = found >= 0
    cells = xp.where(is_inside, found, 0)
    numbers = xp.broadcast_to(xp.arange(1, tables.n_agents + 1, dtype=np.int32), act.shape)
    standing = _who_stands_in(cells, state, numbers)
    is_other = is_inside & (standing != numbers[..., None, None])
    standing = xp.where(is_other, standing, 0)
    by_turn = (*act.shape[:-1], -1, cells.shape[-1])
    return Lines(*(each.reshape(by_turn) for each in (cells, is_inside, standing)))


def _cells_of_lines(state: EnvState, act: Int[Array, "*B A"], reach: ReachTable) -> Int[Array, "*B A L S"]:
    """The cells of each agent's lines, -1 for one off the grid."""
    tables = state.tables
    offsets, kind_of = _kinds_of_lines(reach, tables.rules)
    shape = (*act.shape, *reach.offsets.shape[2:4])
    kind = lookup(kind_of, act * 4 + state.agent_dir) if len(offsets) > 1 else None
    if tables.n_cells * offsets[..., 0].size <= MAX_KNOWN_LINES:
        pose = state.agent_cell if kind is None else kind * tables.n_cells + state.agent_cell
        return lookup_rows(_lines_of_cells(reach, tables.rules, tables.height, tables.width), pose).reshape(shape)
    seen = lookup_rows(offsets.reshape(len(offsets), -1), state.agent_cell * 0 if kind is None else kind)
    seen = seen.reshape(*shape, 2)
    row = (state.agent_cell // tables.width)[..., None, None] + seen[..., 0]
    column = (state.agent_cell % tables.width)[..., None, None] + seen[..., 1]
    is_inside = (row >= 0) & (row < tables.height) & (column >= 0) & (column < tables.width)
    return namespace(row).where(is_inside, row * tables.width + column, -1)


@functools.lru_cache(maxsize=64)
def _kinds_of_lines(reach: ReachTable, rules: RuleTables) -> tuple[Int[np.ndarray, "K LS 2"], Int[np.ndarray, "I4"]]:
    """The offsets of all lines that differ, and which of them each act has in each direction.

    What no action does falls nowhere, wherever its lines are: it gets those of an act that there is.
    """
    acts = np.arange(len(reach.offsets))
    used = np.unique(rules.interaction[rules.interaction > 0])
    offsets = reach.offsets[np.where(np.isin(acts, used), acts, used[0]) if len(used) else acts]
    kinds, kind_of = np.unique(offsets.reshape(4 * len(acts), -1), axis=0, return_inverse=True)
    return kinds.reshape(len(kinds), -1, 2), kind_of.reshape(-1).astype(np.int32)


@functools.lru_cache(maxsize=64)
def _lines_of_cells(reach: ReachTable, rules: RuleTables, height: int, width: int) -> Int[np.ndarray, "KN LS"]:
    """The cells of all lines that differ, seen from each cell of a map."""
    offsets, _ = _kinds_of_lines(reach, rules)
    places = np.arange(height * width)[:, None]
    row, column = places // width + offsets[:, None, :, 0], places % width + offsets[:, None, :, 1]
    is_inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    return np.where(is_inside, row * width + column, -1).astype(np.int32).reshape(-1, row.shape[-1])


def _who_stands_in(cells: Int[Array, "*B A L S"], state: EnvState, numbers: Int[Array, "*B A"]) -> Array:
    """Who stands in some cells: `[*B, A, L, S]` int32, the number of an agent, 0 for nobody."""
    xp = namespace(cells)
    n_agents, *size = cells.shape[-3:]
    if n_agents <= MAX_UNROLLED and n_agents * math.prod(size) <= state.tables.n_cells:
        standing = xp.zeros_like(cells)
        for agent_idx in range(n_agents):
            standing = xp.where(
                cells == at(state.agent_cell, agent_idx)[..., None, None, None], agent_idx + 1, standing
            )
        return standing
    occupants = put_all(xp.zeros_like(state.cells, dtype=np.int32), state.agent_cell, numbers)
    return _read(occupants, cells)


@dataclasses.dataclass(frozen=True)
class Fall:
    """Where a line has fallen, or the lines of several turns.

    Attributes:
      place: the cell.
      other: the index of the agent there; 0 where there is none.
      on_object: whether it has fallen on an object.
      on_agent: whether it has fallen on an agent.
    """

    place: Int[Array, "*B"]
    other: Int[Array, "*B"]
    on_object: Bool[Array, "*B"]
    on_agent: Bool[Array, "*B"]

    def map(self, function: Callable[[Array], Array]) -> Fall:
        """A function of each array."""
        return Fall(*map(function, (self.place, self.other, self.on_object, self.on_agent)))


def falls_at_start(state: EnvState, act: Int[Array, "*B A"], reach: ReachTable, lines: Lines) -> Fall:
    """Where the lines of all turns would fall if each were the first, `[*B, T]`.

    Args:
      state: the state before the stage.
      act: the number of each agent's act; 0 for none, and for one that has terminated.
      reach: where acts fall.
      lines: the lines.
    """
    xp = namespace(state.cells)
    act, value = (xp.repeat(each, reach.n_lines, axis=-1) for each in (act, state.agent_value))
    world_value = None if state.world_value is None else state.world_value[..., None]
    first = first_pair(state.tables.rules, act, value, world_value)
    return fall(state.tables.rules, reach, lines, act, first, state.cells, state.agent_value, state.terminated)


def first_pair(
    rules: RuleTables, act: Int[Array, "*B"], own_value: Int[Array, "*B"], world_value: Int[Array, "*W"] | None
) -> Int[Array, "*B"]:
    """Which row of values an act of an agent reads, before the value that it falls on."""
    block = act * rules.n_world_values
    if world_value is not None:
        block = block + world_value
    return block * rules.n_agent_values + own_value


def fall(
    rules: RuleTables,
    reach: ReachTable,
    lines: Lines,
    act: Int[Array, "*T"],
    first: Int[Array, "*T"],
    cells: UInt[Array, "*B N"],
    agent_value: Int[Array, "*B A"],
    terminated: Bool[Array, "*B A"],
) -> Fall:
    """Find the first cell of a line that answers, before one that ends the line.

    Args:
      rules, reach: the tables.
      lines: of one turn, or of several.
      act, first: for each of these turns, the number of the act, and the row of values that it reads.
      cells, agent_value, terminated: as they are at that turn.
    """
    value = _read(cells, lines.cells).astype(np.int32)
    is_taken = lines.standing > 0
    answers = lookup(reach.answers, first[..., None] * rules.n_cell_values + value) & ~is_taken
    other = namespace(cells).maximum(lines.standing - 1, namespace(cells).zeros_like(lines.standing))
    if rules.meet is not None:
        pair = first[..., None] * rules.n_agent_values + _read(agent_value, other)
        answers = answers | (lookup(rules.meet.answers, pair) & is_taken & ~_read(terminated, other))
    stops = answers = answers & lines.is_inside
    if reach.is_beam.any():
        stops = answers | (lookup(reach.is_beam, act)[..., None] & (is_taken | lookup(reach.blocks, value)))
    place, other, has_fallen, has_met = _first_of(stops, lines.cells, other, answers, is_taken)
    place = compute_once(place, cells.shape[-1])
    return Fall(place=place, other=other, on_object=has_fallen & ~has_met, on_agent=has_fallen & has_met)


def _first_of(stops: Bool[Array, "*T S"], *columns: Shaped[Array, "*T S"]) -> list[Shaped[Array, "*T"]]:
    """What columns have at the first step that stops; at any one where none does."""
    xp, n_steps = namespace(stops), stops.shape[-1]
    if n_steps > MAX_UNROLLED:
        step = xp.argmax(stops, axis=-1).astype(np.int32)[..., None]
        return [gather(column, step)[..., 0] for column in columns]

    def choose(column: Array) -> Array:
        steps = [(stops[..., step], column[..., step]) for step in range(n_steps)]
        return functools.reduce(lambda later, step: xp.where(*step, later), reversed(steps[:-1]), steps[-1][1])

    return [choose(column) for column in columns]


def _read(values: Shaped[Array, "*B N"], places: Int[Array, "*B *S"]) -> Shaped[Array, "*B *S"]:
    """Read values at places that have further axes."""
    return gather(values, places.reshape(*values.shape[:-1], -1)).reshape(places.shape)
