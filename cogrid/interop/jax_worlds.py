"""What the adapters to JAX libraries share: the environment behind them, and the shaped reward of a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import Float, Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.reward import TotalReward, read_rewards
from cogrid.envs.registry import make
from cogrid.errors import ConfigError

ShapedRewardFn = Callable[[EnvState, EnvState, Any], Any]
"""`(state before, state after, actions) -> [A]` float32: what each agent is told, and not paid."""


def jax_env(env: str | CoGridEnv, overrides: Mapping[str, Any]) -> CoGridEnv:
    """The environment that an adapter is to wrap.

    Args:
      env: the id of an environment, or one whose backend is "jax".
      overrides: with an id, settings to change, as for `cogrid.make`.
    Raises:
      ConfigError: for another backend, for settings beside an environment that is made already, and what `cogrid.make`
        raises.
    """
    if isinstance(env, str):
        return make(env, backend="jax", **overrides)
    if env.backend != "jax":
        raise ConfigError(f'{env!r} cannot be wrapped: make it with backend="jax".')
    if overrides:
        raise ConfigError(f"Settings are for an id; {env!r} is made already, without {', '.join(sorted(overrides))}.")
    return env


def shaped_reward_fn(env: CoGridEnv) -> ShapedRewardFn | None:
    """The environment's setting `shaped_rewards` as a function; None where nothing is told.

    Args:
      env: the environment.
    Returns:
      A function as `ShapedRewardFn` says; an agent that had terminated before the step is told 0.
    """
    parts = tuple(read_rewards(env.config.shaped_rewards))
    if not parts:
        return None
    total = TotalReward(parts)

    def shaped_reward(before: EnvState, after: EnvState, actions: Int[Array, "A"]) -> Float[Array, "A"]:
        return jnp.where(before.terminated, jnp.float32(0), total(before, after, actions))

    return shaped_reward
