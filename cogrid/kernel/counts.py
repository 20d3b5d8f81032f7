"""The counts that rules ask for; equal to `cogrid.core.count_table`."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner


@inner
def keep_for_counts(game: Any, world: Any) -> None:
    """Keep what counts are taken of, at the start of a stage."""
    n_agents = game[at.N_AGENTS]
    keep_cells(game, world)
    for agent in range(n_agents):
        world[game[at.VALUES] + agent] = world[game[at.VALUE] + agent]
    for number in range(at.MAX_COUNTS):
        world[game[at.WHOLES] + number] = -1


@inner
def keep_cells(game: Any, world: Any) -> None:
    """Keep the cells as they are now."""
    for cell in range(game[at.N_CELLS]):
        world[game[at.KEPT_CELLS] + cell] = world[game[at.CELLS] + cell]


@inner
def asks_for_counts(game: Any, table: int) -> bool:
    """Whether any rule of a table asks for a count."""
    return game[table + at.WHICH_COUNT] >= 0


@inner
def counted_row(game: Any, world: Any, table: int, thing: int, kind: int, cell: int) -> int:
    """The row of a thing, by the count that it asks for.

    Args:
      table: the place of the table's record.
      thing: a value, or a pair.
      kind: which rule is called.
      cell: the cell that it is called for.
    """
    if not asks_for_counts(game, table):
        return thing
    number = game[game[table + at.WHICH_COUNT] + thing]
    first = thing * game[table + at.COUNT_SIZE]
    return first + count_at(game, world, table, number - 1, kind, cell) if number else first


@inner
def count_at(game: Any, world: Any, table: int, number: int, kind: int, cell: int) -> int:
    """One of the counts of a table, for a rule of some kind that is called for a cell."""
    record = game[table + at.COUNTS] + number * at.COUNT_RECORD
    over = game[record + at.OVER]
    if over == at.OVER_DISC:
        return count_around(game, world, record, cell)
    if over == at.OVER_ACTORS:
        return count_actors(game, world, record, kind, cell)
    whole = game[at.WHOLES] + number
    if world[whole] < 0:
        if over == at.OVER_AGENTS:
            world[whole] = count_values(game, world, record, game[at.VALUES], game[at.N_AGENTS])
        else:
            world[whole] = count_values(game, world, record, game[at.KEPT_CELLS], game[at.N_CELLS])
    return world[whole]


@inner
def count_values(game: Any, world: Any, record: int, first: int, n_values: int) -> int:
    """What some values, one after the other in the world, count together, up to the cap."""
    total = 0
    for place in range(first, first + n_values):
        total += game[game[record + at.WEIGHTS] + world[place]]
    return min(total, game[record + at.CAP])


@inner
def count_actors(game: Any, world: Any, record: int, kind: int, cell: int) -> int:
    """The count over the agents that act in one way on one cell."""
    n_agents, total = game[at.N_AGENTS], 0
    for agent in range(n_agents):
        if world[game[at.KINDS] + agent] == kind and world[game[at.SPOTS] + agent] == cell:
            total += game[game[record + at.WEIGHTS] + world[game[at.VALUES] + agent]]
    return min(total, game[record + at.CAP])


@inner
def count_around(game: Any, world: Any, record: int, cell: int) -> int:
    """The count over the cells of a disc around one."""
    width, total = game[at.WIDTH], 0
    for idx in range(game[record + at.N_OFFSETS]):
        offset = game[record + at.OFFSETS] + 2 * idx
        down, right = cell // width + game[offset], cell % width + game[offset + 1]
        if 0 <= down < game[at.HEIGHT] and 0 <= right < width:
            total += game[game[record + at.WEIGHTS] + world[game[at.KEPT_CELLS] + down * width + right]]
    return min(total, game[record + at.CAP])
