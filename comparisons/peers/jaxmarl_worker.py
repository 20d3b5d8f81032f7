"""Measures JaxMARL's Overcooked, whose functions take a key and a dict of actions at each step."""

from __future__ import annotations

import importlib
import itertools
import re
import time
from typing import Any

import jax
from worker_protocol import EPISODE_STEPS, Prepared, Work, Worker, draw_actions, inspect_jax, jax_device

LAYOUT = "cramped_room"
SECOND = "OvercookedV2-"
N_ACTIONS = 6


def make_env(work: Work) -> Any:
    """The cramped room, or the world that is asked for, with this library's own observation: planes of numbers."""
    if work.observation != "planes" and work.env_id is None:
        raise ValueError(f"JaxMARL has no observation {work.observation!r}.")
    make = importlib.import_module("jaxmarl").make
    if work.env_id is not None and work.env_id.startswith(SECOND):
        return make("overcooked_v2", layout=layout_name(work.env_id), max_steps=EPISODE_STEPS)
    layouts = importlib.import_module("jaxmarl.environments.overcooked").overcooked_layouts
    layout = LAYOUT if work.env_id is None else layout_name(work.env_id)
    return make("overcooked", layout=layouts[layout], max_steps=EPISODE_STEPS)


def layout_name(env_id: str) -> str:
    """The name that a layout has here: `grounded_coord_ring` for "OvercookedV2-GroundedCoordRing-V0"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", env_id.split("-")[1]).lower()


def first_of(batch: Any) -> Any:
    """The first environment's part of a batch."""
    return jax.tree.map(lambda leaf: leaf[0], batch)


def jax_loop(work: Work) -> Prepared:
    """A batch of environments without auto-reset: `jit(vmap(step_env))`, called in a Python loop."""
    env = make_env(work)
    reset, step = jax.jit(jax.vmap(env.reset)), jax.jit(jax.vmap(env.step_env))
    key = jax.random.split(jax.random.key(work.seed), work.n_envs)
    actions = draw_actions(work, N_ACTIONS)
    keys = list(jax.random.split(jax.random.key(work.seed + 1), (len(actions), work.n_envs)))
    joint_actions = [{agent: jax.device_put(row[:, idx]) for idx, agent in enumerate(env.agents)} for row in actions]
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
        return inspect_jax(step, (step_key, state, joint_action), state, work.n_envs)

    return Prepared(play=play, observe=lambda: first_of(reset(key)[0]), inspect=inspect)


def jax_scan(work: Work) -> Prepared:
    """A batch of environments in one compiled loop, with random actions and this library's auto-reset."""
    env = make_env(work)
    reset, step = jax.vmap(env.reset), jax.vmap(env.step)

    def advance(carry: tuple[Any, Any, Any], _: None) -> tuple[tuple[Any, Any, Any], Any]:
        key, state, _ = carry
        key, action_key, step_key = jax.random.split(key, 3)
        drawn = jax.random.randint(action_key, (len(env.agents), work.n_envs), 0, N_ACTIONS)
        joint_action = dict(zip(env.agents, drawn, strict=True))
        obs, state, reward, done, _ = step(jax.random.split(step_key, work.n_envs), state, joint_action)
        return (key, state, obs), (reward, done["__all__"])

    @jax.jit
    def play_all(key: Any) -> Any:
        key, reset_key = jax.random.split(key)
        obs, state = reset(jax.random.split(reset_key, work.n_envs))
        (_, state, obs), collected = jax.lax.scan(advance, (key, state, obs), None, length=work.n_steps)
        return state, obs, collected

    key = jax.random.key(work.seed)

    def play(n_steps: int) -> float:
        start = time.perf_counter()
        jax.block_until_ready(play_all(key))
        return time.perf_counter() - start

    return Prepared(play=play, observe=lambda: first_of(play_all(key)[1]), has_fixed_length=True)


if __name__ == "__main__":
    importlib.import_module("jaxmarl.environments.overcooked")
    jax_device()
    Worker("jaxmarl", {"jax_loop": jax_loop, "jax_scan": jax_scan}).serve()
