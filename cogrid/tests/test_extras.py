"""What can be installed beside the library is told in one way, which `pyproject.toml` agrees with."""

from __future__ import annotations

import re
import tomllib

import pytest

from cogrid import extras
from cogrid.command_line.doctor import NEEDED
from cogrid.extras import EXTRAS, Extra, installing, is_met, missing
from cogrid.tests.checkout import CHECKOUT, PACKAGE, needs_checkout

FOR_DEVELOPERS = {"dev", "docs", "interop", "test"}


@needs_checkout
def test_extras_are_those_of_the_package() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["optional-dependencies"]
    expanded = {
        name: tuple(one for entry in entries for one in (asked["jax"] if entry == "cogrid[jax]" else [entry]))
        for name, entries in asked.items()
        if name not in FOR_DEVELOPERS
    }

    assert {name: extra.requirements for name, extra in EXTRAS.items()} == expanded
    assert sorted(NEEDED) == sorted(entry.partition(">=")[0] for entry in project["dependencies"])


@needs_checkout
def test_nobody_is_told_to_install_the_library_by_its_name() -> None:
    """On the package index the name belongs to another library; docs/install.md says so, and how it is done."""
    files = [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"), *PACKAGE.rglob("*.py")]
    told = {
        path.relative_to(CHECKOUT).as_posix()
        for path in files
        if re.search(r"pip install (-U )?[\"']?cogrid\b", path.read_text(encoding="utf-8"))
    }

    assert told <= {"docs/install.md", "cogrid/tests/test_extras.py"}


@needs_checkout
def test_the_page_of_installing_has_every_extra() -> None:
    page = (CHECKOUT / "docs" / "install.md").read_text(encoding="utf-8")

    assert [name for name in EXTRAS if f"| `{name}` |" not in page] == []


def test_an_extra_is_installed_by_the_names_of_its_packages() -> None:
    assert installing("learn") == 'pip install "jax>=0.6.1" "optax>=0.2.7" "safetensors>=0.4.5"'


@pytest.mark.parametrize(
    ("requirement", "expected"), [("numpy>=2.0", True), ("numpy>=99.0", False), ("no-such-package>=1", False)]
)
def test_a_requirement_is_met_by_a_version_that_is_recent_enough(requirement: str, expected: bool) -> None:
    assert is_met(requirement) == expected


def test_what_an_extra_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "EXTRAS", {"some": Extra("nothing", ("numpy>=2.0", "no-such-package>=1"))})

    assert missing("some") == ["no-such-package>=1"]
