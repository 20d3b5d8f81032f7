"""Plays the multi-robot warehouse of rware 2.0.0 and writes down everything: run with its own Python.

Nothing of this library is imported here, so that what is recorded owes nothing to it. One thing of the original is
replaced: among equally long chains of robots that want one cell it goes by the order of a Python set, here the robot
with the lowest number goes. How often that made a difference is counted.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
from typing import Any

import numpy as np

nx: Any = importlib.import_module("networkx")
game: Any = importlib.import_module("rware.warehouse")

NOOP, FORWARD, LEFT, RIGHT, TOGGLE = range(5)
OUR_DIRECTION = {game.Direction.RIGHT: 0, game.Direction.DOWN: 1, game.Direction.LEFT: 2, game.Direction.UP: 3}
STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))
EPISODE_STEPS = 500
LAYERS = [
    game.ImageLayer.SHELVES,
    game.ImageLayer.REQUESTS,
    game.ImageLayer.AGENTS,
    game.ImageLayer.GOALS,
    game.ImageLayer.ACCESSIBLE,
]


class Ties:
    """Chooses the chain of robots that goes, and counts where the original would have chosen another one."""

    def __init__(self, env: Any) -> None:
        self.env = env
        self.original = nx.algorithms.dag_longest_path
        self.n_others = 0
        nx.algorithms.dag_longest_path = self.longest_path

    def longest_path(self, graph: Any) -> list[Any]:
        """The longest path to the only cell that leads nowhere; among equal ones by the robots' numbers."""
        order = list(nx.topological_sort(graph))
        length = {}
        for node in order:
            length[node] = 1 + max((length[before] for before in graph.pred[node]), default=0)
        path = [next(node for node in order if not graph.succ[node])]
        while graph.pred[path[-1]]:
            path.append(max(graph.pred[path[-1]], key=lambda node: (length[node], -self.number(node))))
        self.n_others += set(path) != set(self.original(graph))
        return path[::-1]

    def number(self, node: tuple[int, int]) -> int:
        return int(self.env.grid[0, node[1], node[0]])


class Picks:
    """The original's generator, which keeps what was requested anew in a step."""

    def __init__(self, generator: Any) -> None:
        self.generator = generator
        self.picked: list[Any] = []

    def choice(self, candidates: Any, **settings: Any) -> Any:
        chosen = self.generator.choice(candidates, **settings)
        if not settings:
            self.picked.append((chosen, len(self.picked)))
        return chosen


class Driver:
    """Picks the actions of one episode: at random, or on errands between racks and goals, with slips."""

    def __init__(self, env: Any, style: str, rng: random.Random) -> None:
        self.env, self.style, self.rng = env, style, rng
        height, width = env.grid_size
        self.cells = [(x, y) for y in range(height) for x in range(width)]

    def act(self) -> list[int]:
        return [self.act_one(agent) for agent in self.env.agents]

    def act_one(self, agent: Any) -> int:
        if self.style == "uniform" or self.rng.random() < 0.15:
            return self.rng.choices(range(5), weights=(1, 4, 1, 1, 1))[0]
        place = agent.x, agent.y
        goals = self.goals_of(agent)
        if place in goals:
            return NOOP if agent.carrying_shelf in self.env.request_queue and agent.carrying_shelf else TOGGLE
        return self.towards(agent, goals)

    def goals_of(self, agent: Any) -> set[tuple[int, int]]:
        """Where a robot wants to be: at a goal, at a free rack, or beneath a requested shelf."""
        env = self.env
        if agent.carrying_shelf is None:
            return {(shelf.x, shelf.y) for shelf in env.request_queue}
        if agent.carrying_shelf in env.request_queue:
            return set(env.goals)
        return {(x, y) for x, y in self.cells if not env.highways[y, x] and not env.grid[1, y, x]}

    def towards(self, agent: Any, goals: set[tuple[int, int]]) -> int:
        """The first action of a shortest way, other robots left aside."""
        start = (agent.x, agent.y)
        height, width = self.env.grid_size
        edge, came = [start], {start: start}
        while edge and not goals & came.keys():
            following = []
            for x, y in edge:
                for right, down in STEPS:
                    cell = x + right, y + down
                    inside = 0 <= cell[0] < width and 0 <= cell[1] < height
                    if inside and cell not in came and not self.is_blocked(agent, cell):
                        came[cell] = (x, y)
                        following.append(cell)
            edge = following
        reached = sorted(goals & came.keys())
        if not reached:
            return self.rng.randrange(5)
        cell = reached[0]
        while came[cell] != start:
            cell = came[cell]
        way = STEPS.index((cell[0] - start[0], cell[1] - start[1]))
        turn = (way - OUR_DIRECTION[agent.dir]) % 4
        return (FORWARD, RIGHT, RIGHT, LEFT)[turn]

    def is_blocked(self, agent: Any, cell: tuple[int, int]) -> bool:
        x, y = cell
        return agent.carrying_shelf is not None and bool(self.env.grid[1, y, x]) and not self.env.highways[y, x]


def snapshot(env: Any) -> dict[str, Any]:
    """The state of the original, as arrays."""
    carried = {agent.carrying_shelf.id for agent in env.agents if agent.carrying_shelf is not None}
    requested = {shelf.id for shelf in env.request_queue}
    standing = np.zeros(env.grid_size, dtype=np.uint8)
    for shelf in env.shelfs:
        if shelf.id not in carried:
            standing[shelf.y, shelf.x] = 1 + (shelf.id in requested)
    load = [0 if a.carrying_shelf is None else 1 + (a.carrying_shelf.id in requested) for a in env.agents]
    return {
        "standing": standing,
        "place": np.array([a.y * env.grid_size[1] + a.x for a in env.agents], dtype=np.int16),
        "direction": np.array([OUR_DIRECTION[a.dir] for a in env.agents], dtype=np.int8),
        "load": np.array(load, dtype=np.int8),
        "has_delivered": np.array([bool(a.has_delivered) for a in env.agents]),
    }


def observe(env: Any) -> dict[str, Any]:
    """Both observations of every robot, the image turned and not."""
    env.image_observation_layers = LAYERS
    seen: dict[str, Any] = {"vector": np.stack([env._get_default_obs(agent) for agent in env.agents])}
    for name, is_turned in (("image", True), ("image_north", False)):
        env.image_observation_directional = is_turned
        planes = np.stack([env._make_img_obs(agent) for agent in env.agents])
        seen[name] = np.moveaxis(planes, 1, -1)
    return {name: values.astype(np.uint8) for name, values in seen.items()}


def play(settings: dict[str, Any], n_steps: int, seed: int, observe_every: int) -> dict[str, Any]:
    """Play episodes, and return all as arrays; shorter episodes are filled up, `length` says how long each is."""
    mode = game.RewardType[settings["reward"].upper()]
    env = game.Warehouse(
        settings["columns"], 8, settings["rows"], settings["robots"], 0, settings["radius"], settings["requests"],
        None, EPISODE_STEPS, mode,
    )  # fmt: skip
    ties, rng = Ties(env), random.Random(seed)
    episodes, n_cut = [], 0
    for number in range(max(1, -(-n_steps // EPISODE_STEPS))):
        env.reset(seed=seed * 1000 + number)
        picks = env._np_random = Picks(env.np_random)
        driver = Driver(env, "errands" if number % 3 else "uniform", rng)
        rows = [snapshot(env)]
        told: dict[str, list[Any]] = {"actions": [], "rewards": [], "picks": [], "done": []}
        seen = [observe(env)]
        for time in range(EPISODE_STEPS):
            actions = driver.act()
            picks.picked = []
            _, rewards, done, _, _ = env.step(actions)
            if is_delivered_twice_over(env, picks.picked):
                n_cut += 1
                break
            cells = [shelf.y * env.grid_size[1] + shelf.x for shelf, _ in picks.picked]
            told["actions"].append(np.array(actions, dtype=np.int8))
            told["rewards"].append(np.array(rewards, dtype=np.float32))
            told["picks"].append(np.array([*cells, -1, -1][:2], dtype=np.int16))
            told["done"].append(done)
            rows.append(snapshot(env))
            if (time + 1) % observe_every == 0:
                seen.append(observe(env))
        episodes.append((rows, told, seen))
    nx.algorithms.dag_longest_path = ties.original
    recorded = {"ties": np.array(ties.n_others), "cut": np.array(n_cut), "goals": np.array(env.goals)}
    recorded["length"] = np.array([len(told["actions"]) for _, told, _ in episodes])
    for name in episodes[0][0][0]:
        recorded[name] = joined([[row[name] for row in rows] for rows, _, _ in episodes], EPISODE_STEPS + 1)
    for name in episodes[0][1]:
        recorded[name] = joined([told[name] for _, told, _ in episodes], EPISODE_STEPS)
    for name in episodes[0][2][0]:
        recorded[name] = joined(
            [[row[name] for row in seen] for *_, seen in episodes], 1 + EPISODE_STEPS // observe_every
        )
    return recorded


def is_delivered_twice_over(env: Any, picked: list[Any]) -> bool:
    """Whether a shelf was requested anew while it stood on a goal that came later in the same step."""
    goals = [tuple(goal) for goal in env.goals]
    return bool(picked) and any((shelf.x, shelf.y) in goals for shelf, _ in picked)


def joined(columns: list[list[Any]], size: int) -> Any:
    """One array of the rows of each episode."""
    return np.stack([filled(np.array(column), size) for column in columns])


def filled(values: Any, size: int) -> Any:
    """An array with its last row repeated up to a size."""
    return (
        np.concatenate([values, np.repeat(values[-1:], size - len(values), axis=0)]) if len(values) < size else values
    )


def main() -> None:
    """Record one warehouse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", help="columns, rows, robots, requests, reward and radius, as JSON")
    parser.add_argument("out")
    parser.add_argument("--steps", type=int, default=EPISODE_STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--observe-every", type=int, default=10)
    options = parser.parse_args()
    recorded = play(json.loads(options.settings), options.steps, options.seed, options.observe_every)
    np.savez_compressed(options.out, **recorded)


if __name__ == "__main__":
    main()
