"""The algorithms by name, and what each of them is to `training.py`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from cogrid.backend._dispatch import has_jax
from cogrid.errors import ConfigError, did_you_mean
from cogrid.game import Game
from cogrid.learning.players import Player
from cogrid.learning.tensor_file import missing_extra

BEST_RESPONSE = "best_response"
"""The one that learns beside partners."""

ALGORITHMS = ("ippo", "mappo", "vdn", BEST_RESPONSE)
"""Their names."""


class Algorithm(Protocol):
    """What learns. A runner is a pytree; all functions are pure, and are compiled and mapped over seeds."""

    actor: Any
    """The `Network` that plays."""

    settings: Any

    is_greedy: bool
    """Whether a policy takes the action of the network's highest output, instead of drawing one."""

    def start(self, key: Any) -> Any:
        """The runner at the beginning of a run, from a raw key."""
        ...

    def update(self, runner: Any) -> tuple[Any, dict[str, Any]]:
        """Play and learn; the runner to go on from, and a number for each thing to log."""
        ...

    def actor_params(self, runner: Any) -> Any:
        """The parameters of the network that plays, with an axis in front for the agents that do not share them."""
        ...


def algorithm_class(name: str) -> Any:
    """An algorithm's class.

    Raises:
      ConfigError: for an unknown name; MissingDependencyError where the extra `cogrid[learn]` is not installed.
    """
    if name not in ALGORITHMS:
        raise ConfigError(f"There is no algorithm {name!r}. {did_you_mean(name, ALGORITHMS)}")
    if not has_jax():
        raise missing_extra("JAX")
    try:
        import optax  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise missing_extra("optax") from error
    from cogrid.learning.best_response import BestResponse
    from cogrid.learning.ippo import IPPO
    from cogrid.learning.mappo import MAPPO
    from cogrid.learning.vdn import VDN

    return {"ippo": IPPO, "mappo": MAPPO, "vdn": VDN, BEST_RESPONSE: BestResponse}[name]


def make_algorithm(
    name: str, game: Game, settings: Any, n_updates: int, partners: Sequence[Player | None] = ()
) -> Algorithm:
    """An algorithm on a game, for a training of so many updates.

    Args:
      name: the algorithm's.
      game, settings, n_updates: see `IPPO`.
      partners: who plays beside the learner, for `best_response`; None stands for the learner's own policy.
    Raises:
      ConfigError: for partners of an algorithm that trains all agents together.
    """
    if name == BEST_RESPONSE:
        return algorithm_class(name)(game, settings, n_updates, partners)
    if partners:
        raise ConfigError(f"{name} trains all agents together, without partners: algorithm={BEST_RESPONSE!r}.")
    return algorithm_class(name)(game, settings, n_updates)


def read_settings(name: str, given: Mapping[str, Any]) -> Any:
    """An algorithm's settings, with some changed.

    Raises:
      ConfigError: for a setting that does not exist, with the close ones, or one of another kind than its default.
    """
    kind = algorithm_class(name).Settings
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    for setting, value in given.items():
        if setting not in defaults:
            raise ConfigError(f"{name} has no setting {setting!r}. {did_you_mean(setting, defaults)}")
        default = defaults[setting]
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        is_fine = is_number if type(default) is float else type(value) is type(default)
        if not is_fine:
            raise ConfigError(f"{setting} is a {type(default).__name__}, such as {default!r}, not {value!r}.")
    return kind(**given)
