"""What is timed: one episode's worth of steps from a fresh reset, under NumPy and under JAX.

A unit is a function without arguments that resets, runs all its steps and returns the seconds that the steps took.
Environments, keys and actions are made before, so the clock sees nothing but steps; under JAX it stops when the last
result is there.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import time
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Int

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import make
from cogrid.errors import ConfigError, did_you_mean

Unit = Callable[[], float]
Play = Callable[[int], float]
"""Resets, makes so many steps, and returns the seconds that the steps took."""

ActionKind = Literal["noop", "random"]

ACTION_KINDS: tuple[ActionKind, ...] = get_args(ActionKind)
LAYOUT = "Overcooked-CrampedRoom-V0"
SEED = 42
N_BENCHMARK_STEPS = 500
N_WARMUP_STEPS = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workload:
    """The work that is timed.

    Attributes:
      env_id: the environment.
      n_steps: steps of a unit.
      actions: "noop", or "random" for uniform ones, the same at every run.
      features: what agents observe; None for the environment's own.
      seed: of the resets and of the random actions.
    """

    env_id: str = LAYOUT
    n_steps: int = N_BENCHMARK_STEPS
    actions: ActionKind = "noop"
    features: tuple[str, ...] | None = None
    seed: int = SEED

    def __post_init__(self) -> None:
        if self.n_steps < 1:
            raise ConfigError(f"n_steps must be at least 1, not {self.n_steps}.")
        if self.actions not in ACTION_KINDS:
            raise ConfigError(f"There are no actions {self.actions!r}. {did_you_mean(self.actions, ACTION_KINDS)}")

    def make_env(self, backend: str) -> CoGridEnv:
        """Build the environment.

        Raises:
          ConfigError: when its episode is shorter than a unit.
        """
        overrides: dict[str, Any] = {} if self.features is None else {"features": self.features}
        env = make(self.env_id, backend=backend, **overrides)
        max_steps = env.config.max_steps
        if max_steps is not None and max(self.n_steps, N_WARMUP_STEPS) > max_steps:
            raise ConfigError(f"n_steps is {self.n_steps}, but an episode of {self.env_id} ends after {max_steps}.")
        return env

    def draw_actions(self, env: CoGridEnv, *batch: int) -> Int[np.ndarray, "T *B A"]:
        """The actions of all steps.

        Args:
          env: whose actions.
          batch: how many environments, if they are batched.
        Returns:
          `[T, *B, A]` int32.
        """
        shape = (self.n_steps, *batch, len(env.possible_agents))
        if self.actions == "noop":
            return np.full(shape, env.tables.action_set.noop, dtype=np.int32)
        n_actions = len(env.tables.action_set)
        return np.random.default_rng(self.seed).integers(0, n_actions, size=shape, dtype=np.int32)


def numpy_play(env: CoGridEnv, actions: Int[np.ndarray, "T A"], seed: int) -> Play:
    """Play one environment under NumPy through dicts, as PettingZoo does.

    Args:
      env: the environment.
      actions: `[T, A]` integer; after T steps they start again.
      seed: of each reset.
    """
    joint_actions = [dict(zip(env.possible_agents, row, strict=True)) for row in actions.tolist()]

    def play(n_steps: int) -> float:
        env.reset(seed=seed)
        start = time.perf_counter()
        for joint_action in itertools.islice(itertools.cycle(joint_actions), n_steps):
            env.step(joint_action)
        return time.perf_counter() - start

    return play


def jax_play(
    reset: Callable[..., Any],
    step: Callable[..., Any],
    key: Any,
    actions: Int[np.ndarray, "T *B A"],
    reuses_memory: bool = False,
) -> Play:
    """Play one environment or a batch under JAX, with compiled functions called in a Python loop.

    Args:
      reset: `key -> (state, obs)`.
      step: `(state, actions) -> (state, obs, ...)`; `(state, obs, actions)` if it reuses memory.
      key: for each reset; of a batch, its keys.
      actions: `[T, *B, A]` int32; after T steps they start again.
      reuses_memory: whether the step gets the last observations, to write the next ones into their memory.
    """
    import jax

    on_device = [jax.device_put(row) for row in actions]

    def play(n_steps: int) -> float:
        state, obs = reset(key)
        result = jax.block_until_ready((state, obs))
        start = time.perf_counter()
        for joint_action in itertools.islice(itertools.cycle(on_device), n_steps):
            result = step(*result[:2], joint_action) if reuses_memory else step(result[0], joint_action)
        jax.block_until_ready(result)
        return time.perf_counter() - start

    return play


def numpy_single_unit(workload: Workload) -> Unit:
    """One environment under NumPy, stepped through dicts."""
    env = workload.make_env("numpy")
    return _warm_unit(numpy_play(env, workload.draw_actions(env), workload.seed), workload)


def jax_single_unit(workload: Workload) -> Unit:
    """One environment under JAX: the compiled `jax_step`, called in a Python loop."""
    import jax

    env = workload.make_env("jax")
    key = jax.random.key(workload.seed)
    return _warm_unit(jax_play(env.jax_reset, env.jax_step, key, workload.draw_actions(env)), workload)


def jax_vmap_unit(workload: Workload, batch_size: int) -> Unit:
    """Many environments under JAX: `jit(vmap(jax_step))`, called in a Python loop.

    Raises:
      ConfigError: for a batch of less than one environment.
    """
    import jax

    if batch_size < 1:
        raise ConfigError(f"batch_size must be at least 1, not {batch_size}.")
    env = workload.make_env("jax")
    keys = jax.random.split(jax.random.key(workload.seed), batch_size)
    reset, step = jax.jit(jax.vmap(env.jax_reset)), jax.jit(jax.vmap(env.jax_step))
    return _warm_unit(jax_play(reset, step, keys, workload.draw_actions(env, batch_size)), workload)


def _warm_unit(play: Play, workload: Workload) -> Unit:
    play(N_WARMUP_STEPS)
    return functools.partial(play, workload.n_steps)
