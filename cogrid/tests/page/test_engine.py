"""The JavaScript engine plays what Python plays, bit for bit; and the exporter says what it cannot play."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.core.reward import EventReward
from cogrid.envs.overcooked_ai.human_trials import load_trial, trial_names
from cogrid.errors import ConfigError
from cogrid.feature_space.feature import ArrayFeature
from cogrid.feature_space.local_view import local_view
from cogrid.game import Game
from cogrid.page.bundle import BundleWriter
from cogrid.page.game_data import game_data
from cogrid.tests.page.transitions import (
    NODE,
    Recording,
    exportable_ids,
    play_in_javascript,
    random_actions,
    record,
)

needs_node = pytest.mark.skipif(NODE is None, reason="needs Node")

CLASSIC = ["agent_position", "agent_dir", "full_map_encoding", "can_move_direction", "inventory"]
WORLDS: dict[str, tuple[str, dict[str, Any]]] = {
    "in turn, four agents": (
        "Overcooked-CrampedRoom-V0",
        {"num_agents": 4, "features": CLASSIC, "rewards": ["delivery_reward", "onion_in_pot_reward"]},
    ),
    "a set of layouts": (
        "Overcooked-CrampedRoom-V0",
        {"layout": cogrid.LayoutSet(["CrampedRoom", "CoordinationRing"]), "features": ["object_planes"]},
    ),
    "all stay": ("OvercookedAI-CrampedRoom-V0", {"max_steps": 120}),
    "recipes": (
        "OvercookedV2-GroundedCoordSimple-V0",
        {"sample_recipe_on_delivery": True, "indicate_successful_delivery": True},
    ),
    "ends and collisions": (
        "GoalSeeking-Random-V0",
        {"rewards": ["goal_reached_reward", EventReward(event="collision")]},
    ),
    "turning views": (
        "JaxMARLOvercooked-CrampedRoom-V0",
        {"features": [local_view(1, "symbolic", rotate=True), "jaxmarl_overcooked_planes"]},
    ),
    "agents that turn": ("Overcooked-CoordinationRing-V0", {"action_set": "rotation", "num_agents": 3}),
}


@needs_node
def test_javascript_plays_what_python_plays() -> None:
    recordings: dict[str, tuple[Game, Recording]] = {}
    for name, (env_id, settings) in WORLDS.items():
        game = cogrid.make(env_id, **settings).game
        recordings[name] = game, record(game, random_actions(game, 150, 4))

    assert play_in_javascript(recordings) == {name: {"steps": 600, "difference": None} for name in WORLDS}


@needs_node
def test_a_step_that_differs_is_found() -> None:
    game = cogrid.make("Overcooked-CrampedRoom-V0").game
    recording = record(game, random_actions(game, 20, 2))
    recording.actions[13, 1] = 5 - recording.actions[13, 1].clip(0, 5)

    found = play_in_javascript({"changed": (game, recording)})["changed"]["difference"]

    assert found == "world 1 differs after step 13"


@needs_node
def test_trials_of_people_are_played_alike() -> None:
    recordings: dict[str, tuple[Game, Recording]] = {}
    for name in trial_names()[::13]:
        trial = load_trial(name)
        game = trial.make_env(max_steps=None).game
        recordings[name] = game, record(game, trial.arrays["actions"][:400, None])

    found = play_in_javascript(recordings)

    assert len(found) == 4
    assert {result["difference"] for result in found.values()} == {None}


@pytest.mark.long
@needs_node
def test_every_id_that_can_be_exported_is_played_alike() -> None:
    different = {}
    for env_id in exportable_ids():
        game = cogrid.make(env_id).game
        found = play_in_javascript({env_id: (game, record(game, random_actions(game, 500, 10)))})[env_id]
        different |= {env_id: found["difference"]} if found["difference"] else {}

    assert different == {}


@pytest.mark.parametrize(
    ("env_id", "settings", "culprit", "remedy"),
    [
        ("OvercookedOrders-MixedRoom-V0", {}, "step_hook order_queue, reward OrderFilledReward", "another world"),
        (
            "Overcooked-CrampedRoom-V0",
            {"features": [ArrayFeature(lambda state: state.agent_cell[..., None], (1,))]},
            "feature ArrayFeature",
            "features that are tables",
        ),
        (
            "OvercookedAI-CrampedRoom-V0",
            {"rewards": [EventReward(event="useful_plate_taken")]},
            "guard of useful_plate_taken",
            "another world",
        ),
    ],
    ids=["hook", "feature", "paid guard"],
)
def test_a_world_with_an_array_function_is_refused(
    env_id: str, settings: dict[str, Any], culprit: str, remedy: str
) -> None:
    game = cogrid.make(env_id, **settings).game

    with pytest.raises(ConfigError, match=f"{env_id} cannot be played in the page.*{culprit}.*{remedy}"):
        game_data(env_id, game, BundleWriter())


def test_an_event_with_a_guard_that_nothing_reads_is_left_out() -> None:
    game = cogrid.make("OvercookedAI-CrampedRoom-V0").game
    writer = BundleWriter()

    data = game_data("the original", game, writer)

    assert data["header"]["functions"] == ["guard of useful_plate_taken"]
    assert data["arrays"]["rules.interact"] == writer.add(_without_bit(game, "useful_plate_taken"))


def _without_bit(game: Game, event: str) -> np.ndarray:
    header, arrays = game.to_arrays()
    rows = arrays["rules.interact"].copy().reshape(-1, 4)
    rows[:, 2] &= ~(1 << header["rules"]["events"].index(event))
    return rows.reshape(-1)


def test_a_bundle_keeps_equal_arrays_once() -> None:
    writer = BundleWriter()

    numbers = [writer.add(np.array(values)) for values in ([1, 2], [300], [1, 2], [-1])]

    assert numbers == [0, 1, 0, 2]
    assert b'"arrays":[{"dtype":"int8","size":2},{"dtype":"int16","size":1},{"dtype":"int8","size":1}]' in writer.write(
        {}
    )
