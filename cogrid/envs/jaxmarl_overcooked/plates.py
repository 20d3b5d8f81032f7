"""When JaxMARL's kitchens pay for a plate from the stack."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from jaxtyping import Bool

from cogrid.backend.array_ops import any_of, at, lookup, sum_of
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
    places = _places(state.tables)
    n_held = sum_of((holders.agent_value == places.agent_with_plate).astype(np.int32))
    n_pots = sum(lookup(places.is_pot_in_use, at(state.cells, cell)) for cell in places.pots)
    return ~any_of(state.cells == places.counter_with_plate) & (n_held < n_pots)


class _Places:
    """Where pots can be, and the values that count."""

    def __init__(self, tables: Tables) -> None:
        values = tables.compiled.cell_values
        kind = next(kind for kind in tables.settings.rules.objects if kind.name == "pot")
        is_pot = np.array([isinstance(value, kind) for value in values])
        self.pots: list[int] = np.flatnonzero(is_pot[tables.starts.cells].any(axis=0)).tolist()
        self.is_pot_in_use = (is_pot & (np.arange(len(values)) != values.index(kind()))).astype(np.int32)
        self.counter_with_plate = values.index(Counter(PLATE))
        self.agent_with_plate = next(
            idx for idx, agent in enumerate(tables.compiled.agent_values) if agent.held == PLATE
        )


@functools.lru_cache(maxsize=256)
def _places(tables: Any) -> _Places:
    return _Places(tables)
