"""`cogrid compare`: this library beside others, in turn. The work is `cogrid.benchmarks.compare`'s."""

from __future__ import annotations

from collections.abc import Sequence

from cogrid.benchmarks import compare
from cogrid.command_line.command import Command


def run_itself(arguments: Sequence[str]) -> int:
    """Measure ours and the others in turn.

    Args:
      arguments: the comparison's own.
    """
    if {"-h", "--help"} & set(arguments):
        print(f"{COMPARE.about}\n\n{COMPARE.examples_text()}\n")
    return compare.main(arguments, command="cogrid compare")


COMPARE = Command(
    name="compare",
    summary="measure this library beside others",
    about="Measure CoGrid 0.3.2, JaxMARL and Overcooked-AI beside this library, each in a virtual environment of its\n"
    "own that is made at the first use. `cogrid compare` is `python -m cogrid.benchmarks.compare`; its --json takes a\n"
    "file.",
    examples=(
        ("cogrid compare --quick", "see that everything works; the figures mean nothing"),
        ("cogrid compare --peers --json ours.json", "ours alone, all figures into a file"),
        ("cogrid compare --json all.json --chart chart.svg", "everything, with a chart"),
    ),
    run_itself=run_itself,
)
