"""The interquartile mean of scores, and how far it can be trusted (Agarwal et al., 2021)."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float, Shaped

from cogrid.errors import ConfigError

N_RESAMPLES = 10_000


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A number and an interval in which it lies with a confidence of 95 %.

    Attributes:
      value: the number.
      low, high: the ends of the interval.
    """

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """The three numbers by name."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        return f"{self.value:.1f} ({self.low:.1f} to {self.high:.1f})"


def interquartile_mean(scores: Shaped[np.ndarray, "..."]) -> float:
    """The mean of the middle half: a quarter of all scores, rounded down, is left out at each end.

    Args:
      scores: of any shape, all of them together.

    Source: Agarwal et al. (2021), section 4; `rliable.metrics.aggregate_iqm`, exact.
    """
    ordered = np.sort(np.asarray(scores, np.float64), axis=None)
    n_left_out = len(ordered) // 4
    return float(ordered[n_left_out : len(ordered) - n_left_out].mean())


def bootstrapped_iqm(
    scores: Float[np.ndarray, "runs tasks"], seed: int = 0, n_resamples: int = N_RESAMPLES
) -> Estimate:
    """The interquartile mean over runs and tasks, with a stratified bootstrap over runs.

    In each resample every task draws as many runs as there are, with replacement and apart from the other tasks. The
    interval is between the 2.5th and the 97.5th percentile of what the resamples give.

    Args:
      scores: of each run in each task.
      seed: of the resamples.
      n_resamples: how many.
    Raises:
      ConfigError: for scores that are no table, or are none.

    Source: Agarwal et al. (2021), section 4; `rliable.library.StratifiedBootstrap` with percentiles. Differs: the
    generator of the draws.
    """
    table = np.asarray(scores, np.float64)
    if table.ndim != 2 or not table.size:
        raise ConfigError(f"Scores are a table of runs x tasks, not of shape {table.shape}.")
    n_runs, n_tasks = table.shape
    generator = np.random.default_rng(seed)
    drawn = generator.integers(n_runs, size=(n_resamples, n_runs, n_tasks))
    resampled = table[drawn, np.arange(n_tasks)].reshape(n_resamples, -1)
    resampled.sort(axis=1)
    n_left_out = resampled.shape[1] // 4
    means = resampled[:, n_left_out : resampled.shape[1] - n_left_out].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(interquartile_mean(table), float(low), float(high))
