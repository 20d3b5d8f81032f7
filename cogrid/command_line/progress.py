"""A progress bar for what takes longer than two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TextIO, TypeVar

PATIENCE = 2.0
"""Seconds until the bar appears."""

INTERVAL = 0.1
"""Seconds between two pictures of it."""

WIDTH = 30

Thing = TypeVar("Thing")


def track(
    things: Iterable[Thing],
    total: int,
    label: str,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Thing]:
    """Go through things, and show how far one has got: on a terminal only, after two seconds, and gone at the end.

    Args:
      things: what to go through.
      total: how many there are at most.
      label: what is being done.
      stream: where to; standard error by default.
      clock: seconds from some point on.
    """
    shown = sys.stderr if stream is None else stream
    if not shown.isatty():
        yield from things
        return
    start = clock()
    last = start + PATIENCE - INTERVAL
    longest = 0
    try:
        for number, thing in enumerate(things):
            if clock() - last >= INTERVAL:
                last = clock()
                line = _bar(number, total, label, last - start)
                longest = max(longest, len(line))
                shown.write(f"\r{line:<{longest}}")
                shown.flush()
            yield thing
    finally:
        if longest:
            shown.write(f"\r{'':<{longest}}\r")
            shown.flush()


def _bar(number: int, total: int, label: str, seconds: float) -> str:
    done = WIDTH * number // total
    left = f", {seconds / number * (total - number):.0f} s left" if number else ""
    return f"{label} [{'#' * done}{'.' * (WIDTH - done)}] {number:,} of {total:,}{left}"
