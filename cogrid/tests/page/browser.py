"""A browser that plays pages, if there is one."""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import importlib.util
import pathlib
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_browser = pytest.mark.skipif(
    CHROMIUM is None or importlib.util.find_spec("playwright") is None, reason="needs Chromium and Playwright"
)

PATIENCE = 15_000
"""Milliseconds after which the page is not waited for any more."""


class PlayedPage:
    """A page of ours in the browser, with what it did wrong.

    Attributes:
      page: Playwright's page.
      faults: errors, and whatever it asked for that is not in it.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("request", self._note_request)

    def _note_request(self, request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.faults.append(f"asked for {request.url}")

    def open(self, file: pathlib.Path, choice: str = "") -> None:
        """Open a page, and wait until it can be played."""
        self.page.goto(f"file://{file}#{choice}")
        self.page.wait_for_selector("#veil-title:visible")

    def start(self) -> None:
        """Start the clock."""
        self.page.click("#veil-buttons button:first-child")

    @property
    def time(self) -> int:
        """Steps made."""
        return int(re.findall(r"\d+", self.page.inner_text("#time"))[0])

    @property
    def text(self) -> str:
        """The world as text."""
        return str(self.page.text_content("#state"))

    def press(self, *keys: str) -> None:
        """Press keys, one for each step."""
        for key in keys:
            before = self.time
            self.page.keyboard.press(key)
            self._wait_for_step(before)

    def tap(self, *inputs: str) -> None:
        """Tap keys of the touch pad, one for each step."""
        for name in inputs:
            before = self.time
            self.page.tap(f'#pad [data-input="{name}"]')
            self._wait_for_step(before)

    def _wait_for_step(self, before: int) -> None:
        self.page.wait_for_function(
            "before => Number(document.getElementById('time').textContent.match(/\\d+/)[0]) > before", arg=before
        )


@functools.cache
def shared_browser() -> Any:
    """The browser of this process, started once; it ends with it."""
    playwright = importlib.import_module("playwright.sync_api").sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
    atexit.register(playwright.stop)
    return browser


@contextlib.contextmanager
def open_browser(**settings: Any) -> Iterator[PlayedPage]:
    """A browser without a network, and a page in it that must do nothing wrong.

    Args:
      settings: of Playwright's context.
    """
    context = shared_browser().new_context(offline=True, accept_downloads=True, **settings)
    played = PlayedPage(context.new_page())
    yield played
    context.close()
    assert played.faults == []
