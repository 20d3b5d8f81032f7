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
    """Leave a test's further cases under JAX, which compiles each anew, to `make test-long`."""
    begun = set()
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec is not None and callspec.params.get("backend") == "jax":
            function = item.nodeid.partition("[")[0]
            if function in begun:
                item.add_marker(pytest.mark.long)
            begun.add(function)


@pytest.fixture(params=[pytest.param(name, marks=[needs_jax] if name == "jax" else []) for name in BACKENDS])
def backend(request: pytest.FixtureRequest) -> str:
    """Each backend in turn; JAX only where it is installed."""
    return request.param


@pytest.fixture
def type_checks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test hand over what an annotation forbids, as a user's program can: our own errors answer."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
