"""MiniGrid's worlds: what a reset draws, several agents, what is hidden, and every engine alike."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.envs.minigrid.config import (
    door_key_config,
    dynamic_obstacles_config,
    empty_config,
    four_rooms_config,
    lava_gap_config,
)
from cogrid.envs.minigrid.objects import KEY, Door
from cogrid.errors import ConfigError
from cogrid.tests.engines import play_everywhere

N_EPISODES = 4_000
KEYS = np.stack([np.zeros(N_EPISODES), np.arange(N_EPISODES)], axis=-1).astype(np.uint32)
WORLDS = {
    "empty": empty_config(6, is_random=True, num_agents=2),
    "four rooms": four_rooms_config(num_agents=3),
    "door and key": door_key_config(6, num_agents=2),
    "lava gap": lava_gap_config(6, num_agents=2),
    "obstacles": dynamic_obstacles_config(6, 3, num_agents=2),
}


def types_at_reset(config: EnvConfig) -> tuple[np.ndarray, Any]:
    """The names of what stands in each cell of many first states, and the states."""
    env = CoGridEnv(config)
    state, _ = env.jax_reset(KEYS)
    return np.array(env.tables.declared.type_names)[state.object_type_map], state


def assert_even(places: Counter[Any], n_places: int) -> None:
    """Assert that places come equally often, to a chi-square far beyond chance."""
    expected = sum(places.values()) / n_places
    assert len(places) == n_places
    assert sum((n - expected) ** 2 / expected for n in places.values()) < n_places + 6 * (2 * n_places) ** 0.5


def counted(flags: np.ndarray) -> Counter[Any]:
    """How often each cell is the one with a flag; one in each grid."""
    assert (flags.sum(axis=(1, 2)) == 1).all()
    return Counter(np.argmax(flags.reshape(len(flags), -1), axis=1).tolist())


@pytest.mark.parametrize("name", WORLDS)
def test_several_agents_play_alike_on_every_engine(name: str, with_jax: bool) -> None:
    config = WORLDS[name]
    n_actions = len(CoGridEnv(config).tables.action_set)
    weights = np.array([2, 2, 4, *[1] * (n_actions - 3)])
    actions = np.random.default_rng(2).choice(n_actions, size=(60, config.num_agents), p=weights / weights.sum())

    episode = play_everywhere(config, actions.tolist(), seed=1, with_jax=with_jax)

    assert len({tuple(map(tuple, places)) for places in episode.trace("agent_pos")}) > 2


def test_a_batch_sees_what_each_world_sees_alone() -> None:
    batch = cogrid.make_vec("MiniGrid-DoorKey-6x6-V0", 5)
    seen, _ = batch.reset(seed=3)
    random = np.random.default_rng(0)
    for _ in range(30):
        np.testing.assert_array_equal(seen, batch.game.observation(batch.get_state()))
        seen, *_ = batch.step(random.integers(0, 7, size=(5, 1)))


def test_each_wall_of_four_rooms_has_one_opening_anywhere_and_the_goal_is_anywhere_on_the_floor() -> None:
    types, _ = types_at_reset(four_rooms_config())
    is_wall = np.isin(types, ["brick", "partition"])

    for rows, columns in ((slice(1, 9), 9), (slice(10, 18), 9), (9, slice(1, 9)), (9, slice(10, 18))):
        openings = ~is_wall[:, rows, columns].reshape(N_EPISODES, -1)
        assert (openings.sum(axis=1) == 1).all()
        assert_even(Counter(np.argmax(openings, axis=1).tolist()), 8)
    rooms = np.zeros((19, 19), dtype=np.bool_)
    rooms[1:9, 1:9] = rooms[10:18, 1:9] = rooms[1:9, 10:18] = rooms[10:18, 10:18] = True
    goals = (types == "goal") & rooms
    in_rooms = goals.any(axis=(1, 2))
    assert in_rooms.mean() > 0.97
    assert_even(counted(goals[in_rooms]), 256)


def test_the_door_hangs_anywhere_but_in_the_last_row_and_the_key_lies_before_it() -> None:
    types, state = types_at_reset(door_key_config(6))
    columns = np.asarray(state.layout_idx) + 2

    for column in (2, 3):
        here = columns == column
        doors, keys = counted(types[here] == "door"), counted(types[here] == "lying_key")
        assert_even(doors, 3)
        assert {place % 6 for place in doors} == {column}
        assert_even(keys, 4 * (column - 1))
        assert (np.asarray(state.agent_pos)[here, 0, 1] < column).all()


def test_the_gap_in_the_lava_is_in_any_row_of_any_column() -> None:
    types, state = types_at_reset(lava_gap_config(7))

    gaps = Counter(
        (int(column) + 2, int(np.flatnonzero(grid[1:-1, column + 2] != "lava")[0]))
        for grid, column in zip(types, np.asarray(state.layout_idx), strict=True)
    )

    assert_even(gaps, 15)


def test_balls_lie_anywhere_but_on_the_agent_and_the_goal() -> None:
    types, _ = types_at_reset(dynamic_obstacles_config(5, 1))

    assert_even(counted(types == "ball"), 7)


def test_what_is_behind_a_closed_door_is_hidden_until_it_is_opened() -> None:
    layout = ["#####", "#   #", "##D##", "# + #", "#####"]
    rules = dataclasses.replace(door_key_config(5).rules, draws=(), start_direction=3, start_in_room=False)
    config = dataclasses.replace(door_key_config(5), rules=rules, layout=layout)
    env = CoGridEnv(config)
    env.reset(seed=0)
    key = [agent.held for agent in env.tables.rules.compiled.agent_values].index(KEY)
    env.set_state(env.get_state().replace(agent_value=np.array([key], dtype=np.int32)))

    closed = env.step({"agent_0": 6})[0]["agent_0"]
    opened = env.step({"agent_0": 5})[0]["agent_0"]

    assert closed[3, 5].tolist() == list(Door().shown()) == [4, 4, 2]
    assert closed[:, 4, 0].tolist() == [0] * 7
    assert opened[3, 5].tolist() == [4, 4, 0]
    assert opened[2:5, 4, 0].tolist() == [1, 1, 1]
    assert opened[3, 6].tolist() == [5, 4, 0]  # The key in hand.


def test_who_goes_towards_a_ball_or_a_wall_has_crashed_even_if_the_ball_rolls_away() -> None:
    config = dynamic_obstacles_config(5, 1)
    rolled_away = 0
    for seed in range(60):
        env = CoGridEnv(config)
        env.reset(seed=seed)
        ahead = int(env.get_state().object_type_map[1, 2])
        _, rewards, terminations, _, _ = env.step({"agent_0": 2})
        is_ball = env.tables.declared.type_names[ahead] == "ball"
        assert terminations["agent_0"] == is_ball
        assert rewards["agent_0"] == (-1 if is_ball else 0)
        rolled_away += is_ball and env.get_state().agent_pos[0].tolist() == [1, 2]
    assert rolled_away > 0


def test_more_agents_than_find_room_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"3 agents and the key do not fit.*2 agents may play"):
        cogrid.make("MiniGrid-DoorKey-5x5-V0", num_agents=3)
