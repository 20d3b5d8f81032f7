"""The options of OvercookedV2: pots that cooks start, random starts, and what wrong deliveries cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid import EventReward
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.overcooked_v2.objects import NOT_STARTED
from cogrid.errors import ConfigError
from cogrid.tests.engines import needs_jax, play_everywhere
from cogrid.tests.kitchen_traces import assert_jax_makes_the_same_steps, load, make_steps
from comparisons.proofs.jaxmarl_comparison import Run
from comparisons.proofs.kitchen_recordings import build_states, state_arrays

POT = ("CUCC", "a1 @", "b =R", "CCCC")
"""A small kitchen for one cook, who looks at the pot."""
MOVE_DOWN, PICKUP_DROP, NOOP = 1, 4, 5
N_DRAWS = 4_000


def make(**settings: Any) -> CoGridEnv:
    settings = {"layout": POT, "num_agents": 1, "start_cooking_interaction": True, **settings}
    return cogrid.make("OvercookedV2-CrampedRoom-V0", **settings)


def type_id(env: CoGridEnv, name: str) -> int:
    return env.config.rules.type_names.index(name)


def keys(n_keys: int) -> np.ndarray:
    return np.stack([np.zeros(n_keys), np.arange(n_keys)], axis=-1).astype(np.uint32)


def pot_after(env: CoGridEnv, held: str | None, contents: list[str], timer: int, recipe: tuple[int, ...]) -> Any:
    """The pot, the hand and the shaped reward after one interaction with a pot."""
    slots = [type_id(env, name) for name in contents] + [-1] * (3 - len(contents))
    hand = -1 if held is None else type_id(env, held)
    pot = {"pot_contents": [slots], "pot_timer": [timer]}
    agent = {"agent_pos": [[1, 1]], "agent_dir": [3], "agent_inv": [[hand]]}
    env.set_state(env.state_from_arrays(**pot, **agent, recipe=recipe))
    infos = env.step({"agent_0": PICKUP_DROP})[-1]
    state = env.get_state()
    in_hand = int(state.agent_inv[0, 0])
    return (
        int((state.pot_contents[0] != -1).sum()),
        int(state.pot_timer[0]),
        None if in_hand == -1 else env.config.rules.type_names[in_hand],
        infos["agent_0"]["shaped_reward"],
    )


@pytest.mark.parametrize(
    ("held", "contents", "timer", "told"),
    [
        (None, ["ing0", "ing0", "ing1"], -1, (3, 19, None, 5)),  # Just what is wanted.
        (None, ["ing0", "ing1", "ing1"], -1, (3, 19, None, 0)),
        (None, ["ing0"], -1, (1, 19, None, 0)),
        (None, [], -1, (0, -1, None, 0)),
        (None, ["ing0", "ing1"], 7, (2, 6, None, 0)),
        (None, ["ing0", "ing1"], 0, (2, 0, None, 0)),
        ("plate", ["ing0", "ing1"], -1, (2, -1, "plate", 0)),
        ("plate", ["ing0", "ing1"], 0, (0, -1, "soup_i01", 0)),
        ("plate", ["ing0", "ing0", "ing1"], 0, (0, -1, "soup_i001", 5)),
        ("plate", ["ing0"], 1, (1, 0, "plate", 0)),
        ("ing1", ["ing0", "ing0"], -1, (3, -1, None, 3)),  # The third one does not start it.
        ("ing1", ["ing0", "ing0"], 5, (2, 4, "ing1", 0)),
        ("ing1", ["ing0"], 0, (1, 0, "ing1", 0)),
        ("ing1", ["ing0", "ing0", "ing0"], -1, (3, -1, "ing1", 0)),
    ],
)
def test_a_cook_starts_the_pot_with_an_empty_hand(held: str | None, contents: list[str], timer: int, told: Any) -> None:
    assert pot_after(make(), held, contents, timer, recipe=(0, 0, 1)) == told


@pytest.mark.parametrize("held", [None, "plate", "ing0", "soup_i000"])
def test_any_interaction_starts_a_full_pot_of_a_random_start(held: str | None) -> None:
    env = make(start_cooking_interaction=False, random_reset=True)

    assert pot_after(env, held, ["ing0", "ing0", "ing1"], NOT_STARTED, recipe=(0, 0, 1)) == (3, 19, held, 0)


def test_a_small_soup_is_delivered_but_never_wanted() -> None:
    env = make(layout=("C@CC", "a1 U", "b =R", "CCCC"), negative_rewards=True)
    env.set_state(env.state_from_arrays(agent_inv=[[type_id(env, "soup_i0")]], recipe=(0, 0, 0)))

    _, paid, *_ = env.step({"agent_0": PICKUP_DROP})

    assert paid == {"agent_0": -20}
    assert env.get_state().agent_inv.tolist() == [[-1]]


def test_a_kitchen_with_a_single_soup_takes_the_option_for_wrong_ones_and_pays_nothing_for_it() -> None:
    env = cogrid.make("OvercookedV2-CrampedRoom-V0", negative_rewards=True)

    assert "wrong_delivery" not in env.event_names
    wrong = env.reward.rewards[-1]
    assert isinstance(wrong, EventReward)
    assert wrong.payment(env.tables).event_mask == 0


def test_a_pot_that_nobody_has_started_shows_no_ticks() -> None:
    env = make()
    first = type_id(env, "ing0")
    names = env.observation.channels(env.tables)
    seen = []
    for timer in (-1, 0, 12):
        state = env.state_from_arrays(pot_contents=[[first, -1, -1]], pot_timer=[timer])
        seen.append([int(env.observation(state)[0, 0, 1, names.index(name)]) for name in ("ticks_left", "cell_cooked")])

    assert seen == [[0, 0], [0, 1], [12, 0]]


def test_an_empty_pot_is_one_that_nobody_has_started() -> None:
    env = make()
    env.reset(seed=0)

    assert env.get_state().pot_timer.tolist() == [NOT_STARTED]


def test_a_correct_delivery_is_shown_if_asked() -> None:
    env = make(indicate_successful_delivery=True)

    assert env.observation.channels(env.tables)[-1] == "delivered"


def test_an_option_that_is_no_truth_value_is_refused() -> None:
    with pytest.raises(ConfigError, match="random_reset is True or False, not 'yes'"):
        make(random_reset="yes")


@pytest.mark.parametrize("is_started_by_hand", [False, True])
def test_random_starts_have_the_shares_that_the_original_has(is_started_by_hand: bool) -> None:
    env = make(start_cooking_interaction=is_started_by_hand, random_reset=True, recipes=[(0, 0, 1), (1, 1, 1)])
    names = env.config.rules.type_names
    shown = lambda numbers: [names[idx] if idx > 0 else "" for idx in numbers.tolist()]  # noqa: E731

    states = env.jax_reset(keys(N_DRAWS))[0]

    assert_shares(shown(states.agent_inv[:, 0, 0]), {"": 50, "plate": 10, "ing0": 12.5, "ing1": 12.5, **soups(7.5)})
    assert_shares(shown(states.object_state_map[:, 3, 0]), {"": 50, "plate": 10, "ing0": 15, "ing1": 15, **soups(5)})
    n_in_pot, timer = (states.pot_contents[:, 0] != -1).sum(axis=-1), states.pot_timer[:, 0]
    waits = (n_in_pot > 0) & (timer == NOT_STARTED)
    if not is_started_by_hand:
        assert set(n_in_pot[waits].tolist()) == {3}
        waits |= (n_in_pot > 0) & (n_in_pot < 3)
    is_ready = (n_in_pot > 0) & (timer == 0) & ~waits
    stages = np.select([n_in_pot == 0, waits, timer > 0, is_ready], ["empty", "waits", "cooks", "ready"], "none")
    assert_shares(stages.tolist(), {"empty": 40, "waits": 35, "cooks": 15, "ready": 10})
    assert_shares(n_in_pot[waits].tolist(), dict.fromkeys((1, 2, 3), 100 / 3))
    assert_shares(n_in_pot[timer > 0].tolist(), dict.fromkeys((1, 2, 3), 100 / 3) if is_started_by_hand else {3: 100})
    assert set(timer[timer > 0].tolist()) == set(range(1, 21))
    firsts = (states.pot_contents[:, 0] == names.index("ing0")).sum(axis=-1)[n_in_pot == 3]
    assert_shares(firsts.tolist(), {0: 12.5, 1: 37.5, 2: 37.5, 3: 12.5})
    assert set(states.agent_dir[:, 0].tolist()) == {0, 1, 2, 3}
    assert len({tuple(cell) for cell in states.agent_pos[:, 0].tolist()}) == 3


def soups(percent: float) -> dict[str, float]:
    return {"soup_i001": percent, "soup_i111": percent}


def assert_shares(drawn: list[Any], percents: dict[Any, float]) -> None:
    """Everything was drawn about as often as it should be: within four and a half standard deviations."""
    assert set(drawn) == set(percents)
    for value, percent in percents.items():
        share, wanted = drawn.count(value) / len(drawn), percent / 100
        assert abs(share - wanted) <= 4.5 * (wanted * (1 - wanted) / len(drawn)) ** 0.5, value


def test_random_starts_leave_stations_as_they_are() -> None:
    env = cogrid.make("OvercookedV2-GroundedCoordRing-V0", random_reset=True)
    plain = cogrid.make("OvercookedV2-GroundedCoordRing-V0").state_from_arrays()

    states = env.jax_reset(keys(20))[0]

    np.testing.assert_array_equal(states.object_type_map, np.repeat(plain.object_type_map[None], 20, axis=0))
    assert (states.button_timer == 0).all()


@pytest.mark.long
def test_all_engines_begin_and_play_random_starts_alike() -> None:
    env = cogrid.make(
        "OvercookedV2-CrampedRoom-V0",
        layout=LayoutSet([("CC@CC", "a12 L", "b = R", "CCUCC"), ("CU@CC", "a12 C", "b = R", "CCCUC")]),
        num_agents=2,
        random_reset=True,
        start_cooking_interaction=True,
        sample_recipe_on_delivery=True,
        negative_rewards=True,
        max_steps=40,
    )
    actions = np.random.default_rng(6).choice(6, (40, 2), p=[0.1, 0.1, 0.1, 0.1, 0.5, 0.1]).tolist()

    played = [play_everywhere(env.config, actions, seed=seed, with_jax=seed == 5) for seed in (4, 5)]

    assert played[0].trace("pot_contents")[0] != played[1].trace("pot_contents")[0]
    assert any(np.any(episode.trace("agent_inv")[0] != np.array(-1)) for episode in played)


@needs_jax
@pytest.mark.parametrize("layout", ["grounded_coord_simple"])
def test_recorded_steps_with_options_are_ours_under_jax(layout: str) -> None:
    recording = load("D", layout, "options")
    options = ("start_cooking_interaction", "negative_rewards", "indicate_successful_delivery")
    run = Run(game="overcooked_v2", layout=layout, options=dict.fromkeys(options, True))
    env, max_steps = run.make(120), {"max_steps": 120, "random_reset": True}
    jax_env = cogrid.make(
        "OvercookedV2-GroundedCoordSimple-V0", backend="jax", **dict.fromkeys(options, True), **max_steps
    )
    arrays = {name: values[:, 0] for name, values in state_arrays(recording, env).items()}

    steps = make_steps(env, build_states(env, arrays), recording.actions[:, 0])

    names = [
        f"overcooked_v2_{name}" for name in ("ingredient_in_pot", "soup_in_dish", "useful_plate", "cooking_started")
    ]
    assert_jax_makes_the_same_steps(jax_env, names, steps)
    assert set(np.unique(steps.rewards)) == {-20, -5, 0, 20}
