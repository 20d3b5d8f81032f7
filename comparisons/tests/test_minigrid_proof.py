"""The comparison with MiniGrid on 2,000 steps that it has made: nothing differs, and what would differ is found."""

from __future__ import annotations

import numpy as np
import pytest

from cogrid.tests.checkout import CHECKOUT
from comparisons.proofs.minigrid import WORLDS, table
from comparisons.proofs.minigrid_comparison import Arrays, compare

RECORDED = CHECKOUT / "cogrid" / "tests" / "golden" / "minigrid_3_2_0.npz"


def recorded(world: str) -> Arrays:
    with np.load(RECORDED) as arrays:
        return {name.partition("/")[2]: arrays[name] for name in arrays.files if name.startswith(f"{world}/")}


@pytest.mark.parametrize("world", WORLDS)
def test_every_recorded_step_is_made_alike(world: str) -> None:
    count = compare(world, recorded(world))

    assert count.steps == 100
    assert not count.n_differences, count.differences


FOUND_AS = {"reward": "reward", "image": "view", "place": "place", "carries": "hand", "cells": "cells"}
"""What a number that is written down otherwise is found as."""


@pytest.mark.parametrize("name", FOUND_AS)
def test_a_step_that_is_not_made_alike_is_found(name: str) -> None:
    arrays = dict(recorded("MiniGrid-DoorKey-6x6-v0"))
    values = arrays[name].copy()
    values.reshape(len(values), -1)[7, 0] = values.reshape(len(values), -1)[7, 0] == 0
    count = compare("MiniGrid-DoorKey-6x6-v0", {**arrays, name: values})

    assert count.differences[FOUND_AS[name]] == 1
    assert "| `MiniGrid-DoorKey-6x6-v0` | 100 |" in table([count])
