"""The pages for those who come from another library: what they show of the other side runs there, too.

    python -m comparisons.coming_from                       # installs the other libraries at the first use
    python -m comparisons.coming_from jaxmarl --python jaxmarl=/some/bin/python

A page of docs/coming-from/ has blocks of two kinds: `py` is the other library's, `python` is ours, which the tests run.
What a block says behind its `print`s is what it has to print.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from cogrid.errors import CoGridError
from comparisons.peer_environments import PEERS, Peer, PeerEnvironments, default_directory, last_lines
from comparisons.proofs.minigrid import PEER as MINIGRID

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "docs" / "coming-from"
PEER_OF = {
    "cogrid-0.3": PEERS["cogrid-0.3.2"],
    "overcooked-ai": PEERS["overcooked-ai-1.1.0"],
    "jaxmarl": PEERS["jaxmarl-0.2.0"],
    "minigrid": MINIGRID,
}
"""The pages that show something of another library, and what runs it."""


def their_program(page: str) -> str:
    """All that a page shows of the other library, as one program.

    Args:
      page: its name.
    """
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```py\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))


def promised(program: str) -> list[str]:
    """What a program says that it prints: the comments behind its `print` calls."""
    return re.findall(r"^print\(.*\)  # (.*)$", program, flags=re.MULTILINE)


def difference(python: pathlib.Path, program: str) -> str | None:
    """What a program does otherwise than it says; None if nothing.

    Args:
      python: of an environment that has the other library.
      program: what it runs.
    """
    command = [str(python), "-E", "-s", "-W", "ignore", "-c", program]
    with tempfile.TemporaryDirectory() as empty:  # Where this library is not, which has the name of another one.
        done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"it failed:\n{last_lines(done.stderr)}"
    printed, expected = done.stdout.splitlines(), promised(program)
    found = [line for line in printed if line in expected]  # Some libraries print lines of their own.
    return None if found == expected else f"it says that it prints {expected}, and printed {printed}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the pages' programs.

    Returns:
      0 if all print what they say, 1 if one does not.
    Raises:
      CoGridError: for a page that there is not, or a library that cannot be installed.
    """
    options = _read_arguments(arguments)
    unknown = set(options.pages) - PEER_OF.keys()
    if unknown:
        raise CoGridError(f"There is no page {min(unknown)!r} with another library; there is {sorted(PEER_OF)}.")
    given = dict(entry.split("=", 1) for entry in options.python)
    status = 0
    for page in options.pages or PEER_OF:
        found = difference(_python(PEER_OF[page], given.get(page), options.venvs), their_program(page))
        print(f"{page}: {found or 'as the page says'}")
        status |= found is not None
    return int(status)


def _python(peer: Peer, given: str | None, directory: pathlib.Path) -> pathlib.Path:
    pythons = {} if given is None else {peer.name: pathlib.Path(given)}
    return PeerEnvironments(directory=directory, pythons=pythons).python(peer)


def _read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    about = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m comparisons.coming_from", description=about)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"of {', '.join(PEER_OF)}; all if left out")
    parser.add_argument("--venvs", type=pathlib.Path, default=default_directory(), help="where they are installed")
    parser.add_argument("--python", action="append", default=[], metavar="PAGE=PYTHON", help="one that has it already")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
