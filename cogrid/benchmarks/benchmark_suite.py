"""The benchmark suite: steps per second of one environment under NumPy, of one under JAX, and of a batch under JAX.

A trial repeats the unit of 500 steps, each from a fresh reset, until the steps have taken a second.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import platform
import statistics
from collections.abc import Sequence
from typing import Any

from cogrid.backend._dispatch import check_backend
from cogrid.benchmarks.units import (
    ACTION_KINDS,
    LAYOUT,
    N_BENCHMARK_STEPS,
    N_WARMUP_STEPS,
    SEED,
    Unit,
    Workload,
    jax_single_unit,
    jax_vmap_unit,
    numpy_single_unit,
)
from cogrid.errors import ConfigError

__all__ = [
    "LAYOUT",
    "N_BENCHMARK_STEPS",
    "N_WARMUP_STEPS",
    "SEED",
    "VARIANCE_THRESHOLD",
    "SuiteSettings",
    "benchmark_jax_single",
    "benchmark_jax_vmap",
    "benchmark_numpy_single",
    "compute_variance",
    "describe_machine",
    "format_table",
    "read_settings",
    "run_benchmark_suite",
    "run_trial",
    "test_benchmark_reproducibility",
]

N_TRIALS = 3
BATCH_SIZE = 1024
TRIAL_SECONDS = 1.0
VARIANCE_THRESHOLD = 10.0
"""Per cent that trials of `jax_vmap_1024` may lie apart."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SuiteSettings:
    """What the suite measures.

    Attributes:
      workload: the work of a unit.
      n_trials: how often each figure is measured.
      batch_sizes: the batches under JAX.
      trial_seconds: how long the steps of a trial take at least.
    """

    workload: Workload = dataclasses.field(default_factory=Workload)
    n_trials: int = N_TRIALS
    batch_sizes: tuple[int, ...] = (BATCH_SIZE,)
    trial_seconds: float = TRIAL_SECONDS

    def __post_init__(self) -> None:
        if self.n_trials < 1:
            raise ConfigError(f"n_trials must be at least 1, not {self.n_trials}.")


def benchmark_numpy_single(
    n_steps: int = N_BENCHMARK_STEPS, n_trials: int = N_TRIALS, *, trial_seconds: float = TRIAL_SECONDS, **workload: Any
) -> list[float]:
    """Measure one environment under NumPy.

    Args:
      n_steps: steps of a unit.
      n_trials: how many figures to return.
      trial_seconds: how long the steps of a trial take at least.
      workload: further settings of `Workload`, such as `actions="random"`.
    Returns:
      Steps per second, one figure for each trial.
    """
    unit = numpy_single_unit(Workload(n_steps=n_steps, **workload))
    return _run_trials(unit, n_steps, n_trials, trial_seconds)


def benchmark_jax_single(
    n_steps: int = N_BENCHMARK_STEPS, n_trials: int = N_TRIALS, *, trial_seconds: float = TRIAL_SECONDS, **workload: Any
) -> list[float]:
    """Measure one environment under JAX, compiled.

    Args:
      n_steps: steps of a unit.
      n_trials: how many figures to return.
      trial_seconds: how long the steps of a trial take at least.
      workload: further settings of `Workload`, such as `actions="random"`.
    Returns:
      Steps per second, one figure for each trial.
    """
    unit = jax_single_unit(Workload(n_steps=n_steps, **workload))
    return _run_trials(unit, n_steps, n_trials, trial_seconds)


def benchmark_jax_vmap(
    n_steps: int = N_BENCHMARK_STEPS,
    n_trials: int = N_TRIALS,
    batch_size: int = BATCH_SIZE,
    *,
    trial_seconds: float = TRIAL_SECONDS,
    **workload: Any,
) -> list[float]:
    """Measure a batch of environments under JAX, compiled.

    Args:
      n_steps: steps of a unit; each steps the whole batch.
      n_trials: how many figures to return.
      batch_size: how many environments.
      trial_seconds: how long the steps of a trial take at least.
      workload: further settings of `Workload`, such as `actions="random"`.
    Returns:
      Steps per second of all environments together, one figure for each trial.
    """
    unit = jax_vmap_unit(Workload(n_steps=n_steps, **workload), batch_size)
    return _run_trials(unit, n_steps * batch_size, n_trials, trial_seconds)


def run_trial(unit: Unit, n_unit_steps: int, trial_seconds: float) -> float:
    """Repeat a unit until its steps have taken long enough.

    Args:
      unit: resets, steps, and returns the seconds that the steps took.
      n_unit_steps: environment steps that a unit makes.
      trial_seconds: how long the steps take at least, all repetitions together.
    Returns:
      Steps per second.
    """
    seconds = unit()
    n_units = 1
    while seconds < trial_seconds:
        seconds += unit()
        n_units += 1
    return n_units * n_unit_steps / seconds


def _run_trials(unit: Unit, n_unit_steps: int, n_trials: int, trial_seconds: float) -> list[float]:
    return [run_trial(unit, n_unit_steps, trial_seconds) for _ in range(n_trials)]


def compute_variance(trials: Sequence[float]) -> float:
    """How far trials lie apart: (max - min) / median, in per cent.

    Args:
      trials: at least one figure.
    """
    return (max(trials) - min(trials)) / statistics.median(trials) * 100


def run_benchmark_suite(settings: SuiteSettings | None = None) -> dict[str, dict[str, Any]]:
    """Measure everything and print the table.

    Args:
      settings: what to measure; by default noop actions, 500 steps, 3 trials, a batch of 1,024.
    Returns:
      `numpy_single`, `jax_single` and `jax_vmap_<batch size>` for each batch size, each with `trials`, `median` and
      `speedup_vs_numpy`.
    Raises:
      MissingDependencyError: where JAX is not installed.
    """
    settings = settings or SuiteSettings()
    check_backend("jax")
    trials = _measure(settings)
    baseline = statistics.median(trials["numpy_single"])
    results = {
        name: {
            "trials": figures,
            "median": statistics.median(figures),
            "speedup_vs_numpy": statistics.median(figures) / baseline,
        }
        for name, figures in trials.items()
    }
    print(format_table(settings, results))
    return results


def _measure(settings: SuiteSettings) -> dict[str, list[float]]:
    workload, n_steps = settings.workload, settings.workload.n_steps

    def trials(unit: Unit, n_envs: int = 1) -> list[float]:
        return _run_trials(unit, n_steps * n_envs, settings.n_trials, settings.trial_seconds)

    figures = {"numpy_single": trials(numpy_single_unit(workload)), "jax_single": trials(jax_single_unit(workload))}
    for size in settings.batch_sizes:
        figures[_batch_name(size)] = trials(jax_vmap_unit(workload, size), size)
    return figures


def _batch_name(batch_size: int) -> str:
    return f"jax_vmap_{batch_size}"


def format_table(settings: SuiteSettings, results: dict[str, dict[str, Any]]) -> str:
    """Write results as the suite prints them.

    Args:
      settings: what was measured.
      results: what `run_benchmark_suite` returns.
    """
    workload = settings.workload
    batches = ", ".join(f"{size:,}" for size in settings.batch_sizes)
    lines = [
        "CoGrid benchmark suite",
        f"  layout {workload.env_id}, steps {workload.n_steps}, trials {settings.n_trials}, batch {batches}",
        f"  actions {workload.actions}, features {', '.join(workload.features or ('default',))}",
        f"  {describe_machine()}",
        "",
        _row("NumPy single", results["numpy_single"]),
        _row("JAX single", results["jax_single"]),
    ]
    for size in settings.batch_sizes:
        result = results[_batch_name(size)]
        lines.append(_row(f"vmap@{size:,} total", result))
        lines.append(f"  {f'vmap@{size:,} per environment':<28}{result['median'] / size:>14,.0f} steps/s")
    spread = [f"{name} {compute_variance(result['trials']):.1f} %" for name, result in results.items()]
    return "\n".join([*lines, "", f"  variance of the trials: {', '.join(spread)}"])


def _row(label: str, result: dict[str, Any]) -> str:
    return f"  {label:<28}{result['median']:>14,.0f} steps/s{result['speedup_vs_numpy']:>10,.1f} x NumPy"


def describe_machine() -> str:
    """Name what the figures were measured on, in one line."""
    import jax

    device = jax.devices()[0]
    return (
        f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}, "
        f"JAX {jax.__version__} on {device.platform} ({device.device_kind})"
    )


def test_benchmark_reproducibility() -> None:
    """Trials of the batch lie within 10 % of each other, and a batch is faster than one environment under NumPy."""
    results = run_benchmark_suite()

    batch = results[_batch_name(BATCH_SIZE)]
    assert compute_variance(batch["trials"]) <= VARIANCE_THRESHOLD
    assert batch["median"] > results["numpy_single"]["median"]


def read_settings(
    arguments: Sequence[str] | None = None, command: str = "python -m cogrid.benchmarks.benchmark_suite"
) -> SuiteSettings:
    """Read the command line.

    Args:
      arguments: what follows the command; the process's own by default.
      command: what was typed, for the help and for messages.
    """
    parser = argparse.ArgumentParser(prog=command, description=__doc__)
    parser.add_argument("--env", default=LAYOUT, metavar="ID", help="environment (%(default)s)")
    parser.add_argument("--actions", choices=ACTION_KINDS, default="noop", help="what agents do (%(default)s)")
    parser.add_argument("--features", nargs="+", metavar="NAME", help="what agents observe (the environment's own)")
    parser.add_argument("--steps", type=int, default=N_BENCHMARK_STEPS, help="steps of a unit (%(default)s)")
    parser.add_argument("--trials", type=int, default=N_TRIALS, help="trials of each figure (%(default)s)")
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[BATCH_SIZE], metavar="N", help="batches (1024)")
    parser.add_argument("--seconds", type=float, default=TRIAL_SECONDS, help="least time of a trial (%(default)s)")
    options = parser.parse_args(arguments)
    workload = Workload(
        env_id=options.env,
        n_steps=options.steps,
        actions=options.actions,
        features=tuple(options.features) if options.features else None,
    )
    return SuiteSettings(
        workload=workload,
        n_trials=options.trials,
        batch_sizes=tuple(options.batch_sizes),
        trial_seconds=options.seconds,
    )


if __name__ == "__main__":
    run_benchmark_suite(read_settings())
