"""`cogrid bench`: how fast the library is here. The work is `cogrid.benchmarks.benchmark_suite`'s."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence

from cogrid.benchmarks.benchmark_suite import read_settings, run_benchmark_suite
from cogrid.command_line.command import Command, Exit
from cogrid.command_line.output import print_json


def run_itself(arguments: Sequence[str]) -> int:
    """Measure, and print the table, or with `--json` the figures (the table then goes to standard error).

    Args:
      arguments: the benchmark suite's own, and `--json`.
    """
    rest = [argument for argument in arguments if argument != "--json"]
    if {"-h", "--help"} & set(rest):
        print(f"{BENCH.about}\n\n{BENCH.examples_text()}\n")
    settings = read_settings(rest, command="cogrid bench")
    if len(rest) == len(arguments):
        run_benchmark_suite(settings)
        return Exit.OK
    with contextlib.redirect_stdout(sys.stderr):
        results = run_benchmark_suite(settings)
    print_json(results)
    return Exit.OK


BENCH = Command(
    name="bench",
    summary="measure how fast worlds step here",
    about="Measure steps per second: one world under NumPy, one under JAX, and a batch under JAX. Needs JAX.\n"
    "`cogrid bench` is `python -m cogrid.benchmarks.benchmark_suite`, with --json beside.",
    examples=(
        ("cogrid bench", "the table"),
        ("cogrid bench --actions random --batch-sizes 1024 16384", "random play, two batches"),
        ("cogrid bench --env OvercookedAI-CrampedRoom-V0 --trials 1", "another world, one trial"),
        ("cogrid bench --json > figures.json", "figures for a program, the table on the terminal"),
    ),
    run_itself=run_itself,
)
