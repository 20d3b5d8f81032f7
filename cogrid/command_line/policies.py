"""Who plays: at random, by script, or by a function of the user's."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.backend.threefry import seed_words
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.overcooked.array_config import build_overcooked_scope_config
from cogrid.envs.overcooked.scripted import scripted_actions
from cogrid.envs.scripts import SCRIPT_NAMES, scripted_policy
from cogrid.errors import ConfigError, can_be_called
from cogrid.learning.policy_file import read_policy
from cogrid.learning.tensor_file import SUFFIX
from cogrid.learning.world import import_here
from cogrid.policy import Policy, own_observation

Play = Callable[[Mapping[str, Any], CoGridEnv], Mapping[str, Any]]
"""`(observations, env) -> actions`, both by agent: what chooses all agents' actions."""


def choose_policy(name: str, env: CoGridEnv, seed: int) -> Play:
    """Who plays, by name.

    Args:
      name: "random", "scripted", a name of `cogrid.envs.scripts`, a file with a trained policy (.safetensors), or
        "module:function": a policy `(obs, key) -> action`, see `cogrid.policy`.
      env: the world to play.
      seed: of random play.
    Raises:
      ConfigError: where the world has no script, or there is no such function.
    """
    if name == "random":
        return random_play(seed)
    if name.partition("@")[0] in SCRIPT_NAMES:
        return play_each(scripted_policy(name, env))
    if name == "scripted":
        if env.tables.settings.rules != build_overcooked_scope_config():
            raise ConfigError(
                f"There is no scripted policy for {env.config.name!r}: the classic kitchens (Overcooked-...) have one."
            )
        return scripted_play
    if name.endswith(SUFFIX):
        return play_each(read_policy(pathlib.Path(name), env))
    return play_each(load_function(name))


def random_play(seed: int) -> Play:
    """Play that draws each agent's action uniformly.

    Args:
      seed: of NumPy's generator; 0 to 2**32 - 1.
    Raises:
      SeedError: for anything that is not a seed.
    """
    generator = np.random.default_rng(seed_words(seed))

    def play(observations: Mapping[str, Any], env: CoGridEnv) -> dict[str, int]:
        return {agent: int(generator.integers(env.action_space(agent).n)) for agent in env.agents}

    return play


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


def play_each(policy: Policy) -> Play:
    """Play where one policy chooses each agent's action, by the agent's own observation and key."""
    observation = own_observation(policy)

    def play(observations: Mapping[str, Any], env: CoGridEnv) -> dict[str, Any]:
        if observation is not None:
            observations = dict(zip(env.possible_agents, observation(numpy_state(env)), strict=True))
        return {agent: policy(observations[agent], env.policy_key(agent)) for agent in env.agents}

    return play


def load_function(name: str) -> Policy:
    """A function of a module, which may lie in the working directory.

    Args:
      name: "module:function".
    Raises:
      ConfigError: where there is no such module or function, or the module is no Python.
    """
    module_name, _, function_name = name.partition(":")
    if not module_name or module_name.startswith(".") or not function_name:
        raise ConfigError(f"A policy is {', '.join(SCRIPT_NAMES)}, scripted or module:function, not {name!r}.")
    function = getattr(import_here(module_name), function_name, None)
    if not callable(function):
        raise ConfigError(f"The module {module_name!r} has no function {function_name!r}.")
    if not can_be_called(function, None, None):
        raise ConfigError(f"The policy {name!r} is not a function (obs, key) -> action: it takes other arguments.")
    return cast(Policy, function)
