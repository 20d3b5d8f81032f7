"""When JaxMARL's kitchens pay for a plate from the stack."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from jaxtyping import Bool

from cogrid.backend.array_ops import any_in, at, lookup, sum_of
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.tables import Tables
from cogrid.envs.overcooked.objects import PLATE, Counter


def is_plate_wanted(state: EnvState, holders: EnvState) -> Bool[Array, "*B"]:
    """Whether no plate lies on a counter, and fewer plates are in hands than there are pots with something in them.

    Args:
      state: where the pots and the counters are looked at.
      holders: where the hands are looked at.
    Returns:
      `[*B]` bool.
    """
    values = _plate_values(state.tables)
    n_held = sum_of((holders.agent_value == values.agent_with_plate).astype(np.int32))
    n_pots = sum(lookup(values.is_pot_in_use, at(state.cells, cell)) for cell in values.pots)
    is_on_counter = any_in(lambda cells: cells == values.counter_with_plate, state.cells, values.counters)
    return ~is_on_counter & (n_held < n_pots)


class _PlateValues:
    """The values that count, and the cells that can hold them."""

    def __init__(self, tables: Tables) -> None:
        values = tables.rules.compiled.cell_values
        fresh = tables.settings.rules.fresh["pot"]
        is_pot_in_use = np.array([isinstance(value, type(fresh)) and value != fresh for value in values])
        self.is_pot_in_use = is_pot_in_use.astype(np.int32)
        self.pots = tables.map.cells_for(is_pot_in_use)
        self.counter_with_plate = values.index(Counter(PLATE))
        self.counters = tables.map.cells_for(np.arange(len(values)) == self.counter_with_plate)
        self.agent_with_plate = next(
            idx for idx, agent in enumerate(tables.rules.compiled.agent_values) if agent.held == PLATE
        )


@functools.lru_cache(maxsize=256)
def _plate_values(tables: Any) -> _PlateValues:
    return _PlateValues(tables)
