"""Many pictures as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from cogrid.errors import ConfigError

GAP = 6
"""Pixels between two pictures."""

BACKGROUND = (250, 249, 247)


def mosaic(
    images: Sequence[UInt8[np.ndarray, "height width 3"]], n_columns: int | None = None
) -> UInt8[np.ndarray, "whole_height whole_width 3"]:
    """Put pictures side by side, row by row, such as those of all environments of a batch.

        envs = cogrid.make_vec("Overcooked-CrampedRoom-V0", 12, render_mode="rgb_array")
        envs.reset(seed=0)
        picture = mosaic(envs.render())

    Args:
      images: `[height, width, 3]` uint8 each, at least one; a smaller one stands in the middle of its place.
      n_columns: how many stand in a row; as many as make the whole nearly square if left out.
    Returns:
      `[height, width, 3]` uint8.
    Raises:
      ConfigError: without pictures, or with a number of columns below 1.
    """
    if not len(images):
        raise ConfigError("A mosaic needs at least one picture.")
    if n_columns is not None and n_columns < 1:
        raise ConfigError(f"n_columns is at least 1, not {n_columns!r}.")
    height, width = (max(image.shape[axis] for image in images) + GAP for axis in (0, 1))
    n_columns = _square(len(images), height, width) if n_columns is None else min(n_columns, len(images))
    n_rows = -(-len(images) // n_columns)
    whole = np.empty((n_rows * height + GAP, n_columns * width + GAP, 3), dtype=np.uint8)
    whole[:] = BACKGROUND
    for idx, image in enumerate(images):
        row, column = divmod(idx, n_columns)
        top = GAP + row * height + (height - GAP - image.shape[0]) // 2
        left = GAP + column * width + (width - GAP - image.shape[1]) // 2
        whole[top : top + image.shape[0], left : left + image.shape[1]] = image
    return whole


def _square(n_images: int, height: int, width: int) -> int:
    """The number of columns whose longer side is the shortest; the most of them if several are as good."""
    return min(range(n_images, 0, -1), key=lambda columns: max(columns * width, -(-n_images // columns) * height))
