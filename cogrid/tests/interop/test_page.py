"""What docs/use-it-with.md shows runs as it stands, section by section, where the section's library is installed."""

from __future__ import annotations

import ast
import importlib.util
import re
import tomllib

import pytest

from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.interop.conftest import LIBRARIES
from cogrid.tests.test_docs import OF_OTHER_LIBRARIES
from cogrid.tests.test_readme import promised_output, run_python

pytestmark = needs_checkout

OUR_OWN = {"cogrid", "gymnasium", "jax", "numpy", "pettingzoo"}
"""Libraries of which no warning is put up with."""

WITHOUT_CODE = {"PufferLib"}
MAX_LINES = 14


def sections() -> dict[str, str]:
    """The page's Python, by the title of the section that shows it."""
    page = CHECKOUT / "docs" / OF_OTHER_LIBRARIES
    _, *parts = page.read_text(encoding="utf-8").split("\n## ") if page.is_file() else ("",)
    blocks = {
        part.splitlines()[0]: re.findall(r"^```python\n(.*?)^```", part, re.MULTILINE | re.DOTALL) for part in parts
    }
    return {title: "\n".join(found) for title, found in blocks.items()}


SECTIONS = sections()


def libraries_of(program: str) -> set[str]:
    """The libraries that a program imports, and those that our adapters import for it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.removeprefix("cogrid.interop.").split(".")[0] for name in names}


@pytest.mark.parametrize("title", [title for title in SECTIONS if title not in WITHOUT_CODE])
def test_a_section_runs_and_prints_what_it_says(title: str) -> None:
    program = SECTIONS[title]
    needed = libraries_of(program)
    missing = sorted(name for name in needed if importlib.util.find_spec(name) is None)
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")

    result = run_python(*(() if needed <= OUR_OWN else ("-W", "ignore")), "-c", program)

    promised = promised_output(program)
    assert result.returncode == 0, result.stderr
    assert [line for line in result.stdout.splitlines() if line in promised or needed <= OUR_OWN] == promised
    assert promised


def test_every_section_is_short_and_has_code() -> None:
    lengths = {title: len([line for line in text.splitlines() if line]) for title, text in SECTIONS.items()}
    assert {title for title, length in lengths.items() if length == 0} == WITHOUT_CODE
    assert {title: length for title, length in lengths.items() if length > MAX_LINES} == {}


FORGOTTEN = {"six"}
"""What a library imports and does not ask for."""


def test_every_library_has_a_section_and_is_in_the_extra() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = {re.split(r"[\[>]", asked)[0] for asked in project["optional-dependencies"]["interop"]}
    imported = set().union(*map(libraries_of, SECTIONS.values()))
    assert {name.replace("-", "_") for name in LIBRARIES} <= imported | {"numpy"}
    assert extra - FORGOTTEN == set(LIBRARIES) - {"pettingzoo", "gymnasium", "jax", "numpy"}
