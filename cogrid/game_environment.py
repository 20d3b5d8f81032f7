"""`GameEnvironment`: what environments of every kind share, their settings and the game made from them."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, Self

import gymnasium
import numpy as np
from gymnasium import spaces

from cogrid.backend._dispatch import Backend, check_backend
from cogrid.backend.env_state import EnvState
from cogrid.core.agent import agent_name
from cogrid.core.config import EnvConfig
from cogrid.core.hook_check import check_hooks
from cogrid.core.layout_set import LayoutSet
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean
from cogrid.game import Game


class _Setting:
    """A setting as an environment's attribute: it can be read, and not be set."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, env: GameEnvironment | None, owner: type | None = None) -> Any:
        return self if env is None else getattr(env.config, self._name)

    def __set__(self, env: GameEnvironment, value: Any) -> None:
        refuse_setting(self._name, value)


def refuse_setting(name: str, value: Any) -> NoReturn:
    """Raise ConfigError, since the settings of an environment cannot be changed."""
    raise ConfigError(
        f"The setting {name!r} of an environment cannot be changed; make another one: make(..., {name}={value!r})."
    )


def _setting() -> Any:
    return _Setting()


class GameEnvironment:
    """What environments of every kind share; each setting can be read as an attribute, such as `env.max_steps`.

    Attributes:
      config: the settings.
      backend: "numpy" or "jax".
      game: what is played: the compiled world, its observation and rewards.
      tables: the compiled world.
      possible_agents: the agents' names, `agent_0`, `agent_1`, ...
      event_names: names of the bits of `EnvState.events`.
      layout_names: the names of the layouts of the set, in order; empty in a world that plays no set.
    """

    layout: Any = _setting()
    num_agents: int = _setting()
    action_set: str = _setting()
    features: Sequence[Any] = _setting()
    rewards: Sequence[Any] = _setting()
    shaped_rewards: Sequence[Any] = _setting()
    max_steps: int | None = _setting()
    max_map_size: tuple[int, int] = _setting()
    observation_dtype: str | None = _setting()
    scale_observations: bool = _setting()
    check: bool = _setting()

    def __init__(self, config: EnvConfig | Mapping[str, Any] | GameEnvironment, backend: str) -> None:
        """Read the settings, and make the game.

        Args:
          config: the settings, or an environment whose settings and game are taken.
          backend: "numpy" or "jax".
        """
        self.backend: Backend = check_backend(backend)
        is_environment = isinstance(config, GameEnvironment)
        self.config: EnvConfig = config.config if is_environment else EnvConfig.of(config)
        self.game: Game = config.game if is_environment else Game.of(self.config)
        self.tables: Tables = self.game.tables
        if not (is_environment and config.backend == self.backend):
            check_hooks(self.tables, is_jax=self.backend == "jax")
            self.game.observation.check_world(self.tables, is_jax=self.backend == "jax")
        self.possible_agents: list[str] = [agent_name(idx) for idx in range(self.tables.n_agents)]
        self.event_names: tuple[str, ...] = self.tables.rules.event_names
        layout = self.config.layout
        self.layout_names: tuple[str, ...] = tuple(layout.names) if isinstance(layout, LayoutSet) else ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """The same as `copy.copy`: compiled rules never change, so there is nothing deeper to copy."""
        return copy.copy(self)

    @property
    def observation_channels(self) -> tuple[str, ...]:
        """Names of the entries of an observation's last axis."""
        return self.game.observation.channels(self.tables)

    def _spaces(self) -> tuple[spaces.Box, spaces.Discrete]:
        """One agent's spaces of observations and actions."""
        return self.game.observation.space(self.tables), spaces.Discrete(len(self.tables.action_set))


RENDER_MODES = ("ansi", "rgb_array", "human")
"""Text, an image, or text that is printed."""


TILE_SIZE = 32
"""The edge of a cell in pixels, if nobody chooses another one."""


def check_render_mode(mode: str | None) -> str | None:
    """Read a render mode.

    Raises:
      ConfigError: for a mode that does not exist.
    """
    if mode is not None and mode not in RENDER_MODES:
        raise ConfigError(f"There is no render mode {mode!r}. {did_you_mean(mode, RENDER_MODES)}")
    return mode


def draw(
    states: Sequence[EnvState], mode: str | None, tile_size: int = TILE_SIZE
) -> list[str] | list[np.ndarray[Any, Any]] | None:
    """Draw states as a render mode says.

    Args:
      states: single states with NumPy leaves.
      mode: None draws nothing, and warns.
      tile_size: edge of a cell in pixels, of an image.
    Returns:
      For each state a text ("ansi") or an image ("rgb_array", `[height, width, 3]` uint8); None under "human", which
      prints the texts, and without a mode.
    """
    if mode is None:
        gymnasium.logger.warn('render() was called without a render mode: make(..., render_mode="rgb_array").')
        return None
    from cogrid.rendering import render_ansi, render_rgb

    if mode == "rgb_array":
        return [render_rgb(state, tile_size) for state in states]
    texts = [render_ansi(state) for state in states]
    if mode == "ansi":
        return texts
    print("\n\n".join(texts))
    return None


def check_options(options: Mapping[str, Any] | None, known: Sequence[str]) -> Mapping[str, Any]:
    """Read the options of a reset; those of other libraries are ignored.

    Args:
      options: what was given.
      known: the names of ours.
    Raises:
      ConfigError: for an option within a spelling error of one of ours.
    """
    for name in options or {}:
        meant = difflib.get_close_matches(str(name).lower(), known, n=1, cutoff=0.8)
        if name not in known and meant:
            raise ConfigError(f"There is no reset option {name!r}. Did you mean {meant[0]!r}?")
    return options or {}
