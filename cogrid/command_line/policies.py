"""Who plays: at random, by script, or by a function of the user's."""

from __future__ import annotations

import importlib
import pathlib
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.backend.threefry import seed_words
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.overcooked.array_config import build_overcooked_scope_config
from cogrid.envs.overcooked.scripted import scripted_actions
from cogrid.errors import ConfigError

WorldPolicy = Callable[[Mapping[str, Any], CoGridEnv], Mapping[str, Any]]
"""`(observations, env) -> actions`, both by agent."""


def choose_policy(name: str, env: CoGridEnv, seed: int) -> WorldPolicy:
    """The policy of a name.

    Args:
      name: "random", "scripted" or "module:function".
      env: the world to play.
      seed: of random play.
    Raises:
      ConfigError: where the world has no script, or there is no such function.
    """
    if name == "random":
        return random_play(seed)
    if name == "scripted":
        if env.tables.settings.rules != build_overcooked_scope_config():
            raise ConfigError(
                f"There is no scripted policy for {env.config.name!r}: the classic kitchens (Overcooked-...) have one."
            )
        return scripted_play
    return checked_play(name, load_function(name))


def random_play(seed: int) -> WorldPolicy:
    """A policy that draws each agent's action uniformly.

    Args:
      seed: of NumPy's generator; 0 to 2**32 - 1.
    Raises:
      SeedError: for a seed that is none.
    """
    generator = np.random.default_rng(seed_words(seed))

    def policy(observations: Mapping[str, Any], env: CoGridEnv) -> dict[str, int]:
        return {agent: int(generator.integers(env.action_space(agent).n)) for agent in env.agents}

    return policy


def scripted_play(observations: Mapping[str, Any], env: CoGridEnv) -> dict[str, int]:
    """The cooks of `cogrid.envs.overcooked.scripted`."""
    return dict(zip(env.possible_agents, scripted_actions(numpy_state(env)), strict=True))


def numpy_state(env: CoGridEnv) -> EnvState:
    """A snapshot as NumPy arrays, from either backend."""
    state = env.get_state()
    if env.backend == "jax":
        import jax

        return jax.tree.map(np.asarray, state)
    return state


def checked_play(name: str, policy: WorldPolicy) -> WorldPolicy:
    """The same policy; that it chose an action for each agent is checked at every step.

    Args:
      name: what to call it where it did not.
      policy: a function of the user's.
    """

    def checked(observations: Mapping[str, Any], env: CoGridEnv) -> Mapping[str, Any]:
        actions = policy(observations, env)
        if not isinstance(actions, Mapping):
            raise ConfigError(
                f"The policy {name!r} returned {actions!r}, and not a dict with an action for each agent."
            )
        missing = [agent for agent in env.agents if agent not in actions]
        if missing:
            raise ConfigError(f"The policy {name!r} chose no action for {', '.join(missing)}: it returned {actions!r}.")
        return actions

    return checked


def load_function(name: str) -> WorldPolicy:
    """A function of a module, which may lie in the working directory.

    Args:
      name: "module:function".
    Raises:
      ConfigError: where there is no such module or function, or the module is no Python.
    """
    module_name, _, function_name = name.partition(":")
    if not module_name or module_name.startswith(".") or not function_name:
        raise ConfigError(f"A policy is random, scripted or module:function, not {name!r}.")
    here = str(pathlib.Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        function = getattr(importlib.import_module(module_name), function_name, None)
    except (ImportError, SyntaxError) as error:
        raise ConfigError(f"The module of the policy {name!r} cannot be imported: {error}") from error
    if not callable(function):
        raise ConfigError(f"The module {module_name!r} has no function {function_name!r}.")
    return cast(WorldPolicy, function)
