"""Overcooked-AI is what was recorded of it: series B (the rules of 1.1.0), B_old (those before), and every layout."""

from __future__ import annotations

import functools
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import LEAF_NAMES, EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.overcooked_ai.layouts import kitchens
from cogrid.envs.overcooked_ai.recordings import differing, our_arrays
from cogrid.envs.overcooked_ai.rewards import SHAPED_REWARDS
from cogrid.tests.engines import first_of, needs_jax
from cogrid.tests.states import assert_same_bits, stack_states
from comparisons.proofs import overcooked_ai as proof

GOLDEN = pathlib.Path(__file__).parents[2] / "golden"
ITEMS = json.loads((GOLDEN / "vocab.json").read_text(encoding="utf-8"))["items"][:13]
"""What the item numbers mean, as far as they occur here."""
OUR_ACTIONS = np.array([0, 1, 2, 3, 4, 5, 5], dtype=np.int32)
"""Our action for each recorded one, which has a toggle that was never used."""

CLASSIC = (
    "asymmetric_advantages",
    "coordination_ring",
    "counter_circuit_o_1order",
    "cramped_room",
    "forced_coordination",
)
FILES = [(series, layout) for layout in CLASSIC for series in ("B", "B_old")] + [("B", "counter_circuit")]
on_every_layout = pytest.mark.parametrize(("series", "layout"), first_of(FILES, n_short=2))


@functools.cache
def recording(series: str, layout: str, kind: str = "") -> dict[str, np.ndarray]:
    with np.load(GOLDEN / series / f"{layout}{kind}.npz") as file:
        return dict(file)


def make(series: str, layout: str, backend: str = "numpy", **overrides: Any) -> CoGridEnv:
    env_id = f"OvercookedAI-{kitchens()[layout].id_name}-V0"
    return cogrid.make(env_id, backend=backend, old_dynamics=series == "B_old", **overrides)


def starts(env: CoGridEnv, arrays: Mapping[str, np.ndarray]) -> EnvState:
    """One state for each entry of the arrays' first axis."""
    n_states = len(arrays["agent_pos"])
    return stack_states(
        [env.state_from_arrays(**{name: values[idx] for name, values in arrays.items()}) for idx in range(n_states)]
    )


@on_every_layout
@pytest.mark.parametrize("kind", first_of(["", ".unfiltered"]))
def test_episodes_are_as_recorded(series: str, layout: str, kind: str) -> None:
    recorded = recording(series, layout, kind)
    env, shaping = make(series, layout), make(series, layout, rewards=SHAPED_REWARDS)
    arrays = our_arrays(recorded, ITEMS)
    state = starts(env, {name: values[:, 0] for name, values in arrays.items()})
    assert not differing(state, {name: values[:, 0] for name, values in arrays.items()})
    for step in range(recorded["actions"].shape[1]):
        actions = OUR_ACTIONS[recorded["actions"][:, step]]
        shaped = shaping.jax_step(state.replace(tables=shaping.tables), actions)[2]
        state, seen, paid, done, _ = env.jax_step(state, actions)
        assert not differing(state, {name: values[:, step + 1] for name, values in arrays.items()}), step
        np.testing.assert_array_equal(paid, recorded["rewards"][:, step])
        np.testing.assert_array_equal(shaped, recorded["reward_shaped"][:, step])
        np.testing.assert_array_equal(done, recorded["done"][:, step])
        for row, episode in enumerate(recorded.get("obs_episode", ())):
            np.testing.assert_array_equal(seen[episode], recorded["obs"][row, step + 1])


@on_every_layout
def test_single_steps_from_any_legal_state_are_as_recorded(series: str, layout: str) -> None:
    recorded = recording(series, layout, ".single")
    env, shaping = make(series, layout), make(series, layout, rewards=SHAPED_REWARDS)
    state = starts(env, our_arrays(recorded, ITEMS, "before_"))
    actions = OUR_ACTIONS[recorded["actions"]]
    after, _, paid, done, _ = env.jax_step(state, actions)
    assert not differing(after, our_arrays(recorded, ITEMS, "after_"))
    np.testing.assert_array_equal(paid, recorded["rewards"])
    np.testing.assert_array_equal(done, recorded["done"])
    np.testing.assert_array_equal(
        shaping.jax_step(state.replace(tables=shaping.tables), actions)[2], recorded["reward_shaped"]
    )


@on_every_layout
def test_conflicts_end_as_recorded(series: str, layout: str) -> None:
    recorded = recording(series, layout, ".contention")
    env = make(series, layout)
    arrays = {name: values for name, values in our_arrays(recorded, ITEMS).items() if not name.startswith("pot_")}
    after = env.jax_step(starts(env, arrays), OUR_ACTIONS[recorded["actions"]])[0]
    assert set(recorded["n_outcomes"].tolist()) == {1}
    np.testing.assert_array_equal(after.agent_pos, recorded["outcome_pos"][:, 0])
    np.testing.assert_array_equal(after.agent_dir, recorded["outcome_dir"][:, 0])


@pytest.mark.parametrize(("series", "layout"), [("B", "counter_circuit"), ("B_old", "cramped_room")])
def test_the_environment_on_plain_integers_is_as_recorded(series: str, layout: str) -> None:
    recorded = recording(series, layout)
    env = make(series, layout, max_steps=None)
    arrays = our_arrays(recorded, ITEMS)
    for episode in (0, 3):
        env.set_state(env.state_from_arrays(**{name: values[episode, 0] for name, values in arrays.items()}))
        for step, actions in enumerate(OUR_ACTIONS[recorded["actions"][episode]].tolist()):
            _, paid, *_ = env.step(dict(zip(env.agents, actions, strict=True)))
            state = env.get_state()
            assert not differing(state, {name: values[episode, step + 1] for name, values in arrays.items()}), step
            assert list(paid.values()) == recorded["rewards"][episode, step].tolist()


@needs_jax
@pytest.mark.parametrize(("series", "layout"), first_of([("B_old", "cramped_room"), ("B", "counter_circuit")]))
def test_jax_plays_recorded_episodes_and_single_steps_as_numpy_does(series: str, layout: str) -> None:
    import jax

    env, jax_env = make(series, layout, rewards=SHAPED_REWARDS), make(series, layout, "jax", rewards=SHAPED_REWARDS)
    recorded, single = recording(series, layout), recording(series, layout, ".single")
    arrays, before = our_arrays(recorded, ITEMS), our_arrays(single, ITEMS, "before_")
    episodes = starts(env, {name: values[:, 0] for name, values in arrays.items()})
    cases = starts(env, before)

    @jax.jit
    def play(state: EnvState, actions: Any) -> Any:
        def step(state: EnvState, actions: Any) -> Any:
            state, seen, paid, done, _ = jax.vmap(jax_env.jax_step)(state, actions)
            return state, (state, seen, paid, done)

        return jax.lax.scan(step, state, actions)[1]

    for start, actions in (
        (episodes, np.moveaxis(OUR_ACTIONS[recorded["actions"][:, :120]], 1, 0)),
        (cases, OUR_ACTIONS[single["actions"]][None]),
    ):
        told = play(start, actions)
        state = start
        for step, joint in enumerate(actions):
            state, *results, _ = env.jax_step(state, joint)
            for name in LEAF_NAMES:
                assert_same_bits(getattr(told[0], name)[step], getattr(state, name), f"{name} at {step}")
            for theirs, ours in zip(told[1:], results, strict=True):
                np.testing.assert_array_equal(np.asarray(theirs[step]), ours)


@pytest.mark.parametrize("layout", first_of(kitchens(), n_short=6))
def test_every_layout_plays_as_the_original_did(layout: str) -> None:
    with np.load(GOLDEN / "overcooked_ai_1_1_0.npz") as file:
        recorded = {name.partition(".")[2]: file[name] for name in file.files if name.startswith(f"{layout}.")}
    count = proof.replay(kitchens()[layout], recorded, observe_every=20)
    assert count.n_differences == 0, count.differences
    assert count.compared["states"] == 6 * 41
    assert count.compared["rewards"] == count.compared["shaped rewards"] == 6 * 40
    assert count.compared.get("planes", 0) == count.compared.get("features", 0)
    assert ("planes" in count.compared) == (count.n_players == 2)


def test_a_difference_would_be_counted() -> None:
    with np.load(GOLDEN / "overcooked_ai_1_1_0.npz") as file:
        recorded = {
            name.partition(".")[2]: file[name].copy() for name in file.files if name.startswith("cramped_room.")
        }
    recorded["agent_item"][2, 7, 0] += 1
    recorded["features"][3, 1, 5] += 1
    count = proof.replay(kitchens()["cramped_room"], recorded, observe_every=20)
    assert (count.differences["states"], count.differences["features"], count.n_differences) == (1, 1, 2)
