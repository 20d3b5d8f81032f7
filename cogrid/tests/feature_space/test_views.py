"""What is kept from one observation to the next never shows: it is what the state alone would show."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import registered_ids
from cogrid.feature_space.feature import ArrayFeature
from cogrid.feature_space.object_planes import ObjectPlanes
from cogrid.tests.engines import first_of_families
from cogrid.tests.states import stack_states

B, SEED = 5, 11


def many_thousands(state: EnvState) -> Any:
    return state.agent_cell[..., None] * 1000


WIDE = ArrayFeature(many_thousands, (1,), 0, 10**6)
WORLDS: dict[str, tuple[str, dict[str, Any]]] = {
    "planes": ("Overcooked-CrampedRoom-V0", {"features": ["object_planes"]}),
    "more than a byte": ("Overcooked-CrampedRoom-V0", {"features": ["symbolic"]}),
    "a scene, columns first": ("OvercookedAI-CrampedRoom-V0", {}),
    "a scene that often changes": (
        "OvercookedV2-GroundedCoordSimple-V0",
        {"sample_recipe_on_delivery": True, "indicate_successful_delivery": True},
    ),
    "a padded map among others": ("Overcooked-CrampedRoom-V0", {"num_agents": 3}),
    "several, of several axes": (
        "Overcooked-CrampedRoom-V0",
        {"features": ["inventory", "object_planes", "ego_view_1", "full_map_encoding", "symbolic"], "num_agents": 3},
    ),
    "numbers wider than some feature's": (
        "Overcooked-CrampedRoom-V0",
        {"features": ["object_planes", "agent_dir", "full_map_encoding", WIDE]},
    ),
    "roles": ("SearchRescue-Small-V0", {}),
    "lists": ("LevelBasedForaging-6x6-V0", {"num_agents": 3, "n_foods": 3, "sight": 2}),
    "a set of layouts": (
        "Overcooked-CrampedRoom-V0",
        {"features": ["object_planes"], "layout": cogrid.LayoutSet(["CrampedRoom", "CoordinationRing"])},
    ),
}


def make(name: str) -> CoGridEnv:
    env_id, settings = WORLDS[name]
    return cogrid.make(env_id, max_steps=90, **settings)


def random_actions(env: CoGridEnv, generator: np.random.Generator) -> dict[str, int]:
    return {agent: int(generator.integers(len(env.tables.action_set))) for agent in env.agents}


def unlike_states(env: CoGridEnv) -> list[EnvState]:
    """States of several episodes, far apart and one after the other, with any world value and any events."""
    states = []
    generator = np.random.default_rng(SEED)
    for seed in range(3):
        env.reset(seed=seed)
        while env.agents:
            env.step(random_actions(env, generator))
            states.append(env.get_state())
    if not env.tables.rules.has_world_values:
        return states[::7] + states[-50:]
    changed = []
    for state in states[::7] + states[-50:]:
        world = np.array(generator.integers(env.tables.rules.n_world_values), dtype=np.int32)
        events = generator.integers(2 ** len(env.event_names), size=env.tables.n_agents, dtype=np.int32)
        changed += [state.replace(world_value=world), state.replace(world_value=world, events=events)]
    return changed


@pytest.mark.parametrize("name", WORLDS)
def test_a_batch_shows_of_any_states_what_they_show_alone(name: str) -> None:
    env = make(name)
    states = unlike_states(env)

    for first in range(0, len(states) - B, 2):
        alone = states[first : first + B]
        expected = np.stack([env.observation(state) for state in alone])
        np.testing.assert_array_equal(env.observation(stack_states(alone)), expected, strict=True)


@pytest.mark.parametrize("name", WORLDS)
def test_one_world_shows_after_each_step_what_its_state_shows(name: str) -> None:
    env = make(name)
    generator = np.random.default_rng(SEED)

    for seed in range(2):
        observations, _ = env.reset(seed=seed)
        while env.agents:
            expected = env.observation(env.get_state())
            for agent_idx, agent in enumerate(env.agents):
                np.testing.assert_array_equal(observations[agent], expected[agent_idx], strict=True)
            observations, *_ = env.step(random_actions(env, generator))


@pytest.mark.parametrize("env_id", first_of_families(registered_ids()))
def test_what_every_world_observes_by_default_is_data(env_id: str) -> None:
    assert all(feature.is_data for feature in cogrid.make(env_id).observation.features)


def test_a_feature_that_shows_more_than_its_rows_is_shown_by_its_own_call() -> None:
    @dataclasses.dataclass(frozen=True)
    class Brighter(ObjectPlanes):
        """Adds one to every number."""

        def __call__(self, state: Any, agent_idx: int | None = None) -> Any:
            return super().__call__(state, agent_idx) + np.uint8(1)

    env = cogrid.make("Overcooked-CrampedRoom-V0", features=[Brighter()])
    vec = cogrid.make_vec("Overcooked-CrampedRoom-V0", 2, features=[Brighter()])
    plain = cogrid.make("Overcooked-CrampedRoom-V0", features=["object_planes"])

    seen, _ = env.reset(seed=SEED)
    of_batch, _ = vec.reset(seed=SEED)
    expected, _ = plain.reset(seed=SEED)

    np.testing.assert_array_equal(seen["agent_1"], expected["agent_1"] + 1)
    np.testing.assert_array_equal(of_batch[0, 1], expected["agent_1"] + 1)
