"""The pages for those who come from another library show both sides, and their side is run where it is installed."""

from __future__ import annotations

import pathlib
import sys

import pytest

from cogrid.errors import CoGridError
from comparisons.coming_from import FOLDER, PEER_OF, difference, main, promised, their_program
from comparisons.peer_environments import default_directory


@pytest.mark.parametrize("page", PEER_OF)
def test_a_page_shows_their_program_and_ours(page: str) -> None:
    assert promised(their_program(page))
    assert "\n```python\n" in (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def test_every_page_with_a_program_of_theirs_is_run() -> None:
    with_program = {path.stem for path in FOLDER.glob("*.md") if their_program(path.stem)}

    assert with_program == PEER_OF.keys()


@pytest.mark.long
@pytest.mark.parametrize("page", PEER_OF)
def test_their_program_prints_what_the_page_says(page: str) -> None:
    python = default_directory() / PEER_OF[page].name / "bin" / "python"
    if not python.is_file():
        pytest.skip("`python -m comparisons.coming_from` installs it")

    assert difference(python, their_program(page)) is None


def test_a_program_that_prints_something_else_is_told_of() -> None:
    python = pathlib.Path(sys.executable)

    assert difference(python, "print('own')\nprint(1)  # 1") is None
    assert "printed ['1']" in (difference(python, "print(1)  # 2") or "")
    assert "ZeroDivisionError" in (difference(python, "1 / 0") or "")


def test_an_unknown_page_is_refused() -> None:
    with pytest.raises(CoGridError, match="'jaxmrl'"):
        main(["jaxmrl"])
