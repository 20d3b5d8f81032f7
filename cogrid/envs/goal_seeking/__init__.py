"""Goal seeking: each agent has a goal of its own, and its episode ends there.

What a goal is is in `objects.py`, whose it is in `rules.py`, how agents see it in `features.py`.
"""

from __future__ import annotations

from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource, read_drawing, register_layout
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.goal_seeking.features import GoalPlanes as GoalPlanes
from cogrid.envs.goal_seeking.layouts import LAYOUTS
from cogrid.envs.goal_seeking.objects import GOAL_LETTERS
from cogrid.envs.goal_seeking.rewards import GoalReachedReward
from cogrid.envs.goal_seeking.rules import goal_seeking_rules
from cogrid.envs.registry import EnvFactory, register


def goal_seeking_config(
    layout: LayoutSource | LayoutSet,
    *,
    is_drawn: bool = False,
    num_agents: int = 2,
    max_steps: int | None = 200,
    name: str = "GoalSeeking",
) -> EnvConfig:
    """The settings of a world of goal seeking.

    Args:
      layout: the map, or a set of them; each has the goals A, B, ... without a gap.
      is_drawn: whether each agent's goal is drawn at each reset; else goal A is agent 0's, and so on.
      num_agents: how many agents play.
      max_steps: steps until the episode is truncated; None for never.
      name: what the environment is called.
    Raises:
      ConfigError: for more agents than goals, or too many goals to draw from.
      LayoutError: for a layout that is neither a drawing, a registered name nor a file.
    """
    letters = [GOAL_LETTERS.index(letter) + 1 for drawn in _drawn_letters(layout) for letter in drawn]
    return EnvConfig(
        name=name,
        rules=goal_seeking_rules(num_agents, count_goals(layout), is_drawn, max(letters, default=0)),
        layout=layout,
        num_agents=num_agents,
        features=("goal_planes",),
        rewards=(GoalReachedReward(),),
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


def _factory(**defaults: Any) -> EnvFactory:
    """A factory whose rules fit the layout and the number of agents that are asked for."""

    def factory(backend: str = "numpy", render_mode: str | None = None, **overrides: Any) -> CoGridEnv:
        own = {name: overrides.pop(name) for name in ("layout", "num_agents") if name in overrides}
        config = goal_seeking_config(**{**defaults, **own})
        return CoGridEnv(config.with_overrides(overrides), backend=backend, render_mode=render_mode)

    return factory


DEFAULT_RULES = goal_seeking_rules(2, 2)
"""The rules of two agents with a fixed goal each; made here so that the type ids are known from the start."""

for _name, _drawing in LAYOUTS.items():
    register_layout(f"goal_seeking/{_name}", _drawing)
register("GoalSeeking-Fixed-V0", _factory(layout="goal_seeking/Corridor", name="GoalSeeking-Fixed-V0"))
register("GoalSeeking-Random-V0", _factory(layout="goal_seeking/Nooks", is_drawn=True, name="GoalSeeking-Random-V0"))
