"""Our MiniGrid beside MiniGrid 3.2.0: the same worlds, the same actions, every state, reward and observation.

    python -m comparisons.proofs.minigrid                                  # 20 worlds, 100,000 steps each; 20 minutes
    python -m comparisons.proofs.minigrid --steps 4000 MiniGrid-Empty-5x5-v0

The original is installed at the first use into a virtual environment of its own. It plays there at random, from the
states that it draws at its resets; every step that it made is made here from the same state.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

import numpy as np

from cogrid.errors import CoGridError
from comparisons.peer_environments import PEERS, PeerEnvironments, last_lines
from comparisons.proofs.command import make_parser
from comparisons.proofs.minigrid_comparison import Arrays, Count, compare
from comparisons.proofs.pages import fill_in

RECORDER = pathlib.Path(__file__).parent / "recorders" / "minigrid_recorder.py"
PEER = PEERS["minigrid-3.2.0"]
WORLDS = (
    *(f"MiniGrid-Empty-{size}x{size}-v0" for size in (5, 6, 8, 16)),
    *(f"MiniGrid-Empty-Random-{size}x{size}-v0" for size in (5, 6)),
    "MiniGrid-FourRooms-v0",
    *(f"MiniGrid-DoorKey-{size}x{size}-v0" for size in (5, 6, 8, 16)),
    *(f"MiniGrid-LavaGapS{size}-v0" for size in (5, 6, 7)),
    *(f"MiniGrid-Dynamic-Obstacles-{size}x{size}-v0" for size in (5, 6, 8, 16)),
    *(f"MiniGrid-Dynamic-Obstacles-Random-{size}x{size}-v0" for size in (5, 6)),
)
"""The original's names of what is compared."""


def record(python: pathlib.Path, worlds: Sequence[str], n_steps: int, seed: int) -> Iterator[tuple[str, Arrays]]:
    """Let the original play, and hand over each world as soon as it is recorded.

    Args:
      python: the Python of its virtual environment.
      worlds: its names of them.
      n_steps: how many steps in each.
      seed: of everything that is drawn.
    Raises:
      CoGridError: when the recorder fails; says what it said.
    """
    with tempfile.TemporaryDirectory() as folder:
        for world in worlds:
            command = [str(python), "-E", "-s", str(RECORDER), folder, world, "--steps", str(n_steps)]
            made = subprocess.run([*command, "--seed", str(seed)], capture_output=True, text=True, check=False)
            if made.returncode:
                raise CoGridError(f"MiniGrid failed:\n{last_lines(made.stderr)}")
            with np.load(pathlib.Path(folder) / f"{world}.npz") as arrays:
                yield world, dict(arrays)


def table(counts: Sequence[Count]) -> str:
    """The counts as a table in Markdown."""
    head = "| world | steps | episodes | at the goal | burnt or crashed | hidden | differences |"
    rows = [
        f"| `{count.env_id}` | {count.steps:,} | {count.episodes:,} | {count.goals:,} | {count.other_ends:,} | "
        f"{count.hidden} % | {count.n_differences:,} |"
        for count in counts
    ]
    sums = [sum(getattr(count, name) for count in counts) for name in ("steps", "episodes", "goals", "other_ends")]
    differences = sum(count.n_differences for count in counts)
    total = f"| all {len(counts)} | {' | '.join(f'{number:,}' for number in sums)} | | {differences:,} |"
    return "\n".join([head, "|---" * 7 + "|", *rows, total])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof from the command line.

    Returns:
      0 if nothing differed, 1 if something did.
    Raises:
      CoGridError: when MiniGrid cannot be installed or fails, or there is no such world.
    """
    parser = make_parser("comparisons.proofs.minigrid", __doc__, PEER.requirements[0], n_steps=100_000)
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.layouts) - set(WORLDS))
    if unknown:
        raise CoGridError(f"{', '.join(unknown)} is not compared. Choose among {', '.join(WORLDS)}.")
    pythons = {} if options.python is None else {PEER.name: options.python}
    python = PeerEnvironments(directory=options.venvs, pythons=pythons).python(PEER)
    counts: list[Count] = []
    for world, recorded in record(python, options.layouts or WORLDS, options.steps, options.seed):
        counts.append(compare(world, recorded))
        print(f"{world}: {counts[-1].n_differences} differences", file=sys.stderr, flush=True)
    print(table(counts))
    if options.json is not None:
        told = {"peer": PEER.requirements[0], "seed": options.seed, "worlds": [dataclasses.asdict(c) for c in counts]}
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if options.markdown is not None:
        fill_in(options.markdown, table(counts))
    for count in counts:
        if count.n_differences:
            print(f"{count.env_id} differs: {count.differences}")
    return int(any(count.n_differences for count in counts))


if __name__ == "__main__":
    sys.exit(main())
