"""Measures this library by the protocol by which its peers are measured: `python -m comparisons.own_worker`."""

from __future__ import annotations

import importlib.util
import itertools
import time
from typing import Any

from gymnasium.vector import AutoresetMode

from cogrid.benchmarks.units import jax_play, numpy_play
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.overcooked.layouts import LAYOUTS
from cogrid.envs.registry import make
from cogrid.game import StepResult
from cogrid.policy import random_policy
from cogrid.vector.environment import CoGridVectorEnv
from cogrid.vector.rollout import rollout, step_in_place
from comparisons.peers.worker_protocol import (
    EPISODE_STEPS,
    Prepared,
    Work,
    Worker,
    draw_actions,
    inspect_jax,
    jax_device,
)
from comparisons.worlds import PUBLISHED, dials, kitchen

LAYOUT = "CrampedRoom"
FEATURES: dict[str, tuple[str, ...]] = {
    "planes": ("object_planes",),
    "position": ("agent_position",),
    "short": ("agent_position", "agent_dir", "can_move_direction", "inventory"),
}


def make_env(work: Work, backend: str) -> CoGridEnv:
    """The world that is asked for; what the cramped room's own agents observe are 443 numbers.

    Args:
      work: what is asked for.
      backend: "numpy" or "jax".
    """
    if work.n_values is not None:
        return CoGridEnv(dials(work.n_values, work.n_agents, FEATURES[work.observation], EPISODE_STEPS), backend)
    if work.grid is not None:
        return CoGridEnv(kitchen(work.grid, work.n_agents, FEATURES[work.observation], EPISODE_STEPS), backend)
    overrides: dict[str, Any] = {"max_steps": EPISODE_STEPS}
    if work.observation in FEATURES:
        overrides["features"] = FEATURES[work.observation]
    if work.env_id in PUBLISHED:
        env_id, settings = PUBLISHED[work.env_id]
        return make(env_id, backend=backend, **settings)
    if work.env_id is not None:
        return make(work.env_id, backend=backend, **overrides)
    overrides["num_agents"] = work.n_agents
    if not work.has_outer_wall:
        overrides["layout"] = [row[1:-1] for row in LAYOUTS[LAYOUT].strip().splitlines()[1:-1]]
    return make(f"Overcooked-{LAYOUT}-V0", backend=backend, **overrides)


def numpy_single(work: Work) -> Prepared:
    """One environment under NumPy: `CoGridEnv.step`, dicts in and out."""
    env = make_env(work, "numpy")
    play = numpy_play(env, draw_actions(work, len(env.tables.action_set))[:, 0], work.seed)

    return Prepared(play=play, observe=lambda: env.reset(seed=work.seed)[0])


def numpy_episodes(work: Work) -> Prepared:
    """One environment under NumPy, reset where its episode ends, outside of the clock."""
    env = make_env(work, "numpy")
    drawn = draw_actions(work, len(env.tables.action_set))[:, 0].tolist()
    actions = [dict(zip(env.possible_agents, row, strict=True)) for row in drawn]

    def play(n_steps: int) -> float:
        env.reset(seed=work.seed)
        taken, start = 0.0, time.perf_counter()
        for joint_action in itertools.islice(itertools.cycle(actions), n_steps):
            env.step(joint_action)
            if not env.agents:
                taken += time.perf_counter() - start
                env.reset()
                start = time.perf_counter()
        return taken + time.perf_counter() - start

    return Prepared(play=play, observe=lambda: env.reset(seed=work.seed)[0])


def numpy_vector(work: Work) -> Prepared:
    """A batch of environments under NumPy: `CoGridVectorEnv.step`, without auto-reset, observations copied."""
    env = make_env(work, "numpy")
    actions = list(draw_actions(work, len(env.tables.action_set)))
    batch = CoGridVectorEnv(env.config, work.n_envs, autoreset_mode=AutoresetMode.DISABLED)

    def play(n_steps: int) -> float:
        batch.reset(seed=work.seed)
        start = time.perf_counter()
        for joint_action in itertools.islice(itertools.cycle(actions), n_steps):
            batch.step(joint_action)
        return time.perf_counter() - start

    return Prepared(play=play, observe=lambda: batch.reset(seed=work.seed)[0][0])


def jax_loop(work: Work) -> Prepared:
    """One environment, or a batch without auto-reset, under JAX: the compiled step, called in a Python loop."""
    import jax

    env = make_env(work, "jax")
    reset, step, key = env.jax_reset, env.jax_step, jax.random.key(work.seed)
    actions = draw_actions(work, len(env.tables.action_set))
    is_batch = work.kind == "jax_loop"
    if is_batch:
        reset, step, key = jax.jit(jax.vmap(reset)), jax.jit(jax.vmap(step)), jax.random.split(key, work.n_envs)
    else:
        actions = actions[:, 0]
    played = step_in_place(env) if work.reuses_memory else step

    def inspect() -> dict[str, Any]:
        state = reset(key)[0]
        return inspect_jax(jax.jit(step), (state, actions[0]), state, work.n_envs)

    def observe() -> Any:
        obs = reset(key)[1]
        return obs[0] if is_batch else obs

    return Prepared(play=jax_play(reset, played, key, actions, work.reuses_memory), observe=observe, inspect=inspect)


def reward_and_done(step: StepResult) -> tuple[Any, Any]:
    """What is kept of each step of a rollout."""
    return step.reward, step.done


def jax_scan(work: Work) -> Prepared:
    """A batch of environments in one compiled loop: `rollout` with random actions and auto-reset."""
    import jax

    env = make_env(work, "jax")
    policy = random_policy(len(env.tables.action_set), work.n_agents)
    key = jax.random.key(work.seed)

    def play_all() -> Any:
        return rollout(env, policy, key, work.n_envs, work.n_steps, collect=reward_and_done)

    def play(n_steps: int) -> float:
        start = time.perf_counter()
        jax.block_until_ready(tuple(play_all()))
        return time.perf_counter() - start

    return Prepared(play=play, observe=lambda: play_all().obs[0], has_fixed_length=True)


BUILDERS = {
    "numpy_single": numpy_single,
    "numpy_episodes": numpy_episodes,
    "numpy_vector": numpy_vector,
    "jax_single": jax_loop,
    "jax_loop": jax_loop,
    "jax_scan": jax_scan,
}

if __name__ == "__main__":
    if importlib.util.find_spec("jax") is not None:
        importlib.import_module("jax")
        jax_device()
    Worker(None, BUILDERS).serve()
