"""Plays Level-Based Foraging of lbforaging 2.0.0 and writes down everything: run with its own Python.

Nothing of this library is imported here, so that what is recorded owes nothing to it. An episode ends in front of the
first step that puts two players into one cell; these are counted.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
from typing import Any

import numpy as np

game: Any = importlib.import_module("lbforaging.foraging.environment")

EPISODE_STEPS = 50
NONE, NORTH, SOUTH, WEST, EAST, LOAD = range(6)
STEPS = {NORTH: (-1, 0), SOUTH: (1, 0), WEST: (0, -1), EAST: (0, 1)}


class Anything:
    """In place of the space of its grid observation, which cannot be made: its shape is not that of its bounds."""

    def contains(self, observation: Any) -> bool:
        return True


def make_grid(settings: dict[str, Any]) -> Any:
    """The original's environment, showing its grid observation."""
    env = make(settings)
    env._grid_observation = True
    env.observation_space = [Anything()] * settings["players"]
    return env


def make(settings: dict[str, Any]) -> Any:
    """The original's environment."""
    return game.ForagingEnv(
        players=settings["players"],
        min_player_level=settings["player_levels"][0],
        max_player_level=settings["player_levels"][1],
        min_food_level=settings["food_levels"][0],
        max_food_level=settings["food_levels"][1],
        field_size=(settings["size"], settings["size"]),
        max_num_food=settings["foods"],
        sight=settings["size"] if settings["sight"] is None else settings["sight"],
        max_episode_steps=EPISODE_STEPS,
        force_coop=settings["is_cooperative"],
        normalize_reward=settings["is_normalised"],
        observe_agent_levels=settings["sees_levels"],
        penalty=settings["penalty"],
    )


class Driver:
    """Moves the players: at random, or to food, each to the nearest or all to the same."""

    def __init__(self, env: Any, mode: str, rng: random.Random) -> None:
        self.env, self.mode, self.rng = env, mode, rng

    def act(self) -> list[int]:
        foods = list(zip(*map(list, np.nonzero(self.env.field)), strict=True))
        return [self.act_of(player, foods) for player in self.env.players]

    def act_of(self, player: Any, foods: list[tuple[int, int]]) -> int:
        if self.mode == "uniform" or not foods or self.rng.random() < 0.15:
            return self.rng.randrange(6)
        row, column = player.position
        away = [abs(food_row - row) + abs(food_column - column) for food_row, food_column in foods]
        nearest = 0 if self.mode == "together" else away.index(min(away))
        if min(away) == 1 and (self.mode != "together" or away[0] == 1):
            return LOAD if self.rng.random() < 0.8 else self.rng.randrange(6)
        down, right = foods[nearest][0] - row, foods[nearest][1] - column
        ways = [SOUTH if down > 0 else NORTH] * abs(down) + [EAST if right > 0 else WEST] * abs(right)
        return self.rng.choice(ways or [NONE])


def snapshot(env: Any) -> dict[str, Any]:
    """The state."""
    columns = env.field_size[1]
    return {
        "field": env.field.reshape(-1).astype(np.int16),
        "place": np.array([row * columns + column for row, column in (one.position for one in env.players)], np.int16),
        "level": np.array([player.level for player in env.players], np.int16),
    }


def observe(env: Any, grid_env: Any) -> dict[str, Any]:
    """What all players see of one state, both ways."""
    for name in ("players", "field", "_valid_actions", "current_step", "_game_over"):
        setattr(grid_env, name, getattr(env, name))
    return {
        "vector": np.stack(env._make_gym_obs()).astype(np.int16),
        "grid": np.moveaxis(np.stack(grid_env._make_gym_obs()), 1, -1).astype(np.int16),
    }


def play(settings: dict[str, Any], n_steps: int, seed: int, observe_every: int) -> dict[str, Any]:
    """Play so many steps, in episodes of 50 at most."""
    env, grid_env, rng = make(settings), make_grid(settings), random.Random(seed)
    episodes: list[Any] = []
    n_played = n_cut = 0
    while n_played < n_steps:
        env.reset(seed=seed * 100_000 + len(episodes))
        driver = Driver(env, ("uniform", "nearest", "together", "nearest")[len(episodes) % 4], rng)
        rows, seen = [snapshot(env)], [observe(env, grid_env)]
        told: dict[str, list[Any]] = {"actions": [], "rewards": [], "done": []}
        for time in range(EPISODE_STEPS):
            actions = driver.act()
            _, rewards, done, _, _ = env.step(actions)
            if len({player.position for player in env.players}) < len(env.players):
                n_cut += 1
                break
            told["actions"].append(np.array(actions, dtype=np.int8))
            told["rewards"].append(np.array(rewards, dtype=np.float64).astype(np.float32))
            told["done"].append(done)
            rows.append(snapshot(env))
            if (time + 1) % observe_every == 0:
                seen.append(observe(env, grid_env))
            if done:
                break
        n_played += len(told["actions"])
        if told["actions"]:
            episodes.append((rows, told, seen))
        else:
            seed += 1  # Another start in place of one that cannot be compared.
    recorded: dict[str, Any] = {"cut": np.array(n_cut)}
    recorded["length"] = np.array([len(told["actions"]) for _, told, _ in episodes])
    for name in episodes[0][0][0]:
        recorded[name] = joined([[row[name] for row in rows] for rows, _, _ in episodes], EPISODE_STEPS + 1)
    for name in episodes[0][1]:
        recorded[name] = joined([told[name] for _, told, _ in episodes], EPISODE_STEPS)
    for name in episodes[0][2][0]:
        n_seen = 1 + EPISODE_STEPS // observe_every
        recorded[name] = joined([[row[name] for row in seen] for *_, seen in episodes], n_seen)
    return recorded


def starts(settings: dict[str, Any], n_starts: int, seed: int) -> dict[str, Any]:
    """The first states of so many episodes."""
    env = make(settings)
    env.seed(seed)
    rows = []
    for _ in range(n_starts):
        env.reset()
        rows.append(snapshot(env))
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def joined(columns: list[list[Any]], size: int) -> Any:
    """One array of the rows of each episode."""
    return np.stack([filled(np.array(column), size) for column in columns])


def filled(values: Any, size: int) -> Any:
    """An array with its last row repeated up to a size."""
    if len(values) == size:
        return values
    return np.concatenate([values, np.repeat(values[-1:], size - len(values), axis=0)])


def main() -> None:
    """Record one field."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", help="what `make` reads, as JSON")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int, default=EPISODE_STEPS)
    parser.add_argument("--starts", type=int, default=0, help="record so many first states, and no steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--observe-every", type=int, default=5)
    options = parser.parse_args()
    settings = json.loads(options.settings)
    if options.starts:
        recorded = starts(settings, options.starts, options.seed)
    else:
        recorded = play(settings, options.steps, options.seed, options.observe_every)
    np.savez_compressed(options.out, **recorded)


if __name__ == "__main__":
    main()
