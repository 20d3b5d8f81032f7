"""Data in one piece: a JSON document, and the arrays of numbers that it refers to. `engine/bundle.js` reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Shaped

from cogrid.errors import ConfigError

DTYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32")
"""What whole numbers are stored as: the first of these that holds them all."""

ALIGNMENT = 8


class BundleWriter:
    """Collects arrays, equal ones once, and puts them behind a document."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, bytes], int] = {}

    def add(self, array: Shaped[np.ndarray, "..."]) -> int:
        """Keep an array, flat and in the smallest type that holds it.

        Args:
          array: of whole numbers, truth values or float32.
        Returns:
          Its number in the bundle.
        Raises:
          ConfigError: for numbers that no type of the format holds.
        """
        small = _smallest(np.asarray(array))
        entry = str(small.dtype), small.astype(small.dtype.newbyteorder("<")).tobytes()
        return self._numbers.setdefault(entry, len(self._numbers))

    def write(self, document: Mapping[str, Any]) -> bytes:
        """The bundle.

        Args:
          document: what JSON can hold; "arrays" is added to it.
        """
        sizes = [
            {"dtype": dtype, "size": len(data) // (1 if dtype == "bool" else np.dtype(dtype).itemsize)}
            for dtype, data in self._numbers
        ]
        text = json.dumps({**document, "arrays": sizes}, separators=(",", ":")).encode()
        parts = [len(text).to_bytes(ALIGNMENT, "little") + text, *(data for _, data in self._numbers)]
        return b"".join(part + bytes(-len(part) % ALIGNMENT) for part in parts)


def _smallest(array: Shaped[np.ndarray, "..."]) -> Shaped[np.ndarray, "..."]:
    if array.dtype.kind not in "iu":
        if array.dtype not in (np.bool_, np.float32):
            raise ConfigError(f"A page holds whole numbers, truth values and float32, not {array.dtype}.")
        return array
    least, greatest = (int(array.min()), int(array.max())) if array.size else (0, 0)
    for dtype in DTYPES:
        if np.iinfo(dtype).min <= least and greatest <= np.iinfo(dtype).max:
            return array.astype(dtype)
    raise ConfigError(f"A page holds whole numbers of 32 bits, and here are some from {least} to {greatest}.")
