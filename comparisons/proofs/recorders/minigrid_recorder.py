"""Plays worlds of MiniGrid 3.2.0 and writes down everything: run with the Python of its own virtual environment.

Each world becomes a file, of which a line of JSON tells as soon as it is complete. Nothing of this library is imported
here, so that what is recorded owes nothing to it.
"""

from __future__ import annotations

import argparse
import json
import pathlib
from typing import Any

import gymnasium
import minigrid  # noqa: F401 - registers the worlds
import numpy as np

WEIGHTS = np.array([3, 3, 8, 1, 1, 1, 1])
"""How often each action is chosen: left, right, forward, pickup, drop, toggle, done."""

CURIOSITY = 0.7
"""How often a key that is faced is picked up, and a door tried."""

PICKUP, TOGGLE = 3, 5


def choose(env: Any, random: np.random.Generator, n_actions: int) -> int:
    """An action at random, and often what gets on with the key and the door."""
    faced = env.grid.get(*env.front_pos)
    if n_actions > TOGGLE and faced is not None and random.random() < CURIOSITY:
        if faced.type == "key" and env.carrying is None:
            return PICKUP
        if faced.type == "door" and (env.carrying is not None or not faced.is_locked):
            return TOGGLE
    weights = WEIGHTS[:n_actions]
    return int(random.choice(n_actions, p=weights / weights.sum()))


def state_of(env: Any, image: np.ndarray) -> dict[str, Any]:
    """What there is to be known of a state; of each cell its type and 16 times its state, row by row."""
    codes = env.grid.encode()
    return {
        "cells": (codes[..., 0] + 16 * codes[..., 2]).T.reshape(-1),
        "colors": codes[..., 1].T.reshape(-1),
        "place": int(env.agent_pos[1]) * env.width + int(env.agent_pos[0]),
        "direction": int(env.agent_dir),
        "carries": env.carrying is not None,
        "time": env.step_count,
        "image": image,
    }


def record(env_id: str, n_steps: int, seed: int) -> dict[str, np.ndarray]:
    """Play a world; entry i of each array is of the i-th step: the state before, the action, the state after."""
    env: Any = gymnasium.make(env_id)
    world, random = env.unwrapped, np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    before = None
    for number in range(n_steps):
        if before is None:
            seen, _ = env.reset(seed=seed * 1_000_003 + number)
            before = state_of(world, seen["image"])
        action = choose(world, random, env.action_space.n)
        seen, reward, terminated, truncated, _ = env.step(action)
        after = state_of(world, seen["image"])
        told = {"action": action, "reward": reward, "terminated": terminated, "truncated": truncated}
        rows.append({**{f"before_{name}": value for name, value in before.items()}, **after, **told})
        before = None if terminated or truncated else after
    arrays = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return arrays | {"height": np.array(world.height), "width": np.array(world.width)}


def main() -> None:
    """Record the worlds that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("ids", nargs="+")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for env_id in options.ids:
        file = f"{env_id}.npz"
        arrays: dict[str, Any] = record(env_id, options.steps, options.seed)
        np.savez_compressed(options.folder / file, **arrays)
        print(json.dumps({"id": env_id, "file": file}), flush=True)


if __name__ == "__main__":
    main()
