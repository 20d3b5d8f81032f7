"""Runs the command in this process, and tells what it wrote."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from cogrid.command_line import main


@dataclasses.dataclass(frozen=True, kw_only=True)
class Told:
    """What a command wrote, and its exit status."""

    status: int
    out: str
    err: str

    def read_json(self) -> Any:
        """What it wrote as JSON."""
        return json.loads(self.out)


def run_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> Told:
    """Run `cogrid` with some arguments."""
    capsys.readouterr()
    status = main(arguments)
    written = capsys.readouterr()
    return Told(status=int(status), out=written.out, err=written.err)
