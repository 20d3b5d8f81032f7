"""The interquartile mean and its bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

from cogrid.errors import ConfigError
from cogrid.learning.statistics import bootstrapped_iqm, interquartile_mean


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([1, 2, 3, 4], 2.5),  # 2 and 3 are left.
        ([100, 1, 2, 3, -50], 2.0),  # A quarter of five is one, rounded down: 1, 2 and 3 are left.
        ([7, 9], 8.0),  # Nothing is left out of two.
        ([[0, 10], [20, 30], [40, 50], [60, 1000]], 35.0),  # 20, 30, 40 and 50: all tasks together.
    ],
)
def test_a_quarter_of_the_scores_is_left_out_at_each_end(scores: list[float], expected: float) -> None:
    assert interquartile_mean(np.array(scores)) == expected


def test_the_interval_of_two_runs_is_between_them() -> None:
    # A resample of the runs 0 and 10 is (0, 0), (0, 10), (10, 0) or (10, 10), each as likely: the mean is 0, 5 or 10.
    found = bootstrapped_iqm(np.array([[0.0], [10.0]]))

    assert (found.value, found.low, found.high) == (5.0, 0.0, 10.0)
    assert str(found) == "5.0 (0.0 to 10.0)"


def test_runs_are_drawn_for_each_task_apart() -> None:
    # Were both tasks to draw the same runs, every resample would have a sum of 10 for each run, and no interval.
    mirrored = np.array([[0.0, 10.0], [10.0, 0.0]])

    assert bootstrapped_iqm(mirrored).low < 5 < bootstrapped_iqm(mirrored).high
    constant = bootstrapped_iqm(np.array([[1.0, 3.0], [1.0, 3.0]]))
    assert constant.low == constant.value == constant.high == 2.0


def test_one_seed_gives_one_interval() -> None:
    scores = np.random.default_rng(0).normal(size=(5, 3))

    assert bootstrapped_iqm(scores, seed=1) == bootstrapped_iqm(scores, seed=1)
    assert bootstrapped_iqm(scores, seed=1) != bootstrapped_iqm(scores, seed=2)


def test_scores_that_are_no_table_are_refused() -> None:
    with pytest.raises(ConfigError, match="runs x tasks"):
        bootstrapped_iqm(np.zeros(3))
