"""Measures rware, the original of the multi-robot warehouse."""

from __future__ import annotations

import importlib

import gymnasium
from gymnasium_play import numpy_episodes
from worker_protocol import Prepared, Work, Worker

WORLDS = {"warehouse": "rware-tiny-2ag-v2"}
"""This library's name of each world that is asked for."""
N_ACTIONS = 5


def play(work: Work) -> Prepared:
    """One warehouse."""
    return numpy_episodes(gymnasium.make(WORLDS[work.env_id or ""]), work, N_ACTIONS)


if __name__ == "__main__":
    importlib.import_module("rware")
    Worker("rware", {"numpy_episodes": play}).serve()
