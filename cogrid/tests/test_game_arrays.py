"""A game can be played from its arrays alone, and they say where it cannot."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.core.reward import EventReward
from cogrid.feature_space.feature import ArrayFeature
from cogrid.feature_space.local_view import local_view
from cogrid.tests.arrays_play import assert_arrays_play_alike

STEPS = 150
CLASSIC = ["agent_position", "agent_dir", "full_map_encoding", "can_move_direction", "inventory"]
WORLDS: dict[str, tuple[str, dict[str, Any]]] = {
    "classic": (
        "Overcooked-CrampedRoom-V0",
        {"num_agents": 4, "features": CLASSIC, "rewards": ["delivery_reward", "onion_in_pot_reward"]},
    ),
    "a set of layouts": (
        "Overcooked-CrampedRoom-V0",
        {"layout": cogrid.LayoutSet(["CrampedRoom", "CoordinationRing"]), "features": ["object_planes"]},
    ),
    "the original": ("OvercookedAI-CrampedRoom-V0", {"max_steps": 120}),
    "recipes": (
        "OvercookedV2-GroundedCoordSimple-V0",
        {"sample_recipe_on_delivery": True, "indicate_successful_delivery": True},
    ),
    "goals": ("GoalSeeking-Random-V0", {"rewards": ["goal_reached_reward", EventReward(event="collision")]}),
    "turning views": (
        "JaxMARLOvercooked-CrampedRoom-V0",
        {"features": [local_view(1, "symbolic", rotate=True), "jaxmarl_overcooked_planes"]},
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_the_arrays_alone_play_what_the_library_plays(name: str) -> None:
    env_id, settings = WORLDS[name]
    env = cogrid.make(env_id, **settings)
    generator = np.random.default_rng(4)
    actions = generator.integers(len(env.tables.action_set), size=(2, STEPS, env.tables.n_agents)).tolist()
    n_paid = sum(assert_arrays_play_alike(env.game, joint, seed) for seed, joint in enumerate(actions))
    assert n_paid > 0 or name not in ("goals", "classic")


def test_the_header_is_json_and_has_a_version() -> None:
    header, arrays = cogrid.make("OvercookedV2-GroundedCoordSimple-V0").game.to_arrays()

    assert json.loads(json.dumps(header))["version"] == 1
    assert set(header["arrays"]) == set(arrays)
    assert all(array.ndim == 1 for array in arrays.values())


def test_the_header_names_what_only_functions_say() -> None:
    def count(state: Any) -> Any:
        return state.agent_cell[..., None]

    orders = cogrid.make("OvercookedOrders-MixedRoom-V0", features=[ArrayFeature(count, (1,))])
    header, _ = orders.game.to_arrays()

    assert header["functions"] == ["step_hook order_queue", "feature ArrayFeature", "reward OrderFilledReward"]
