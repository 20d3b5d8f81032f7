"""`cogrid bench` and `cogrid compare` hand over to the benchmarks."""

from __future__ import annotations

import pathlib

import pytest

from cogrid.benchmarks.race_list import race_names
from cogrid.tests.command_line.commands import run_command
from cogrid.tests.engines import needs_jax

Capture = pytest.CaptureFixture[str]
SHORT = ["--steps", "2", "--trials", "1", "--batch-sizes", "2", "--seconds", "0"]


@needs_jax
def test_the_figures_come_as_json_and_the_table_beside_them(capsys: Capture) -> None:
    told = run_command(capsys, "bench", *SHORT, "--json")
    figures = told.read_json()

    assert told.status == 0
    assert set(figures) == {"numpy_single", "jax_single", "jax_vmap_2"}
    assert all(len(figure["trials"]) == 1 and figure["median"] > 0 for figure in figures.values())
    assert "vmap@2 total" in told.err


@pytest.mark.parametrize("name", ["bench", "compare"])
def test_help_and_messages_name_the_command_that_was_typed(name: str, capsys: Capture) -> None:
    told_help = run_command(capsys, name, "--help")
    refused = run_command(capsys, name, "--no-such-option")

    assert (told_help.status, refused.status) == (0, 2)
    assert f"usage: cogrid {name} [-h]" in told_help.out
    assert f"cogrid {name}: error: unrecognized arguments: --no-such-option" in refused.err


def test_the_comparison_reads_its_own_arguments(tmp_path: pathlib.Path, capsys: Capture) -> None:
    told_help = run_command(capsys, "compare", "--help")
    missing = run_command(capsys, "compare", "--from", str(tmp_path / "none.json"))

    assert all(name in told_help.out for name in race_names())
    assert missing.status == 2
    assert "There are no results in" in missing.err
