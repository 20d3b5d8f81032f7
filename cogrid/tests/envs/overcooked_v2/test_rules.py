"""The rules of OvercookedV2 that no trace tells of: options, buttons, recipes, and what agents can see of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.layout_set import LayoutSet
from cogrid.envs.overcooked_v2.features import OvercookedV2Planes
from cogrid.envs.overcooked_v2.objects import soup_of
from cogrid.errors import ConfigError, LayoutError
from cogrid.feature_space.local_view import local_view
from cogrid.tests.engines import play_everywhere
from cogrid.tests.states import map_leaves

KITCHEN = ("C@CC", "a1 L", "b  R", "CUCC")
"""A small kitchen for one cook, who looks at the delivery zone."""
MOVE_RIGHT, PICKUP_DROP, NOOP = 3, 4, 5


def make(layout: Sequence[str] | LayoutSet = KITCHEN, num_agents: int = 1, **settings: Any) -> CoGridEnv:
    return cogrid.make("OvercookedV2-CrampedRoom-V0", layout=layout, num_agents=num_agents, **settings)


def many_with_soup(env: CoGridEnv, recipe: tuple[int, int, int], n_keys: int = 64) -> EnvState:
    """States with a soup of two of the first ingredient and one of the second in hand, each with a key of its own."""
    soup = env.config.rules.type_names.index(soup_of((0, 0, 1)).name)
    state = env.state_from_arrays(agent_inv=[[soup]], recipe=recipe)
    many = map_leaves(lambda leaf: np.repeat(np.asarray(leaf)[None], n_keys, axis=0), state)
    return many.replace(rng_key=np.stack([np.zeros(n_keys), np.arange(n_keys)], axis=-1).astype(np.uint32))


def channel(env: CoGridEnv, name: str) -> int:
    return env.observation.channels(env.tables).index(name)


def test_a_delivery_of_the_wanted_soup_draws_the_recipe_anew_if_asked() -> None:
    env = make(sample_recipe_on_delivery=True)

    after, _, paid, _, _ = env.jax_step(many_with_soup(env, (0, 0, 1)), np.full((64, 1), PICKUP_DROP))

    assert {tuple(recipe) for recipe in after.recipe.tolist()} == {(0, 0, 0), (0, 0, 1), (0, 1, 1), (1, 1, 1)}
    assert (paid == 20).all()


@pytest.mark.parametrize(("recipe", "is_asked"), [((0, 1, 1), True), ((0, 0, 1), False)])
def test_another_delivery_leaves_the_recipe_as_it_is(recipe: tuple[int, int, int], is_asked: bool) -> None:
    env = make(sample_recipe_on_delivery=is_asked)

    after, _, paid, _, _ = env.jax_step(many_with_soup(env, recipe), np.full((64, 1), PICKUP_DROP))

    assert {tuple(seen) for seen in after.recipe.tolist()} == {recipe}
    assert (after.agent_inv == -1).all()
    assert (paid == (0 if is_asked else 20)).all()


def test_the_wanted_recipe_is_drawn_at_reset() -> None:
    env = make(recipes=[(1, 0, 0), (1, 1, 1)])

    states = env.jax_reset(np.stack([np.zeros(64), np.arange(64)], axis=-1).astype(np.uint32))[0]

    assert {tuple(recipe) for recipe in states.recipe.tolist()} == {(0, 0, 1), (1, 1, 1)}


def test_a_button_costs_something_and_is_lit_for_ten_ticks() -> None:
    env = make(recipes=[(0, 1, 1)])
    env.reset(seed=0)
    wanted = channel(env, "recipe_ing1")
    told = []
    for action in (MOVE_RIGHT, MOVE_RIGHT, PICKUP_DROP, NOOP, PICKUP_DROP, *[NOOP] * 10):
        seen, paid, *_ = env.step({"agent_0": action})
        told.append((paid["agent_0"], int(env.get_state().button_timer[0]), int(seen["agent_0"][1, 3, wanted])))

    pressed = [(-5, 9, 2), (0, 8, 2), (-5, 9, 2)]
    assert told == [
        (0, 0, 0),
        (0, 0, 0),
        *pressed,
        *((0, left, 2 if left else 0) for left in (8, 7, 6, 5, 4, 3, 2, 1, 0, 0)),
    ]


def test_a_button_does_nothing_for_full_hands() -> None:
    env = make(("CLC", "a1C", "CRC"))
    plate = env.config.rules.type_names.index("plate")

    after, _, paid, _, _ = env.jax_step(env.state_from_arrays(agent_inv=[[plate]]), np.array([PICKUP_DROP]))

    assert (after.button_timer.tolist(), paid.tolist(), after.agent_inv.tolist()) == ([0], [0], [[plate]])


def test_an_indicator_shows_the_recipe_always() -> None:
    env = make()
    state = env.state_from_arrays(recipe=(0, 1, 1))

    seen = env.observation(state)[0, 2, 3]

    assert [int(seen[channel(env, f"recipe_ing{idx}")]) for idx in (0, 1)] == [1, 2]


def test_random_starts_keep_every_agent_in_its_room() -> None:
    env = cogrid.make("OvercookedV2-GroundedCoordSimple-V0", random_agent_positions=True)
    keys = np.stack([np.zeros(300), np.arange(300)], axis=-1).astype(np.uint32)

    states = env.jax_reset(keys)[0]

    places = [{tuple(cell) for cell in states.agent_pos[:, agent_idx].tolist()} for agent_idx in (0, 1)]
    assert places == [{(row, column) for row in (1, 2, 3) for column in columns} for columns in ((1, 2), (5, 6))]
    assert set(np.unique(states.agent_dir)) == {0, 1, 2, 3}


def test_a_set_of_kitchens_plays_each_by_its_own_pots() -> None:
    near, far = ("CUC", "=1C", "C@C", "CaC"), ("CCC", "=1C", "C@C", "UaC")
    env = make(LayoutSet([near, far]), shaped_rewards=["overcooked_v2_useful_plate"])
    onion = env.config.rules.type_names.index("ing0")
    told = []
    for layout_idx, contents in ((0, [onion, -1, -1]), (0, [-1] * 3), (1, [onion, -1, -1]), (1, [-1] * 3)):
        env.set_state(env.state_from_arrays(layout_idx=layout_idx, pot_contents=[contents], agent_dir=[2]))
        told.append(env.step({"agent_0": PICKUP_DROP})[-1]["agent_0"]["shaped_reward"])

    assert told == [3, 0, 3, 0]


def test_random_starts_need_a_mark_for_the_room() -> None:
    with pytest.raises(LayoutError, match="agent_1 has no mark"):
        make(num_agents=2, random_agent_positions=True)


def test_a_view_is_the_planes_around_each_agent() -> None:
    env = cogrid.make("OvercookedV2-DemoCookSimple-V0")
    radius = 2
    keys = np.stack([np.zeros(8), np.arange(8)], axis=-1).astype(np.uint32)
    states, whole = env.jax_reset(keys)

    seen = local_view(radius, of="overcooked_v2_planes")(states)[..., :-1]

    padded = np.pad(whole, ((0, 0), (0, 0), (radius, radius), (radius, radius), (0, 0)))
    for case, agent_idx in np.ndindex(8, 2):
        row, column = states.agent_pos[case, agent_idx]
        cut = padded[case, agent_idx, row : row + 2 * radius + 1, column : column + 2 * radius + 1]
        np.testing.assert_array_equal(seen[case, agent_idx], cut)
    assert seen.any()


def test_a_correct_delivery_can_be_shown_for_one_step() -> None:
    env = make(features=[OvercookedV2Planes(shows_delivery=True)])
    env.set_state(env.state_from_arrays(agent_inv=[[env.config.rules.type_names.index("soup_i001")]], recipe=(0, 0, 1)))
    shown = [env.step({"agent_0": action})[0]["agent_0"][0, 1, -1] for action in (PICKUP_DROP, NOOP)]

    assert env.observation.channels(env.tables)[-1] == "delivered"
    assert shown == [1, 0]


def test_a_plain_kitchen_wants_three_of_the_first_ingredient() -> None:
    env = cogrid.make("OvercookedV2-CrampedRoom-V0", layout="CrampedRoom")

    assert env.config.rules.world_values == ((0, 0, 0),)


@pytest.mark.parametrize("recipe", [(0, 0), (0, 0, 2), "abc"])
def test_a_recipe_that_cannot_be_cooked_is_refused(recipe: Any) -> None:
    with pytest.raises(ConfigError, match="0 to 1 in this kitchen"):
        make(recipes=[recipe])


def test_no_recipe_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least one recipe"):
        make(recipes=[])


def test_the_planes_refuse_other_worlds() -> None:
    with pytest.raises(ConfigError, match="overcooked_v2_planes shows OvercookedV2 worlds"):
        cogrid.make("Overcooked-CrampedRoom-V0", features=["overcooked_v2_planes"])


@pytest.mark.long
def test_all_engines_tell_the_same_story_of_redrawn_recipes_and_random_starts() -> None:
    env = make(
        ("CC@CC", "a12 L", "b = R", "CCUCC"),
        num_agents=2,
        sample_recipe_on_delivery=True,
        random_agent_positions=True,
        features=[OvercookedV2Planes(shows_delivery=True)],
        max_steps=60,
    )
    soup = env.config.rules.type_names.index("soup_i000")
    start = {"agent_inv": [[soup], [soup]], "agent_pos": [[1, 1], [1, 2]], "agent_dir": [3, 3], "recipe": (0, 0, 0)}
    actions = np.random.default_rng(5).integers(0, 6, (60, 2)).tolist()
    actions[0] = [0, PICKUP_DROP]

    played = play_everywhere(env.config, actions, start=start)
    drawn = play_everywhere(env.config, actions, seed=3, with_jax=False)

    assert played.rewards[0].tolist() == [20, 20]
    assert len(played.rewards) == len(drawn.rewards) == 60
