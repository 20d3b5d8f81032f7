"""The example worlds do what their first lines say."""

from __future__ import annotations

import dataclasses
import runpy
from typing import Any

import pytest

import cogrid
from cogrid.tests.checkout import CHECKOUT, needs_checkout

pytestmark = needs_checkout


@pytest.fixture(scope="module")
def clean_up() -> dict[str, Any]:
    return runpy.run_path(str(CHECKOUT / "examples" / "clean_up.py"))


@pytest.mark.parametrize(("river", "has_apples"), [("~", True), ("d", False)])
def test_apples_grow_beside_a_clean_river_and_not_beside_a_dirty_one(
    clean_up: dict[str, Any], river: str, has_apples: bool
) -> None:
    rules = dataclasses.replace(clean_up["rules"], symbols={"d": clean_up["River"](is_dirty=True)})
    env = cogrid.make("SmallCleanUp-V0", rules=rules, layout=[river * 12, *clean_up["valley"][1:]])
    env.reset(seed=0)

    for _ in range(20):
        env.step(dict.fromkeys(env.agents, 0))

    values = env.tables.rules.compiled.cell_values
    assert (clean_up["Orchard"](has_apple=True) in [values[cell] for cell in env.get_state().cells]) == has_apples


def test_a_beam_cleans_the_river_and_fines_who_is_met(clean_up: dict[str, Any]) -> None:
    rules = dataclasses.replace(clean_up["rules"], symbols={"d": clean_up["River"](is_dirty=True)}, start_direction=3)
    env = cogrid.make("SmallCleanUp-V0", rules=rules, layout=["d#", "1 ", "  ", "2 "], num_agents=2)
    env.reset(seed=0)
    clean, fine = 7, 8

    *_, infos = env.step({"agent_0": clean, "agent_1": fine})

    assert infos["agent_0"]["events"] == ("cleaned", "was_fined")
    assert infos["agent_1"]["events"] == ("has_fined",)
