"""`EnvConfig`: the settings of an environment."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Self

from cogrid.core.layout import LayoutSource
from cogrid.core.layout_set import LayoutSet
from cogrid.core.reward import Reward, read_rewards
from cogrid.core.rules import Rules
from cogrid.errors import ConfigError, did_you_mean


@dataclasses.dataclass(frozen=True, kw_only=True)
class EnvConfig:
    """The settings of an environment; `config["max_steps"]` reads one as well as `config.max_steps`.

    Attributes:
      rules: the game.
      layout: the map: a registered name, a drawing, or a file; or a `LayoutSet` of these, one of which is drawn at each
        reset.
      num_agents: how many agents play.
      action_set: "cardinal" or "rotation".
      features: what agents observe: registered names or features.
      rewards: what agents are paid for: registered names, mappings of a name and settings, or rewards.
      shaped_rewards: what is told in `infos` as `shaped_reward` and not paid, in the same forms as `rewards`.
      max_steps: steps until the episode is truncated; None for never.
      max_map_size: (rows, columns) of the padded map of `full_map_encoding`.
      name: what the environment is called.
    """

    rules: Rules
    layout: LayoutSource | LayoutSet
    num_agents: int = 2
    action_set: str = "cardinal"
    features: Sequence[Any] = ("object_planes",)
    rewards: Sequence[Reward | str | Mapping[str, Any]] = ()
    shaped_rewards: Sequence[Reward | str | Mapping[str, Any]] = ()
    max_steps: int | None = 1000
    max_map_size: tuple[int, int] = (12, 12)
    name: str = "cogrid"

    def __post_init__(self) -> None:
        if not isinstance(self.rules, Rules):
            raise ConfigError(f"rules is a Rules, not {self.rules!r}.")
        _check_integer("num_agents", self.num_agents)
        if self.max_steps is not None:
            _check_integer("max_steps", self.max_steps)
        if isinstance(self.features, str):
            raise ConfigError(f"features is a list: features=[{self.features!r}].")
        object.__setattr__(self, "features", tuple(self.features))
        object.__setattr__(self, "rewards", read_rewards(self.rewards))
        object.__setattr__(self, "shaped_rewards", read_rewards(self.shaped_rewards))

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
