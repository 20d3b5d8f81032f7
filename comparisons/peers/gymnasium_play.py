"""Plays one environment with Gymnasium's functions over and over, for the workers of libraries that have them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

from worker_protocol import Prepared, Work, draw_actions


def numpy_episodes(env: Any, work: Work, n_actions: int) -> Prepared:
    """One environment, without the wrappers that check its calls; reset where an episode ends, outside of the clock.

    Args:
      env: what `gymnasium.make` gives.
      work: what is asked for; a single agent's action is a number, and that of several a list.
      n_actions: how many actions there are.
    """
    env = env.unwrapped
    drawn = draw_actions(work, n_actions)[:, 0].tolist()
    actions: Sequence[Any] = drawn if work.n_agents > 1 else [row[0] for row in drawn]

    def play(n_steps: int) -> float:
        env.reset(seed=work.seed)
        taken, start = 0.0, time.perf_counter()
        for action in itertools.islice(itertools.cycle(actions), n_steps):
            *_, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                taken += time.perf_counter() - start
                env.reset()
                start = time.perf_counter()
        return taken + time.perf_counter() - start

    def observe() -> Any:
        observed = env.reset(seed=work.seed)[0]
        if isinstance(observed, dict):
            return observed["image"][None]
        return dict(enumerate(observed)) if isinstance(observed, (list, tuple)) else observed

    return Prepared(play=play, observe=observe)
