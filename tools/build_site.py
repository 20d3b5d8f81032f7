"""Build the documentation as a site: `python tools/build_site.py`, or `make site`.

The pages are the Markdown files of docs/, put together by Zensical after mkdocs.yml; the reference is made of
docstrings; the worlds that are played in the pages are exported by the library itself. A warning is an error.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

from environment_families import families
from live_worlds import live_world

from cogrid.page.export import page_text

ROOT = pathlib.Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
COMPLAINTS = ("griffe:", "Warning", "WARNING", "ERROR")
"""How a line of Zensical or of a tool of its begins that says that something is wrong."""

FROM_ELSEWHERE = re.compile(r"<(?:script|iframe|img|source)[^>]*\bsrc=.?https?:")
"""What a browser would load from another host."""

COLORS = re.compile(r"\x1b\[[0-9;]*m")


def complaints(output: str) -> list[str]:
    """The lines of a build's output that complain of something.

    Args:
      output: what the build wrote.
    """
    return [line for line in COLORS.sub("", output).splitlines() if line.startswith(COMPLAINTS)]


def build() -> list[str]:
    """Build the pages, and return what is wrong with them."""
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = complaints(made.stdout + made.stderr)
    if made.returncode or found:
        print(COLORS.sub("", made.stdout + made.stderr), file=sys.stderr)
    return found or ([f"Zensical ended with exit status {made.returncode}."] if made.returncode else [])


def write_worlds() -> int:
    """Write the worlds that pages of the site show, and return how many there are."""
    folder = SITE / "play"
    folder.mkdir(parents=True, exist_ok=True)
    n_written = 0
    for family in families():
        env = live_world(family)
        if env is not None:
            file = folder / family.page.replace(".md", ".html")
            file.write_text(page_text([env], family.name), encoding="utf-8")
            n_written += 1
    return n_written


def main() -> int:
    """Build the site.

    Returns:
      The exit status: 1 if a page has a fault.
    """
    if build():
        return 1
    loading = [page for page in SITE.rglob("*.html") if FROM_ELSEWHERE.search(page.read_text(encoding="utf-8"))]
    if loading:
        print(f"These pages load something from elsewhere: {', '.join(map(str, loading))}", file=sys.stderr)
        return 1
    n_worlds = write_worlds()
    n_pages = len(list(SITE.rglob("*.html"))) - n_worlds
    print(f"{SITE / 'index.html'}: {n_pages} pages, and {n_worlds} worlds that are played in them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
