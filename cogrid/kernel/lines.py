"""Acts that look along lines of cells, and acts on other agents; equal to `cogrid.core.reach`."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.grid import who_stands_in
from cogrid.kernel.rules import drawn_row, first_pair, run_rule


@inner
def act_along_lines(game: Any, world: Any, kind: int, agent: int) -> None:
    """Let an agent act on the first cell that answers of each line of its act, one line after the other."""
    for line in range(game[at.N_LINES]):
        if world[game[at.TERMINATED] + agent]:
            return
        cell, other = fall(game, world, kind, agent, line)
        number = agent * game[at.N_LINES] + line
        if cell >= 0 and other < 0:
            table = game[at.INTERACT]
            run_rule(game, world, table, kind, agent, cell, game[at.INTERACT_WORDS], number)
        elif cell >= 0:
            meet(game, world, kind, agent, other, number)


@inner
def first_fall(game: Any, world: Any, kind: int, agent: int) -> int:
    """The cell whose object answers the first line of an act; -1 for none."""
    if world[game[at.TERMINATED] + agent]:
        return -1
    cell, other = fall(game, world, kind, agent, 0)
    return cell if other < 0 else -1


@inner
def fall(game: Any, world: Any, kind: int, agent: int, line: int) -> tuple[int, int]:
    """The first cell of a line that answers, and the agent that does so there; -1 for no cell, and for no agent."""
    n_steps = game[at.LINE_LENGTH]
    direction = world[game[at.DIRECTION] + agent]
    first = game[at.REACH] + ((kind * 4 + direction) * game[at.N_LINES] + line) * n_steps * 2
    for step in range(n_steps):
        cell = cell_at(game, world[agent], game[first + 2 * step], game[first + 2 * step + 1])
        if cell < 0:
            continue
        other = who_stands_in(game, world, cell)
        if other == agent:
            other = -1
        if answers(game, world, kind, agent, cell, other):
            return cell, other
        if game[game[at.IS_BEAM] + kind] and (other >= 0 or game[game[at.BLOCKS] + world[game[at.CELLS] + cell]]):
            return -1, -1
    return -1, -1


@inner
def cell_at(game: Any, cell: int, down: int, right: int) -> int:
    """The cell some rows and columns from another one; -1 off the grid."""
    width = game[at.WIDTH]
    to_row, to_column = cell // width + down, cell % width + right
    if 0 <= to_row < game[at.HEIGHT] and 0 <= to_column < width:
        return to_row * width + to_column
    return -1


@inner
def answers(game: Any, world: Any, kind: int, agent: int, cell: int, other: int) -> bool:
    """Whether the agent in a cell has a rule for an act, or its object where no other agent stands."""
    pair = first_pair(game, world, kind, agent)
    if other < 0:
        return game[game[at.ANSWERS] + pair * game[at.N_CELL_VALUES] + world[game[at.CELLS] + cell]] != 0
    if game[at.MEET] < 0 or world[game[at.TERMINATED] + other]:
        return False
    value = world[game[at.VALUE] + other]
    return game[game[at.MEET_ANSWERS] + pair * game[at.N_AGENT_VALUES] + value] != 0


@inner
def meet(game: Any, world: Any, kind: int, agent: int, other: int, number: int) -> None:
    """Make of two agents what a rule makes of them."""
    table, values = game[at.MEET], game[at.VALUE]
    events, ends = game[at.EVENTS], game[at.TERMINATED]
    row_idx = first_pair(game, world, kind, agent) * game[at.N_AGENT_VALUES] + world[values + other]
    row_idx = drawn_row(game, world, table, row_idx, game[at.INTERACT_WORDS], number)
    told = game[table + at.ROWS] + row_idx * game[table + at.ROW_WIDTH]
    world[values + other], world[values + agent] = game[told], game[told + 1]
    world[events + agent] |= game[told + 2]
    world[events + other] |= game[told + 3]
    if game[told + 4]:
        world[ends + agent] = 1
    if game[told + 5]:
        world[ends + other] = 1
