"""`cogrid play` serves a page until it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from cogrid.command_line.command import Exit
from cogrid.tests.checkout import CHECKOUT
from cogrid.tests.command_line.commands import run_command


def test_it_prints_an_address_that_has_the_page_and_ends_at_ctrl_c() -> None:
    command = [sys.executable, "-m", "cogrid", "play", "GoalSeeking-Fixed-V0", "--no-browser", "--seed", "5"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        address, _, seed = process.stdout.readline().split()[0].partition("#")
        with urllib.request.urlopen(address) as answer:
            page = answer.read().decode()
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=30)

    assert address.startswith("http://127.0.0.1:")
    assert seed == "world=GoalSeeking-Fixed-V0&seed=5"
    assert "<title>GoalSeeking-Fixed-V0</title>" in page
    assert status == Exit.INTERRUPTED


def test_a_world_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    told = run_command(capsys, "play", "GoalSeeking-Fixd-V0")

    assert told.status == Exit.USAGE
    assert "GoalSeeking-Fixed-V0" in told.err
