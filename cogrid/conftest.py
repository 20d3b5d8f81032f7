"""What all tests share: the backends to run on, a way round the type checks, and how Hypothesis searches."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import hypothesis
import jaxtyping
import pytest

from cogrid.backend._dispatch import BACKENDS
from cogrid.tests.engines import needs_jax

hypothesis.settings.register_profile("cogrid", deadline=None, print_blob=True)
hypothesis.settings.load_profile("cogrid")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--no-skips`, for the commands that install what their tests need."""
    parser.addoption("--no-skips", action="store_true", help="a test that would be skipped fails")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Have a test that is skipped fail, if that is asked for."""
    report = yield
    if report.skipped and item.config.getoption("--no-skips"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what JAX compiles anew to `make test-long`: all but a file's first test on it, and its first game."""
    begun = set()
    for item in items:
        callspec = getattr(item, "callspec", None)
        params = {} if callspec is None else callspec.params
        for name, value in (("backend", "jax"), ("with_jax", True)):
            if params.get(name) == value:
                first = (item.nodeid.partition("::")[0], name)
                if first in begun:
                    item.add_marker(pytest.mark.long)
                begun.add(first)


@pytest.fixture(params=[pytest.param(False, id="numpy"), pytest.param(True, id="jax", marks=[needs_jax])])
def with_jax(request: pytest.FixtureRequest) -> bool:
    """Whether JAX plays too, in a test that plays a game on every engine."""
    return request.param


@pytest.fixture(params=[pytest.param(name, marks=[needs_jax] if name == "jax" else []) for name in BACKENDS])
def backend(request: pytest.FixtureRequest) -> str:
    """Each backend in turn; JAX only where it is installed."""
    return request.param


@pytest.fixture
def type_checks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test hand over what an annotation forbids, as a user's program can: our own errors answer."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
