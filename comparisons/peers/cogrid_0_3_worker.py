"""Measures CoGrid 0.3.2, whose functions take a key and a dict of actions at each step."""

from __future__ import annotations

import copy
import importlib
import itertools
import time
from typing import Any

import jax
from worker_protocol import Prepared, Work, Worker, draw_actions, inspect_jax, jax_device

KITCHEN = "cramped_room_config"
SHORT = ["agent_position", "agent_dir", "can_move_direction", "inventory"]
N_ACTIONS = 7


def make_env(work: Work, backend: str) -> Any:
    """The cramped room, with this version's own observation, or with the features that both versions have.

    "own" is what the built-in environment observes and pays; "short" pays for deliveries only.
    """
    envs = importlib.import_module("cogrid.envs")
    config = copy.deepcopy(getattr(envs, KITCHEN))
    if work.observation == "short":
        config["features"] = SHORT
        config["rewards"] = [reward for reward in config["rewards"] if type(reward).__name__ == "DeliveryReward"]
    elif work.observation != "own":
        raise ValueError(f"CoGrid 0.3.2 has no observation {work.observation!r}.")
    environments = importlib.import_module("cogrid.cogrid_env")
    env = environments.CoGridEnv(config=config, agent_class=envs.OvercookedAgent, backend=backend)
    env.reset(seed=work.seed)
    return env


def numpy_single(work: Work) -> Prepared:
    """One environment under NumPy."""
    env = make_env(work, "numpy")
    joint_actions = [dict(enumerate(row)) for row in draw_actions(work, N_ACTIONS)[:, 0].tolist()]

    def play(n_steps: int) -> float:
        env.reset(seed=work.seed)
        start = time.perf_counter()
        for joint_action in itertools.islice(itertools.cycle(joint_actions), n_steps):
            env.step(joint_action)
        return time.perf_counter() - start

    return Prepared(play=play, observe=lambda: env.reset(seed=work.seed)[0])


def jax_loop(work: Work) -> Prepared:
    """One environment, or a batch, under JAX: the compiled step, called in a Python loop."""
    env = make_env(work, "jax")
    reset, step, key = env.jax_reset, env.jax_step, jax.random.key(work.seed)
    actions = draw_actions(work, N_ACTIONS)
    batch: tuple[int, ...] = (work.n_envs,)
    if work.kind == "jax_single":
        actions, batch = actions[:, 0], ()
    else:
        reset, step, key = jax.jit(jax.vmap(reset)), jax.jit(jax.vmap(step)), jax.random.split(key, work.n_envs)
    keys = list(jax.random.split(jax.random.key(work.seed + 1), (len(actions), *batch)))
    joint_actions = [{agent: jax.device_put(row[..., agent]) for agent in range(work.n_agents)} for row in actions]
    inputs = list(zip(keys, joint_actions, strict=True))

    def play(n_steps: int) -> float:
        result = reset(key)
        state = jax.block_until_ready(result)[1]
        start = time.perf_counter()
        for step_key, joint_action in itertools.islice(itertools.cycle(inputs), n_steps):
            result = step(step_key, state, joint_action)
            state = result[1]
        jax.block_until_ready(result)
        return time.perf_counter() - start

    def inspect() -> dict[str, Any]:
        state = reset(key)[1]
        step_key, joint_action = inputs[0]
        return inspect_jax(jax.jit(step), (step_key, state, joint_action), state, work.n_envs)

    def observe() -> Any:
        obs = reset(key)[0]
        return jax.tree.map(lambda leaf: leaf[0], obs) if batch else obs

    return Prepared(play=play, observe=observe, inspect=inspect)


if __name__ == "__main__":
    importlib.import_module("cogrid.envs.registry")
    jax_device()
    Worker("cogrid", {"numpy_single": numpy_single, "jax_single": jax_loop, "jax_loop": jax_loop}).serve()
