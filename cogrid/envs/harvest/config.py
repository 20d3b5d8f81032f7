"""The settings of Harvest."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.commons.rewards import REWARDS
from cogrid.envs.harvest.rules import HARVEST_RULES
from cogrid.feature_space.local_view import local_view

VIEW_RADIUS = 7
"""How far an agent sees to each side: a window of 15 x 15 cells."""


def harvest_config(
    layout: LayoutSource | LayoutSet, *, num_agents: int = 5, max_steps: int | None = 1_000
) -> EnvConfig:
    """The settings of a world of Harvest.

    Args:
      layout: the map, or a set of them; `a` are apple trees.
      num_agents: how many agents play; they start on free cells that are drawn, or on marks.
      max_steps: steps until the episode is truncated; None for never.
    Raises:
      LayoutError: for a layout that is neither a drawing, a registered name nor a file.
    """
    return EnvConfig(
        rules=HARVEST_RULES,
        layout=layout,
        num_agents=num_agents,
        features=(local_view(VIEW_RADIUS, rotate=True),),
        rewards=REWARDS,
        max_steps=max_steps,
    )
