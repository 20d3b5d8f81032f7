"""JaxMARL's Overcooked is what was recorded of it: series C."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.jaxmarl_overcooked.layouts import LAYOUTS
from cogrid.envs.jaxmarl_overcooked.rewards import SHAPED_REWARDS
from cogrid.envs.kitchen.layouts import id_name
from cogrid.tests.engines import first_of, needs_jax
from cogrid.tests.kitchen_traces import (
    Steps,
    assert_conflicts_end_as_recorded,
    assert_environment_plays_as_recorded,
    assert_episodes_as_recorded,
    assert_jax_makes_the_same_steps,
    assert_single_steps_as_recorded,
    load,
    load_every_layout,
    paid_by,
)

RECORDED_SHAPING = ("jaxmarl_overcooked_onion_in_pot", "jaxmarl_overcooked_soup_in_dish")
"""What the recorded simulator paid: never a plate, although it means to (see `golden/README.md`)."""
on_every_layout = pytest.mark.parametrize("layout", sorted(LAYOUTS))
under_jax_on_every_layout = pytest.mark.parametrize("layout", first_of(sorted(LAYOUTS)))


def make(layout: str, backend: str = "numpy") -> CoGridEnv:
    return cogrid.make(f"JaxMARLOvercooked-{id_name(layout)}-V0", backend=backend)


@functools.cache
def all_steps(layout: str) -> Steps:
    """Every recorded step, made under NumPy, and compared with what was recorded."""
    env = make(layout)
    return Steps.joined(
        [
            *(
                assert_episodes_as_recorded(env, RECORDED_SHAPING, load("C", layout, kind))
                for kind in ("episodes", "unfiltered")
            ),
            assert_single_steps_as_recorded(env, RECORDED_SHAPING, load("C", layout, "single")),
            assert_conflicts_end_as_recorded(env, load("C", layout, "contention")),
        ]
    )


@on_every_layout
def test_every_recorded_step_is_ours_under_numpy(layout: str) -> None:
    steps = all_steps(layout)

    assert len(steps.actions) >= 8 * 400 + 300 + 36
    assert set(np.unique(steps.rewards)) >= {0, 20}


@on_every_layout
def test_the_released_simulator_pays_for_useful_plates_and_so_do_we(layout: str) -> None:
    steps = assert_single_steps_as_recorded(make(layout), SHAPED_REWARDS, load_every_layout("C")[layout])

    assert paid_by(["jaxmarl_overcooked_useful_plate"], steps).any()


@needs_jax
@under_jax_on_every_layout
def test_every_recorded_step_is_ours_under_jax(layout: str) -> None:
    assert_jax_makes_the_same_steps(make(layout, "jax"), RECORDED_SHAPING, all_steps(layout))


@on_every_layout
def test_the_environment_on_plain_integers_plays_a_recorded_episode(layout: str) -> None:
    assert_environment_plays_as_recorded(make(layout), load("C", layout), episode=1, is_shaped=False)
