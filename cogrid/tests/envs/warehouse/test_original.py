"""Recorded episodes of rware 2.0.0, replayed: nothing differs, and what would differ is found."""

from __future__ import annotations

import functools
import pathlib

import numpy as np
import pytest
from jaxtyping import Shaped

from cogrid.tests.engines import first_of
from comparisons.proofs.warehouse_comparison import KINDS, Configuration, Count, replay

GOLDEN = pathlib.Path(__file__).parents[2] / "golden" / "warehouse"
OBSERVED_EVERY = 20
RECORDED = {
    "Tiny_8": Configuration(size="Tiny", robots=8, requests=8, reward="two_stage"),
    "Small_4": Configuration(size="Small", robots=4, requests=8),
}


@functools.cache
def load(name: str) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The recorder's arrays of a warehouse."""
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def compare(name: str, **changed: Shaped[np.ndarray, "..."]) -> Count:
    return replay(RECORDED[name], load(name) | changed, OBSERVED_EVERY)


@pytest.mark.parametrize("name", RECORDED)
def test_a_thousand_recorded_steps_of_a_warehouse_are_played_alike(name: str) -> None:
    count = compare(name)

    assert count.differences == dict.fromkeys(KINDS, 0)
    assert count.steps >= 950
    assert count.compared["states"] >= 950
    assert count.deliveries >= 4


@pytest.mark.parametrize(
    ("array", "kind"),
    first_of([("standing", "states"), ("load", "states"), ("rewards", "rewards"), ("vector", "vectors")]),
)
def test_one_recorded_number_that_is_changed_is_found(array: str, kind: str) -> None:
    recorded = load("Small_4")[array].copy()
    place = (0, 5 if array != "vector" else 1, *[0] * (recorded.ndim - 2))
    recorded[place] += 1

    assert compare("Small_4", **{array: recorded}).differences == dict.fromkeys(KINDS, 0) | {kind: 1}
