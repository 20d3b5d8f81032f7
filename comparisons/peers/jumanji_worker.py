"""Measures jumanji's foraging and warehouse, whose functions take a state and an action."""

from __future__ import annotations

import importlib
import itertools
import time
from typing import Any

import jax
from worker_protocol import Prepared, Work, Worker, draw_actions, inspect_jax, jax_device

WORLDS = {"cooperative-foraging": "LevelBasedForaging-v0", "small-warehouse": "RobotWarehouse-v0"}
"""This library's name of each world that is asked for."""


def jax_loop(work: Work) -> Prepared:
    """A batch of environments without auto-reset: `jit(vmap(step))`, called in a Python loop."""
    env = importlib.import_module("jumanji").make(WORLDS[work.env_id or ""])
    reset, step = jax.jit(jax.vmap(env.reset)), jax.jit(jax.vmap(env.step))
    key = jax.random.split(jax.random.key(work.seed), work.n_envs)
    n_actions = int(env.action_spec.num_values[0])
    actions = [jax.device_put(row) for row in draw_actions(work, n_actions)]

    def play(n_steps: int) -> float:
        state, _ = jax.block_until_ready(reset(key))
        result: Any = None
        start = time.perf_counter()
        for joint_action in itertools.islice(itertools.cycle(actions), n_steps):
            result = step(state, joint_action)
            state = result[0]
        jax.block_until_ready(result)
        return time.perf_counter() - start

    def inspect() -> dict[str, Any]:
        state = reset(key)[0]
        return inspect_jax(step, (state, actions[0]), state, work.n_envs)

    return Prepared(play=play, observe=lambda: reset(key)[1].observation.agents_view[0], inspect=inspect)


if __name__ == "__main__":
    importlib.import_module("jumanji")
    jax_device()
    Worker("jumanji", {"jax_loop": jax_loop}).serve()
