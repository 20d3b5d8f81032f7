"""What agents are paid: the sooner they reach the goal, the more; and nothing good for running into something.

Source: `MiniGridEnv._reward`, and `DynamicObstaclesEnv.step`, of MiniGrid 3.2.0. Exact.
"""

from __future__ import annotations

import dataclasses
import functools

from cogrid.core.reward import EventReward, register_reward

CRASH = "minigrid_crash_reward"
"""The name of what running into something costs."""


@dataclasses.dataclass(frozen=True)
class SoonerIsBetter:
    """From 1 down to 0.1, by the steps that it took."""

    max_steps: int

    def __call__(self, time: int) -> float:
        return 1 - 0.9 * (time / self.max_steps)


@functools.lru_cache(maxsize=64)
def goal_reward(max_steps: int) -> EventReward:
    """What reaching the goal pays.

    Args:
      max_steps: the steps of an episode.
    """
    about = "For reaching the goal, the more the sooner."
    return EventReward(event="goal_reached", table=SoonerIsBetter(max_steps), about=about)


register_reward(CRASH, EventReward(event="crashed", coefficient=-1, about="For running into a ball or a wall."))
