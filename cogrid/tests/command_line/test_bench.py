"""`cogrid bench` hands over to the benchmark suite."""

from __future__ import annotations

import pytest

from cogrid.tests.command_line.commands import run_command
from cogrid.tests.engines import needs_jax

Capture = pytest.CaptureFixture[str]
SHORT = ["--steps", "2", "--trials", "1", "--batch-sizes", "2", "--seconds", "0"]


@needs_jax
@pytest.mark.long
def test_the_figures_come_as_json_and_the_table_beside_them(capsys: Capture) -> None:
    told = run_command(capsys, "bench", *SHORT, "--json")
    figures = told.read_json()

    assert told.status == 0
    assert set(figures) == {"numpy_single", "jax_single", "jax_vmap_2"}
    assert all(len(figure["trials"]) == 1 and figure["median"] > 0 for figure in figures.values())
    assert "vmap@2 total" in told.err


def test_help_and_messages_name_the_command_that_was_typed(capsys: Capture) -> None:
    told_help = run_command(capsys, "bench", "--help")
    refused = run_command(capsys, "bench", "--no-such-option")

    assert (told_help.status, refused.status) == (0, 2)
    assert "usage: cogrid bench [-h]" in told_help.out
    assert "cogrid bench: error: unrecognized arguments: --no-such-option" in refused.err
