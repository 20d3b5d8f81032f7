"""What a training run tells: its history as CSV, a line while it runs, and trackers such as trackio and W&B."""

from __future__ import annotations

import csv
import io
import math
import pathlib
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

import numpy as np
from jaxtyping import Shaped

from cogrid.learning.tensor_file import write_whole

History = Mapping[str, np.ndarray[Any, Any]]
"""What there is to log, by name: a number for each update and seed, `[U, S]`."""


def write_csv(path: pathlib.Path, history: History, seeds: Sequence[int], steps_per_update: int) -> None:
    """Write a history, a row for each update and seed; what is no number (no episode ended) stays empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["steps", "seed", *history])
    for idx in range(len(next(iter(history.values()), ()))):
        for column, seed in enumerate(seeds):
            numbers = [float(values[idx, column]) for values in history.values()]
            written = ("" if math.isnan(number) else f"{number:.6g}" for number in numbers)
            writer.writerow([(idx + 1) * steps_per_update, seed, *written])
    write_whole(path, text.getvalue().encode())


class ProgressLine:
    """A line that says how far a run is; on a terminal it is written over, elsewhere now and then a line is added."""

    def __init__(self, label: str, total_steps: int, n_seeds: int, stream: TextIO | None = None) -> None:
        """Begin.

        Args:
          label: what is being done.
          total_steps: of each seed.
          n_seeds: how many are trained.
          stream: where to; standard error by default.
        """
        self._label, self._total, self._n_seeds = label, total_steps, n_seeds
        self._stream = sys.stderr if stream is None else stream
        self._is_terminal = self._stream.isatty()
        self._began: tuple[float, int] | None = None
        self._last = ""
        self._n_tenths = -1

    def show(self, steps: int, returns: Shaped[np.ndarray, "S"]) -> None:
        """Say where the run is.

        Args:
          steps: of each seed, so far.
          returns: each seed's, at the moment.
        """
        now = time.monotonic()
        self._began = (now, steps) if self._began is None else self._began
        rate = (steps - self._began[1]) / max(now - self._began[0], 1e-9)
        left = f", {rate * self._n_seeds:,.0f} steps/s, {(self._total - steps) / rate:.0f} s left" if rate else ""
        line = (
            f"{self._label}: {steps:,} of {self._total:,} steps ({100 * steps // self._total} %), {told(returns)}{left}"
        )
        if self._is_terminal:
            self._stream.write(f"\r{line:<{len(self._last)}}" + ("\n" if steps >= self._total else ""))
            self._stream.flush()
        elif 10 * steps // self._total > self._n_tenths or steps >= self._total:
            self._n_tenths = 10 * steps // self._total
            print(line, file=self._stream, flush=True)
        self._last = line


def told(returns: Shaped[np.ndarray, "S"]) -> str:
    """Returns in words: the mean, and the range of several seeds."""
    known = returns[~np.isnan(returns)]
    if not len(known):
        return "no episode ended yet"
    spread = f" ({known.min():.1f} to {known.max():.1f})" if len(returns) > 1 else ""
    return f"return {known.mean():.1f}{spread}"


class Tracker:
    """Hands a run on to a library with `init`, `log` and `finish`, such as trackio or wandb."""

    def __init__(self, library: Any, name: str, config: Mapping[str, Any]) -> None:
        """Begin a run there.

        Args:
          library: the module.
          name: of the run.
          config: its settings.
        """
        self._library = library
        library.init(project="cogrid", name=name, config=dict(config))

    def log(self, rows: Iterable[tuple[int, Mapping[str, float]]]) -> None:
        """Log numbers by name, each at its step."""
        for step, numbers in rows:
            self._library.log(dict(numbers), step=step)

    def finish(self) -> None:
        """End the run there."""
        self._library.finish()


def tracked_rows(
    history: History, seeds: Sequence[int], steps_per_update: int, first: int
) -> Iterator[tuple[int, dict[str, float]]]:
    """The rows of a history from an update on, as a tracker takes them: `seed_0/return` and so on."""
    n_updates = len(next(iter(history.values())))
    for idx in range(first, n_updates):
        numbers = {
            f"seed_{seed}/{name}": float(values[idx, column])
            for name, values in history.items()
            for column, seed in enumerate(seeds)
        }
        yield (idx + 1) * steps_per_update, {name: number for name, number in numbers.items() if not math.isnan(number)}
