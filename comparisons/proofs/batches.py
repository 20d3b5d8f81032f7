"""Batches of NumPy states: made of one or of many, and picked from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cogrid.backend.env_state import EnvState


def stack(states: Sequence[EnvState]) -> EnvState:
    """States as one batch, one axis in front."""
    return states[0].map_arrays(lambda *arrays: np.stack(arrays), *states[1:])


def repeat(state: EnvState, n_states: int) -> EnvState:
    """A batch of copies of a state."""
    return state.map_arrays(lambda array: np.repeat(array[None], n_states, axis=0))


def pick(state: EnvState, index: Any) -> EnvState:
    """Some of a batch, by any index into its first axis."""
    return state.map_arrays(lambda array: array[index])
