"""Arrays whose memory was another array's that nobody has any more: fresh memory costs more than to fill it."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Shaped

MAX_FREE = 2
"""So many arrays are kept for later: a loop that drops an observation when it gets the next one has two in turn."""

MIN_BYTES = 2**20
"""Smaller arrays the C library keeps by itself."""


class ReusedMemory:
    """Makes arrays of one shape and dtype, from the memory of earlier ones that are gone, with all views of them."""

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        """Say what to make; nothing is made yet."""
        self._shape, self._dtype = shape, dtype
        self._n_bytes = math.prod(shape) * dtype.itemsize
        self._free: list[memoryview] = []
        self._used: dict[int, weakref.ref[np.ndarray]] = {}

    def take(self) -> Shaped[np.ndarray, "..."]:
        """An array, filled with anything."""
        if self._n_bytes < MIN_BYTES:
            return np.empty(self._shape, self._dtype)
        memory = self._free.pop() if self._free else np.empty(self._n_bytes, np.uint8).data
        # Every view of this array, and every view of a view, holds the array itself: NumPy goes back as far as to it,
        # and no further, since what it is made from is no array.
        flat = np.frombuffer(memory, self._dtype)
        self._used[id(memory)] = weakref.ref(flat, _give_back(self._used, self._free, memory))
        return flat.reshape(self._shape)


def _give_back(used: dict[int, Any], free: list[memoryview], memory: memoryview) -> Callable[[Any], None]:
    """What happens when an array is gone; it does not hold whoever made the array."""

    def give_back(_: Any) -> None:
        used.pop(id(memory), None)
        if len(free) < MAX_FREE:
            free.append(memory)

    return give_back
