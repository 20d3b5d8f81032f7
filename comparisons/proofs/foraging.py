"""Our Level-Based Foraging beside lbforaging 2.0.0: 20 fields, the same actions, every state, reward and end.

    python -m comparisons.proofs.foraging                       # all of them, 100,000 steps each; about an hour
    python -m comparisons.proofs.foraging --steps 2000 "8 x 8"  # those whose names begin so

The original is installed at the first use into a virtual environment of its own; it plays there, at random and towards
food, and what it did is replayed here, from its starts. What is drawn at the start is compared apart, by chi-square.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from cogrid.errors import CoGridError
from comparisons.peer_environments import PEERS, PeerEnvironments, last_lines
from comparisons.proofs.command import make_parser
from comparisons.proofs.foraging_comparison import (
    KINDS,
    Configuration,
    Count,
    deviation,
    drawn,
    our_starts,
    replay,
)
from comparisons.proofs.pages import fill_in

RECORDER = pathlib.Path(__file__).parent / "recorders" / "foraging_recorder.py"
LBFORAGING = PEERS["lbforaging-2.0.0"]

CONFIGURATIONS = (
    Configuration(size=5, players=2, foods=1),
    Configuration(size=5, players=2, foods=3, is_cooperative=True),
    Configuration(size=5, players=4, foods=4, sight=2),
    Configuration(size=5, players=9, foods=2),
    Configuration(size=6, players=3, foods=2, penalty=0.1),
    Configuration(size=7, players=2, foods=2, is_normalised=False),
    Configuration(size=7, players=5, foods=4, is_cooperative=True, sight=2, penalty=0.1),
    Configuration(size=8, players=2, foods=2),
    Configuration(size=8, players=2, foods=2, is_cooperative=True, sight=2),
    Configuration(size=8, players=3, foods=1, sight=1),
    Configuration(size=8, players=8, foods=4),
    Configuration(size=8, players=3, foods=3, player_levels=(1, 3), food_levels=(2, 5)),
    Configuration(size=8, players=4, foods=3, player_levels=(2, 2), sees_levels=False, sight=3),
    Configuration(size=10, players=3, foods=3),
    Configuration(size=10, players=4, foods=4, is_cooperative=True, is_normalised=False),
    Configuration(size=10, players=6, foods=2, food_levels=(1, 1), penalty=0.25),
    Configuration(size=12, players=7, foods=4, sight=4, sees_levels=False),
    Configuration(size=15, players=4, foods=3, is_cooperative=True),
    Configuration(size=15, players=9, foods=4, sight=2),
    Configuration(size=19, players=9, foods=4, is_cooperative=True, sight=2, penalty=0.1),
)
"""What is compared."""

LARGEST_DEVIATION = 4.5
"""From which normal deviate on what is drawn counts as another distribution; chance goes so far once in 300,000."""


def record(python: pathlib.Path, configuration: Configuration, *options: str) -> dict[str, Any]:
    """Let the original play one field.

    Args:
      python: the Python of its virtual environment.
      configuration: the field.
      options: of the recorder.
    Raises:
      CoGridError: when the recorder fails; says what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "recorded.npz"
        settings = json.dumps(dataclasses.asdict(configuration))
        command = [str(python), "-E", "-s", str(RECORDER), settings, str(out), *options]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise CoGridError(f"lbforaging failed on {configuration.name!r}:\n{last_lines(result.stderr)}")
        with np.load(out) as file:
            return dict(file)


def compare_starts(python: pathlib.Path, configuration: Configuration, n_starts: int, seed: int) -> dict[str, float]:
    """How far what is drawn at the start is from what the original draws, as normal deviates."""
    theirs = record(python, configuration, "--starts", str(n_starts), "--seed", str(seed))
    both = [drawn(starts, configuration.size) for starts in (our_starts(configuration, n_starts, seed), theirs)]
    return {name: round(deviation(both[0][name], both[1][name]), 2) for name in both[0]}


def table(counts: Sequence[Count], deviations: Sequence[dict[str, float]]) -> str:
    """The counts as a table in Markdown."""
    header = ("field", "steps", "eaten", "failed", "cut", *KINDS, "differences", "draws")
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    total = Count(name=f"all {len(counts)}")
    for count in counts:
        for field in ("steps", "eaten", "failed", "cut"):
            setattr(total, field, getattr(total, field) + getattr(count, field))
        for kind in KINDS:
            total.compared[kind] += count.compared[kind]
            total.differences[kind] += count.differences[kind]
    farthest = [max(row.values(), default=0.0) for row in deviations]
    for count, draws in zip((*counts, total), (*farthest, max(farthest, default=0.0)), strict=True):
        numbers = (count.steps, count.eaten, count.failed, count.cut, *count.compared.values(), count.n_differences)
        lines.append(f"| {count.name} | {' | '.join(f'{number:,}' for number in numbers)} | {draws:.1f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof from the command line.

    Returns:
      0 if nothing differed, 1 if something did.
    """
    parser = make_parser("comparisons.proofs.foraging", __doc__, LBFORAGING.requirements[0], 100_000)
    parser.add_argument(
        "--observe-every", type=int, default=5, metavar="N", help="compare observations every N states (default: 5)"
    )
    parser.add_argument("--starts", type=int, default=5_000, metavar="N", help="starts compared (default: %(default)s)")
    options = parser.parse_args(arguments)
    pythons = {} if options.python is None else {LBFORAGING.name: options.python}
    python = PeerEnvironments(directory=options.venvs, pythons=pythons).python(LBFORAGING)
    chosen = tuple(options.layouts) or ("",)
    counts, deviations = list[Count](), list[dict[str, float]]()
    for number, configuration in enumerate(CONFIGURATIONS):
        if configuration.name.startswith(chosen):
            seed, every = options.seed + number, options.observe_every
            played = ("--steps", str(options.steps), "--seed", str(seed), "--observe-every", str(every))
            counts.append(replay(configuration, record(python, configuration, *played), every))
            deviations.append(compare_starts(python, configuration, options.starts, seed) if options.starts else {})
            told = f"{counts[-1].name}: {counts[-1].steps:,} steps, {counts[-1].n_differences} differences"
            print(told, deviations[-1], file=sys.stderr, flush=True)
    print(table(counts, deviations))
    if options.json is not None:
        fields = [dataclasses.asdict(count) | {"draws": row} for count, row in zip(counts, deviations, strict=True)]
        told_all = {"peer": LBFORAGING.requirements[0], "seed": options.seed, "fields": fields}
        options.json.write_text(json.dumps(told_all, indent=1) + "\n", encoding="utf-8")
    if options.markdown is not None:
        fill_in(options.markdown, table(counts, deviations))
    is_unlike = any(value > LARGEST_DEVIATION for row in deviations for value in row.values())
    return int(is_unlike or any(count.n_differences for count in counts))


if __name__ == "__main__":
    sys.exit(main())
