"""The command line that all proofs share."""

from __future__ import annotations

import argparse
import pathlib

from comparisons.peer_environments import default_directory


def make_parser(command: str, about: str | None, original: str, n_steps: int) -> argparse.ArgumentParser:
    """The parser of a proof's command line, to which it may add arguments of its own.

    Args:
      command: the proof's module.
      about: what it does.
      original: the package that ours is held against.
      n_steps: how many steps it makes on each layout unless told otherwise.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {command}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("layouts", nargs="*", metavar="LAYOUT", help="the original's names of layouts; all if left out")
    parser.add_argument("--steps", type=int, default=n_steps, help="steps on each layout (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn (default: %(default)s)")
    parser.add_argument(
        "--venvs", type=pathlib.Path, default=default_directory(), help="where the original is installed"
    )
    parser.add_argument("--python", type=pathlib.Path, help=f"a Python that has {original} already")
    parser.add_argument(
        "--markdown", type=pathlib.Path, metavar="PAGE", help="write the table into a page, at its marks"
    )
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write all counts to a file")
    return parser
