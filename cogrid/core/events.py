"""Reading the events of a step by name, from states of either backend and from batches of them."""

from __future__ import annotations

from jaxtyping import Bool

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean


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
