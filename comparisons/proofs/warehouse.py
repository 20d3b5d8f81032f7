"""Our warehouse beside rware 2.0.0: 20 warehouses, the same actions, every state, reward and end, and observations.

    python -m comparisons.proofs.warehouse                       # all of them, 100,000 steps each; about an hour
    python -m comparisons.proofs.warehouse --steps 2000 Tiny     # those whose names begin so

The original is installed at the first use into a virtual environment of its own; it plays there, at random and on
errands between racks and goals, and what it did is replayed here. Its starts and what it requests anew are taken over.
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
from comparisons.proofs.pages import fill_in
from comparisons.proofs.warehouse_comparison import KINDS, Configuration, Count, replay

RECORDER = pathlib.Path(__file__).parent / "recorders" / "warehouse_recorder.py"
RWARE = PEERS["rware-2.0.0"]
SHELVES = {"Tiny": (1, 3), "Small": (2, 3), "Medium": (2, 5), "Large": (3, 5)}
"""Rows and columns of racks in each size."""

CONFIGURATIONS = (
    Configuration(size="Tiny", robots=1, requests=1),
    Configuration(size="Tiny", robots=2, requests=1, reward="two_stage"),
    Configuration(size="Tiny", robots=2, requests=4, reward="global"),
    Configuration(size="Tiny", robots=4, requests=4, radius=2),
    Configuration(size="Tiny", robots=8, requests=8, reward="two_stage"),
    Configuration(size="Tiny", robots=19, requests=9),
    Configuration(size="Small", robots=2, requests=2, reward="global"),
    Configuration(size="Small", robots=4, requests=8, reward="two_stage"),
    Configuration(size="Small", robots=6, requests=3),
    Configuration(size="Small", robots=10, requests=10, radius=3),
    Configuration(size="Small", robots=19, requests=19, reward="two_stage"),
    Configuration(size="Medium", robots=3, requests=3, reward="two_stage"),
    Configuration(size="Medium", robots=6, requests=12),
    Configuration(size="Medium", robots=12, requests=6, reward="global"),
    Configuration(size="Medium", robots=19, requests=38, reward="two_stage"),
    Configuration(size="Large", robots=1, requests=2, reward="two_stage"),
    Configuration(size="Large", robots=4, requests=4, reward="global"),
    Configuration(size="Large", robots=8, requests=8, radius=2),
    Configuration(size="Large", robots=14, requests=7, reward="two_stage"),
    Configuration(size="Large", robots=19, requests=19),
)
"""What is compared."""


def record(
    python: pathlib.Path, configuration: Configuration, n_steps: int, seed: int, observe_every: int
) -> dict[str, Any]:
    """Let the original play one warehouse.

    Args:
      python: the Python of its virtual environment.
      configuration: the warehouse.
      n_steps: how many steps, in episodes of 500.
      seed: of everything that is drawn.
      observe_every: of how many states one is observed.
    Raises:
      CoGridError: when the recorder fails; says what it said.
    """
    rows, columns = SHELVES[configuration.size]
    settings = {"rows": rows, "columns": columns} | {
        name: getattr(configuration, name) for name in ("robots", "requests", "reward", "radius")
    }
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "recorded.npz"
        command = [str(python), "-E", "-s", str(RECORDER), json.dumps(settings), str(out), "--steps", str(n_steps)]
        command += ["--seed", str(seed), "--observe-every", str(observe_every)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise CoGridError(f"rware failed on {configuration.name!r}:\n{last_lines(result.stderr)}")
        with np.load(out) as file:
            return dict(file)


def table(counts: Sequence[Count]) -> str:
    """The counts as a table in Markdown."""
    header = ("warehouse", "steps", "deliveries", "ties", "cut", *KINDS, "differences")
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    total = Count(name=f"all {len(counts)}")
    for count in counts:
        for field in ("steps", "deliveries", "ties", "cut"):
            setattr(total, field, getattr(total, field) + getattr(count, field))
        for kind in KINDS:
            total.compared[kind] += count.compared[kind]
            total.differences[kind] += count.differences[kind]
    for count in (*counts, total):
        numbers = (count.steps, count.deliveries, count.ties, count.cut, *count.compared.values(), count.n_differences)
        lines.append(f"| {count.name} | {' | '.join(f'{number:,}' for number in numbers)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof from the command line.

    Returns:
      0 if nothing differed, 1 if something did.
    """
    parser = make_parser("comparisons.proofs.warehouse", __doc__, RWARE.requirements[0], 100_000)
    parser.add_argument(
        "--observe-every", type=int, default=10, metavar="N", help="compare observations every N states (default: 10)"
    )
    options = parser.parse_args(arguments)
    pythons = {} if options.python is None else {RWARE.name: options.python}
    python = PeerEnvironments(directory=options.venvs, pythons=pythons).python(RWARE)
    chosen = tuple(options.layouts) or ("",)
    counts = []
    for number, configuration in enumerate(CONFIGURATIONS):
        if configuration.name.startswith(chosen):
            recorded = record(python, configuration, options.steps, options.seed + number, options.observe_every)
            counts.append(replay(configuration, recorded, options.observe_every))
            told = f"{counts[-1].name}: {counts[-1].steps:,} steps, {counts[-1].n_differences} differences"
            print(told, file=sys.stderr, flush=True)
    print(table(counts))
    if options.json is not None:
        told = {
            "peer": RWARE.requirements[0],
            "seed": options.seed,
            "warehouses": list(map(dataclasses.asdict, counts)),
        }
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if options.markdown is not None:
        fill_in(options.markdown, table(counts))
    return int(any(count.n_differences for count in counts))


if __name__ == "__main__":
    sys.exit(main())
