"""What the adapters to JAX libraries share: the environment behind them, and the joint action of a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Int

from cogrid.backend.namespaces import Array
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.actions import check_actions
from cogrid.envs.registry import make
from cogrid.errors import ConfigError


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


def joint_action(chosen: Iterable[Any]) -> Int[Array, "A"]:
    """One array of what each agent does.

    Args:
      chosen: an action number for each agent, in order; of one element, whatever its shape.
    Raises:
      ActionError: before tracing, for anything that is not one integer.
    """
    columns = [jnp.asarray(number) for number in chosen]
    for idx, column in enumerate(columns):
        check_actions(column.reshape(()) if column.size == 1 else column, (), f"The actions of agent_{idx}")
    return jnp.stack([column.reshape(()).astype(np.int32) for column in columns])
