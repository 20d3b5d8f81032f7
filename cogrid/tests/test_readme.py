"""What the README shows runs as it stands, and what it lists is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from cogrid.backend._dispatch import has_jax
from cogrid.tests.checkout import CHECKOUT, needs_checkout

pytestmark = needs_checkout

README = CHECKOUT / "README.md"
TEXT = README.read_text(encoding="utf-8") if README.is_file() else ""
PYTHON_BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL)
MAX_LINES = 150
MAX_FIRST_LINES = 12


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python in the checkout, warnings as errors."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)


def promised_output(block: str) -> list[str]:
    """What a block says that it prints: the comments behind its `print` calls."""
    return re.findall(r"^print\(.*\)  # (.*)$", block, flags=re.MULTILINE)


@pytest.mark.parametrize("block", PYTHON_BLOCKS)
def test_a_python_block_runs_and_prints_what_it_says(block: str) -> None:
    if "import jax" in block and not has_jax():
        pytest.skip("JAX is not installed")
    result = run_python("-c", block)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == promised_output(block)


def test_there_is_a_block_for_numpy_one_for_jax_and_one_for_an_own_object() -> None:
    is_jax = ["import jax" in block for block in PYTHON_BLOCKS]

    assert is_jax == [False, True, False]
    assert "GridObject" in PYTHON_BLOCKS[2]
    assert all(promised_output(block) for block in PYTHON_BLOCKS)


def test_the_first_two_blocks_are_about_ten_lines() -> None:
    lengths = [len([line for line in block.splitlines() if line]) for block in PYTHON_BLOCKS[:2]]

    assert max(lengths) <= MAX_FIRST_LINES


def test_the_readme_is_short() -> None:
    assert len(TEXT.splitlines()) < MAX_LINES


def test_the_table_of_environments_is_up_to_date() -> None:
    result = run_python("tools/environment_table.py", "--check")

    assert result.returncode == 0, f"run `make readme`\n{result.stderr}"


def test_the_pages_of_the_environments_are_up_to_date() -> None:
    result = run_python("tools/environment_pages.py", "--check")

    assert result.returncode == 0, f"run `make pages`\n{result.stderr}"


def test_every_make_command_of_the_readme_is_a_target() -> None:
    targets = re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    commands = re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", TEXT, flags=re.MULTILINE)
    named = {first or second for first, second in commands}

    assert {"demo", "test"} <= named <= set(targets)


def test_every_file_that_the_readme_links_to_is_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link]

    assert links
    assert [link for link in links if not (CHECKOUT / link).is_file()] == []
