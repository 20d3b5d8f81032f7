"""When a kitchen pays for a plate from the stack: the guard of the event `useful_plate_taken`."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from jaxtyping import Bool

from cogrid.backend.array_ops import any_in, at, lookup, sum_of
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.guards import GuardSum
from cogrid.core.tables import Tables
from cogrid.envs.kitchen.objects import PLATE, Counter, Pot


def is_plate_wanted(*, counters: EnvState, holders: EnvState, pots: EnvState) -> Bool[Array, "*B"]:
    """Whether no plate lies on a counter, and fewer plates are in hands than there are pots that are worth one.

    Args:
      counters: the state in which the counters are looked at.
      holders: the state in which the hands are looked at.
      pots: the state in which the pots are looked at; `Pot.is_worth_a_plate`.
    Returns:
      `[*B]` bool.
    """
    values = _plate_values(counters.tables)
    n_held = sum_of(lookup(values.is_held, holders.agent_value))
    n_pots = sum(lookup(values.is_pot_worth_one, at(pots.cells, cell)) for cell in values.pots)
    is_on_counter = any_in(lambda cells: cells == values.counter_with_plate, counters.cells, values.counters)
    return ~is_on_counter & (n_held < n_pots)


def plate_sums(tables: Tables, *, is_paid: bool = True, holders: str, pots: str) -> tuple[GuardSum, ...]:
    """What `is_plate_wanted` says as data; counters are looked at when it is the agent's turn.

    Args:
      tables: the world.
      is_paid: whether a plate is paid at all.
      holders: in which state the hands are looked at, "agents" or "agents_before".
      pots: in which state the pots are looked at, "cells" or "cells_before".
    """
    values = _plate_values(tables)
    with_plate = np.arange(len(values.is_pot_worth_one)) == values.counter_with_plate
    weights: dict[str, Any] = {pots: values.is_pot_worth_one, holders: -values.is_held}
    return GuardSum(constant=int(is_paid), cells=-with_plate.astype(np.int32)), GuardSum(**weights)


class _PlateValues:
    """What counts, by agent value and by cell value, and the cells that can hold it."""

    def __init__(self, tables: Tables) -> None:
        agents, cells = tables.rules.compiled.agent_values, tables.rules.compiled.cell_values
        self.is_held = np.array([agent.held == PLATE for agent in agents], dtype=np.int32)
        is_pot_worth_one = np.array([isinstance(cell, Pot) and cell.is_worth_a_plate() for cell in cells])
        self.is_pot_worth_one = is_pot_worth_one.astype(np.int32)
        self.pots = tables.map.cells_for(is_pot_worth_one)
        self.counter_with_plate = cells.index(Counter(PLATE))
        self.counters = tables.map.cells_for(np.arange(len(cells)) == self.counter_with_plate)


@functools.lru_cache(maxsize=256)
def _plate_values(tables: Any) -> _PlateValues:
    return _PlateValues(tables)
