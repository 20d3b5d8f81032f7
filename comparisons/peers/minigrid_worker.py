"""Measures MiniGrid."""

from __future__ import annotations

import importlib
from typing import Any

import gymnasium
from gymnasium_play import numpy_episodes
from worker_protocol import Prepared, Work, Worker

WORLDS = {"minigrid-doors": "MiniGrid-DoorKey-8x8-v0", "minigrid-obstacles": "MiniGrid-Dynamic-Obstacles-8x8-v0"}
"""This library's name of each world that is asked for."""


def play(work: Work) -> Prepared:
    """One world."""
    env: Any = gymnasium.make(WORLDS[work.env_id or ""])
    return numpy_episodes(env, work, int(env.action_space.n))


if __name__ == "__main__":
    importlib.import_module("minigrid")
    Worker("minigrid", {"numpy_episodes": play}).serve()
