"""The rules of the original kitchen, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.envs.kitchen.soups import RECIPES
from cogrid.envs.overcooked_ai.layouts import kitchens
from cogrid.envs.overcooked_ai.orders import Orders
from cogrid.envs.overcooked_ai.rewards import SHAPED_REWARDS, delivery_rewards
from cogrid.envs.overcooked_ai.rules import overcooked_ai_rules
from cogrid.errors import ConfigError

UP, DOWN, LEFT, RIGHT, INTERACT, NOOP = range(6)
BENCH = ["CUCUC", "O   T", "C1  2", "C=@CC"]


def item(name: str) -> int:
    return object_to_idx(name, scope="overcooked_ai")


class Cook:
    """One environment in which agent 0 is told what to do, by default on a map with everything near."""

    def __init__(self, orders: Orders | None = None, layout: list[str] = BENCH, **overrides: Any) -> None:
        env = cogrid.make("OvercookedAI-CrampedRoom-V0", layout=layout, features=["agent_position"], **overrides)
        if orders is not None:
            config = env.config.with_overrides({"rules": overcooked_ai_rules(orders)})
            env = CoGridEnv(config)
        self.env = env
        self.env.reset(seed=0)

    def do(self, *actions: int, other: int = NOOP) -> float:
        """Make steps; what agent 0 was paid in them."""
        total = 0.0
        for action in actions:
            total += float(self.env.step({"agent_0": action, "agent_1": other})[1]["agent_0"])
        return total

    def set(self, **arrays: Any) -> None:
        self.env.set_state(self.env.state_from_arrays(**arrays))

    def pots(self) -> tuple[list[int], list[list[int]]]:
        state = self.env.get_state()
        contents = [sorted(value for value in pot if value != -1) for pot in state.pot_contents.tolist()]
        return state.pot_timer.tolist(), contents

    @property
    def held(self) -> int:
        return int(self.env.get_state().agent_inv[0, 0])


def at_pot(contents: list[str], timer: int, held: str | None = None, **overrides: Any) -> Cook:
    """A cook who faces the first pot of the bench."""
    cook = Cook(**overrides)
    cook.set(
        agent_pos=[[1, 1], [2, 3]],
        agent_dir=[3, 3],
        agent_inv=[[-1 if held is None else item(held)], [-1]],
        pot_contents=[[*[item(name) for name in contents], *[-1] * (3 - len(contents))], [-1, -1, -1]],
        pot_timer=[timer, -1],
    )
    return cook


def test_an_empty_hand_starts_a_pot_with_a_single_ingredient() -> None:
    cook = at_pot(["onion"], -1)
    cook.do(INTERACT)
    assert cook.pots()[0] == [1, -1]
    cook.do(*[NOOP] * 18)
    assert cook.pots()[0] == [19, -1]
    cook.do(NOOP, NOOP)
    assert cook.pots()[0] == [20, -1]


def test_nobody_starts_an_empty_pot_or_one_that_cooks() -> None:
    cook = at_pot([], -1)
    cook.do(INTERACT)
    assert cook.pots()[0] == [-1, -1]
    cook = at_pot(["onion"], 5)
    cook.do(INTERACT)
    assert cook.pots()[0] == [6, -1]


def test_ingredients_mix_and_a_pot_that_cooks_takes_none() -> None:
    cook = at_pot(["onion", "onion"], -1, "tomato")
    cook.do(INTERACT)
    assert cook.pots() == ([-1, -1], [sorted([item("onion"), item("onion"), item("tomato")]), []])
    assert cook.held == -1
    cook = at_pot(["onion"], 3, "tomato")
    cook.do(INTERACT)
    assert cook.held == item("tomato")
    assert cook.pots()[1] == [[item("onion")], []]


@pytest.mark.parametrize(("timer", "gets_soup"), [(19, False), (20, True)])
def test_a_plate_takes_the_soup_of_exactly_these_ingredients_once_it_is_ready(timer: int, gets_soup: bool) -> None:
    cook = at_pot(["tomato", "onion"], timer, "plate")
    cook.do(INTERACT)
    assert cook.held == item("soup_o1t1" if gets_soup else "plate")
    assert cook.pots()[0][0] == (-1 if gets_soup else 20)


def test_under_the_old_dynamics_three_ingredients_start_by_themselves_and_only_they() -> None:
    cook = at_pot(["onion", "onion"], -1, "onion", old_dynamics=True)
    cook.do(INTERACT)
    assert cook.pots()[0] == [1, -1]
    cook = at_pot(["onion", "onion"], -1, None, old_dynamics=True)
    cook.do(INTERACT, NOOP)
    assert cook.pots()[0] == [-1, -1]


def test_agents_interact_before_they_move() -> None:
    cook = Cook()
    cook.set(agent_pos=[[1, 1], [2, 3]], agent_dir=[2, 3])
    cook.do(INTERACT)
    assert cook.held == item("onion")
    cook.do(UP, INTERACT)
    assert cook.pots()[1][0] == [item("onion")]


def test_any_collision_keeps_everybody_in_place() -> None:
    env = cogrid.make("OvercookedAI-MultiplayerSchelling-V0")
    env.reset(seed=0)
    before = env.get_state().agent_pos.tolist()
    assert before == [[1, 3], [5, 3], [3, 1], [3, 5]]
    env.set_state(env.state_from_arrays(agent_pos=[[1, 3], [1, 5], [3, 1], [3, 5]]))
    env.step({"agent_0": RIGHT, "agent_1": LEFT, "agent_2": UP, "agent_3": DOWN})
    assert env.get_state().agent_pos.tolist() == [[1, 3], [1, 5], [3, 1], [3, 5]]
    assert env.get_state().agent_dir.tolist() == [0, 2, 3, 1]


def test_nothing_is_put_on_the_floor() -> None:
    cook = Cook()
    cook.set(agent_pos=[[1, 1], [2, 3]], agent_dir=[0, 3], agent_inv=[[item("onion")], [-1]])
    cook.do(INTERACT)
    assert cook.held == item("onion")


@pytest.mark.parametrize(
    ("orders", "soup", "worth"),
    [
        (Orders(), "ooo", 20),
        (Orders(), "oot", 0),
        (Orders(orders=()), "ot", 20),
        (Orders(orders=("ot",), bonus_orders=("ot",), onion_value=21, tomato_value=13), "ot", 68),
        (Orders(orders=("o", "ttt"), recipe_values=(4, 15)), "ttt", 15),
        (Orders(orders=("ot",), bonus_orders=("ot",), order_bonus=float("inf")), "ot", float("inf")),
    ],
)
def test_a_delivered_soup_pays_everybody_what_it_was_ordered_for(orders: Orders, soup: str, worth: float) -> None:
    assert orders.value(soup) == worth
    cook = Cook(orders=orders, rewards=delivery_rewards(orders))
    name = f"soup_o{soup.count('o')}t{soup.count('t')}"
    cook.set(agent_pos=[[2, 2], [2, 3]], agent_dir=[1, 3], agent_inv=[[item(name)], [-1]])
    _, rewards, *_ = cook.env.step({"agent_0": INTERACT, "agent_1": NOOP})
    assert rewards == {"agent_0": worth, "agent_1": worth}
    assert cook.held == -1


def test_shaped_rewards_pay_the_cook_alone() -> None:
    cook = at_pot(["onion"], -1, "onion", rewards=SHAPED_REWARDS)
    assert cook.env.step({"agent_0": INTERACT, "agent_1": NOOP})[1] == {"agent_0": 3, "agent_1": 0}
    cook = at_pot(["onion"], 20, "plate", rewards=SHAPED_REWARDS)
    assert cook.env.step({"agent_0": INTERACT, "agent_1": NOOP})[1] == {"agent_0": 5, "agent_1": 0}


@pytest.mark.parametrize(
    ("pot", "timer", "other_holds", "on_counter", "paid"),
    [
        (["onion"], -1, None, None, 3),
        (["onion"], 4, None, None, 3),
        ([], -1, None, None, 0),
        (["onion"] * 3, -1, None, None, 0),
        (["onion"] * 3, 20, None, None, 3),
        (["onion"], -1, "plate", None, 0),
        (["onion"], -1, "onion", None, 3),
        (["onion"], -1, None, "plate", 0),
        (["onion"], -1, None, "onion", 3),
    ],
)
def test_a_plate_pays_where_a_pot_waits_for_it(
    pot: list[str], timer: int, other_holds: str | None, on_counter: str | None, paid: float
) -> None:
    cook = Cook(rewards=["overcooked_ai_useful_plate"])
    on_counters = np.zeros((4, 5), dtype=np.int32)
    on_counters[3, 3] = 0 if on_counter is None else item(on_counter)
    cook.set(
        agent_pos=[[2, 1], [2, 3]],
        agent_dir=[1, 3],
        agent_inv=[[-1], [-1 if other_holds is None else item(other_holds)]],
        object_state_map=on_counters,
        pot_contents=[[*[item(name) for name in pot], *[-1] * (3 - len(pot))], [-1] * 3],
        pot_timer=[timer, -1],
    )
    assert cook.do(INTERACT) == paid
    assert cook.held == item("plate")


def test_a_plate_never_pays_where_not_two_play() -> None:
    cook = Cook(rewards=["overcooked_ai_useful_plate"], layout=["CUCC", "C13C", "C=2C", "CCCC"], num_agents=3)
    onion = item("onion")
    cook.set(agent_dir=[3, 3, 3], agent_pos=[[2, 2], [1, 1], [1, 2]], pot_contents=[[onion, -1, -1]], pot_timer=[-1])
    paid = cook.env.step({"agent_0": LEFT, "agent_1": NOOP, "agent_2": NOOP})[1]
    cook.env.step({"agent_0": DOWN, "agent_1": NOOP, "agent_2": NOOP})
    assert paid == {"agent_0": 0, "agent_1": 0, "agent_2": 0}


def test_the_horizon_is_400() -> None:
    env = cogrid.make("OvercookedAI-CrampedRoom-V0", features=["agent_position"])
    env.reset(seed=1)
    for _ in range(399):
        env.step(dict.fromkeys(env.agents, NOOP))
    assert env.agents
    _, _, terminations, truncations, _ = env.step(dict.fromkeys(env.agents, NOOP))
    assert not any(terminations.values())
    assert all(truncations.values())


@pytest.mark.parametrize("layout", list(kitchens()))
def test_every_kitchen_starts_as_drawn_and_can_be_made(layout: str) -> None:
    kitchen = kitchens()[layout]
    env = cogrid.make(f"OvercookedAI-{kitchen.id_name}-V0")
    assert env.config["num_agents"] == kitchen.n_agents >= 1
    env.reset(seed=3)
    for idx, (row, column) in enumerate(env.get_state().agent_pos.tolist()):
        assert kitchen.drawing.splitlines()[row][column] == str(idx + 1)


def test_tutorial_1_starts_with_two_onions_in_a_pot_and_agent_0_looking_left() -> None:
    env = cogrid.make("OvercookedAI-Tutorial1-V0")
    env.reset(seed=0)
    state = env.get_state()
    assert state.agent_dir.tolist() == [2, 3]
    assert sorted(np.sum(state.pot_contents != -1, axis=-1).tolist()) == [0, 2]


def test_old_dynamics_are_refused_where_an_order_has_not_three_ingredients() -> None:
    with pytest.raises(ConfigError, match="old_dynamics=True needs orders of exactly three"):
        cogrid.make("OvercookedAI-CounterCircuit-V0", old_dynamics=True)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"orders": ("too",)}, "no recipe 'too'"),
        ({"recipe_values": (1, 2)}, "recipe_values has 2 entries, and there are 1 orders"),
        ({"recipe_times": (0,)}, "cooks at least one tick"),
        ({"onion_prize": 3}, "no setting 'onion_prize'"),
    ],
)
def test_orders_that_make_no_sense_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Orders.of(settings)


def test_an_id_has_each_part_of_the_original_name_with_a_capital() -> None:
    assert kitchens()["counter_circuit_o_1order"].id_name == "CounterCircuitO1Order"
    assert kitchens()["scenario1_s"].id_name == "Scenario1S"


def test_there_are_nine_recipes() -> None:
    assert sorted(RECIPES) == ["o", "oo", "ooo", "oot", "ot", "ott", "t", "tt", "ttt"]
