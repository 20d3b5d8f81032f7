"""What the planes show, channel by channel, on states worked out by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx


@pytest.fixture
def env() -> CoGridEnv:
    return cogrid.make("Overcooked-CrampedRoom-V0", features=["object_planes"])


def planes_of(env: CoGridEnv, **arrays: object) -> list[dict[str, np.ndarray]]:
    """For each agent the planes by name, in the state that the arrays describe."""
    seen = env.observation(env.state_from_arrays(**arrays))
    return [dict(zip(env.observation_channels, np.moveaxis(view, -1, 0), strict=True)) for view in seen]


def cells_of(plane: np.ndarray) -> dict[tuple[int, int], int]:
    """The cells that are not zero, and their numbers."""
    return {(int(row), int(column)): int(plane[row, column]) for row, column in np.argwhere(plane)}


def test_each_agent_sees_itself_as_self_and_the_other_as_other(env: CoGridEnv) -> None:
    first, second = planes_of(env, agent_pos=[[2, 2], [3, 4]], agent_dir=[1, 3])

    assert cells_of(first["self"]) == cells_of(second["other"]) == {(2, 2): 1}
    assert cells_of(first["other"]) == cells_of(second["self"]) == {(3, 4): 1}
    assert cells_of(first["self_facing_down"]) == cells_of(second["other_facing_down"]) == {(2, 2): 1}
    assert cells_of(first["other_facing_up"]) == cells_of(second["self_facing_up"]) == {(3, 4): 1}
    assert not first["self_facing_up"].any()
    assert not first["terminated"].any()


def test_objects_have_a_plane_each_and_floor_has_none(env: CoGridEnv) -> None:
    planes, _ = planes_of(env, agent_pos=[[2, 2], [3, 4]])

    assert cells_of(planes["pot"]) == {(1, 3): 1}
    assert cells_of(planes["onion_stack"]) == {(2, 1): 1, (2, 5): 1}
    assert cells_of(planes["plate_stack"]) == {(4, 2): 1}
    assert cells_of(planes["delivery_zone"]) == {(4, 4): 1}
    assert planes["wall"].sum() == 22
    assert "floor" not in planes


def test_items_are_counted_wherever_they_are(env: CoGridEnv) -> None:
    onion, plate = object_to_idx("onion", scope="overcooked"), object_to_idx("plate", scope="overcooked")
    start = env.state_from_arrays()
    type_map, state_map = np.array(start.object_type_map), np.array(start.object_state_map)
    type_map[3, 2] = onion
    state_map[1, 1] = plate

    planes, _ = planes_of(
        env,
        agent_pos=[[2, 2], [3, 4]],
        agent_inv=[[onion], [-1]],
        object_type_map=type_map,
        object_state_map=state_map,
        pot_contents=[[onion, onion, -1]],
    )

    assert cells_of(planes["onion"]) == {(1, 3): 2, (2, 2): 1, (3, 2): 1}
    assert cells_of(planes["plate"]) == {(1, 1): 1}
    assert cells_of(planes["pot_timer"]) == {(1, 3): 30}


def test_a_terminated_agent_is_marked(env: CoGridEnv) -> None:
    planes, _ = planes_of(env, agent_pos=[[2, 2], [3, 4]], terminated=[False, True])

    assert cells_of(planes["terminated"]) == {(3, 4): 1}


@dataclasses.dataclass(frozen=True)
class Door(cogrid.GridObject, symbol="D"):
    """Opens and closes, and says nothing of its state."""

    is_open: bool = False

    def passable(self) -> bool:
        return self.is_open

    def toggle(self, agent: cogrid.Agent) -> cogrid.Outcome:
        return cogrid.Outcome(Door(not self.is_open), agent)


def door_world(**settings: object) -> CoGridEnv:
    rules = cogrid.Rules(name="doors", objects=(Door,), start_direction=0)
    return CoGridEnv({"rules": rules, "layout": ["+D "], "num_agents": 1, "features": ["object_planes"], **settings})


def test_the_state_of_an_object_that_says_nothing_is_shown_as_the_number_of_its_value() -> None:
    env = door_world()
    env.reset(seed=0)
    place = env.observation_channels.index("object_state")

    shut = env.observation(env.get_state())[0, :, :, place]
    opened = env.step({"agent_0": 5})[0]["agent_0"][:, :, place]

    assert shut.tolist() == [[0, 0, 0]]
    assert opened.tolist() == [[0, 1, 0]]


def test_an_agent_in_an_open_door_is_shown_with_the_door() -> None:
    env = door_world()
    env.reset(seed=0)
    for action in (5, 3):
        seen = env.step({"agent_0": action})[0]["agent_0"]
    shown = dict(zip(env.observation_channels, np.moveaxis(seen, -1, 0), strict=True))

    assert cells_of(shown["self"]) == cells_of(shown["door"]) == cells_of(shown["object_state"]) == {(0, 1): 1}
    np.testing.assert_array_equal(seen, env.observation(env.get_state())[0])


@dataclasses.dataclass(frozen=True)
class Deep(cogrid.GridObject):
    """Shows any number."""

    depth: int = 0

    def object_state(self) -> int:
        return self.depth


def deep_world(number: int) -> CoGridEnv:
    @dataclasses.dataclass(frozen=True)
    class Well(Deep, symbol="V"):
        depth: int = number

    rules = cogrid.Rules(name="deep", objects=(Well,))
    return CoGridEnv({"rules": rules, "layout": ["+V"], "num_agents": 1, "features": ["object_planes"]})


def test_a_number_that_no_byte_holds_has_a_second_plane() -> None:
    env = deep_world(3 * 256 + 7)
    seen = env.reset(seed=0)[0]["agent_0"]
    shown = dict(zip(env.observation_channels, np.moveaxis(seen, -1, 0), strict=True))

    assert cells_of(shown["object_state"]) == {(0, 1): 7}
    assert cells_of(shown["object_state_high"]) == {(0, 1): 3}


def test_a_number_below_0_has_a_plane_for_how_far() -> None:
    env = deep_world(-300)
    seen = env.reset(seed=0)[0]["agent_0"]
    shown = dict(zip(env.observation_channels, np.moveaxis(seen, -1, 0), strict=True))

    assert "object_state" not in shown
    assert cells_of(shown["object_state_below_0"]) == {(0, 1): 300 - 256}
    assert cells_of(shown["object_state_below_0_high"]) == {(0, 1): 1}
