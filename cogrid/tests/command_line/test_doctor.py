"""`cogrid doctor` tells what is installed, what works, and what to install; `cogrid complete` what a shell runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import cogrid
from cogrid.backend._dispatch import has_jax
from cogrid.command_line import doctor
from cogrid.errors import StateError
from cogrid.extras import EXTRAS, installing
from cogrid.tests.checkout import PACKAGE
from cogrid.tests.command_line.commands import run_command

Capture = pytest.CaptureFixture[str]


def test_it_tells_versions_backends_and_extras(capsys: Capture) -> None:
    told = run_command(capsys, "doctor")

    assert told.status == 0
    assert told.out.startswith(f"cogrid {cogrid.__version__} in {PACKAGE}\n")
    assert "backend numpy 2" in told.out
    assert ("backend jax: not installed" in told.out) == (not has_jax())
    assert [name for name in EXTRAS if f"  {name} " not in told.out] == []


def test_it_names_what_is_missing_and_how_to_install_it(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "missing", lambda extra: ["safetensors>=0.4.5"] if extra == "learn" else [])
    found = json.loads(run_command(capsys, "doctor", "--json").out)

    assert found["extras"]["learn"]["missing"] == ["safetensors>=0.4.5"]
    assert found["extras"]["learn"]["install"] == installing("learn")
    assert f"not there: {installing('learn')}" in run_command(capsys, "doctor").out


def test_a_backend_that_does_not_play_is_a_problem(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StateError("the tables are gone")

    monkeypatch.setattr(doctor, "make", fail)
    told = run_command(capsys, "doctor")

    assert told.status == 1
    assert "StateError: the tables are gone" in told.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_what_a_shell_runs(capsys: Capture, shell: str) -> None:
    pytest.importorskip("argcomplete")
    told = run_command(capsys, "complete", shell)

    assert told.status == 0
    assert "cogrid" in told.out


def complete(line: str) -> list[str]:
    """What the shell is offered behind a command line."""
    script = "from cogrid.command_line import main; main()"
    reading, writing = os.pipe()
    environment = {
        **os.environ,
        "PYTHONPATH": str(PACKAGE.parent),
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE_STDOUT_FILENAME": f"/dev/fd/{writing}",
    }
    command = [sys.executable, "-c", script]
    subprocess.run(command, env=environment, pass_fds=[writing], check=False, capture_output=True)
    os.close(writing)
    with os.fdopen(reading) as offered:
        return [word.strip() for word in offered.read().split("\n")]


@pytest.mark.skipif(os.name == "nt", reason="descriptors are handed over in another way there")
def test_a_shell_completes_commands_and_ids() -> None:
    pytest.importorskip("argcomplete")

    assert "doctor" in complete("cogrid do")
    assert complete("cogrid show GoalSeeking-F") == ["GoalSeeking-Fixed-V0"]
