"""The settings of goal seeking."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource, read_drawing
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.goal_seeking.objects import GOAL_LETTERS
from cogrid.envs.goal_seeking.rewards import GOAL_REACHED
from cogrid.envs.goal_seeking.rules import goal_seeking_rules


def goal_seeking_config(
    layout: LayoutSource | LayoutSet,
    *,
    is_drawn: bool = False,
    num_agents: int = 2,
    max_steps: int | None = 200,
) -> EnvConfig:
    """The settings of a world of goal seeking.

    Args:
      layout: the map, or a set of them; each has the goals A, B, ... without a gap.
      is_drawn: whether each agent's goal is drawn at each reset; else goal A is agent 0's, and so on.
      num_agents: how many agents play.
      max_steps: steps until the episode is truncated; None for never.
    Raises:
      ConfigError: for more agents than goals, or too many goals to draw from.
      LayoutError: for a layout that is neither a drawing, a registered name nor a file.
    """
    letters = [GOAL_LETTERS.index(letter) + 1 for drawn in _drawn_letters(layout) for letter in drawn]
    return EnvConfig(
        rules=goal_seeking_rules(num_agents, count_goals(layout), is_drawn, max(letters, default=0)),
        layout=layout,
        num_agents=num_agents,
        features=("goal_planes",),
        rewards=(GOAL_REACHED,),
        max_steps=max_steps,
    )


def count_goals(layout: LayoutSource | LayoutSet) -> int:
    """How many goals a layout has, from A on without a gap; in a set, those that all layouts have.

    Args:
      layout: the map, or a set of them.
    Raises:
      LayoutError: for a layout that is neither a drawing, a registered name nor a file.
    """
    shared = set.intersection(*_drawn_letters(layout))
    return next((number for number, letter in enumerate(GOAL_LETTERS) if letter not in shared), len(GOAL_LETTERS))


def _drawn_letters(layout: LayoutSource | LayoutSet) -> list[set[str]]:
    """The letters of goals in each drawing."""
    drawings = layout.layouts if isinstance(layout, LayoutSet) else [layout]
    return [set(GOAL_LETTERS).intersection("".join(read_drawing(drawing))) for drawing in drawings]
