"""`config_factory`: a factory of environments, made from settings or from a function that makes settings."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
from collections.abc import Callable
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig, setting_names
from cogrid.errors import ConfigError, did_you_mean

ConfigMaker = Callable[..., EnvConfig]
"""A function that makes the settings of an environment; its parameters are settings of its own."""


@dataclasses.dataclass(frozen=True, eq=False)
class ConfigFactory:
    """Makes environments of a family; `config_factory` makes one.

    Attributes:
      source: the settings, or the function that makes them.
      fixed: its first arguments, which nobody changes.
      chosen: further arguments, by name, which `make` may change.
      name: what the environments of a function are called: their id.
    """

    source: EnvConfig | ConfigMaker
    fixed: tuple[Any, ...]
    chosen: dict[str, Any]
    name: str = "cogrid"

    def __call__(self, backend: str = "numpy", render_mode: str | None = None, **overrides: Any) -> CoGridEnv:
        """Make an environment; see `cogrid.make`."""
        return CoGridEnv(self.config(**overrides), backend=backend, render_mode=render_mode)

    @functools.cached_property
    def own_settings(self) -> dict[str, Any]:
        """The settings that the function takes, each with its default; some are settings of any environment."""
        if isinstance(self.source, EnvConfig):
            return {}
        parameters = list(inspect.signature(self.source).parameters.values())[len(self.fixed) :]
        return {parameter.name: self.chosen.get(parameter.name, parameter.default) for parameter in parameters}

    @property
    def about(self) -> str | None:
        """The docstring of the package that the function stands in; None where settings were handed over."""
        if isinstance(self.source, EnvConfig):
            return None
        return inspect.getdoc(importlib.import_module(self.package))

    @property
    def package(self) -> str:
        """The package that the function stands in."""
        return self.source.__module__.rpartition(".")[0]

    def config(self, **overrides: Any) -> EnvConfig:
        """The settings of an environment.

        Args:
          overrides: settings to change.
        Raises:
          ConfigError: for a setting that does not exist, with the close ones, or one that is True or False by default
            and something else here.
        """
        known = dict.fromkeys([*self.own_settings, *setting_names()])
        for name, value in overrides.items():
            if name not in known:
                raise ConfigError(f"There is no setting {name!r}. {did_you_mean(name, known)}")
            if isinstance(self.own_settings.get(name), bool) and not isinstance(value, bool):
                raise ConfigError(f"{name} is True or False, not {value!r}.")
        own = {name: value for name, value in overrides.items() if name in self.own_settings}
        others = {name: value for name, value in overrides.items() if name not in own}
        if isinstance(self.source, EnvConfig):
            return self.source.with_overrides(others)
        return self.source(*self.fixed, **{**self.chosen, **own}).with_overrides({"name": self.name, **others})


def config_factory(source: EnvConfig | ConfigMaker, /, *fixed: Any, **chosen: Any) -> ConfigFactory:
    """A factory that makes environments from settings, with overrides.

    Args:
      source: the settings, or a function that makes them. What the function takes beyond `fixed` are settings of the
        environment's own, which `make` takes beside those of every environment: `make(id, old_dynamics=True)`.
      fixed: the function's first arguments.
      chosen: further arguments, by name.
    Raises:
      ConfigError: if the source is neither, or the function does not take these arguments.
    """
    if isinstance(source, EnvConfig):
        return ConfigFactory(source, (), {})
    if not callable(source):
        raise ConfigError(f"config_factory takes an EnvConfig, or a function that makes one, not {source!r}.")
    try:
        inspect.signature(source).bind(*fixed, **chosen)
    except TypeError as error:
        raise ConfigError(f"{source.__name__} cannot be called with these arguments: {error}.") from error
    return ConfigFactory(source, fixed, chosen)
