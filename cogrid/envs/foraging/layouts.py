"""The fields: `.` where food may grow, `,` around it.

Source: the registered sizes of lbforaging 2.0.0, and where its `spawn_food` puts food. Exact.
"""

from __future__ import annotations

SIZES = range(5, 20)
"""Rows and columns of the registered fields."""


def field(rows: int, columns: int) -> list[str]:
    """The drawing of a field.

    Args:
      rows, columns: its size, the outermost ones included.
    """
    edge = "," * columns
    return [edge, *["," + "." * (columns - 2) + ","] * (rows - 2), edge]
