"""The example worlds do what their first lines say."""

from __future__ import annotations

import dataclasses
import importlib
import pathlib
import runpy
from collections.abc import Iterator
from typing import Any

import pytest

import cogrid
from cogrid.backend._dispatch import has_jax
from cogrid.envs import registry
from cogrid.tests.checkout import CHECKOUT, needs_checkout
from cogrid.tests.test_readme import run_python

pytestmark = needs_checkout

needs_jax = pytest.mark.skipif(not has_jax(), reason="JAX is not installed")


@pytest.fixture(autouse=True, scope="module")
def ids_of_this_module_only() -> Iterator[None]:
    """Forget the ids that the examples register."""
    before = dict(registry._FACTORIES)  # pyright: ignore[reportPrivateUsage]
    yield
    registry._FACTORIES.clear()  # pyright: ignore[reportPrivateUsage]
    registry._FACTORIES.update(before)  # pyright: ignore[reportPrivateUsage]


@pytest.fixture(scope="module")
def clean_up(ids_of_this_module_only: None) -> dict[str, Any]:
    return runpy.run_path(str(CHECKOUT / "examples" / "clean_up.py"))


@pytest.fixture(scope="module")
def foraging(ids_of_this_module_only: None) -> dict[str, Any]:
    return runpy.run_path(str(CHECKOUT / "examples" / "foraging.py"))


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


def test_food_is_eaten_by_those_who_load_together_and_each_is_paid_by_its_level(foraging: dict[str, Any]) -> None:
    rules = dataclasses.replace(foraging["rules"], draws=(), symbols={"H": foraging["Food"](level=3)})
    env = cogrid.make("Foraging-8x8-V0", rules=rules, layout=["1H2"])
    env.reset(seed=0)
    noop, load = 0, 5

    alone = env.step({"agent_0": noop, "agent_1": load})[1]
    together = env.step({"agent_0": load, "agent_1": load})[1]

    assert list(alone.values()) == [0, 0]
    assert list(together.values()) == [3, 6]


def test_three_foods_grow_apart_at_each_reset(foraging: dict[str, Any]) -> None:
    env = cogrid.make("Foraging-8x8-V0")
    values = env.tables.rules.compiled.cell_values
    for seed in range(5):
        env.reset(seed=seed)
        places = [
            divmod(idx, 8) for idx, cell in enumerate(env.get_state().cells) if values[cell] != foraging["Soil"]()
        ]
        assert len(places) == 3
        assert all(abs(a - c) + abs(b - d) > 2 or (a, b) == (c, d) for a, b in places for c, d in places)


@pytest.mark.long
def test_cooks_are_trained_in_drawn_kitchens_and_judged_in_the_classic_ones(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, ids_of_this_module_only: None
) -> None:
    pytest.importorskip("optax")
    monkeypatch.syspath_prepend(str(CHECKOUT / "examples"))
    kitchens = importlib.import_module("zero_shot_kitchens")
    options = "--steps 1 --kitchens 3 --episodes 2 --network mlp --n-envs 4"

    found = kitchens.main([*options.split(), "--out", str(tmp_path)])

    assert sorted(found) == sorted(kitchens.CLASSIC)
    shown = {kitchens.make_world(layout=kitchens.framed(name)).observation_space("agent_0").shape for name in found}
    assert shown == {kitchens.make_world(n_kitchens=3).observation_space("agent_0").shape}
    assert cogrid.load_policy(tmp_path).world.id == kitchens.ID  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.long
@needs_jax
def test_ppo_in_one_program_learns_from_what_it_played() -> None:
    import jax
    import numpy as np

    example = runpy.run_path(str(CHECKOUT / "examples" / "ppo_jax.py"))
    settings = example["Settings"](n_envs=8, n_steps=16, n_updates=2, n_epochs=1, n_minibatches=2, width=8)
    train = jax.jit(lambda key: example["train"](example["make_kitchen"](), key, settings))
    with jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        params, rewards = train(jax.random.key(0))
        _, same = train(jax.random.key(0))

    assert rewards.shape == (2,)
    np.testing.assert_array_equal(rewards, same)
    assert all(np.isfinite(part).all() for part in jax.tree.leaves(params))
    assert all((bias != 0).any() for _, bias in params)  # They begin at 0.


def test_the_notebook_shows_what_its_cells_print() -> None:
    result = run_python("tools/notebook.py", "--check")

    assert result.returncode == 0, f"run `python tools/notebook.py`\n{result.stderr}"
