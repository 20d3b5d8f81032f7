"""Where the proofs write what they counted: between two marks of a page of the documentation."""

from __future__ import annotations

import pathlib

from cogrid.errors import CoGridError

START, END = "<!-- proof -->\n", "<!-- proof: end -->"


def fill_in(page: pathlib.Path, counts: str) -> None:
    """Write a table of counts between the marks of a page.

    Args:
      page: a file in Markdown with the lines `<!-- proof -->` and `<!-- proof: end -->`.
      counts: the table.
    Raises:
      CoGridError: when the page has no such marks.
    """
    before, start, rest = page.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not end:
        raise CoGridError(f"{page} has no place for the counts: mark it with {START.strip()} and {END}.")
    page.write_text(f"{before}{start}{counts}\n{end}{after}", encoding="utf-8")
