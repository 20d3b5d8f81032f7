"""The rules of foraging, one by one, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid import ConfigError
from cogrid.envs.foraging import ForagingGrid, ForagingVector, layouts
from cogrid.envs.foraging.levels import Levels
from cogrid.envs.foraging.objects import Eaten, Food, Player
from cogrid.tests.engines import needs_jax, play_everywhere
from cogrid.tests.frequencies import assert_frequencies

NOOP, UP, DOWN, LEFT, RIGHT, LOAD = "Noop", "MoveUp", "MoveDown", "MoveLeft", "MoveRight", "Load"


def field(size: int = 5, **settings: Any) -> cogrid.CoGridEnv:
    return cogrid.make(f"LevelBasedForaging-{size}x{size}-V0", **settings)


def start(
    env: cogrid.CoGridEnv, players: list[tuple[int, int, int]], foods: list[tuple[int, int, int]]
) -> dict[str, Any]:
    """Arrays of a state with players and foods at (row, column) of some level."""
    types, levels = np.zeros((2, env.tables.height, env.tables.width), dtype=np.int32)
    names = env.tables.declared.type_names
    types[...] = names.index("soil")
    types[[0, -1]] = types[:, [0, -1]] = names.index("verge")
    for row, column, level in foods:
        types[row, column], levels[row, column] = names.index("food"), level
    return {
        "agent_pos": np.array([player[:2] for player in players]),
        "agent_level": np.array([player[2] for player in players]),
        "object_type_map": types,
        "object_state_map": levels,
    }


def play(env: cogrid.CoGridEnv, arrays: dict[str, Any], *joint: tuple[str, ...]) -> Any:
    return play_everywhere(env.config, joint, start=arrays, with_jax=False)


def test_a_food_is_eaten_by_players_that_are_strong_enough_together() -> None:
    env = field(penalty=0.5)
    arrays = start(env, [(1, 2, 1), (3, 2, 2)], [(2, 2, 3)])

    alone = play(env, arrays, (LOAD, NOOP))
    together = play(env, arrays, (LOAD, LOAD))

    assert [paid.tolist() for paid in alone.rewards] == [[-0.5, 0.0]]
    assert not alone.is_done[-1]
    assert np.allclose(together.rewards, [[1 / 3, 2 / 3]])
    assert together.is_done == [True]


def test_what_is_paid_is_divided_by_the_levels_of_all_food_that_has_grown() -> None:
    env = field(size=8)
    arrays = start(env, [(1, 2, 1), (5, 4, 2)], [(2, 2, 1), (5, 5, 2)])
    episode = play(env, arrays, (LOAD, NOOP), (NOOP, LOAD))

    assert np.allclose(episode.rewards, [[1 / 3, 0], [0, 2 / 3]])
    assert episode.is_done == [False, True]


def test_who_loads_something_is_paid_its_level_times_the_foods_where_nothing_is_normalised() -> None:
    env = field(size=8, is_normalised=False)
    arrays = start(env, [(1, 2, 1), (3, 2, 2)], [(2, 2, 3), (5, 5, 2)])

    assert play(env, arrays, (LOAD, LOAD)).rewards[0].tolist() == [3.0, 6.0]


def test_food_that_is_eaten_in_a_step_is_in_the_way_until_the_next() -> None:
    env = field(size=8, num_agents=3)
    arrays = start(env, [(1, 2, 2), (3, 2, 2), (6, 6, 1)], [(2, 2, 2), (5, 3, 1)])
    episode = play(env, arrays, (LOAD, UP, NOOP), (NOOP, UP, NOOP))

    assert [pos[1] for pos in episode.trace("agent_pos")] == [[3, 2], [3, 2], [2, 2]]


def test_a_state_with_eaten_food_can_be_made_of_its_arrays() -> None:
    env = field(size=8)
    env.set_state(env.state_from_arrays(**start(env, [(1, 2, 1), (5, 4, 2)], [(2, 2, 1), (5, 5, 2)])))
    env.step({"agent_0": 5, "agent_1": 0})
    state = env.get_state()
    names = ("agent_pos", "agent_level", "object_type_map", "object_state_map")
    made = env.state_from_arrays(**{name: getattr(state, name) for name in names})

    np.testing.assert_array_equal(made.cells, state.cells)
    assert Eaten(1, levels=env.config.rules.agents[0].levels) in [  # type: ignore[attr-defined]
        env.tables.rules.compiled.cell_values[value] for value in state.cells
    ]


def test_contenders_for_a_cell_stay_and_two_may_change_places() -> None:
    env = field(size=8, num_agents=3)
    arrays = start(env, [(4, 4, 1), (4, 6, 1), (6, 5, 1)], [(2, 2, 1)])
    contest = play(env, arrays, (RIGHT, LEFT, NOOP))
    arrays["agent_pos"] = np.array([[4, 4], [4, 5], [6, 5]])
    swap = play(env, arrays, (RIGHT, LEFT, NOOP))

    assert contest.trace("agent_pos")[-1] == [[4, 4], [4, 6], [6, 5]]
    assert swap.trace("agent_pos")[-1] == [[4, 5], [4, 4], [6, 5]]


def test_the_vector_lists_what_is_in_sight_and_the_viewer_first() -> None:
    env = field(size=8, num_agents=2, n_foods=3, features=[ForagingVector(2)])
    arrays = start(env, [(4, 4, 2), (2, 6, 1)], [(2, 2, 1), (3, 4, 3), (6, 6, 2)])
    seen = play(env, arrays, (NOOP, NOOP)).observations[1].tolist()

    hidden = [-1, -1, 0]
    assert seen[0] == [0, 0, 1, 1, 2, 3, 4, 4, 2, 2, 2, 2, 0, 4, 1]
    assert seen[1] == [3, 0, 3, *hidden, *hidden, 2, 2, 1, 4, 0, 2]


def test_the_grid_shows_levels_and_where_a_player_can_go() -> None:
    env = field(size=5, num_agents=2, n_foods=1, features=[ForagingGrid(1)])
    arrays = start(env, [(0, 1, 2), (0, 0, 1)], [(1, 1, 3)])
    seen = play(env, arrays, (NOOP, NOOP)).observations[1][0]

    assert seen[..., 0].tolist() == [[0, 0, 0], [1, 2, 0], [0, 0, 0]]
    assert seen[..., 1].tolist() == [[0, 0, 0], [0, 0, 0], [0, 3, 0]]
    assert seen[..., 2].tolist() == [[0, 0, 0], [0, 0, 1], [1, 0, 1]]


def test_a_field_need_not_be_square() -> None:
    env = field(size=8, layout=layouts.field(5, 9), n_foods=3, features=["foraging_grid"])
    state = first_states(env, 50)

    assert env.observation_space("agent_0").shape == (19, 19, 3)
    assert (food_levels(env, state).reshape(50, 5, 9)[:, [0, 4]] == 0).all()
    assert (np.count_nonzero(food_levels(env, state), axis=1) == 3).all()


@pytest.mark.parametrize("settings", [{"is_cooperative": True, "sight": 2}, {"penalty": 0.1, "num_agents": 4}])
def test_every_engine_plays_alike(settings: dict[str, Any]) -> None:
    env = field(size=5, n_foods=3, **settings)
    generator = np.random.default_rng(0)
    actions = generator.choice(6, size=(40, env.config.num_agents), p=[0.05, 0.15, 0.15, 0.15, 0.15, 0.35])

    play_everywhere(env.config, actions.tolist(), seed=3, with_jax=False)


@pytest.mark.long
@needs_jax
def test_jax_plays_alike_and_scaled_observations_too() -> None:
    settings: dict[str, Any] = {"observation_dtype": "float32", "scale_observations": True}
    env = field(size=5, n_foods=2, num_agents=3, sight=2, **settings)
    actions = np.random.default_rng(1).integers(6, size=(30, 3))

    episode = play_everywhere(env.config, actions.tolist(), seed=1)

    assert episode.observations[0].dtype == np.float32
    assert 0 <= np.min(episode.observations) <= np.max(episode.observations) <= 1


def first_states(env: cogrid.CoGridEnv, n_states: int = 3000) -> Any:
    keys = np.stack([np.zeros(n_states), np.arange(n_states)], axis=-1).astype(np.uint32)
    return env.game.reset(keys)[0]


def food_levels(env: cogrid.CoGridEnv, state: Any) -> Any:
    values = env.tables.rules.compiled.cell_values
    return np.array([value.level if isinstance(value, Food) else 0 for value in values])[state.cells]


@pytest.mark.parametrize("is_cooperative", [False, True])
def test_food_is_at_most_as_heavy_as_the_three_weakest_players_together(is_cooperative: bool) -> None:
    env = field(size=6, num_agents=4, n_foods=1, is_cooperative=is_cooperative)
    state = first_states(env)
    lowest, food = np.sort(state.agent_level, axis=1)[:, :3].sum(axis=1), food_levels(env, state).max(axis=1)

    for together in range(3, 7):
        counts = np.bincount(food[lowest == together], minlength=together + 1)[1:].tolist()
        if is_cooperative:
            assert sum(counts) == counts[together - 1] > 0
        else:
            assert_frequencies(counts, [1] * together)


def test_levels_and_starts_are_uniform_and_food_grows_inside_apart_and_not_under_players() -> None:
    env = field(size=5, num_agents=2, n_foods=3)
    state = first_states(env)
    rows, columns = np.divmod(np.arange(25), 5)

    assert_frequencies(np.bincount(state.agent_cell[:, 0], minlength=25).tolist(), [1] * 25)
    assert_frequencies(np.bincount((state.agent_level * [2, 1]).sum(axis=1) - 3, minlength=4).tolist(), [1] * 4)
    is_food = food_levels(env, state) > 0
    assert not is_food[:, (rows % 4 == 0) | (columns % 4 == 0)].any()
    assert not np.take_along_axis(is_food, np.asarray(state.agent_cell), axis=1).any()
    for cells in is_food[:200]:
        places = np.argwhere(cells.reshape(5, 5))
        away = np.abs(places[:, None] - places[None])[~np.eye(len(places), dtype=bool)]
        assert len(places) in (1, 2)
        assert all(distance in ([1, 2], [2, 1], [2, 2]) for distance in away.tolist())


def test_shares_are_told_apart_by_what_they_are_worth() -> None:
    levels = Levels(n_players=3)

    assert len(set(levels.shares)) == len(levels.shares) < 40
    assert levels.share(2, 3, 6) == levels.share(1, 3, 3) == 1
    assert levels.of_food(0) == range(1, 7)
    assert levels.of_food(3) == range(1, 4)
    assert Eaten(2).load(Player(), strength=1) is None


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_foods": 0}, "n_foods is an integer"),
        ({"n_foods": 500}, "500 foods of level 4 at most are more"),
        ({"penalty": -1}, "penalty is a finite number"),
        ({"player_levels": (2, 1)}, "the first level is the least"),
        ({"player_levels": 2}, "player_levels is a pair"),
        ({"player_levels": (1, None)}, "Only the greatest level of food"),
        ({"food_levels": (3, None)}, "food of level 3 at least, and 2 at most"),
        ({"player_levels": (1, 9)}, "too many levels"),
        ({"sight": 0}, "sight is a number of cells"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        field(**settings)
