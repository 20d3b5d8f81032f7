"""Batches of NumPy states: made of one or of many, and picked from."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from cogrid.backend.env_state import EnvState


def stored_names(state: EnvState) -> list[str]:
    """The fields of a state that hold arrays."""
    return [field.name for field in dataclasses.fields(state) if isinstance(getattr(state, field.name), np.ndarray)]


def stack(states: Sequence[EnvState]) -> EnvState:
    """States as one batch, one axis in front."""
    return states[0].replace(
        **{name: np.stack([getattr(state, name) for state in states]) for name in stored_names(states[0])}
    )


def repeat(state: EnvState, n_states: int) -> EnvState:
    """A batch of copies of a state."""
    return state.replace(
        **{name: np.repeat(getattr(state, name)[None], n_states, axis=0) for name in stored_names(state)}
    )


def pick(state: EnvState, index: Any) -> EnvState:
    """Some of a batch, by any index into its first axis."""
    return state.replace(**{name: getattr(state, name)[index] for name in stored_names(state)})
