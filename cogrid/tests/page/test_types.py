"""The types in the page's comments fit its code."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest

TSC = shutil.which("tsc")


@pytest.mark.skipif(TSC is None, reason="needs TypeScript's tsc")
def test_the_javascript_is_typed() -> None:
    settings = pathlib.Path(__file__).with_name("tsconfig.json")
    done = subprocess.run([str(TSC), "--project", str(settings)], capture_output=True, text=True, check=False)

    assert done.stdout == ""
    assert done.returncode == 0
