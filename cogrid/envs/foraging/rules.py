"""The rule set of foraging: how many players and foods, and the levels that they have."""

from __future__ import annotations

import functools
from typing import Any

from cogrid.core.acts import AROUND, Act
from cogrid.core.counts import ACTORS, AGENTS, MAP, Count
from cogrid.core.draw import Draw
from cogrid.core.rules import Rules
from cogrid.envs.foraging.levels import Levels
from cogrid.envs.foraging.objects import Eaten, Food, Player, Soil, Verge
from cogrid.envs.foraging.pictures import PICTURES

APART = ((0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0))
"""How no two foods lie: beside each other, or two cells away in a straight line."""


def food_level(value: Any) -> int:
    """The level of a food, eaten or not; 0 of anything else."""
    return value.level if isinstance(value, (Food, Eaten)) else 0


@functools.lru_cache(maxsize=256)
def foraging_rules(levels: Levels, n_foods: int = 2) -> Rules:
    """The rules of foraging; the same object for equal arguments.

    Loads come before moves, which is the same, since who loads stays: so the end is noticed in the same step.

    Args:
      levels: what levels players and foods have.
      n_foods: how many foods grow at most.
    """
    return Rules(
        name="foraging",
        objects=(Verge, Soil(levels), Food(levels=levels), Eaten(levels=levels)),
        agents=(Player(level=levels.lowest, levels=levels),),
        actions=("Noop", "MoveUp", "MoveDown", "MoveLeft", "MoveRight", Act("Load", reach=AROUND)),
        counts=(
            Count("strength", of=lambda player: player.level, over=ACTORS, cap=levels.greatest_strength),
            Count("players", of=lambda player: levels.digit(player.level), over=AGENTS, cap=levels.largest_number),
            Count("spawned", of=food_level, over=MAP, cap=n_foods * levels.greatest_food),
            Count("n_left", of=lambda value: isinstance(value, Food), over=MAP),
        ),
        draws=(Draw("grow_up", k=levels.n_players), Draw("grow", k=n_foods, is_free=True, apart=APART)),
        stages=("tick", "interact", "move"),
        collisions="contenders_stay",
        items_on_floor=False,
        start_direction=0,
        pictures=PICTURES,
    )
