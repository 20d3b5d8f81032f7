"""States as plain dicts of arrays (`envstate_to_dict`), for functions that read a state or such a dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def read_array(state: Any, name: str) -> Any:
    """Read a named array from a state, or from a plain dict of its arrays."""
    return state[name] if isinstance(state, Mapping) else getattr(state, name)
