"""OvercookedV2 is what was recorded of it: series D."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.kitchen.layouts import id_name
from cogrid.envs.overcooked_v2.layouts import KITCHENS, Kitchen
from cogrid.envs.overcooked_v2.rewards import SHAPED_REWARDS
from cogrid.tests.engines import first_of, needs_jax
from cogrid.tests.kitchen_traces import (
    Steps,
    assert_conflicts_end_as_recorded,
    assert_environment_plays_as_recorded,
    assert_episodes_as_recorded,
    assert_jax_makes_the_same_steps,
    assert_single_steps_as_recorded,
    flat_times,
    load,
    load_every_layout,
)
from comparisons.proofs.kitchen_recordings import our_type_ids

LAYOUTS = ("cramped_room", "demo_cook_simple", "grounded_coord_simple", "test_time_simple")
on_every_layout = pytest.mark.parametrize("layout", LAYOUTS)
under_jax_on_every_layout = pytest.mark.parametrize("layout", first_of(LAYOUTS))


def make(layout: str, backend: str = "numpy") -> CoGridEnv:
    return cogrid.make(f"OvercookedV2-{id_name(layout)}-V0", backend=backend)


@functools.cache
def all_steps(layout: str) -> Steps:
    """Every recorded step, made under NumPy, and compared with what was recorded."""
    env = make(layout)
    return Steps.joined(
        [
            *(
                assert_episodes_as_recorded(env, SHAPED_REWARDS, load("D", layout, kind))
                for kind in ("episodes", "unfiltered")
            ),
            assert_single_steps_as_recorded(env, SHAPED_REWARDS, load("D", layout, "single")),
            assert_conflicts_end_as_recorded(env, load("D", layout, "contention")),
        ]
    )


@on_every_layout
def test_every_recorded_step_is_ours_under_numpy(layout: str) -> None:
    steps = all_steps(layout)

    assert len(steps.actions) >= 8 * 400 + 300 + 36
    assert set(np.unique(steps.rewards)) >= {0, 20}


@needs_jax
@under_jax_on_every_layout
def test_every_recorded_step_is_ours_under_jax(layout: str) -> None:
    assert_jax_makes_the_same_steps(make(layout, "jax"), SHAPED_REWARDS, all_steps(layout))


@pytest.mark.parametrize("kitchen", first_of(KITCHENS, n_short=8), ids=lambda kitchen: kitchen.name)
def test_steps_on_every_layout_that_is_shipped_are_as_recorded(kitchen: Kitchen) -> None:
    recording = load_every_layout("D")[kitchen.name]
    env = make(kitchen.name)

    steps = assert_single_steps_as_recorded(env, SHAPED_REWARDS, recording)

    terrain = our_type_ids(recording.names("terrain"), env)[recording["terrain"]]
    np.testing.assert_array_equal(env.state_from_arrays().object_type_map, terrain)
    assert steps.actions.shape == (50, kitchen.n_agents)


FOUR_COOKS = ("CCCUCCC", "a1 2  =", "C 3 4 @", "b  L  R", "CCCUCCC")


def test_four_cooks_collide_and_cook_as_recorded() -> None:
    env = cogrid.make("OvercookedV2-CrampedRoom-V0", layout=FOUR_COOKS, num_agents=4)

    steps = assert_single_steps_as_recorded(env, SHAPED_REWARDS, load_every_layout("D")["four"])

    assert len(np.unique(steps.after.recipe, axis=0)) == 4


@on_every_layout
def test_events_tell_of_every_correct_delivery(layout: str) -> None:
    recording, env = load("D", layout), make(layout)

    steps = assert_episodes_as_recorded(env, SHAPED_REWARDS, recording)

    is_correct = (steps.after.events & (1 << env.event_names.index("correct_delivery"))) != 0
    np.testing.assert_array_equal(is_correct.any(axis=-1), flat_times(recording["new_correct_delivery"][:, 1:] != 0))
    assert is_correct.any()


@on_every_layout
def test_the_environment_on_plain_integers_plays_a_recorded_episode(layout: str) -> None:
    assert_environment_plays_as_recorded(make(layout), load("D", layout), episode=1)
