"""Measures lbforaging, the original of Level-Based Foraging."""

from __future__ import annotations

import importlib

import gymnasium
from gymnasium_play import numpy_episodes
from worker_protocol import Prepared, Work, Worker

WORLDS = {"foraging": "Foraging-8x8-2p-2f-v3"}
"""This library's name of each world that is asked for."""
N_ACTIONS = 6


def play(work: Work) -> Prepared:
    """One field."""
    return numpy_episodes(gymnasium.make(WORLDS[work.env_id or ""]), work, N_ACTIONS)


if __name__ == "__main__":
    importlib.import_module("lbforaging")
    Worker("lbforaging", {"numpy_episodes": play}).serve()
