"""What a table of rules says: which of its rows counts, and what becomes of an agent and a cell."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.counts import counted_row
from cogrid.kernel.draws import draw_word
from cogrid.kernel.guards import guarded


@inner
def is_drawn_among(game: Any, table: int, row_idx: int) -> bool:
    """Whether a word decides what becomes of a row."""
    return game[table + at.CHANCE_KINDS] >= 0 and game[game[table + at.CHANCE_KINDS] + row_idx] > 0


@inner
def decided_row(game: Any, table: int, row_idx: int, word: int) -> int:
    """The row that a word decides on, of one that is drawn among."""
    kind, n_last = game[game[table + at.CHANCE_KINDS] + row_idx], game[table + at.N_LAST_WORDS]
    first = game[table + at.LAST_WORDS] + kind * n_last
    result = 0
    for place in range(first, first + n_last):
        if game[place] < word:
            result += 1
    return game[game[table + at.REST] + row_idx] + result - 1 if result else row_idx


@inner
def drawn_row(game: Any, world: Any, table: int, row_idx: int, words: int, number: int) -> int:
    """The row that is drawn, where a row is drawn among; by the word of some number."""
    if is_drawn_among(game, table, row_idx):
        return decided_row(game, table, row_idx, draw_word(game, world, words, world[game[at.TIME]], number))
    return row_idx


@inner
def first_pair(game: Any, world: Any, kind: int, agent: int) -> int:
    """The number of (kind, world value, agent value), as tables of pairs begin with it."""
    world_value = world[game[at.WORLD_VALUE]] if game[at.WORLD_VALUE] >= 0 else 0
    value = world[game[at.VALUE] + agent]
    return (kind * game[at.N_WORLD_VALUES] + world_value) * game[at.N_AGENT_VALUES] + value


@inner
def run_rule(
    game: Any,
    world: Any,
    table: int,
    kind: int,
    agent: int,
    cell: int,
    words: int,
    number: int,
) -> None:
    """Make of an agent and a cell what a rule makes of them.

    Args:
      table: the place of the table's record.
      kind: which of the table's rules.
      cell: the cell that it is called for.
      words, number: the first block of the words, and the number of the one that decides, where one does.
    """
    pair = first_pair(game, world, kind, agent) * game[at.N_CELL_VALUES] + world[game[at.CELLS] + cell]
    row_idx = counted_row(game, world, table, pair, kind, cell)
    row_idx = drawn_row(game, world, table, row_idx, words, number)
    told = game[table + at.ROWS] + row_idx * game[table + at.ROW_WIDTH]
    world[game[at.EVENTS] + agent] |= guarded(game, world, game[told + 2])
    world[game[at.CELLS] + cell] = game[told]
    world[game[at.VALUE] + agent] = game[told + 1]
    if game[told + 3]:
        world[game[at.TERMINATED] + agent] = 1
    n_amounts = game[at.N_AMOUNTS]
    for amount in range(n_amounts):
        world[game[at.AMOUNTS] + agent * n_amounts + amount] += game[told + 4 + amount]
