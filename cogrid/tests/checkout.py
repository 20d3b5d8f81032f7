"""Where the project around the library is, for the tests that look at it; an installed copy has none."""

from __future__ import annotations

import pathlib

import pytest

import cogrid

PACKAGE = pathlib.Path(cogrid.__file__).parent
CHECKOUT = PACKAGE.parent

needs_checkout = pytest.mark.skipif(not (CHECKOUT / "pyproject.toml").is_file(), reason="not run from a checkout")
"""Marks a test that reads files beside the package."""
