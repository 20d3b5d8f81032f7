"""The rule set of goal seeking: how many goals there are, and whose they are."""

from __future__ import annotations

import functools
import math
from itertools import permutations

from cogrid.core.rules import Rules
from cogrid.envs.goal_seeking.objects import GOAL_LETTERS, Goal, Seeker
from cogrid.envs.goal_seeking.pictures import PICTURES
from cogrid.errors import ConfigError

MAX_ASSIGNMENTS = 5_000
"""Ways to give each agent a goal of its own, of which one is drawn; each has rows of its own in the tables."""


@functools.lru_cache(maxsize=256)
def goal_seeking_rules(n_agents: int, n_goals: int, is_drawn: bool = False, n_letters: int | None = None) -> Rules:
    """The rules of goal seeking; the same object for equal arguments.

    Fixed, goal A is agent 0's, goal B agent 1's, and so on. Drawn, each reset gives each agent a goal of its own, every
    assignment as likely as any other; it is the state's `world_value`, and `goal_of_agent`, `[A]`, reads it.

    Args:
      n_agents: how many agents play.
      n_goals: how many goals there are to give out, from A on; 1 to 26.
      is_drawn: whether goals are drawn at each reset.
      n_letters: how many letters drawings may use, from A on; those beyond n_goals are nobody's. n_goals if left out.
    Raises:
      ConfigError: for more agents than goals, more than 26 goals, or too many assignments.
    """
    if not n_agents <= n_goals <= len(GOAL_LETTERS):
        raise ConfigError(
            f"{n_agents} agents need as many goals, and there can be {len(GOAL_LETTERS)}: this layout has {n_goals}, "
            f"counted from A on. Draw more, or lower num_agents."
        )
    n_assignments = math.perm(n_goals, n_agents)
    if is_drawn and n_assignments > MAX_ASSIGNMENTS:
        raise ConfigError(
            f"{n_goals} goals can be given to {n_agents} agents in {n_assignments:,} ways, and at most "
            f"{MAX_ASSIGNMENTS:,} are supported: draw fewer goals, or lower num_agents."
        )
    return Rules(
        name="goal_seeking",
        objects=(Goal,),
        agents=tuple(Seeker(number=number) for number in range(n_agents)),
        world_values=tuple(permutations(range(n_goals), n_agents)) if is_drawn else (),
        world_arrays={"goal_of_agent": goal_of_agent} if is_drawn else {},
        symbols={letter: Goal(number) for number, letter in enumerate(GOAL_LETTERS[: n_letters or n_goals])},
        pictures=PICTURES,
    )


def goal_of_agent(world: tuple[int, ...]) -> tuple[int, ...]:
    """The number of each agent's goal.

    Args:
      world: the assignment that was drawn.
    """
    return world
