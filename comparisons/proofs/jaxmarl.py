"""Our kitchens of JaxMARL beside JaxMARL 0.2.0: every layout, the same actions, every state, reward and observation.

    python -m comparisons.proofs.jaxmarl                      # all layouts, 20,000 steps each; under ten minutes
    python -m comparisons.proofs.jaxmarl --steps 4000 cramped_room

The original is installed at the first use into a virtual environment of its own. It plays there, from the states that
it draws at its resets, at random and on errands that get soups delivered; every step that it made is made here.
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
from comparisons.proofs.jaxmarl_comparison import Count, Run, first_difference, replay
from comparisons.proofs.kitchen_recordings import Recording
from comparisons.proofs.pages import fill_in

RECORDER = pathlib.Path(__file__).parent / "recorders" / "jaxmarl_recorder.py"
PEER = PEERS["jaxmarl-0.2.0"]
EPISODE_STEPS = 200
PAGES = {"overcooked": "jaxmarl-overcooked.md", "overcooked_v2": "overcooked-v2.md"}
"""The page of each of its games, in the folder that `--markdown` names."""


def record(python: pathlib.Path, layouts: Sequence[str], n_steps: int, seed: int) -> Iterator[tuple[Run, Recording]]:
    """Let the original play, and hand over each run as soon as it is recorded.

    Args:
      python: the Python of its virtual environment.
      layouts: its names of them; all if there is none.
      n_steps: how many steps of each run, at least.
      seed: of everything that is drawn.
    Raises:
      CoGridError: when the recorder fails; says what it said.
    """
    n_episodes = max(1, -(-n_steps // EPISODE_STEPS))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        command = [str(python), "-E", "-s", str(RECORDER), name, *layouts, "--seed", str(seed)]
        command += ["--episodes", str(n_episodes), "--steps", str(EPISODE_STEPS)]
        with (
            (folder / "errors").open("w+", encoding="utf-8") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as recorder,
        ):
            try:
                yield from _recorded(recorder, folder)
            finally:
                recorder.kill()
            errors.seek(0)
            if recorder.returncode:
                raise CoGridError(f"JaxMARL failed:\n{last_lines(errors.read())}")


def _recorded(recorder: subprocess.Popen[str], folder: pathlib.Path) -> Iterator[tuple[Run, Recording]]:
    for line in recorder.stdout or ():
        if line.startswith("{"):  # JaxMARL prints lines of its own.
            told = json.loads(line)
            file = folder / told["file"]
            with np.load(file) as arrays:
                yield Run(**told["run"]), Recording(dict(arrays))
            file.unlink()
    recorder.wait()


def table(counts: Sequence[Count]) -> str:
    """The counts as a table in Markdown."""
    lines = [
        "| kitchen | options | cooks | steps | deliveries | wanted | plates | paid | differences |",
        "|---" * 9 + "|",
    ]
    for count in counts:
        run = count.run
        options = "all" if run.options else "none"
        lines.append(
            f"| `{run.game}` `{run.layout}` | {options} | {count.n_agents} | {count.steps:,} | {count.deliveries:,} | "
            f"{count.wanted:,} | {count.plates:,} | {count.paid_plates:,} | {count.n_differences:,} |"
        )
    totals = [
        f"{sum(getattr(count, name) for count in counts):,}"
        for name in ("steps", "deliveries", "wanted", "plates", "paid_plates", "n_differences")
    ]
    lines.append(f"| all {len(counts)} | | | {' | '.join(totals)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the proof from the command line.

    Returns:
      0 if nothing differed, 1 if something did.
    Raises:
      CoGridError: when JaxMARL cannot be installed or fails, or there is no such layout.
    """
    parser = make_parser("comparisons.proofs.jaxmarl", __doc__, PEER.requirements[0], n_steps=20_000)
    options = parser.parse_args(arguments)
    pythons = {} if options.python is None else {PEER.name: options.python}
    python = PeerEnvironments(directory=options.venvs, pythons=pythons).python(PEER)
    counts = []
    for run, recording in record(python, options.layouts, options.steps, options.seed):
        counts.append(replay(run, recording))
        print(f"{run}: {counts[-1].steps:,} steps, {counts[-1].n_differences} differences", file=sys.stderr, flush=True)
    if not counts:
        raise CoGridError(f"JaxMARL has no layout {' or '.join(options.layouts)}.")
    print(table(counts))
    difference = first_difference(counts)
    if difference is not None:
        print(f"The first difference: {difference}")
    if options.json is not None:
        told = {"peer": PEER.requirements[0], "seed": options.seed, "runs": [dataclasses.asdict(c) for c in counts]}
        options.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if options.markdown is not None:
        for game, page in PAGES.items():
            fill_in(options.markdown / page, table([count for count in counts if count.run.game == game]))
    return 0 if difference is None else 1


if __name__ == "__main__":
    sys.exit(main())
