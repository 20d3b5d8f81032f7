"""What a run tells of itself."""

from __future__ import annotations

import io

import numpy as np

from cogrid.learning.logs import ProgressLine, told


def test_away_from_a_terminal_a_line_is_added_at_each_tenth() -> None:
    written = io.StringIO()
    line = ProgressLine("room", 2_073_600, 1, written)

    for number in range(1, 82):
        line.show(number * 25_600, np.array([1.0]))

    lines = written.getvalue().splitlines()
    assert len(lines) == 11
    assert "(11 %)" in lines[1]  # The first of these numbers of steps that is a tenth or more.
    assert lines[-1].startswith("room: 2,073,600 of 2,073,600 steps (100 %), return 1.0")


def test_returns_are_told_with_their_range_and_without_episodes_that_have_not_ended() -> None:
    assert told(np.array([1.0, 3.0])) == "return 2.0 (1.0 to 3.0)"
    assert told(np.array([np.nan])) == "no episode ended yet"
