"""Shows what lbforaging 2.0.0 does that it hardly means to do: run with its own Python.

    .venv-peers/lbforaging-2.0.0/bin/python comparisons/proofs/recorders/foraging_faults.py

Each function sets a scene and says what the original made of it.
"""

from __future__ import annotations

import importlib
from typing import Any

game: Any = importlib.import_module("lbforaging.foraging.environment")

NONE, NORTH, SOUTH, WEST, EAST, LOAD = range(6)


def scene(places: list[tuple[int, int]], foods: dict[tuple[int, int], int], **settings: Any) -> Any:
    """An 8 x 8 field with players of level 1 in some places, and foods."""
    known: dict[str, Any] = {
        "players": len(places),
        "min_player_level": 1,
        "max_player_level": 1,
        "min_food_level": 1,
        "max_food_level": 1,
        "field_size": (8, 8),
        "max_num_food": 1,
        "sight": 8,
        "max_episode_steps": 50,
        "force_coop": False,
    }
    env = game.ForagingEnv(**known | settings)
    env.reset(seed=0)
    env.field[...] = 0
    for place, level in foods.items():
        env.field[place] = level
    for player, place in zip(env.players, places, strict=True):
        player.position = place
    env._gen_valid_moves()
    return env


def two_in_one_cell() -> str:
    """A player follows one that wanted to leave and was kept back by a third."""
    env = scene([(4, 2), (4, 3), (4, 5)], {(1, 1): 1})
    env.step([EAST, EAST, WEST])
    return f"players at (4, 2), (4, 3) and (4, 5) go east, east and west: {[one.position for one in env.players]}"


def food_beside_the_first_row() -> str:
    """Food in the first row or column is not found by who loads it from below or from the right."""
    env = scene([(1, 4)], {(0, 4): 1})
    try:
        env.step([LOAD])
    except TypeError as error:
        return f"a player at (1, 4) loads food at (0, 4): TypeError: {error}"
    return "food in the first row is loaded"


def sight_at_the_edge() -> str:
    """Near the first row or column players see other players further away than food."""
    seen = []
    for row in (2, 4):
        env = scene([(0, 0), (row + 1, 0)], {(row, 1): 1}, sight=2)
        food, other = env.test_make_gym_obs()[0][:3], env.test_make_gym_obs()[0][6:]
        seen.append(
            f"food {row} rows below is seen as {food.tolist()}, a player {row + 1} rows below as {other.tolist()}"
        )
    return f"with sight 2, from (0, 0): {'; '.join(seen)}"


def grid_observation() -> str:
    """The shape of its grid observation is not that of its bounds."""
    try:
        scene([(1, 4)], {(0, 4): 1}, grid_observation=True)
    except ValueError as error:
        return f"grid_observation=True: ValueError: {error}"
    return "grid observations can be made"


def fewer_foods() -> str:
    """On a small field fewer foods grow than are asked for, after a thousand tries."""
    env = game.ForagingEnv(2, 1, 2, 1, None, (5, 5), 4, 5, 50, False)
    grown = []
    for seed in range(20):
        env.reset(seed=seed)
        grown.append(int((env.field > 0).sum()))
    return f"5 x 5 cells with 4 foods, 20 resets: {sorted(set(grown))} grow"


if __name__ == "__main__":
    for show in (two_in_one_cell, food_beside_the_first_row, sight_at_the_edge, grid_observation, fewer_foods):
        print(f"{show.__name__}: {show()}")
