"""Orders appear, wait, are filled and expire, as worked out by hand and alike on every engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.envs.overcooked_orders.config import overcooked_orders_config
from cogrid.envs.overcooked_orders.objects import Menu
from cogrid.errors import ConfigError
from cogrid.tests.engines import first_of, play_everywhere
from cogrid.tests.states import stack_states

NEVER = Menu(order_percent=1)
BOARD = ["QQQ", "C+@", "C+@", "CUC"]
PICKUP_DROP, NOOP = 4, 6


def item(name: str) -> int:
    return object_to_idx(name, scope="overcooked_orders")


def make(menu: Menu = NEVER, **overrides: Any) -> CoGridEnv:
    return CoGridEnv(overcooked_orders_config(BOARD, menu).with_overrides(overrides))


def after_delivery(
    orders: list[tuple[int, int]], soups: list[str | None], menu: Menu = NEVER, **overrides: Any
) -> tuple[Any, list[float]]:
    """Deliver soups in one step, from a board of (recipe, ticks left); the orders left, and what each agent is paid."""
    env = make(menu, **overrides)
    env.reset(seed=0)
    state = env.state_from_arrays(
        agent_dir=[0, 0],
        agent_inv=[[-1 if soup is None else item(soup)] for soup in soups],
        order_recipe=[recipe for recipe, _ in orders],
        order_left=[left for _, left in orders],
    )
    env.set_state(state)
    rewards = env.step(dict.fromkeys(env.agents, PICKUP_DROP))[1]
    state = env.get_state()
    return list(zip(state.order_recipe.tolist(), state.order_left.tolist(), strict=True)), list(rewards.values())


FREE = (-1, 0)


def test_a_soup_fills_the_order_for_it_that_has_the_least_time_left() -> None:
    orders, paid = after_delivery([(0, 50), (0, 20), (1, 10)], ["soup_o3t0", None])
    assert orders == [(0, 49), FREE, (1, 9)]
    assert paid == [10 + 10 * 19 // 80] * 2


def test_a_soup_that_nobody_waits_for_is_lost() -> None:
    orders, paid = after_delivery([(1, 50), FREE, FREE], ["soup_o3t0", None])
    assert orders == [(1, 49), FREE, FREE]
    assert paid == [0, 0]


def test_two_soups_in_one_step_fill_two_orders_and_the_third_is_lost() -> None:
    orders, paid = after_delivery([(2, 81 - 1), (2, 41), FREE], ["soup_o1t2", "soup_o1t2"])
    assert orders == [FREE, FREE, FREE]
    assert paid == [(12 + 12 * 40 // 80) + (12 + 12 * 79 // 80)] * 2
    orders, paid = after_delivery([(2, 41), FREE, FREE], ["soup_o1t2", "soup_o1t2"])
    assert orders == [FREE] * 3
    assert paid == [12 + 12 * 40 // 80] * 2


def test_points_go_to_the_one_who_delivers_if_they_are_not_common() -> None:
    rewards = [{"name": "order_filled_reward", "common_reward": False, "coefficient": 0.5}]
    _, paid = after_delivery([(0, 80), FREE, FREE], [None, "soup_o3t0"], rewards=rewards)
    assert paid == [0, (10 + 10 * 79 // 80) / 2]


def test_an_order_expires_and_is_fined() -> None:
    orders, paid = after_delivery([(0, 1), (1, 2), FREE], [None, None], rewards=["order_expired_reward"])
    assert orders == [FREE, (1, 1), FREE]
    assert paid == [-5, -5]


def test_an_order_in_its_last_tick_is_too_late_for_a_soup() -> None:
    orders, paid = after_delivery([(0, 1), FREE, FREE], ["soup_o3t0", None])
    assert (orders, paid) == ([FREE] * 3, [0, 0])


def test_orders_appear_in_the_first_free_slot_and_no_more_than_there_are_slots() -> None:
    env = make(Menu(order_percent=100, patience=5))
    env.reset(seed=0)
    left = []
    for _ in range(8):
        env.step(dict.fromkeys(env.agents, NOOP))
        left.append(env.get_state().order_left.tolist())
    assert left[:5] == [[5, 0, 0], [4, 5, 0], [3, 4, 5], [2, 3, 4], [1, 2, 3]]
    assert left[5:] == [[5, 1, 2], [4, 5, 1], [3, 4, 5]]


def test_orders_appear_as_often_as_the_menu_says_each_recipe_as_likely() -> None:
    menu = Menu(order_percent=30)
    env = make(menu)
    states, _ = env.jax_reset(np.array([[7, seed] for seed in range(4000)], dtype=np.uint32))
    after = env.jax_step(states, np.full((4000, 2), NOOP))[0]
    recipes = np.asarray(after.order_recipe)[:, 0]
    assert abs((recipes >= 0).mean() - 0.3) < 0.03
    counts = np.bincount(recipes[recipes >= 0], minlength=4)
    assert counts.min() > 0.2 * counts.sum()


def test_the_queue_is_observed_slot_by_slot() -> None:
    env = make(features=["order_queue"])
    state = env.state_from_arrays(order_recipe=[1, -1, 3], order_left=[33, 0, 7])
    expected = [0, 1, 0, 0, 33, 0, 0, 0, 0, 0, 0, 0, 0, 1, 7]
    seen = env.observation(stack_states([state]))
    assert seen.shape == (1, 2, 15)
    assert seen[0].tolist() == [expected, expected]
    assert env.observation_channels[:5] == (
        "order_0_ooo",
        "order_0_oot",
        "order_0_ott",
        "order_0_ttt",
        "order_0_ticks_left",
    )
    assert env.observation_space("agent_0").high[:5].tolist() == [1, 1, 1, 1, 80]


@pytest.mark.parametrize("env_id", first_of(["OvercookedOrders-MixedRoom-V0", "OvercookedOrders-MixedKitchen-V0"]))
def test_every_engine_keeps_the_same_queue(env_id: str, with_jax: bool) -> None:
    menu = Menu(order_percent=40, patience=9, cook_time=3)
    config = overcooked_orders_config(env_id.split("-")[1], menu).with_overrides(
        {
            "features": ["object_planes", "order_queue"],
            "rewards": ["order_filled_reward", "order_expired_reward"],
        }
    )
    actions = np.random.default_rng(3).integers(0, 7, size=(60, 2)).tolist()
    episode = play_everywhere(config, actions, with_jax=with_jax)
    assert max(recipe for recipes in episode.trace("order_recipe") for recipe in recipes) == 3
    assert sum(float(paid.sum()) for paid in episode.rewards) < 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"recipes": ("oox",)}, "no recipe 'oox'"),
        ({"values": (1,)}, "one value for each recipe"),
        ({"order_percent": 0}, "order_percent is more than 0"),
        ({"patience": 0}, "patience is a number of ticks"),
    ],
)
def test_a_menu_that_makes_no_sense_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Menu(**settings)


def test_order_rewards_are_refused_where_there_are_no_orders() -> None:
    with pytest.raises(ConfigError, match="have no order slots"):
        cogrid.make("Overcooked-CrampedRoom-V0", rewards=["order_filled_reward"])


@pytest.mark.parametrize("layout", [["####", "#++#", "####"], cogrid.LayoutSet([["Q##", "++ "], ["#Q#", "++ "]])])
def test_a_board_that_is_missing_or_moves_is_refused(layout: Any) -> None:
    with pytest.raises(ConfigError, match="needs its slots"):
        CoGridEnv(overcooked_orders_config(layout, NEVER))
