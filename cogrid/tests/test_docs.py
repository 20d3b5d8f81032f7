"""What the pages of the documentation show runs as it stands, and prints what it says."""

from __future__ import annotations

import pathlib
import re

import pytest
from gymnasium.vector import AutoresetMode

from cogrid.backend._dispatch import has_jax
from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.test_readme import promised_output, run_python

pytestmark = needs_checkout

OF_OTHER_LIBRARIES = "use-it-with.md"
"""A page with a library of its own in each section: `interop/test_page.py` runs the sections one by one."""

PAGES = [*CHECKOUT.glob("CONTRIBUTING.md"), *sorted((CHECKOUT / "docs").rglob("*.md"))]


def python_blocks(page: pathlib.Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


HOME = CHECKOUT / "docs" / "index.md"
"""Its blocks are the README's, and run with it."""

PAGES_WITH_CODE = [page for page in PAGES if page.name != OF_OTHER_LIBRARIES and page != HOME and python_blocks(page)]
LONG_PAGES = {"rollouts-and-devices.md"}


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.long if page.name in LONG_PAGES else ()) for page in PAGES_WITH_CODE],
    ids=lambda page: page.name,
)
def test_the_blocks_of_a_page_run_one_after_the_other_and_print_what_they_say(page: pathlib.Path) -> None:
    program = "\n".join(python_blocks(page))
    if ("import jax" in program or "cogrid.learning" in program) and not has_jax():
        pytest.skip("JAX is not installed")

    result = run_python("-c", program)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == promised_output(program)
    assert promised_output(program)


def test_the_home_page_shows_what_the_readme_shows() -> None:
    assert python_blocks(HOME) == python_blocks(CHECKOUT / "README.md")[:2]


def test_pages_with_code_are_found() -> None:
    assert {page.name for page in PAGES_WITH_CODE} >= {
        "CONTRIBUTING.md",
        "rollouts-and-devices.md",
        "vector-environments.md",
    }


def test_the_table_of_modes_has_every_mode() -> None:
    text = (CHECKOUT / "docs" / "vector-environments.md").read_text(encoding="utf-8")
    listed = re.findall(r'^\| `"(\w+)"`', text, flags=re.MULTILINE)

    assert sorted(listed) == sorted(mode.value for mode in AutoresetMode)
