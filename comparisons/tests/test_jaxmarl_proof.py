"""The comparison with JaxMARL on what is recorded here: nothing differs, and what would differ is found and named."""

from __future__ import annotations

import functools
import os
import pathlib
from collections.abc import Callable

import numpy as np
import pytest

import cogrid
from cogrid.envs.jaxmarl_overcooked.layouts import LAYOUTS
from cogrid.envs.overcooked_v2.layouts import KITCHENS
from cogrid.errors import CoGridError
from cogrid.tests.engines import first_of
from cogrid.tests.kitchen_traces import load, load_every_layout
from cogrid.tests.states import assert_same_states, pick_states
from comparisons.proofs.jaxmarl import main, table
from comparisons.proofs.jaxmarl_comparison import Count, Run, first_difference, replay
from comparisons.proofs.kitchen_recordings import Recording, build_states, state_arrays
from comparisons.proofs.pages import fill_in
from comparisons.proofs.recorders.errands import Errands

OPTIONS = {
    "start_cooking_interaction": True,
    "negative_rewards": True,
    "sample_recipe_on_delivery": True,
    "indicate_successful_delivery": True,
}
EVERY_LAYOUT = [("overcooked", "C", layout) for layout in LAYOUTS]
EVERY_LAYOUT += [("overcooked_v2", "D", kitchen.name) for kitchen in KITCHENS]
WITH_OPTIONS = ("cramped_room_v2", "grounded_coord_simple", "four_cooks")


def as_episodes(recording: Recording) -> Recording:
    """Recorded single steps as episodes of one step: those of which there are observations."""
    every = len(recording["actions"]) // len(recording["obs"])
    arrays = {"max_steps": np.array(400), "obs": recording["obs"][:, None]}
    for name, values in recording.arrays.items():
        if name in ("terrain", "terrain_names", "item_names"):
            arrays[name] = values
        elif name.startswith("before_"):
            after = recording["after_" + name.removeprefix("before_")]
            arrays[name.removeprefix("before_")] = np.stack([values, after], axis=1)[::every]
        elif name in ("actions", "rewards", "reward_shaped", "done"):
            arrays[name] = values[::every, None]
    return Recording(arrays)


@functools.cache
def with_options(layout: str) -> tuple[Run, Recording]:
    return Run(game="overcooked_v2", layout=layout, options=OPTIONS), load("D", layout, "options")


def changed(recording: Recording, name: str, place: tuple[int, ...], change: Callable[[int], int]) -> Recording:
    """The same recording with another number in one place."""
    values = recording[name].copy()
    values[place] = change(values[place])
    return Recording({**recording.arrays, name: values})


@pytest.mark.parametrize(("game", "series", "layout"), first_of(EVERY_LAYOUT, n_short=6))
def test_steps_recorded_on_every_layout_do_not_differ(game: str, series: str, layout: str) -> None:
    count = replay(Run(game=game, layout=layout), as_episodes(load_every_layout(series)[layout]))

    assert (count.differences, count.first) == ({}, None)
    assert count.steps >= 5


@pytest.mark.parametrize("layout", WITH_OPTIONS)
def test_steps_recorded_with_options_do_not_differ(layout: str) -> None:
    run, recording = with_options(layout)

    count = replay(run, recording)

    assert (count.differences, count.first) == ({}, None)
    assert count.deliveries > count.wanted > 0
    assert {"obs_view_1", "obs_view_3"} <= recording.arrays.keys()


def test_random_starts_recorded_without_options_do_not_differ() -> None:
    recording = load("D", "cramped_room_v2", "random")
    run = Run(game="overcooked_v2", layout="cramped_room_v2")

    count = replay(run, recording)

    timers = state_arrays(recording, run.make(None))["pot_timer"]
    assert (count.differences, count.first) == ({}, None)
    assert (timers == -1).any()
    assert ((timers[:, 0] == -1) & (timers[:, 1] == 19)).any()
    assert 0 < count.paid_plates <= count.plates


@pytest.mark.parametrize(
    ("name", "place", "told"),
    [
        ("agent_pos", (7, 1, 0, 1), "agent_pos"),
        ("agent_dir", (7, 1, 1), "agent_dir"),
        ("agent_item", (7, 1, 0), "agent_inv"),
        ("pot_timer", (7, 1, 0), "pot_timer"),
        ("time", (7, 1), "time"),
        ("new_correct_delivery", (7, 1), "correct deliveries"),
        ("rewards", (7, 0, 1), "rewards"),
        ("reward_shaped", (7, 0, 0), "shaped rewards"),
        ("done", (7, 0), "dones"),
        ("obs", (7, 0, 1, 2, 3, 30), "observations"),
        ("obs_view_3", (7, 0, 1, 2, 3, 20), "views of 3"),
    ],
)
def test_a_difference_is_counted_and_named(name: str, place: tuple[int, ...], told: str) -> None:
    run, recording = with_options("cramped_room_v2")
    count = replay(run, changed(recording, name, place, lambda value: 1 - min(int(value), 1)))

    assert count.differences == {told: 1}
    assert count.first is not None
    assert count.first.startswith(
        f"overcooked_v2 cramped_room_v2 with options: {told} differ first at step 0 of episode 7"
    )


def test_the_first_difference_is_the_earliest_one() -> None:
    run = Run(game="overcooked", layout="cramped_room")
    count = Count(run=run)
    steps = np.array([(0, 3), (1, 3), (0, 4)])

    count.compare("rewards", steps, np.array([0, 0, 5]), np.array([0, 0, 0]))
    count.compare("agent_dir", steps, np.array([[0, 1], [2, 3], [0, 0]]), np.array([[0, 1], [2, 2], [1, 1]]))
    count.compare("time", steps, np.zeros((3, 2)), np.zeros((3, 1)))

    assert count.differences == {"rewards": 1, "agent_dir": 2, "time": 3}
    assert count.n_differences == 6
    assert first_difference([Count(run=run), count]) == (
        "overcooked cramped_room: agent_dir differ first at step 3 of episode 1, in [1]: 3 here and 2 there."
    )


def test_a_recipe_may_only_differ_where_one_was_drawn() -> None:
    run, recording = with_options("cramped_room_v2")
    is_drawn = recording["new_correct_delivery"][:, 1] != 0
    others = {tuple(recipe) for recipe in recording["recipe"][:, 0].tolist()}
    assert is_drawn.any()
    assert len(others) == 4

    kept = int(np.flatnonzero(~is_drawn)[0])
    count = replay(run, changed(recording, "recipe", (kept, 1, 2), lambda value: 1 - value))

    assert count.differences["recipe"] == 1
    assert "recipe differ first at step 0 of episode" in str(first_difference([count]))


def test_a_recipe_that_is_never_wanted_is_an_error() -> None:
    run, recording = with_options("grounded_coord_simple")

    with pytest.raises(CoGridError, match=r"grounded_coord_simple with options: There is no recipe with \[0, 0, 1\]"):
        replay(run, changed(recording, "recipe", (0, 1, 2), lambda value: 1 - value))


def test_something_that_our_world_does_not_have_is_an_error() -> None:
    _, recording = with_options("cramped_room_v2")

    with pytest.raises(CoGridError, match="names something that OvercookedV2-CrampedRoomV2-V0 does not have"):
        replay(Run(game="overcooked_v2", layout="cramped_room_v2"), recording)


def test_the_table_adds_everything_up() -> None:
    run = Run(game="overcooked", layout="cramped_room")
    counts = [
        Count(run=run, n_agents=2, steps=1000, deliveries=7, wanted=7, plates=20, paid_plates=3),
        Count(run=with_options("four_cooks")[0], n_agents=4, steps=500, deliveries=2, differences={"time": 1}),
    ]

    lines = table(counts).splitlines()

    assert lines[2] == "| `overcooked` `cramped_room` | none | 2 | 1,000 | 7 | 7 | 20 | 3 | 0 |"
    assert lines[-1] == "| all 2 | | | 1,500 | 9 | 7 | 20 | 3 | 1 |"
    assert len({line.count("|") for line in lines}) == 1


def test_counts_are_written_between_the_marks_of_a_page(tmp_path: pathlib.Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Before.\n<!-- proof -->\nold\n<!-- proof: end -->\nAfter.\n", encoding="utf-8")

    fill_in(page, "| counts |")

    assert page.read_text(encoding="utf-8") == "Before.\n<!-- proof -->\n| counts |\n<!-- proof: end -->\nAfter.\n"


def test_a_page_without_marks_is_refused(tmp_path: pathlib.Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Nothing.\n", encoding="utf-8")

    with pytest.raises(CoGridError, match="no place for the counts"):
        fill_in(page, "| counts |")


@pytest.mark.skipif(os.name == "nt", reason="The stand-in is a shell script")
def test_a_python_without_jaxmarl_is_told(tmp_path: pathlib.Path) -> None:
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho no jaxmarl here >&2\nexit 3\n", encoding="utf-8")
    bare.chmod(0o755)

    with pytest.raises(CoGridError, match="JaxMARL failed:\nno jaxmarl here"):
        main(["--python", str(bare), "cramped_room"])


def test_cooks_on_errands_deliver_soups() -> None:
    env = cogrid.make("JaxMARLOvercooked-ForcedCoord-V0")
    items = ["none", "onion", "plate", "soup_o3t0"]
    kinds = {"wall": "counter", "delivery_zone": "delivery"}
    names = env.config.rules.type_names
    start = env.state_from_arrays()
    terrain = np.vectorize(lambda idx: kinds.get(names[idx], names[idx]))(start.object_type_map)
    cooks = Errands(terrain, items, n_kitchens=9, n_cooks=2, rng=np.random.default_rng(0))
    state = env.jax_reset(np.stack([np.zeros(9), np.arange(9)], axis=-1).astype(np.uint32))[0]
    number_of = np.array([items.index(name) if name in items else 0 for name in names])
    delivered = np.zeros(9)
    for _ in range(200):
        held = state.agent_inv[..., 0]
        is_counter = state.object_type_map == names.index("counter")
        told = {
            "agent_pos": state.agent_pos,
            "agent_dir": state.agent_dir,
            "agent_item": np.where(held < 0, 0, number_of[held]),
            "cell_item": np.where(is_counter, number_of[np.where(is_counter, state.object_state_map, 0)], 0),
            "pot_contents": np.where(state.pot_contents < 0, 0, 1),
            "pot_is_ready": state.pot_timer == 0,
        }
        actions = cooks.act(told)
        state, _, paid, _, _ = env.jax_step(state, np.where(actions == 6, 5, actions).astype(np.int32))
        delivered += paid[:, 0]

    assert delivered.sum() >= 20 * 6


def test_recorded_states_are_built_as_state_from_arrays_builds_them() -> None:
    run, recording = with_options("four_cooks")
    env = run.make(None)
    arrays = {name: values[:, 1] for name, values in state_arrays(recording, env).items()}

    states = build_states(env, arrays)

    for idx in range(0, len(states.time), 8):
        wanted = env.state_from_arrays(**{name: values[idx] for name, values in arrays.items()})
        assert_same_states(pick_states(states, idx), wanted)
