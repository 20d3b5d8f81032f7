"""The registry: environments by id."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any

from gymnasium.vector import AutoresetMode

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.config_factory import ConfigFactory, config_factory
from cogrid.errors import ConfigError, did_you_mean
from cogrid.vector.environment import CoGridVectorEnv
from cogrid.vector.single_agent import Policy, SingleAgentVectorEnv

__all__ = [
    "ConfigFactory",
    "EnvFactory",
    "config_factory",
    "get_factory",
    "make",
    "make_vec",
    "register",
    "registered_ids",
]

EnvFactory = Callable[..., CoGridEnv]
"""`factory(backend, render_mode, **overrides) -> CoGridEnv`"""

_FACTORIES: dict[str, EnvFactory] = {}


def register(id: str, factory: EnvFactory) -> None:
    """Make an environment known by an id.

    Args:
      id: the id, such as "MyWorld-V0".
      factory: called as `factory(backend, render_mode, **overrides)`; `config_factory` makes one from settings.
    Raises:
      ConfigError: if the id is taken, or the factory cannot be called.
    """
    if not callable(factory):
        raise ConfigError(f"A factory is a function (backend, render_mode, **overrides), not {factory!r}.")
    if _FACTORIES.get(id, factory) is not factory:
        raise ConfigError(f"An environment with the id {id!r} is registered already.")
    _FACTORIES[id] = factory


def make(id: str, backend: str = "numpy", render_mode: str | None = None, **overrides: Any) -> CoGridEnv:
    """Make a registered environment.

    Args:
      id: its id.
      backend: "numpy" or "jax".
      render_mode: "ansi", "rgb_array", "human" or None.
      overrides: settings to change (`layout`, `num_agents`, `action_set`, `features`, `rewards`, `max_steps`, ...).
    Raises:
      ConfigError: for an unknown id or setting, with the close ones; what `CoGridEnv` raises for bad settings.
    """
    return get_factory(id)(backend, render_mode, **overrides)


def make_vec(
    id: str,
    num_envs: int,
    backend: str = "numpy",
    autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
    copy: bool = True,
    *,
    partners: Policy | Sequence[Policy] | None = None,
    controlled_agent: int = 0,
    **overrides: Any,
) -> CoGridVectorEnv | SingleAgentVectorEnv:
    """Make many environments of a registered id, stepped together.

    Args:
      id: its id.
      num_envs: how many environments, B.
      backend: "numpy" or "jax".
      autoreset_mode: what happens where an episode is over: "NextStep", "SameStep" or "Disabled", or Gymnasium's enum.
      copy: under NumPy, whether each step returns observations in an array of its own; if not, the next step may write
        into it.
      partners: who plays the agents beside `controlled_agent`: a policy for all of them, or one for each in order. A
        policy gets its agent's observations, `[B, ...]`, and returns actions, `[B]`.
      controlled_agent: with partners, index of the agent that is left to you.
      overrides: settings to change, as in `make`.
    Returns:
      A `CoGridVectorEnv`, `[B, A, ...]`; with partners, or in a world with one agent, a Gymnasium `VectorEnv` without
      agent axis.
    Raises:
      ConfigError: for an unknown id, setting or mode, or a bad number of environments or partners.
    """
    config = make(id, backend, **overrides).config
    if partners is None and config.num_agents > 1:
        if controlled_agent != 0:
            raise ConfigError(f"controlled_agent={controlled_agent!r} needs partners for the other agents.")
        return CoGridVectorEnv(config, num_envs, backend, autoreset_mode, copy)
    return SingleAgentVectorEnv(
        config, num_envs, backend, autoreset_mode, copy, () if partners is None else partners, controlled_agent
    )


def get_factory(id: str) -> EnvFactory:
    """The factory of an id; a `ConfigFactory` if `config_factory` made it.

    Raises:
      ConfigError: for an unknown id, with the close ones of every family.
    """
    if id in _FACTORIES:
        return _FACTORIES[id]
    plain = {_plain(known): known for known in sorted(_FACTORIES)}
    close = [plain[one] for one in difflib.get_close_matches(_plain(id), plain, n=len(plain))]
    closest_of_family = dict(reversed([(one.partition("-")[0], one) for one in close]))
    best = sorted(closest_of_family.values(), key=close.index)[:5]
    hint = f"Did you mean {' or '.join(map(repr, best))}?" if best else did_you_mean(id, _FACTORIES)
    raise ConfigError(f"There is no environment {id!r}. {hint}")


def _plain(id: object) -> str:
    """An id without what is easily written otherwise: capitals, hyphens, underscores."""
    return re.sub("[^a-z0-9]", "", str(id).lower())


def registered_ids() -> list[str]:
    """The ids of all registered environments, sorted."""
    return sorted(_FACTORIES)
