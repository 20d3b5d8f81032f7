"""How answers are written: tables, and JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def print_json(value: Any) -> None:
    """Write a value as JSON: NumPy's numbers and arrays as plain ones, null for what is infinite or no number."""
    print(json.dumps(_plain(value), indent=2, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no such numbers.
    return value


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Write rows below each other, numbers to the right.

    Args:
      header: the columns' names.
      rows: as many entries each.
    """
    columns = [[str(row[idx]) for row in rows] for idx in range(len(header))]
    widths = [max(map(len, (name, *column))) for name, column in zip(header, columns, strict=True)]
    is_number = [all(isinstance(row[idx], int) for row in rows) for idx in range(len(header))]
    lines = [
        "  ".join(
            f"{entry:>{width}}" if right else f"{entry:<{width}}"
            for entry, width, right in zip(line, widths, is_number, strict=True)
        ).rstrip()
        for line in (list(header), *zip(*columns, strict=True))
    ]
    return "\n".join(lines)


def count(number: int, name: str) -> str:
    """A number of things: `1 room`, `2 rooms`."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
