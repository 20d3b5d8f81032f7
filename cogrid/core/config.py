"""`EnvConfig`: the settings of an environment."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, cast

from cogrid.core.layout import LayoutSource
from cogrid.core.layout_set import LayoutSet
from cogrid.core.reward import Reward, read_rewards
from cogrid.core.rules import Rules
from cogrid.errors import ConfigError, did_you_mean

MAX_INTEGER = 2**31 - 1
"""The largest number that a clock, or a count, of int32 can hold."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EnvConfig:
    """The settings of an environment; `config["max_steps"]` reads one as well as `config.max_steps`.

    Attributes:
      rules: the game.
      layout: the map: a registered name, a drawing, or a file; or a `LayoutSet` of these, one of which is drawn at each
        reset.
      num_agents: how many agents play.
      action_set: "cardinal", "rotation" or "cardinal_no_toggle"; "cardinal" if left out. Left out where the rules list
        their own actions.
      features: what agents observe: registered names or features.
      rewards: what agents are paid for: registered names, mappings of a name and settings, or rewards.
      shaped_rewards: what helps learning and is not paid, in the same forms as `rewards`; it is in `infos` as
        `shaped_reward`.
      max_steps: steps until the episode is truncated; None for never.
      max_map_size: (rows, columns) of the padded map of `full_map_encoding`.
      observation_dtype: "float32" shows all that is observed as such numbers, for networks that take no bytes; None as
        the smallest dtype that holds the bounds.
      scale_observations: whether each number that is observed is its place between its bounds, 0 to 1; asks for
        `observation_dtype="float32"`.
      check: whether every step checks what would slow it down: what hooks and features return (under NumPy), and the
        range of actions that are on a device.
      name: what the environment is called.
    """

    rules: Rules
    layout: LayoutSource | LayoutSet
    num_agents: int = 2
    action_set: str | None = None
    features: Sequence[Any] = ("object_planes",)
    rewards: Sequence[Reward | str | Mapping[str, Any]] = ()
    shaped_rewards: Sequence[Reward | str | Mapping[str, Any]] = ()
    max_steps: int | None = 1000
    max_map_size: tuple[int, int] = (12, 12)
    observation_dtype: str | None = None
    scale_observations: bool = False
    check: bool = False
    name: str = "cogrid"

    def __post_init__(self) -> None:
        if not isinstance(self.rules, Rules):
            raise ConfigError(f"rules is a Rules, not {self.rules!r}.")
        _check_integer("num_agents", self.num_agents)
        if self.max_steps is not None:
            _check_integer("max_steps", self.max_steps)
        if not isinstance(self.name, str):
            raise ConfigError(f"name is a text, what the environment is called, not {self.name!r}.")
        for name in ("check", "scale_observations"):
            if not isinstance(getattr(self, name), bool):
                raise ConfigError(f"{name} is True or False, not {getattr(self, name)!r}.")
        if self.observation_dtype not in (None, "float32"):
            raise ConfigError(
                'observation_dtype is "float32", or None for the smallest that holds the bounds, not '
                f"{self.observation_dtype!r}."
            )
        if self.scale_observations and self.observation_dtype is None:
            raise ConfigError('scale_observations=True needs observation_dtype="float32".')
        if not isinstance(self.layout, (str, os.PathLike, Sequence, LayoutSet)):
            raise ConfigError(f"layout is a registered name, a drawing, a file or a LayoutSet, not {self.layout!r}.")
        object.__setattr__(self, "action_set", self.rules.choose_action_set(self.action_set).name)
        object.__setattr__(self, "max_map_size", _read_map_size(self.max_map_size))
        object.__setattr__(self, "features", _read_list("features", self.features))
        for name in ("rewards", "shaped_rewards"):
            object.__setattr__(self, name, read_rewards(_read_list(name, getattr(self, name))))

    def __getitem__(self, name: str) -> Any:
        """Read a setting by name.

        Raises:
          KeyError: for a setting that does not exist, with the close ones.
        """
        if name not in setting_names():
            raise KeyError(f"There is no setting {name!r}. {did_you_mean(name, setting_names())}")
        return getattr(self, name)

    @classmethod
    def of(cls, settings: Self | Mapping[str, Any]) -> Self:
        """Read settings from a mapping; a config is returned as it is.

        Raises:
          ConfigError: for a setting that does not exist, with the close ones, or one that is missing.
        """
        if isinstance(settings, cls):
            return settings
        if not isinstance(settings, Mapping):
            raise ConfigError(f"A config is an EnvConfig or a mapping of settings, not {settings!r}.")
        check_setting_names(settings)
        for required in ("rules", "layout"):
            if required not in settings:
                raise ConfigError(f"The setting {required!r} is missing.")
        return cls(**settings)

    def with_overrides(self, overrides: Mapping[str, Any]) -> Self:
        """The same settings with some changed.

        Raises:
          ConfigError: for a setting that does not exist, with the close ones.
        """
        check_setting_names(overrides)
        return dataclasses.replace(self, **overrides)


def setting_names() -> list[str]:
    """The names of all settings."""
    return [field.name for field in dataclasses.fields(EnvConfig)]


def check_setting_names(settings: Mapping[str, Any]) -> None:
    """Raise ConfigError for a setting that does not exist."""
    for name in settings:
        if name not in setting_names():
            raise ConfigError(f"There is no setting {name!r}. {did_you_mean(name, setting_names())}")


def _check_integer(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name} is an integer, not {value!r}.")
    if value < 1:
        raise ConfigError(f"{name} must be at least 1, not {value}.")
    if value > MAX_INTEGER:
        raise ConfigError(f"{name} must be at most 2**31 - 1, not {value}.")


def _read_list(name: str, value: Any) -> tuple[Any, ...]:
    """The entries of a setting that is a list; one entry alone, and None, are refused."""
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        raise ConfigError(f"{name} is a list" + (f": {name}=[{value!r}]." if value is not None else ", not None."))
    return tuple(cast("Iterable[Any]", value))


def _read_map_size(value: Any) -> tuple[int, int]:
    is_pair = isinstance(value, (tuple, list)) and len(cast("tuple[Any, ...]", value)) == 2
    if not is_pair or not all(isinstance(size, int) and size >= 1 for size in value):
        raise ConfigError(f"max_map_size is a pair (rows, columns) of integers of at least 1, not {value!r}.")
    return (value[0], value[1])
