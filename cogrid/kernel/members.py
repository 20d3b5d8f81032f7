"""What is drawn among members of groups; equal to `cogrid.core.draw_tables`."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.counts import asks_for_counts, counted_row, keep_for_counts
from cogrid.kernel.draws import draw_word
from cogrid.kernel.grid import is_occupied
from cogrid.kernel.rules import decided_row, is_drawn_among


@inner
def draw_members(
    game: Any,
    world: Any,
    draw: int,
    n_drawn: int,
    time: int,
) -> None:
    """Choose members one after the other, cells in reading order before agents, and let each become what follows.

    Args:
      draw: the place of the draw's record.
      n_drawn: how many are drawn, if there are as many.
      time: of the words.
    """
    n_left, first = list_members(game, world, draw), game[at.MEMBERS_LEFT]
    if game[draw + at.AFTER_CELLS] >= 0 and asks_for_counts(game, game[draw + at.AFTER_CELLS]):
        keep_for_counts(game, world)
    for slot in range(n_drawn):
        if n_left == 0:
            return
        number = game[draw + at.FIRST_WORD] + 2 * slot
        chosen = draw_word(game, world, game[at.DRAW_WORDS], time, number) % n_left
        member = world[first + chosen]
        n_left -= 1
        for place in range(first + chosen, first + n_left):
            world[place] = world[place + 1]
        become_drawn(game, world, draw, member, time, number + 1)
        if game[draw + at.N_APART] and member < game[at.N_CELLS]:
            n_left = keep_apart(game, world, draw, member, n_left)


@inner
def list_members(game: Any, world: Any, draw: int) -> int:
    """List who is in the group: of the cells, then, numbered on, of the agents that have not terminated; how many."""
    n_agents, n_cells, n_left = game[at.N_AGENTS], game[at.N_CELLS], 0
    is_member = game[draw + at.CELL_MEMBERS]
    leaves_out_agents = game[draw + at.DRAWN_IS_FREE] or not game[draw + at.DRAWN_MASK]
    for cell in range(n_cells if is_member >= 0 else 0):
        is_left_out = leaves_out_agents and is_occupied(game, world, cell)
        if game[is_member + world[game[at.CELLS] + cell]] and not is_left_out:
            world[game[at.MEMBERS_LEFT] + n_left] = cell
            n_left += 1
    is_member = game[draw + at.AGENT_MEMBERS]
    for agent in range(n_agents if is_member >= 0 else 0):
        value = world[game[at.VALUE] + agent]
        if game[is_member + value] and not world[game[at.TERMINATED] + agent]:
            world[game[at.MEMBERS_LEFT] + n_left] = n_cells + agent
            n_left += 1
    return n_left


@inner
def become_drawn(
    game: Any,
    world: Any,
    draw: int,
    member: int,
    time: int,
    number: int,
) -> None:
    """Let a member become what follows when it is drawn; `number` is that of its word."""
    n_cells = game[at.N_CELLS]
    if member < n_cells:
        table = game[draw + at.AFTER_CELLS]
        row_idx = counted_row(game, world, table, world[game[at.CELLS] + member], 0, member)
        world[game[at.CELLS] + member] = after_draw(game, world, table, row_idx, time, number)
    else:
        place = game[at.VALUE] + member - n_cells
        value = world[place]
        world[place] = after_draw(game, world, game[draw + at.AFTER_AGENTS], value, time, number)


@inner
def after_draw(game: Any, world: Any, table: int, row_idx: int, time: int, number: int) -> int:
    """What follows a value that is drawn, by its row; the word is drawn only where it decides."""
    if is_drawn_among(game, table, row_idx):
        word = draw_word(game, world, game[at.DRAW_WORDS], time, number)
        row_idx = decided_row(game, table, row_idx, word)
    return game[game[table + at.ROWS] + row_idx]


@inner
def keep_apart(game: Any, world: Any, draw: int, member: int, n_left: int) -> int:
    """Take the cells off the list that lie too near to one that was drawn; how many members are left."""
    first, n_kept = game[at.MEMBERS_LEFT], 0
    for idx in range(n_left):
        other = world[first + idx]
        if other >= game[at.N_CELLS] or not is_near(game, draw, member, other):
            world[first + n_kept] = other
            n_kept += 1
    return n_kept


@inner
def is_near(game: Any, draw: int, cell: int, other: int) -> bool:
    """Whether two cells lie too near to each other for a draw."""
    width = game[at.WIDTH]
    down, right = other // width - cell // width, other % width - cell % width
    for idx in range(game[draw + at.N_APART]):
        offset = game[draw + at.APART] + 2 * idx
        rows, columns = game[offset], game[offset + 1]
        if (down == rows and right == columns) or (down == -rows and right == -columns):
            return True
    return False
