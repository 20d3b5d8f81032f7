"""The settings of foraging."""

from __future__ import annotations

import math

from cogrid.core.config import EnvConfig
from cogrid.core.counts import MAX_CAP
from cogrid.core.grid_object import MAX_AMOUNT
from cogrid.envs.foraging.features import ForagingVector
from cogrid.envs.foraging.layouts import field
from cogrid.envs.foraging.levels import N_LOWEST, Levels
from cogrid.envs.foraging.rewards import rewards_of
from cogrid.envs.foraging.rules import foraging_rules
from cogrid.errors import ConfigError

HORIZON = 50
"""Steps of an episode."""


def foraging_config(
    size: int,
    *,
    num_agents: int = 2,
    n_foods: int = 2,
    is_cooperative: bool = False,
    sight: int | None = None,
    player_levels: tuple[int, int] = (1, 2),
    food_levels: tuple[int, int | None] = (1, None),
    penalty: float = 0.0,
    is_normalised: bool = True,
) -> EnvConfig:
    """The settings of a field.

    Args:
      size: rows and columns.
      num_agents: how many players there are.
      n_foods: how many foods grow; fewer where there is no room.
      is_cooperative: whether all food has the greatest level that it can have.
      sight: how far players see, in cells; None for everything.
      player_levels: the lowest and the highest level of players.
      food_levels: the least and the greatest level of food; None for the sum of the three lowest levels of players.
      penalty: what each player pays who takes part in a load that fails.
      is_normalised: whether all food together pays 1; else a player is paid its level times that of the food.
    Raises:
      ConfigError: for levels that cannot be, and for so many of them that rules cannot tell them apart.
    """
    for name, value in (("num_agents", num_agents), ("n_foods", n_foods)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigError(f"{name} is an integer of at least 1, not {value!r}.")
    if isinstance(penalty, bool) or not isinstance(penalty, (int, float)) or not (0 <= penalty < math.inf):
        raise ConfigError(f"penalty is a finite number of at least 0, not {penalty!r}.")
    levels = _levels(num_agents, player_levels, food_levels, is_cooperative, is_normalised)
    if n_foods * levels.greatest_food > MAX_CAP:
        raise ConfigError(
            f"{n_foods} foods of level {levels.greatest_food} at most are more than rules can count, {MAX_CAP:,} "
            "levels together: choose fewer or lighter foods."
        )
    return EnvConfig(
        rules=foraging_rules(levels, n_foods),
        layout=field(size, size),
        num_agents=num_agents,
        features=(ForagingVector(sight),),
        rewards=rewards_of(levels, penalty),
        max_steps=HORIZON,
    )


def _levels(
    n_players: int,
    of_players: tuple[int, int],
    of_food: tuple[int, int | None],
    is_cooperative: bool,
    is_normalised: bool,
) -> Levels:
    """The levels, checked."""
    lowest, highest = _pair("player_levels", of_players, (of_players, (1, 2)))
    lightest, heaviest = _pair("food_levels", of_food, (of_food, (1, None)))
    if lowest is None or highest is None or lightest is None:
        raise ConfigError("Only the greatest level of food may be None.")
    least_greatest = heaviest if heaviest is not None else min(n_players, N_LOWEST) * lowest
    if lightest > least_greatest:
        raise ConfigError(
            f"food_levels={of_food!r}: food of level {lightest} at least, and {least_greatest} at most where players "
            "have their lowest levels."
        )
    levels = Levels(n_players, lowest, highest, lightest, heaviest, is_cooperative, is_normalised)
    if levels.largest_number > MAX_CAP or len(levels.shares) > MAX_AMOUNT:
        raise ConfigError(
            f"player_levels={of_players!r} are too many levels for {n_players} players: rules count up to {MAX_CAP:,} "
            f"and tell {MAX_AMOUNT} shares apart. Choose a smaller range, or lighter food."
        )
    return levels


def _pair(name: str, value: object, known: tuple[object, tuple[int, int | None]]) -> tuple[int | None, int | None]:
    """A least and a greatest level."""
    levels = tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(levels) != 2 or not all(level is None or (type(level) is int and level >= 1) for level in levels):
        raise ConfigError(f"{name} is a pair of levels of at least 1, such as {known[1]!r}, not {value!r}.")
    if levels[0] is not None and levels[1] is not None and levels[0] > levels[1]:
        raise ConfigError(f"{name}={value!r}: the first level is the least one.")
    return levels[0], levels[1]
