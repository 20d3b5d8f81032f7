"""The page on vector environments runs as it stands, and prints what it says."""

from __future__ import annotations

import re

from gymnasium.vector import AutoresetMode

from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.test_readme import promised_output, run_python

pytestmark = needs_checkout

PAGE = CHECKOUT / "docs" / "vector-environments.md"
TEXT = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
PYTHON_BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)


def test_the_blocks_run_one_after_the_other_and_print_what_they_say() -> None:
    program = "\n".join(PYTHON_BLOCKS)

    result = run_python("-c", program)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == promised_output(program)
    assert all(promised_output(block) for block in PYTHON_BLOCKS)


def test_the_table_of_modes_has_every_mode() -> None:
    listed = re.findall(r'^\| `"(\w+)"`', TEXT, flags=re.MULTILINE)

    assert sorted(listed) == sorted(mode.value for mode in AutoresetMode)
