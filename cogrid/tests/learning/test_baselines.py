"""The table of baselines: made by its command, from weights that are kept."""

from __future__ import annotations

import importlib
import json
import pathlib
from typing import Any

import numpy as np
import pytest

pytest.importorskip("optax")

from cogrid.command_line import main
from cogrid.learning.evaluation import self_play
from cogrid.learning.players import read_players
from cogrid.learning.world import World
from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.learning.lamps import LAMPS, QUICK, lamps
from cogrid.tests.page.test_replay import read_data

__all__ = ["lamps"]

pytestmark = needs_checkout

WEIGHTS = CHECKOUT / "baselines"
MAX_TOTAL_BYTES = 16 * 2**20


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the command."""
    monkeypatch.syspath_prepend(str(CHECKOUT / "tools"))
    return importlib.import_module("baselines")


def test_the_page_is_what_the_results_say(tool: Any) -> None:
    results = list(tool.results_in(WEIGHTS))

    assert results
    assert (CHECKOUT / "docs" / "baselines.md").read_text() == tool.page(results)


def test_the_weights_of_every_result_are_there_and_small(tool: Any) -> None:
    for name, result in tool.results_in(WEIGHTS):
        files = [WEIGHTS / name / f"seed_{seed}.safetensors" for seed in result["seeds"]]
        assert len(result["returns"]) == len(files)
        assert max(file.stat().st_size for file in files) <= tool.MAX_BYTES
    assert sum(file.stat().st_size for file in WEIGHTS.rglob("*")) < MAX_TOTAL_BYTES


def test_every_kitchen_has_a_policy_to_cook_with_in_the_browser(
    tool: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = list(tool.results_in(WEIGHTS))
    command = tool.page_command(results).split()
    monkeypatch.chdir(CHECKOUT)

    assert main([*command[1:-1], str(tmp_path)]) == 0

    assert len(capsys.readouterr().out) > 0
    found = read_data((tmp_path / "index.html").read_text(encoding="utf-8"))["worlds"]
    assert [len(world["policies"]) for world in found] == [1] * len(results)


@pytest.mark.long
def test_a_kept_policy_plays_as_the_table_says(tool: Any) -> None:
    name, result = next(tool.results_in(WEIGHTS))
    _, players = read_players([str(WEIGHTS / name / f"seed_{result['seeds'][0]}.safetensors")])
    returns = self_play(players, tool.N_EPISODES).mean(axis=2)[0]

    # Another processor may round differently, and draw another action now and then.
    margin = 4 * result["standard_errors"][0] + 1
    assert returns.mean() == pytest.approx(result["returns"][0], abs=margin)


@pytest.mark.long
def test_a_cell_is_made_seed_by_seed_and_gone_on_with(tool: Any, lamps: str, tmp_path: pathlib.Path) -> None:
    world = World(id=LAMPS)
    cell = tool.Cell(name="lamps", group="A test", world=world, steps=1024, settings=QUICK)
    runs, weights = tmp_path / "runs", tmp_path / "weights"

    tool.make_cell(cell, runs, weights, 1)
    first = tool.read_result(weights / "lamps")
    tool.make_cell(cell, runs, weights, 2)
    second = tool.read_result(weights / "lamps")
    text = tool.page([("lamps", second)])

    assert (first["seeds"], second["seeds"]) == ([0], [0, 1])
    assert first["returns"] == second["returns"][:1]
    np.testing.assert_allclose(np.diag(second["matrix"]["matrix"]), second["returns"])
    each = ", ".join(f"{value:.1f}" for value in second["returns"])
    assert f"| lamps | 1,024 | {each} (3 of 5 seeds not yet trained) |" in text
    assert (weights / "lamps" / "xplay.png").exists()
    assert tool.differences(weights / "lamps") == []
    result = weights / "lamps" / "result.json"
    result.write_text(json.dumps({**second, "returns": [0.0, *second["returns"][1:]]}))
    assert tool.differences(weights / "lamps") == ["returns"]
    with pytest.raises(SystemExit):
        tool.check([weights / "lamps"])
