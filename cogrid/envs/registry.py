"""The registry: environments by id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.errors import ConfigError, did_you_mean

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
      render_mode: "ansi", "rgb_array" or None.
      overrides: settings to change (`layout`, `num_agents`, `action_set`, `features`, `rewards`, `max_steps`, ...).
    Raises:
      ConfigError: for an unknown id or setting, with the close ones; what `CoGridEnv` raises for bad settings.
    """
    if id not in _FACTORIES:
        raise ConfigError(f"There is no environment {id!r}. {did_you_mean(id, _FACTORIES)}")
    return _FACTORIES[id](backend, render_mode, **overrides)


def registered_ids() -> list[str]:
    """The ids of all registered environments, sorted."""
    return sorted(_FACTORIES)


def config_factory(config: EnvConfig) -> EnvFactory:
    """A factory that makes environments from settings, with overrides.

    Args:
      config: the settings.
    """

    def factory(backend: str = "numpy", render_mode: str | None = None, **overrides: Any) -> CoGridEnv:
        return CoGridEnv(config.with_overrides(overrides), backend=backend, render_mode=render_mode)

    return factory
