"""The environment as its user meets it: walking, turning, carrying and toggling on small drawn maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Item, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.actions import get_action_set
from cogrid.core.grid_object import object_to_idx

RIGHT, DOWN, LEFT, UP = range(4)

BALL = Item("ball", symbol="b")
CUBE = Item("cube", symbol="c")


@dataclass(frozen=True)
class Door(GridObject, symbol="D"):
    """Lets agents through while it is open."""

    is_open: bool = False

    def passable(self) -> bool:
        return self.is_open

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(replace(self, is_open=not self.is_open), agent)

    def object_state(self) -> int:
        return int(self.is_open)


RULES = Rules(name="test_gridworld", objects=(Door,), items=(BALL, CUBE), start_direction=RIGHT)

OPEN_FIELD = "   \n + \n   "
WALLED_CELL = """
###
#+#
###
"""
TWO_ROOMS = """
########
#+ b#  #
#   D  #
#c  #  #
########
"""
CORRIDOR_OF_TWO = """
######
#1 2 #
######
"""


class Player:
    """One environment, played by action names."""

    def __init__(
        self, backend: str, layout: str, action_set: str = "cardinal", num_agents: int = 1, **settings: Any
    ) -> None:
        config = EnvConfig(
            rules=RULES,
            layout=layout,
            num_agents=num_agents,
            action_set=action_set,
            features=("agent_position", "inventory"),
            **settings,
        )
        self.env = CoGridEnv(config, backend=backend)
        self.action_set = get_action_set(action_set)
        self.env.reset(seed=0)

    def do(self, *names: str) -> Player:
        """Let agent_0 do one thing after the other; all others do nothing."""
        return self.do_all([(name, *["Noop"] * (len(self.env.agents) - 1)) for name in names])

    def do_all(self, joints: Sequence[Sequence[str]]) -> Player:
        """Let all agents do something at each step."""
        for joint in joints:
            self.env.step(
                {agent: self.action_set.index(name) for agent, name in zip(self.env.agents, joint, strict=True)}
            )
        return self

    def read(self, name: str) -> np.ndarray:
        """An array of the state."""
        return np.asarray(getattr(self.env.get_state(), name))

    @property
    def place(self) -> tuple[int, ...]:
        """(row, column) of agent_0."""
        return tuple(self.read("agent_pos")[0].tolist())

    @property
    def direction(self) -> int:
        """Where agent_0 looks."""
        return int(self.read("agent_dir")[0])

    @property
    def held(self) -> int:
        """Type id of what agent_0 holds, -1 for nothing."""
        return int(self.read("agent_inv")[0, 0])


def type_id(name: str) -> int:
    """The number of an object type of the test's rules."""
    return object_to_idx(name, scope="test_gridworld")


@pytest.mark.parametrize(
    ("move", "direction", "place"),
    [("MoveUp", UP, (0, 1)), ("MoveDown", DOWN, (2, 1)), ("MoveLeft", LEFT, (1, 0)), ("MoveRight", RIGHT, (1, 2))],
)
def test_a_cardinal_move_turns_the_agent_and_takes_it_one_cell_that_way(
    backend: str, move: str, direction: int, place: tuple[int, int]
) -> None:
    player = Player(backend, OPEN_FIELD).do(move)

    assert (player.place, player.direction) == (place, direction)


@pytest.mark.parametrize(
    ("move", "direction"), [("MoveUp", UP), ("MoveDown", DOWN), ("MoveLeft", LEFT), ("MoveRight", RIGHT)]
)
def test_a_wall_stops_the_move_and_not_the_turn(backend: str, move: str, direction: int) -> None:
    player = Player(backend, WALLED_CELL).do(move)

    assert (player.place, player.direction) == ((1, 1), direction)


@pytest.mark.parametrize(
    ("move", "direction", "place"),
    [("MoveUp", UP, (0, 1)), ("MoveDown", DOWN, (2, 1)), ("MoveLeft", LEFT, (1, 0)), ("MoveRight", RIGHT, (1, 2))],
)
def test_nobody_leaves_the_grid_where_no_wall_is_drawn(
    backend: str, move: str, direction: int, place: tuple[int, int]
) -> None:
    player = Player(backend, OPEN_FIELD).do(move, move, move)

    assert (player.place, player.direction) == (place, direction)


def test_rotate_right_goes_round_clockwise_on_the_spot(backend: str) -> None:
    player = Player(backend, OPEN_FIELD, "rotation")

    seen = [player.do("RotateRight").direction for _ in range(4)]

    assert seen == [DOWN, LEFT, UP, RIGHT]
    assert player.place == (1, 1)


def test_rotate_left_goes_round_counterclockwise_on_the_spot(backend: str) -> None:
    player = Player(backend, OPEN_FIELD, "rotation")

    seen = [player.do("RotateLeft").direction for _ in range(4)]

    assert seen == [UP, LEFT, DOWN, RIGHT]
    assert player.place == (1, 1)


def test_forward_goes_where_the_agent_looks_and_does_not_turn_it(backend: str) -> None:
    player = Player(backend, OPEN_FIELD, "rotation")

    assert (player.do("Forward").place, player.direction) == ((1, 2), RIGHT)
    assert (player.do("RotateLeft", "Forward").place, player.direction) == ((0, 2), UP)


def test_forward_against_a_wall_or_off_the_grid_changes_nothing(backend: str) -> None:
    walled = Player(backend, WALLED_CELL, "rotation").do("Forward")
    at_edge = Player(backend, OPEN_FIELD, "rotation").do("Forward", "Forward", "Forward")

    assert (walled.place, walled.direction) == ((1, 1), RIGHT)
    assert (at_edge.place, at_edge.direction) == ((1, 2), RIGHT)


@pytest.mark.parametrize("action_set", ["cardinal", "rotation"])
def test_noop_changes_the_time_and_nothing_else(backend: str, action_set: str) -> None:
    player = Player(backend, TWO_ROOMS, action_set)
    before = {
        name: player.read(name)
        for name in ("agent_pos", "agent_dir", "agent_inv", "object_type_map", "object_state_map")
    }

    player.do("Noop", "Noop")

    assert player.read("time") == 2
    for name, values in before.items():
        np.testing.assert_array_equal(player.read(name), values, err_msg=name)


def test_an_item_in_front_is_picked_up_from_the_floor(backend: str) -> None:
    player = Player(backend, TWO_ROOMS).do("MoveRight", "PickupDrop")

    assert player.held == type_id("ball")
    assert player.read("object_type_map")[1, 3] == 0


def test_picking_up_from_bare_floor_a_wall_or_off_the_grid_does_nothing(backend: str) -> None:
    on_floor = Player(backend, TWO_ROOMS).do("PickupDrop")
    at_wall = Player(backend, WALLED_CELL).do("PickupDrop")
    off_grid = Player(backend, OPEN_FIELD).do("MoveRight", "MoveRight", "PickupDrop")

    assert [on_floor.held, at_wall.held, off_grid.held] == [-1, -1, -1]


def test_full_hands_pick_nothing_up(backend: str) -> None:
    player = Player(backend, TWO_ROOMS).do("MoveRight", "PickupDrop", "MoveDown", "MoveLeft", "MoveDown", "PickupDrop")

    assert player.direction == DOWN
    assert player.held == type_id("ball")
    assert player.read("object_type_map")[3, 1] == type_id("cube")


def test_an_item_is_dropped_on_free_floor_and_bars_the_way_until_it_is_picked_up(backend: str) -> None:
    player = Player(backend, TWO_ROOMS).do("MoveRight", "PickupDrop", "PickupDrop")
    assert player.held == -1
    assert player.read("object_type_map")[1, 3] == type_id("ball")
    assert player.do("MoveRight").place == (1, 2)

    player.do("PickupDrop", "MoveRight")

    assert player.held == type_id("ball")
    assert player.place == (1, 3)


def test_nothing_is_dropped_into_a_wall_onto_another_item_or_off_the_grid(backend: str) -> None:
    at_wall = Player(backend, TWO_ROOMS).do("MoveRight", "PickupDrop", "MoveUp", "PickupDrop")
    field = Player(backend, "b\n+")
    off_grid = field.do("MoveUp", "PickupDrop", "MoveDown", "PickupDrop")

    assert at_wall.held == type_id("ball")
    assert off_grid.held == type_id("ball")
    assert off_grid.read("object_type_map").tolist() == [[0], [0]]


def test_nothing_is_dropped_into_a_cell_where_another_agent_stands(backend: str) -> None:
    layout = """
#####
#b12#
#####
"""
    player = Player(backend, layout, num_agents=2).do("MoveLeft", "PickupDrop", "MoveRight", "PickupDrop")

    assert (player.place, player.direction) == ((1, 2), RIGHT)
    assert player.held == type_id("ball")
    assert not player.read("object_type_map")[1, 1:4].any()


def test_a_closed_door_bars_the_way_and_an_open_one_does_not(backend: str) -> None:
    player = Player(backend, TWO_ROOMS).do("MoveDown", "MoveRight", "MoveRight", "MoveRight")
    assert player.place == (2, 3)

    player.do("Toggle")
    assert player.read("object_state_map")[2, 4] == 1

    assert player.do("MoveRight", "MoveRight").place == (2, 5)


def test_a_door_toggled_twice_is_closed_again(backend: str) -> None:
    player = Player(backend, TWO_ROOMS).do(
        "MoveDown", "MoveRight", "MoveRight", "MoveRight", "Toggle", "Toggle", "MoveRight"
    )

    assert player.read("object_state_map")[2, 4] == 0
    assert player.place == (2, 3)


def test_an_open_door_with_an_agent_in_it_cannot_be_toggled(backend: str) -> None:
    layout = """
#####
#1D2#
#####
"""
    player = Player(backend, layout, num_agents=2)

    player.do_all([("Toggle", "MoveLeft"), ("Noop", "MoveLeft"), ("Toggle", "Noop")])

    assert player.read("agent_pos").tolist() == [[1, 1], [1, 2]]
    assert player.read("object_state_map")[1, 2] == 1


def test_toggling_floor_a_wall_or_an_item_does_nothing(backend: str) -> None:
    player = Player(backend, TWO_ROOMS)
    before = player.read("object_type_map"), player.read("object_state_map")

    player.do("Toggle", "MoveUp", "Toggle", "MoveRight", "MoveRight", "Toggle")

    np.testing.assert_array_equal(player.read("object_type_map"), before[0])
    np.testing.assert_array_equal(player.read("object_state_map"), before[1])


@pytest.mark.parametrize(
    ("action_set", "names"),
    [
        (
            "cardinal",
            [
                *("MoveRight", "PickupDrop", "MoveDown", "MoveRight", "MoveRight", "Toggle"),
                *("MoveRight", "MoveRight", "MoveDown", "PickupDrop", "MoveUp", "PickupDrop"),
            ],
        ),
        (
            "rotation",
            [
                *("Forward", "PickupDrop", "RotateRight", "Forward", "RotateLeft", "Forward", "Toggle"),
                *("Forward", "Forward", "RotateRight", "Forward", "RotateLeft", "RotateLeft", "PickupDrop"),
            ],
        ),
    ],
)
def test_a_ball_is_carried_through_a_door_into_the_other_room(backend: str, action_set: str, names: list[str]) -> None:
    player = Player(backend, TWO_ROOMS, action_set).do(*names)

    types = player.read("object_type_map")
    assert types[1, 3] == 0
    assert types[:, 5].tolist().count(type_id("ball")) == 1
    assert player.held == -1
    assert player.read("object_state_map")[2, 4] == 1


def test_every_step_of_a_sequence_is_what_the_rules_say(backend: str) -> None:
    player = Player(backend, TWO_ROOMS)
    told = [
        ("MoveDown", (2, 1), DOWN, None),
        ("MoveDown", (2, 1), DOWN, None),
        ("PickupDrop", (2, 1), DOWN, "cube"),
        ("MoveDown", (3, 1), DOWN, "cube"),
        ("MoveRight", (3, 2), RIGHT, "cube"),
        ("PickupDrop", (3, 2), RIGHT, None),
        ("MoveRight", (3, 2), RIGHT, None),
        ("MoveUp", (2, 2), UP, None),
        ("MoveRight", (2, 3), RIGHT, None),
        ("MoveRight", (2, 3), RIGHT, None),
        ("Toggle", (2, 3), RIGHT, None),
        ("MoveRight", (2, 4), RIGHT, None),
        ("MoveRight", (2, 5), RIGHT, None),
        ("MoveLeft", (2, 4), LEFT, None),
        ("MoveLeft", (2, 3), LEFT, None),
        ("MoveUp", (2, 3), UP, None),
        ("PickupDrop", (2, 3), UP, "ball"),
    ]

    for name, place, direction, held in told:
        player.do(name)
        assert (player.place, player.direction) == (place, direction), name
        assert player.held == (-1 if held is None else type_id(held)), name

    assert player.read("object_type_map")[3, 3] == type_id("cube")
    assert player.read("time") == len(told)


def test_an_agent_that_stays_bars_the_way_of_another(backend: str) -> None:
    player = Player(backend, CORRIDOR_OF_TWO, num_agents=2)

    player.do_all([("MoveRight", "Noop"), ("MoveRight", "Noop")])

    assert player.read("agent_pos").tolist() == [[1, 2], [1, 3]]


def test_two_agents_face_to_face_never_swap(backend: str) -> None:
    player = Player(backend, CORRIDOR_OF_TWO, num_agents=2)

    player.do_all([("MoveRight", "Noop"), *[("MoveRight", "MoveLeft")] * 4])

    assert player.read("agent_pos").tolist() == [[1, 2], [1, 3]]
    assert player.read("agent_dir").tolist() == [RIGHT, LEFT]


def test_observations_and_rewards_of_every_step_are_of_the_declared_kind(backend: str) -> None:
    env = Player(backend, TWO_ROOMS).env
    seen, infos = env.reset(seed=1)
    assert infos == {"agent_0": {}}

    for action in range(7):
        observed, rewards, terminations, truncations, infos = env.step({"agent_0": action})
        assert env.observation_space("agent_0").contains(observed["agent_0"])
        assert rewards == {"agent_0": 0}
        assert type(rewards["agent_0"]) is np.float32
        assert (terminations, truncations) == ({"agent_0": False}, {"agent_0": False})
        assert infos == {"agent_0": {"events": ()}}
    assert seen["agent_0"].dtype == env.observation_space("agent_0").dtype


def test_the_observation_tells_where_the_agent_is_and_what_it_holds(backend: str) -> None:
    env = Player(backend, TWO_ROOMS).env

    moved = env.step({"agent_0": 3})[0]["agent_0"]
    holding = env.step({"agent_0": 4})[0]["agent_0"]

    assert moved.tolist() == [1, 2, 0]
    assert holding.tolist() == [1, 2, type_id("ball") + 1]


def test_max_steps_truncates_the_episode_and_empties_the_agents(backend: str) -> None:
    env = Player(backend, CORRIDOR_OF_TWO, num_agents=2, max_steps=3).env
    noops = {"agent_0": 6, "agent_1": 6}

    for _ in range(2):
        *_, truncations, _ = env.step(noops)
        assert truncations == {"agent_0": False, "agent_1": False}
    _, _, terminations, truncations, _ = env.step(noops)

    assert terminations == {"agent_0": False, "agent_1": False}
    assert truncations == {"agent_0": True, "agent_1": True}
    assert env.agents == []
    assert env.reset(seed=0)[0].keys() == {"agent_0", "agent_1"}
    assert env.agents == env.possible_agents


def test_without_max_steps_the_clock_never_ends_the_episode(backend: str) -> None:
    player = Player(backend, WALLED_CELL, max_steps=None).do(*["Noop"] * 50)

    assert player.env.agents == ["agent_0"]
    assert not player.read("truncated").any()


def test_random_play_keeps_agents_apart_and_on_the_floor(backend: str) -> None:
    player = Player(backend, TWO_ROOMS, num_agents=6)
    random = np.random.default_rng(7)
    visited = set()

    for _ in range(150):
        player.env.step({agent: int(random.integers(7)) for agent in player.env.agents})
        places = [tuple(place) for place in player.read("agent_pos").tolist()]
        assert len(set(places)) == 6
        types, states = player.read("object_type_map"), player.read("object_state_map")
        for place in places:
            assert types[place] == 0 or (types[place] == type_id("door") and states[place] == 1)
        visited |= set(places)

    assert len(visited) > 6
