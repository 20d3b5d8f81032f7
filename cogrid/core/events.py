"""Reading the events of a step by name, from states of either backend and from batches of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from jaxtyping import Bool

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean


class EventNames(tuple[str, ...]):  # noqa: SLOT001 - a tuple with fields of its own has no slots.
    """The names of what happened to an agent in a step; as an array, a mask of a fixed shape.

    A tuple whose length changes from step to step cannot be stacked, and libraries that keep infos in arrays ask NumPy
    for one: `numpy.asarray(info["events"])` is `[E]` bool, for each of `env.event_names` whether it happened.
    """

    _all: tuple[str, ...]
    _bits: int

    def __new__(cls, event_names: Sequence[str], bits: int) -> Self:
        """The events of a bit mask.

        Args:
          event_names: the names of all bits.
          bits: bit i is set if event i happened.
        """
        names = super().__new__(cls, (name for bit, name in enumerate(event_names) if bits >> bit & 1))
        names._all = tuple(event_names)
        names._bits = bits
        return names

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """For each event of the world, whether it happened: `[E]` bool."""
        return np.array([bool(self._bits >> bit & 1) for bit in range(len(self._all))], dtype=dtype)

    def __getnewargs__(self) -> tuple[tuple[str, ...], int]:
        return self._all, self._bits


def event_mask(tables: Tables, event: str) -> int:
    """The bit of an event in `EnvState.events`.

    Args:
      tables: the world.
      event: the event's name.
    Raises:
      ConfigError: for an event that no rule of this world reports.
    """
    if event not in tables.rules.event_names:
        raise ConfigError(
            f"No rule of {tables.settings.rules.name!r} reports the event {event!r}. "
            f"{did_you_mean(event, tables.rules.event_names)}"
        )
    return 1 << tables.rules.event_names.index(event)


def has_happened(state: EnvState, event: str) -> Bool[Array, "*B A"]:
    """To whom an event happened in the step that led to a state.

    Args:
      state: the state after the step, batched or not.
      event: the event's name.
    Returns:
      `[*B, A]` bool.
    Raises:
      ConfigError: for an event that no rule of this world reports.
    """
    return (state.events & event_mask(state.tables, event)) != 0


def read_events(state: EnvState) -> dict[str, Bool[Array, "*B A"]]:
    """All events of the step that led to a state, also those that happened to nobody.

    Args:
      state: the state after the step, batched or not.
    Returns:
      For each event's name `[*B, A]` bool, to whom it happened.
    """
    return {event: has_happened(state, event) for event in state.tables.rules.event_names}
