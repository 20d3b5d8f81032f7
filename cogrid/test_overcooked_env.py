"""The kitchen as its user meets it: soups cooked and delivered by hand, what is refused, four cooks, random play."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.envs.registry import registered_ids

CRAMPED_ROOM = "Overcooked-CrampedRoom-V0"
CLASSIC_IDS = [
    f"Overcooked-{name}-V0"
    for name in ("CrampedRoom", "AsymmetricAdvantages", "CoordinationRing", "ForcedCoordination", "CounterCircuit")
]
MOVES = {"up": 0, "down": 1, "left": 2, "right": 3}
PICKUP_DROP, NOOP = 4, 6
COOK_TIME = 30

ONION_NOOK = """
#U#
O+=
#@#
"""
"""A kitchen of one free cell: the cook only turns, to the onions, the pot, the plates and the delivery zone."""

TOMATO_NOOK = """
#U#
T+=
#@#
"""
NOOK_WITH_A_COUNTER = """
#U#
C+=
#@#
"""
PASS_OVER_A_COUNTER = """
#######
#O1C2U#
#=#@#@#
#######
"""


def type_id(name: str | None) -> int:
    """The number of an object type, -1 for None (an empty hand, an empty slot)."""
    return -1 if name is None else object_to_idx(name, scope="overcooked")


def make_nook(backend: str, layout: str = ONION_NOOK, **arrays: Any) -> CoGridEnv:
    """A kitchen for one cook that looks up, at the pot, and is in the state that the arrays say."""
    env = cogrid.make(CRAMPED_ROOM, backend=backend, layout=layout, num_agents=1)
    env.set_state(env.state_from_arrays(**{"agent_dir": [3], **arrays}))
    return env


def pot_row(*names: str) -> list[list[int]]:
    """`pot_contents` of a world with one pot."""
    return [[type_id(name) for name in (*names, None, None, None)][:3]]


def use(env: CoGridEnv, towards: str) -> float:
    """Turn the one cook of a nook and use PickupDrop; what it is paid."""
    env.step({"agent_0": MOVES[towards]})
    return float(env.step({"agent_0": PICKUP_DROP})[1]["agent_0"])


def read(env: CoGridEnv, name: str) -> Any:
    """An array of the state, as nested lists."""
    return np.asarray(getattr(env.get_state(), name)).tolist()


def held(env: CoGridEnv) -> list[int]:
    """What each cook holds."""
    return [row[0] for row in read(env, "agent_inv")]


@pytest.mark.parametrize(
    ("layout", "ingredient", "soup", "pay"),
    [(ONION_NOOK, "onion", "onion_soup", 1.0), (TOMATO_NOOK, "tomato", "tomato_soup", 0.0)],
    ids=["onions", "tomatoes"],
)
def test_a_soup_is_cooked_and_delivered_by_hand(
    backend: str, layout: str, ingredient: str, soup: str, pay: float
) -> None:
    env = make_nook(backend, layout)
    for n_inside in (1, 2, 3):
        use(env, "left")
        assert held(env) == [type_id(ingredient)]
        use(env, "up")
        assert held(env) == [-1]
        assert read(env, "pot_contents") == pot_row(*[ingredient] * n_inside)

    use(env, "right")
    assert held(env) == [type_id("plate")]
    assert read(env, "pot_timer") == [COOK_TIME - 2]
    env.step({"agent_0": MOVES["up"]})
    for ticks_left in range(COOK_TIME - 4, -1, -1):
        env.step({"agent_0": PICKUP_DROP if ticks_left else NOOP})
        assert held(env) == [type_id("plate")]
        assert read(env, "pot_timer") == [ticks_left]

    env.step({"agent_0": PICKUP_DROP})
    assert held(env) == [type_id(soup)]
    assert read(env, "pot_contents") == pot_row()
    assert read(env, "pot_timer") == [COOK_TIME]

    assert use(env, "down") == pay
    assert held(env) == [-1]


def test_a_soup_can_be_taken_in_the_step_whose_tick_finishes_it(backend: str) -> None:
    almost: dict[str, Any] = {"pot_contents": pot_row("onion", "onion", "onion"), "agent_inv": [[type_id("plate")]]}
    one_left = make_nook(backend, ONION_NOOK, pot_timer=[1], **almost)
    two_left = make_nook(backend, ONION_NOOK, pot_timer=[2], **almost)

    for env in (one_left, two_left):
        env.step({"agent_0": PICKUP_DROP})

    assert held(one_left) == [type_id("onion_soup")]
    assert held(two_left) == [type_id("plate")]


def test_a_pot_cooks_once_it_is_full_and_not_before(backend: str) -> None:
    env = make_nook(backend, pot_contents=pot_row("onion", "onion"), agent_inv=[[type_id("onion")]])

    timers = []
    for action in (NOOP, PICKUP_DROP, NOOP, NOOP):
        env.step({"agent_0": action})
        timers += read(env, "pot_timer")

    assert timers == [30, 30, 29, 28]


@pytest.mark.parametrize(
    ("in_hand", "inside", "timer"),
    [
        ("onion", ("onion", "onion", "onion"), 12),
        ("onion", ("onion", "onion", "onion"), 0),
        ("onion", ("tomato",), 30),
        ("tomato", ("onion", "onion"), 30),
        ("plate", (), 30),
        ("plate", ("onion", "onion"), 30),
        ("plate", ("onion", "onion", "onion"), 12),
        ("onion_soup", (), 30),
        ("onion_soup", ("onion", "onion", "onion"), 0),
        ("tomato_soup", ("tomato",), 30),
        (None, (), 30),
        (None, ("onion", "onion", "onion"), 0),
    ],
)
def test_a_pot_refuses_what_does_not_belong_in_it(
    backend: str, in_hand: str | None, inside: tuple[str, ...], timer: int
) -> None:
    env = make_nook(backend, pot_contents=pot_row(*inside), pot_timer=[timer], agent_inv=[[type_id(in_hand)]])

    _, rewards, *_ = env.step({"agent_0": PICKUP_DROP})

    assert held(env) == [type_id(in_hand)]
    assert read(env, "pot_contents") == pot_row(*inside)
    assert rewards["agent_0"] == 0


@pytest.mark.parametrize("in_hand", ["onion", "tomato", "plate", None])
def test_a_delivery_zone_refuses_everything_but_a_soup(backend: str, in_hand: str | None) -> None:
    env = make_nook(backend, agent_inv=[[type_id(in_hand)]], agent_dir=[1])

    _, rewards, *_ = env.step({"agent_0": PICKUP_DROP})

    assert held(env) == [type_id(in_hand)]
    assert rewards["agent_0"] == 0


@pytest.mark.parametrize(("soup", "pay"), [("onion_soup", 1.0), ("tomato_soup", 0.0)])
def test_a_delivery_zone_takes_both_soups_and_only_onion_soup_is_paid(backend: str, soup: str, pay: float) -> None:
    env = make_nook(backend, agent_inv=[[type_id(soup)]], agent_dir=[1])

    _, rewards, *_ = env.step({"agent_0": PICKUP_DROP})

    assert held(env) == [-1]
    assert rewards["agent_0"] == pay


@pytest.mark.parametrize("in_hand", ["onion", "tomato", "plate", "onion_soup", "tomato_soup"])
def test_a_stack_hands_out_nothing_to_a_full_hand_and_takes_nothing_back(backend: str, in_hand: str) -> None:
    env = make_nook(backend, agent_inv=[[type_id(in_hand)]], agent_dir=[2])

    env.step({"agent_0": PICKUP_DROP})

    assert held(env) == [type_id(in_hand)]


@pytest.mark.parametrize("item", ["onion", "tomato", "plate", "onion_soup", "tomato_soup"])
def test_a_counter_holds_any_item_and_gives_it_back(backend: str, item: str) -> None:
    env = make_nook(backend, NOOK_WITH_A_COUNTER, agent_inv=[[type_id(item)]])

    use(env, "left")
    assert held(env) == [-1]
    assert read(env, "object_state_map")[1][0] == type_id(item)

    use(env, "left")
    assert held(env) == [type_id(item)]
    assert read(env, "object_state_map")[1][0] == 0


def test_a_counter_holds_one_item_at_a_time(backend: str) -> None:
    env = make_nook(backend, NOOK_WITH_A_COUNTER, agent_inv=[[type_id("onion")]])
    use(env, "left")
    use(env, "right")

    use(env, "left")

    assert held(env) == [type_id("plate")]
    assert read(env, "object_state_map")[1][0] == type_id("onion")


def test_toggling_kitchen_things_does_nothing(backend: str) -> None:
    env = make_nook(backend, pot_contents=pot_row("onion"))
    before = read(env, "object_state_map")

    for direction in MOVES.values():
        env.step({"agent_0": direction})
        env.step({"agent_0": 5})

    assert read(env, "object_state_map") == before
    assert held(env) == [-1]


def test_cooks_in_two_rooms_pass_an_onion_over_a_counter(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, layout=PASS_OVER_A_COUNTER, num_agents=2)
    env.reset(seed=3)
    script = [
        (MOVES["left"], NOOP),
        (PICKUP_DROP, NOOP),
        (MOVES["right"], MOVES["left"]),
        (PICKUP_DROP, PICKUP_DROP),
        (NOOP, MOVES["right"]),
        (NOOP, PICKUP_DROP),
    ]

    hands = []
    for first, second in script:
        env.step({"agent_0": first, "agent_1": second})
        hands.append(held(env))

    onion = type_id("onion")
    assert hands == [[-1, -1], [onion, -1], [onion, -1], [-1, onion], [-1, onion], [-1, -1]]
    assert read(env, "pot_contents") == pot_row("onion")


def test_a_delivery_pays_every_cook_of_the_team(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, layout="##@##\n#1 2#\n#####", num_agents=2)
    env.set_state(
        env.state_from_arrays(agent_pos=[[1, 1], [1, 2]], agent_dir=[0, 3], agent_inv=[[-1], [type_id("onion_soup")]])
    )

    rewards = env.step({"agent_0": NOOP, "agent_1": PICKUP_DROP})[1]
    afterwards = env.step({"agent_0": NOOP, "agent_1": PICKUP_DROP})[1]

    assert rewards == {"agent_0": 1, "agent_1": 1}
    assert afterwards == {"agent_0": 0, "agent_1": 0}


def test_four_cooks_start_on_four_cells_and_play(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, num_agents=4)
    observations, _ = env.reset(seed=5)
    random = np.random.default_rng(5)

    assert list(observations) == ["agent_0", "agent_1", "agent_2", "agent_3"]
    visited = set()
    for _ in range(60):
        places = [tuple(place) for place in read(env, "agent_pos")]
        assert len(set(places)) == 4
        visited |= set(places)
        env.step({agent: int(random.integers(7)) for agent in env.agents})
    assert visited == {(row, column) for row in (2, 3) for column in (2, 3, 4)}


@pytest.mark.parametrize("env_id", CLASSIC_IDS)
def test_random_play_stays_inside_what_a_kitchen_can_be(backend: str, env_id: str) -> None:
    env = cogrid.make(env_id, backend=backend)
    env.reset(seed=11)
    types = np.asarray(env.get_state().object_type_map)
    random = np.random.default_rng(11)
    was_held = False

    for _ in range(250):
        joint = random.choice([*MOVES.values(), PICKUP_DROP], size=2)
        observations, *_ = env.step(dict(zip(env.agents, joint, strict=True)))
        assert all(env.observation_space(agent).contains(seen) for agent, seen in observations.items())
        places = [tuple(place) for place in read(env, "agent_pos")]
        assert len(set(places)) == len(places)
        assert all(types[place] == 0 for place in places)
        was_held |= any(item >= 0 for item in held(env))

    now = np.asarray(env.get_state().object_type_map)
    np.testing.assert_array_equal(now[types != 0], types[types != 0])
    assert was_held


@pytest.mark.parametrize("env_id", CLASSIC_IDS)
def test_a_classic_kitchen_is_made_as_it_is_announced(backend: str, env_id: str) -> None:
    env = cogrid.make(env_id, backend=backend)
    observations, _ = env.reset(seed=0)

    assert env_id in registered_ids()
    assert env.possible_agents == ["agent_0", "agent_1"]
    assert {seen.shape for seen in observations.values()} == {(443,)}
    assert env.action_space("agent_0").n == 7
    assert env.config["max_steps"] == 1000
    assert [(reward.coefficient, reward.common_reward) for reward in env.config["rewards"]] == [(1.0, True)]


def test_a_kitchen_is_played_with_the_rotation_action_set_too(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, layout=ONION_NOOK, num_agents=1, action_set="rotation")
    env.set_state(env.state_from_arrays(agent_dir=[2]))
    pickup_drop, rotate_right = 1, 5

    for action in (pickup_drop, rotate_right, pickup_drop):
        env.step({"agent_0": action})

    assert read(env, "pot_contents") == pot_row("onion")
    assert held(env) == [-1]
