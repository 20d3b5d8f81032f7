"""Where agents go, and whether they may; equal to what `cogrid.core.movement` asks of the tables."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner


@inner
def wanted_direction(game: Any, world: Any, agent: int, action: int) -> int:
    """The direction in which an action goes, after its turn."""
    direction = world[game[at.DIRECTION] + agent]
    return direction if game[at.GOES] < 0 else game[game[at.GOES] + action * 4 + direction]


@inner
def wanted_cell(game: Any, world: Any, agent: int, action: int) -> int:
    """The cell towards which an action goes."""
    return game[game[at.FRONT] + world[agent] * 4 + wanted_direction(game, world, agent, action)]


@inner
def may_go(game: Any, world: Any, agent: int, ahead: int) -> bool:
    """Whether an agent may move into a cell, and out of its own."""
    return may_enter(game, world, agent, ahead) and may_leave(game, world, agent)


@inner
def may_enter(game: Any, world: Any, agent: int, ahead: int) -> bool:
    """Whether an agent may move into a cell."""
    if game[at.PASSABLE_BY] < 0:
        return game[game[at.PASSABLE] + world[game[at.CELLS] + ahead]] != 0
    value = world[game[at.VALUE] + agent]
    return game[game[at.PASSABLE_BY] + value * game[at.N_CELL_VALUES] + world[game[at.CELLS] + ahead]] != 0


@inner
def may_leave(game: Any, world: Any, agent: int) -> bool:
    """Whether an agent may move out of its cell."""
    if game[at.LEAVE] < 0:
        return True
    value = world[game[at.VALUE] + agent]
    own = world[game[at.CELLS] + world[agent]]
    return game[game[at.LEAVE] + value * game[at.N_CELL_VALUES] + own] != 0
