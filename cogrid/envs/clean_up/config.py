"""The settings of Clean Up."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource, read_drawing
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.clean_up.rules import clean_up_rules
from cogrid.envs.commons.rewards import REWARDS
from cogrid.errors import ConfigError
from cogrid.feature_space.local_view import local_view

VIEW_RADIUS = 7
"""How far an agent sees to each side: a window of 15 x 15 cells."""


def clean_up_config(
    layout: LayoutSource | LayoutSet, *, num_agents: int = 5, max_steps: int | None = 1_000
) -> EnvConfig:
    """The settings of a world of Clean Up.

    Args:
      layout: the map, or a set of them with rivers of one size; `~` is river, `w` river with waste, `a` are trees.
      num_agents: how many agents play; they start on free cells that are drawn, or on marks.
      max_steps: steps until the episode is truncated; None for never.
    Raises:
      ConfigError: for a map without a river, and for a set of maps whose rivers differ in size.
      LayoutError: for a layout that is neither a drawing, a registered name nor a file.
    """
    return EnvConfig(
        rules=clean_up_rules(river_size(layout)),
        layout=layout,
        num_agents=num_agents,
        features=(local_view(VIEW_RADIUS, rotate=True),),
        rewards=REWARDS,
        max_steps=max_steps,
    )


def river_size(layout: LayoutSource | LayoutSet) -> int:
    """How many stretches of river there are on a map, or on each of a set.

    Args:
      layout: the map, or the set.
    Raises:
      ConfigError: for a map without a river, and for a set of maps whose rivers differ in size.
      LayoutError: for a layout that is neither a drawing, a registered name nor a file.
    """
    drawings = layout.layouts if isinstance(layout, LayoutSet) else [layout]
    sizes = {sum(line.count("~") + line.count("w") for line in read_drawing(drawing)) for drawing in drawings}
    if len(sizes) > 1 or 0 in sizes:
        raise ConfigError(
            f"A map of Clean Up has a river, ~ or w, and the maps of a set have rivers of one size; here there are "
            f"{', '.join(map(str, sorted(sizes)))} such cells. Draw as many on each map."
        )
    return sizes.pop()
