"""States as plain dicts of arrays (`envstate_to_dict`), for functions that read a state or such a dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cogrid.backend.env_state import EnvState
from cogrid.errors import StateError


def read_array(state: Any, name: str) -> Any:
    """Read a named array from a state, or from a plain dict of its arrays."""
    return state[name] if isinstance(state, Mapping) else getattr(state, name)


class PlainState(dict[str, Any]):
    """A state as a plain dict of its arrays, as `envstate_to_dict` makes it.

    Attributes:
      state: the state that it was made of.
    """

    def __init__(self, state: EnvState, arrays: Mapping[str, Any]) -> None:
        super().__init__(arrays)
        self.state = state


def read_state(state: EnvState | Mapping[str, Any]) -> EnvState:
    """A state as it is, or the state that a plain dict was made of.

    Raises:
      StateError: for anything else, such as a dict that `envstate_to_dict` has not made.
    """
    if isinstance(state, EnvState):
        return state
    if isinstance(state, PlainState):
        return state.state
    raise StateError(f"A feature reads a state, or the dict that envstate_to_dict makes of one, not {type(state)}.")
