"""Who stands where."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner


@inner
def who_stands_in(game: Any, world: Any, cell: int) -> int:
    """The agent that stands in a cell; -1 where none does."""
    for agent in range(game[at.N_AGENTS]):
        if world[agent] == cell:
            return agent
    return -1


@inner
def is_occupied(game: Any, world: Any, cell: int) -> bool:
    """Whether an agent stands in a cell."""
    return who_stands_in(game, world, cell) >= 0


@inner
def faced_cell(game: Any, world: Any, agent: int) -> int:
    """The cell in front of an agent; its own, where that is off the grid."""
    direction = world[game[at.DIRECTION] + agent]
    return game[game[at.FRONT] + world[agent] * 4 + direction]
