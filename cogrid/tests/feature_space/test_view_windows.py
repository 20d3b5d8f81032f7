"""The cells that a view shows, against a search cell by cell."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cogrid.core.agent import get_dir_vec_table
from cogrid.feature_space.local_view import UP, view_windows


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 4), (3, 3), (5, 4)])
@pytest.mark.parametrize("radius", [1, 2])
@pytest.mark.parametrize("rotate", [False, True])
def test_a_window_shows_the_cells_ahead_above_the_middle(height: int, width: int, radius: int, rotate: bool) -> None:
    windows = view_windows(height, width, radius, rotate)
    by_pose = np.repeat(windows, 4 * height * width // len(windows), axis=0).reshape(height, width, 4, -1)
    for row, column, direction in itertools.product(range(height), range(width), range(4)):
        up = get_dir_vec_table()[direction if rotate else UP]
        right = get_dir_vec_table()[((direction if rotate else UP) + 1) % 4]
        seen = [
            (row, column) + ahead * up + aside * right
            for ahead in range(radius, -radius - 1, -1)
            for aside in range(-radius, radius + 1)
        ]
        numbers = [
            r * width + c if 0 <= r < height and 0 <= c < width else height * width
            for r, c in map(np.ndarray.tolist, seen)
        ]
        assert by_pose[row, column, direction].tolist() == numbers
