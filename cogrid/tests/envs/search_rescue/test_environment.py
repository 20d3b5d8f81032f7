"""The registered environments: what is observed, one story on both backends, PettingZoo's test, and a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test

import cogrid
from cogrid.core.actions import get_action_set
from cogrid.envs.registry import registered_ids
from cogrid.envs.search_rescue.objects import Door, RedVictim
from cogrid.feature_space.local_view import local_view
from cogrid.feature_space.object_planes import ObjectPlanes
from cogrid.rendering import render_ansi, render_rgb
from cogrid.tests.engines import first_of, play_everywhere

IDS = [env_id for env_id in registered_ids() if env_id.startswith("SearchRescue-")]


def random_actions(n_agents: int, n_steps: int, action_set: str = "cardinal") -> list[tuple[int, ...]]:
    random = np.random.default_rng(0)
    n_actions = len(get_action_set(action_set))
    return [tuple(random.integers(0, n_actions, n_agents).tolist()) for _ in range(n_steps)]


def test_there_are_environments_of_growing_size() -> None:
    sizes = []
    for name in ("Small", "Medium", "Large"):
        state, _ = cogrid.make(f"SearchRescue-{name}-V0").jax_reset(np.array([0, 0], dtype=np.uint32))
        sizes.append(state.height * state.width)

    assert sizes == sorted(set(sizes))
    assert len(IDS) == 4


@pytest.mark.parametrize("env_id", IDS)
def test_an_environment_passes_pettingzoos_test(env_id: str) -> None:
    env = cogrid.make(env_id, max_steps=60)

    parallel_api_test(env, num_cycles=130)

    assert env.metadata["name"] == env_id


@pytest.mark.parametrize(
    ("settings", "with_jax"),
    first_of(
        [
            ({"num_agents": 4, "roles": ("medic", None, "engineer"), "action_set": "rotation"}, False),
            ({}, True),
            ({"ends_when_all_rescued": False, "features": ["agent_position", "role_planes"]}, False),
        ]
    ),
    ids=str,
)
def test_a_random_episode_is_the_same_on_every_engine(settings: dict[str, Any], with_jax: bool) -> None:
    config = cogrid.make("SearchRescue-Small-V0", max_steps=200, **settings).config

    episode = play_everywhere(
        config, random_actions(config.num_agents, 200, config.action_set or "cardinal"), seed=2, with_jax=with_jax
    )

    assert len(episode.rewards) == 200
    assert any(paid.any() for paid in episode.rewards)


def test_role_planes_show_the_agents_of_each_role_behind_the_object_planes() -> None:
    env = cogrid.make("SearchRescue-Small-V0", num_agents=3, roles=("engineer", None, "medic"))
    planes_below = [ObjectPlanes(shows_fields=False)]
    below = cogrid.make("SearchRescue-Small-V0", num_agents=3, roles=("engineer", None, "medic"), features=planes_below)
    seen, _ = env.reset(seed=0)
    seen_below, _ = below.reset(seed=0)
    channels = env.observation_channels
    places = [tuple(place) for place in env.get_state().agent_pos.tolist()]

    assert channels[-2:] == ("medic", "engineer")
    assert channels[:-2] == below.observation_channels
    for agent, planes in seen.items():
        np.testing.assert_array_equal(planes[..., :-2], seen_below[agent])
        assert np.argwhere(planes[..., -2]).tolist() == [list(places[2])]
        assert np.argwhere(planes[..., -1]).tolist() == [list(places[0])]
        assert env.observation_space(agent).contains(planes)


@pytest.mark.parametrize("rotate", [False, True])
def test_a_local_view_shows_roles(rotate: bool) -> None:
    env = cogrid.make("SearchRescue-Small-V0", features=[local_view(1, "role_planes", rotate=rotate)])
    seen, _ = env.reset(seed=0)
    middles = [dict(zip(env.observation_channels, planes[1, 1].tolist(), strict=True)) for planes in seen.values()]

    assert [(middle["medic"], middle["engineer"]) for middle in middles] == [(1, 0), (0, 1)]
    assert all(planes[..., -3:-1].sum() == 2 for planes in seen.values())


def test_the_object_state_shows_open_doors_and_lifted_beams() -> None:
    env = cogrid.make("SearchRescue-Small-V0")
    state, _ = env.jax_reset(np.array([0, 0], dtype=np.uint32))
    values = env.tables.rules.compiled.cell_values
    cells = state.cells.copy()
    cells[2 * state.width + 4], cells[1 * state.width + 7] = values.index(Door(True)), values.index(RedVictim(7))
    changed = state.replace(cells=cells)

    shown = env.observation(changed)[0, ..., env.observation_channels.index("object_state")]

    assert np.argwhere(shown).tolist() == [[1, 7], [2, 4]]
    assert (shown[2, 4], shown[1, 7]) == (1, 7)
    assert "door at (2, 4): is_open True\n" in render_ansi(changed)
    assert "red_victim at (1, 7): lifted 7\n" in render_ansi(changed)
    assert "holds nothing, role medic" in render_ansi(changed)
    is_redrawn = (render_rgb(changed, 8) != render_rgb(state, 8)).reshape(state.height, 8, state.width, 8, 3)
    assert np.argwhere(is_redrawn.any(axis=(1, 3, 4))).tolist() == [[1, 7], [2, 4]]


@pytest.mark.parametrize("env_id", IDS)
def test_everything_has_a_picture_of_its_own(env_id: str) -> None:
    env = cogrid.make(env_id)
    state, _ = env.jax_reset(np.array([0, 0], dtype=np.uint32))
    image = render_rgb(state, 16).reshape(state.height, 16, state.width, 16, 3).swapaxes(1, 2)
    by_type: dict[int, bytes] = {}
    free = np.ones((state.height, state.width), dtype=bool)
    free[tuple(state.agent_pos.T)] = False
    for row, column in np.argwhere(free).tolist():
        by_type.setdefault(int(state.object_type_map[row, column]), image[row, column].tobytes())

    assert len(by_type) >= 6
    assert len(set(by_type.values())) == len(by_type)
