"""The progress bar: on a terminal only, after two seconds, and gone at the end."""

from __future__ import annotations

import io
from collections.abc import Callable

from cogrid.command_line.progress import PATIENCE, track


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def ticking(seconds: float) -> Callable[[], float]:
    """A clock that goes on by so much whenever it is read."""
    time = 0.0

    def clock() -> float:
        nonlocal time
        time += seconds
        return time

    return clock


def test_everything_passes_through_in_order() -> None:
    for stream in (io.StringIO(), Terminal()):
        assert list(track("abc", 3, "reading", stream, ticking(1.0))) == ["a", "b", "c"]


def test_a_file_or_a_pipe_gets_nothing() -> None:
    stream = io.StringIO()
    assert list(track(range(100), 100, "playing", stream, ticking(1.0))) == list(range(100))

    assert stream.getvalue() == ""


def test_what_is_done_within_two_seconds_shows_no_bar() -> None:
    stream = Terminal()
    assert len(list(track(range(100), 100, "playing", stream, ticking(PATIENCE / 200)))) == 100

    assert stream.getvalue() == ""


def test_what_takes_longer_shows_how_far_it_is_and_leaves_an_empty_line() -> None:
    stream = Terminal()
    assert len(list(track(range(10), 10, "playing", stream, ticking(1.0)))) == 10
    pictures = stream.getvalue().split("\r")

    assert any(picture.startswith("playing [###############") and "5 of 10" in picture for picture in pictures)
    assert pictures[-2].strip() == pictures[-1] == ""


def test_the_line_is_cleared_when_one_stops_before_the_end() -> None:
    stream = Terminal()
    for number in track(range(10), 10, "playing", stream, ticking(1.0)):
        if number == 5:
            break

    assert "5 of 10" in stream.getvalue()
    assert stream.getvalue().endswith(" \r")
