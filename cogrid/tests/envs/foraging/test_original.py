"""Recorded episodes of lbforaging 2.0.0, replayed: nothing differs, and what would differ is found."""

from __future__ import annotations

import functools
import pathlib
from collections import Counter

import numpy as np
import pytest
from jaxtyping import Shaped

from cogrid.tests.engines import first_of
from comparisons.proofs.foraging_comparison import KINDS, Configuration, Count, deviation, replay

GOLDEN = pathlib.Path(__file__).parents[2] / "golden" / "foraging"
OBSERVED_EVERY = 10
RECORDED = {
    "8x8_5": Configuration(size=8, players=5, foods=4, sight=2, penalty=0.1),
    "6x6_3": Configuration(size=6, players=3, foods=3, is_cooperative=True, player_levels=(1, 3)),
}


@functools.cache
def load(name: str) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The recorder's arrays of a field."""
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def compare(name: str, **changed: Shaped[np.ndarray, "..."]) -> Count:
    return replay(RECORDED[name], load(name) | changed, OBSERVED_EVERY)


@pytest.mark.parametrize("name", RECORDED)
def test_a_thousand_recorded_steps_on_a_field_are_played_alike(name: str) -> None:
    count = compare(name)

    assert count.differences == dict.fromkeys(KINDS, 0)
    assert count.steps >= 1000
    assert count.compared["vectors"] >= 100
    assert min(count.eaten, count.failed) >= 20


@pytest.mark.parametrize(
    ("array", "kind"),
    first_of(
        [("field", "states"), ("place", "states"), ("rewards", "rewards"), ("vector", "vectors"), ("grid", "grids")]
    ),
)
def test_one_recorded_number_that_is_changed_is_found(array: str, kind: str) -> None:
    recorded = load("8x8_5")[array].copy()
    place = (0, 1, *[0] * (recorded.ndim - 2))
    recorded[place] += 1

    assert compare("8x8_5", **{array: recorded}).differences == dict.fromkeys(KINDS, 0) | {kind: 1}


def test_draws_of_another_distribution_are_found() -> None:
    fair, other = (Counter(np.random.default_rng(seed).integers(6, size=3000).tolist()) for seed in (0, 1))
    loaded = Counter((np.random.default_rng(2).integers(7, size=3000) % 6).tolist())

    assert abs(deviation(fair, other)) < 3
    assert deviation(fair, loaded) > 5
