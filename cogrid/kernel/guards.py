"""Guards that are data: conditions on the whole world under which an event counts; see `cogrid.core.guards`."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner


@inner
def keep_start(game: Any, world: Any) -> None:
    """Keep the cells and the agents' values as they are at the start of the step."""
    for cell in range(game[at.N_CELLS]):
        world[game[at.CELLS_BEFORE] + cell] = world[game[at.CELLS] + cell]
    for agent in range(game[at.N_AGENTS]):
        world[game[at.VALUES_BEFORE] + agent] = world[game[at.VALUE] + agent]


@inner
def guarded(game: Any, world: Any, happened: int) -> int:
    """The events of a rule without those whose guard does not hold now."""
    for idx in range(game[at.N_GUARD_SUMS]):
        record = game[at.GUARD_SUMS] + idx * at.GUARD_SUM_SIZE
        if happened & game[record + at.GUARDED_MASK] and total_of(game, world, record) <= 0:
            happened &= ~game[record + at.GUARDED_MASK]
    return happened


@inner
def total_of(game: Any, world: Any, record: int) -> int:
    """A guard's sum."""
    n_cells, n_agents = game[at.N_CELLS], game[at.N_AGENTS]
    total = game[record + at.CONSTANT]
    total += weigh(game, world, game[record + at.CELL_WEIGHTS], game[at.CELLS], n_cells)
    total += weigh(game, world, game[record + at.CELL_WEIGHTS_BEFORE], game[at.CELLS_BEFORE], n_cells)
    total += weigh(game, world, game[record + at.AGENT_WEIGHTS], game[at.VALUE], n_agents)
    return total + weigh(game, world, game[record + at.AGENT_WEIGHTS_BEFORE], game[at.VALUES_BEFORE], n_agents)


@inner
def weigh(game: Any, world: Any, weights: int, first: int, n_values: int) -> int:
    """What some values, one after the other in the world, weigh together; 0 without weights."""
    total = 0
    for place in range(first, first + n_values if weights >= 0 else first):
        total += game[weights + world[place]]
    return total
