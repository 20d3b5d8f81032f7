"""Whose goal is whose, what happens there, and who sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test

import cogrid
from cogrid import EnvConfig
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.goal_seeking.config import count_goals, goal_seeking_config
from cogrid.envs.goal_seeking.layouts import LAYOUTS
from cogrid.envs.goal_seeking.rules import goal_seeking_rules
from cogrid.errors import ConfigError
from cogrid.feature_space.local_view import local_view
from cogrid.rendering import render_rgb
from cogrid.tests.engines import Episode, first_of, play_everywhere

FIXED, RANDOM = "GoalSeeking-Fixed-V0", "GoalSeeking-Random-V0"
CROSSING = """
#######
#B 1 A#
#  2  #
#######
"""
"""Agent 0 goes to the right, agent 1 to the left."""

SMALL_ROOM = """
######
#A  B#
#+ + #
# +  #
#C  D#
######
"""


def room(layout: str = CROSSING, **settings: Any) -> EnvConfig:
    """A small room whose agents look right."""
    config = goal_seeking_config(layout, **settings)
    return replace(config, rules=replace(config.rules, start_direction=0))


def play(config: EnvConfig, actions: Sequence[Any]) -> Episode:
    """Play on all engines but JAX, which has its own test below."""
    return play_everywhere(config, actions, with_jax=False)


def test_an_agents_episode_ends_at_its_own_goal_and_the_others_go_on() -> None:
    config = room()

    episode = play(config, [("MoveRight", "Noop"), ("MoveRight", "MoveLeft"), ("MoveDown", "MoveLeft")])

    assert episode.trace("terminated") == [[False, False], [False, False], [True, False], [True, False]]
    assert episode.trace("agent_pos")[-1] == [[1, 5], [2, 1]]
    assert [paid.tolist() for paid in episode.rewards] == [[0, 0], [1, 0], [0, 0]]
    assert episode.happened(CoGridEnv(config))[1] == [{"goal_reached"}, set()]
    assert episode.is_done == [False, False, False]


def test_the_goal_of_another_is_free_floor() -> None:
    actions = [("MoveLeft", "Noop"), ("MoveLeft", "Noop"), ("MoveDown", "Noop")]

    episode = play(room(), actions)

    assert episode.trace("agent_pos")[1:] == [[[1, 2], [2, 3]], [[1, 1], [2, 3]], [[2, 1], [2, 3]]]
    assert episode.trace("terminated")[-1] == [False, False]
    assert not any(paid.any() for paid in episode.rewards)


def test_the_episode_is_over_when_all_have_arrived() -> None:
    actions = [("MoveRight", "MoveLeft"), ("MoveRight", "MoveLeft"), ("Noop", "MoveUp"), ("Noop", "Noop")]

    episode = play(room(), actions)

    assert episode.is_done == [False, False, True]
    assert episode.trace("truncated")[-1] == [False, False]
    assert episode.rewards[-1].tolist() == [0, 1]


def test_who_has_arrived_stays_and_blocks_the_cell() -> None:
    actions = [("MoveRight", "MoveRight"), ("MoveRight", "MoveRight"), ("MoveLeft", "MoveUp")]

    episode = play(room(), actions)

    assert episode.trace("agent_pos")[-1] == [[1, 5], [2, 5]]


def test_those_who_are_late_are_truncated() -> None:
    episode = play(room(max_steps=2), [("MoveRight", "Noop"), ("MoveRight", "Noop")])

    assert episode.is_done == [False, True]
    assert episode.trace("terminated")[-1] == [True, False]
    assert episode.trace("truncated")[-1] == [False, True]


def test_a_goal_is_reached_by_entering_it_and_not_by_starting_in_it() -> None:
    config = room()
    start = {"agent_pos": [[1, 5], [2, 3]]}
    actions = [("Noop", "Noop"), ("MoveLeft", "Noop"), ("MoveRight", "Noop")]

    episode = play_everywhere(config, actions, start=start, with_jax=False)

    assert [joint[0] for joint in episode.trace("terminated")] == [False, False, False, True]


def test_a_common_reward_pays_those_who_are_still_on_their_way_too() -> None:
    config = replace(room(), rewards=[{"name": "goal_reached_reward", "common_reward": True}])

    episode = play(config, [("MoveRight", "MoveLeft"), ("MoveRight", "MoveLeft"), ("Noop", "MoveUp")])

    assert [paid.tolist() for paid in episode.rewards] == [[0, 0], [1, 1], [0, 1]]


def test_all_can_arrive_in_the_corridor_if_one_waits_in_the_bay() -> None:
    right, left, up, down, noop = "MoveRight", "MoveLeft", "MoveUp", "MoveDown", "Noop"
    by_agent = [
        [left, left, noop, noop, left, left, left, left, left, left, left, left, up],
        [right, right, right, right, up, noop, noop, noop, down, right, right, right, right, right, up],
    ]
    n_steps = max(map(len, by_agent))
    actions = [tuple(plan[time] if time < len(plan) else noop for plan in by_agent) for time in range(n_steps)]

    episode = play(cogrid.make(FIXED).config, actions)

    assert episode.trace("terminated")[-1] == [True, True]
    assert episode.trace("agent_pos")[-1] == [[1, 1], [1, 11]]


def own_goals(env: CoGridEnv) -> list[int]:
    """The number of each agent's drawn goal."""
    return np.asarray(env.get_state().goal_of_agent).tolist()


def test_goals_are_drawn_at_each_reset_one_for_each_agent_and_all_about_as_often() -> None:
    env = cogrid.make(RANDOM)
    drawn: Counter[tuple[int, ...]] = Counter()
    for seed in range(600):
        env.reset(seed=seed)
        drawn[tuple(own_goals(env))] += 1

    assert set(drawn) == {(one, other) for one in range(6) for other in range(6) if one != other}
    assert min(drawn.values()) >= 6
    assert max(drawn.values()) <= 45


def test_a_drawn_goal_ends_the_episode_of_its_agent_alone() -> None:
    config = room("#######\n#A 1 B#\n#C 2 D#\n#######", is_drawn=True)
    worlds: list[Any] = list(config.rules.world_values)
    actions = [("MoveLeft", "MoveRight"), ("MoveLeft", "MoveRight")]
    for world, goals in enumerate(worlds):
        episode = play_everywhere(config, actions, start={"world_value": world}, with_jax=False)
        assert episode.trace("terminated")[-1] == [goals[0] == 0, goals[1] == 3]

    assert len(worlds) == 12


@pytest.mark.parametrize("env_id", [FIXED, RANDOM])
def test_an_agent_sees_its_own_goal_and_those_of_the_others(env_id: str) -> None:
    env = cogrid.make(env_id, num_agents=3)
    channels = env.observation_channels
    assert channels[-2:] == ("own_goal", "other_goal")
    for seed in range(5):
        seen, _ = env.reset(seed=seed)
        goals = own_goals(env) if env_id == RANDOM else [0, 1, 2]
        rows = str(LAYOUTS["Nooks" if env_id == RANDOM else "Corridor"]).split()
        drawn = "".join(LAYOUTS["Nooks" if env_id == RANDOM else "Corridor"].strip("\n").split("\n"))
        places = [divmod(drawn.index("ABCDEF"[goal]), len(rows[0])) for goal in goals]
        for idx, agent in enumerate(env.agents):
            own, other = seen[agent][..., -2], seen[agent][..., -1]
            assert np.argwhere(own).tolist() == [list(places[idx])]
            assert sorted(np.argwhere(other).tolist()) == sorted(
                list(place) for place in places[:idx] + places[idx + 1 :]
            )
            assert env.observation_space(agent).contains(seen[agent])


def test_the_goals_of_others_can_be_hidden_and_the_own_one_be_two_numbers() -> None:
    planes = cogrid.make(RANDOM, features=["own_goal_planes"])
    numbers = cogrid.make(RANDOM, features=["agent_position", "own_goal_position"])
    both = cogrid.make(RANDOM)
    for seed in range(5):
        seen, told, all_seen = (env.reset(seed=seed)[0] for env in (planes, numbers, both))
        for agent in planes.agents:
            np.testing.assert_array_equal(seen[agent], all_seen[agent][..., :-1])
            assert np.argwhere(seen[agent][..., -1]).tolist() == [told[agent][2:].tolist()]
            assert numbers.observation_space(agent).contains(told[agent])
    assert numbers.observation_channels[2:] == ("own_goal_row", "own_goal_column")


@pytest.mark.parametrize(
    ("env_id", "settings", "with_jax"),
    first_of(
        [
            (FIXED, {"num_agents": 3, "layout": SMALL_ROOM}, False),
            (RANDOM, {"num_agents": 3, "layout": SMALL_ROOM}, True),
            (RANDOM, {"num_agents": 4, "action_set": "rotation", "features": ["own_goal_planes"]}, False),
            (RANDOM, {"features": ["own_goal_position", "goal_planes"], "layout": SMALL_ROOM}, False),
        ]
    ),
    ids=str,
)
def test_a_random_episode_is_the_same_on_every_engine(env_id: str, settings: dict[str, Any], with_jax: bool) -> None:
    config = cogrid.make(env_id, max_steps=120, **settings).config
    actions = [tuple(joint) for joint in np.random.default_rng(0).integers(0, 6, (120, config.num_agents)).tolist()]

    episode = play_everywhere(config, actions, seed=3, with_jax=with_jax)

    assert np.any(episode.trace("terminated")[-1]) == ("layout" in settings)


def test_a_local_view_shows_goals() -> None:
    env = cogrid.make(RANDOM, layout=CROSSING, features=[local_view(2, "goal_planes")])
    seen, _ = env.reset(seed=0)
    goals = own_goals(env)

    assert env.observation_channels[-3:] == ("own_goal", "other_goal", "outside")
    for planes, goal, column in zip(seen.values(), goals, (3, 3), strict=True):
        assert np.argwhere(planes[..., -3])[:, 1].tolist() == [2 + [5, 1][goal] - column]
        assert np.argwhere(planes[..., -2])[:, 1].tolist() == [2 + [1, 5][goal] - column]


@pytest.mark.parametrize("env_id", [FIXED, RANDOM])
def test_an_environment_passes_pettingzoos_test(env_id: str) -> None:
    env = cogrid.make(env_id, max_steps=60)

    parallel_api_test(env, num_cycles=130)

    assert env.metadata["name"] == env_id


def test_goals_are_counted_from_a_without_a_gap_and_in_a_set_the_fewest() -> None:
    two, four = "#####\n#A B#\n#+ D#\n#####", "#####\n#A B#\n#C+D#\n#####"

    assert count_goals(two) == 2
    assert count_goals(four) == 4
    assert count_goals(LayoutSet([four, two])) == 2
    assert count_goals("goal_seeking/Nooks") == 6


def test_a_set_of_layouts_gives_out_the_goals_that_all_of_them_have() -> None:
    env = cogrid.make(RANDOM, layout=LayoutSet(["goal_seeking/Nooks", "goal_seeking/Corridor"]), num_agents=3)
    played = set()
    for seed in range(20):
        seen, _ = env.reset(seed=seed)
        played.add(int(np.asarray(env.get_state().layout_idx)))
        assert max(own_goals(env)) < 4
        assert [int(planes[..., -2].sum()) for planes in seen.values()] == [1, 1, 1]

    assert played == {0, 1}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"num_agents": 7}, "7 agents need as many goals"),
        ({"layout": "####\n#+A#\n####"}, "2 agents need as many goals"),
        ({"layout": "#####\n#A C#\n# + #\n#####"}, "this layout has 1, counted from A on"),
    ],
    ids=str,
)
def test_an_agent_without_a_goal_is_refused(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        cogrid.make(RANDOM, **settings)


def test_too_many_ways_to_give_goals_are_refused() -> None:
    with pytest.raises(ConfigError, match="20,160 ways"):
        goal_seeking_rules(6, 8, is_drawn=True)

    assert len(goal_seeking_rules(4, 8, is_drawn=True).world_values) == 1680


def test_every_goal_has_a_picture_with_its_letter() -> None:
    env = cogrid.make(RANDOM)
    state, _ = env.jax_reset(np.array([0, 0], dtype=np.uint32))
    image = render_rgb(state, 16).reshape(state.height, 16, state.width, 16, 3).swapaxes(1, 2)

    pictures = {image[row, column].tobytes() for row in (1, 5) for column in (2, 5, 8)}

    assert len(pictures) == 6
