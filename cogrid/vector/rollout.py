"""`rollout`: many environments played for many steps in one compiled loop, on one device or on all of them."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode
from jaxtyping import Int, Shaped, UInt

from cogrid.backend._dispatch import check_backend
from cogrid.backend.env_state import EnvState
from cogrid.backend.meshes import on_any_mesh
from cogrid.backend.namespaces import Array, is_traced
from cogrid.backend.threefry import raw_key
from cogrid.core.actions import check_actions
from cogrid.core.draws import split_key
from cogrid.core.jax_step import StepTuple, make_jitted_step
from cogrid.errors import ConfigError, SeedError, StateError, check_integer
from cogrid.game import Game, StepResult
from cogrid.game_environment import GameEnvironment
from cogrid.policy import Policy, policy_key
from cogrid.vector.auto_reset import AutoReset, Progress, register_progress


class Rollout(NamedTuple):
    """What a rollout gives back.

    Attributes:
      state: the batched state after the last step.
      obs: `[B, A, ...]`, observations of it.
      trajectory: what `collect` kept of each step, stacked along a new first axis: `[T, B, ...]`.
    """

    state: EnvState
    obs: Shaped[Array, "..."]
    trajectory: Any


def without_observations(step: StepResult) -> StepResult:
    """Keep all of a step but states and observations, which are large: None stands for them."""
    return step._replace(state=None, obs=None, final_obs=None, last_obs=None)


def everything(step: StepResult) -> StepResult:
    """Keep all of a step but the state, and the observations after it, which are the next step's `last_obs`."""
    return step._replace(state=None, obs=None)


def step_in_place(env: GameEnvironment | Game) -> Callable[[EnvState, Any, Any], StepTuple]:
    """The step of a batch that writes its observations into the memory of those before.

    For a loop of your own over many environments: memory that is fresh from the system costs more than the step. The
    observations that are handed in are deleted; reading them afterwards is an error.

    Args:
      env: an environment of any kind, or a game; it is played in JAX.
    Returns:
      `(state, obs, actions) -> (state, obs, reward, done, info)`, jitted: `jax.vmap` of `env.jax_step`.
    """
    check_backend("jax")
    game = Game.of(env)
    return _step_in_place(make_jitted_step(game.observation, game.reward))


@functools.lru_cache(maxsize=64)
def _step_in_place(step: Callable[[EnvState, Any], StepTuple]) -> Callable[[EnvState, Any, Any], StepTuple]:
    import jax

    def batched(state: EnvState, obs: Any, actions: Any) -> StepTuple:
        if state.cells.ndim < 2:
            raise StateError("step_in_place steps a batch of states, and this is a single one: use env.jax_step.")
        check_actions(actions, (len(state.cells), *state.agent_cell.shape[1:]))
        return on_any_mesh(jax.vmap(step), state, actions, like=state.cells)

    return jax.jit(batched, donate_argnums=1, keep_unused=True)


def rollout(
    env: GameEnvironment | Game,
    policy: Policy,
    key: Array,
    num_envs: int,
    num_steps: int,
    *,
    collect: Callable[[StepResult], Any] = without_observations,
    mesh: Any | None = None,
    progress: bool = False,
) -> Rollout:
    """Play many environments with one policy, in one compiled loop; episodes that end are followed by the next.

    Environment i draws from its own key, `split_key(key, num_envs)[i]`, and the policy from keys of each environment
    and step, so the result does not depend on how the environments are spread over devices.

    Args:
      env: an environment of any kind, or a game; it is played in JAX.
      policy: `(obs [B, A, ...], key [B, 2]) -> actions [B, A]`, see `cogrid.policy`. Compiled once for each function;
        to change parameters without compiling again, pass `jax.tree_util.Partial(policy, parameters)`.
      key: a threefry key, typed or raw.
      num_envs: how many environments, B.
      num_steps: how many steps, T.
      collect: what to keep of each step, a `StepResult`; all but the observations by default (`everything` keeps those
        that the policy saw and those at ends, too).
      mesh: a `jax.sharding.Mesh`: the environments are spread over all its devices, which do not wait for each other.
      progress: whether to show a progress bar (on standard error).
    Returns:
      The last state and observations, and what was collected, `[T, B, ...]`.
    Raises:
      ConfigError: for a number below 1, something else than a function or a mesh, or environments that cannot be spread
        evenly over the mesh.
      SeedError: for a key of another generator, and for a batch of keys.
      ActionError: for a policy whose actions are of another shape or dtype.
    """
    check_backend("jax")
    for name, number in (("num_envs", num_envs), ("num_steps", num_steps)):
        check_integer(name, number, 1)
    for name, function in (("policy", policy), ("collect", collect)):
        if not callable(function) or not isinstance(function, Hashable):
            raise ConfigError(f"{name} is a function that can be hashed, not {function!r}.")
    raw = raw_key(key)
    if raw.ndim > 1:
        raise SeedError(f"rollout takes one key and splits it itself, not a batch of keys of shape {raw.shape[:-1]}.")
    if mesh is not None and not hasattr(mesh, "devices"):
        raise ConfigError(f"mesh is a jax.sharding.Mesh, as jax.make_mesh makes it, not {mesh!r}.")
    if mesh is not None and num_envs % mesh.size:
        raise ConfigError(f"num_envs is {num_envs}, which cannot be spread evenly over the mesh's {mesh.size} devices.")
    import jax

    functions = AutoReset(Game.of(env), AutoresetMode.SAME_STEP)
    played = policy if isinstance(policy, jax.tree_util.Partial) else jax.tree_util.Partial(policy)
    run = _compiled(functions, int(num_steps), collect, mesh, progress)
    state, obs, trajectory = run(played, _spread(raw, int(num_envs), mesh))
    return Rollout(state, obs, trajectory)


def _spread(key: UInt[Array, "2"], num_envs: int, mesh: Any | None) -> UInt[Array, "B 2"]:
    """Each environment's key, where its device is; every process makes its own devices' part."""
    import jax

    if is_traced(key):  # The rollout is part of a compiled function.
        return split_key(key, num_envs)
    keys = split_key(np.asarray(key), num_envs)
    if mesh is None:
        return jax.numpy.asarray(keys)
    sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(mesh.axis_names))
    return jax.make_array_from_callback(keys.shape, sharding, lambda index: keys[index])


@functools.lru_cache(maxsize=64)
def _compiled(
    functions: AutoReset,
    num_steps: int,
    collect: Callable[[StepResult], Any],
    mesh: Any | None,
    progress: bool,
) -> Callable[[Any, Any], tuple[EnvState, Any, Any]]:
    import jax

    register_progress()

    def run(policy: Policy, keys: UInt[Array, "B 2"]) -> tuple[EnvState, Any, Any]:
        def step(carry: tuple[Progress, Any], time: Int[Array, ""]) -> tuple[tuple[Progress, Any], Any]:
            where, obs = carry
            actions = policy(obs, policy_key(where.state))
            where, made = functions.step(where, actions)
            if progress:
                _report(time, num_steps, mesh)
            return (where, made.obs), collect(made._replace(last_obs=obs, action=actions))

        (end, obs), trajectory = jax.lax.scan(step, functions.start(keys), jax.numpy.arange(num_steps, dtype=np.int32))
        return end.state, obs, trajectory

    if mesh is None:
        return jax.jit(run)
    spread = jax.sharding.PartitionSpec(mesh.axis_names)
    stacked = jax.sharding.PartitionSpec(None, mesh.axis_names)
    whole = jax.sharding.PartitionSpec()
    parts = {"mesh": mesh, "in_specs": (whole, spread), "out_specs": (spread, spread, stacked)}
    return jax.jit(jax.shard_map(run, check_vma=False, **parts))


def _report(time: Int[Array, ""], num_steps: int, mesh: Any | None) -> None:
    """Show progress from inside the compiled loop, a hundred times at most, from the first device only."""
    import jax

    is_due = (time + 1) % max(1, num_steps // 100) == 0
    if mesh is not None:
        for axis in mesh.axis_names:
            is_due = is_due & (jax.lax.axis_index(axis) == 0)

    def show(time: Any) -> None:
        made = int(time) + 1
        end = "\n" if made >= num_steps - num_steps // 100 else ""
        print(f"\r{made:,} of {num_steps:,} steps ({100 * made // num_steps} %)", end=end, file=sys.stderr, flush=True)

    jax.lax.cond(is_due, lambda time: jax.debug.callback(show, time), lambda time: None, time)
