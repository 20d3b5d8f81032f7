"""What the codes say, worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import cogrid
from cogrid import Agent, GridObject, Outcome, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.feature_space.feature import get_feature
from cogrid.feature_space.local_view import local_view


def type_id(name: str) -> int:
    return object_to_idx(name, scope="overcooked")


def codes_of(env: CoGridEnv, state: Any) -> dict[str, np.ndarray]:
    """The codes by channel, `[A, H, W]` each."""
    feature = get_feature("symbolic")
    return dict(zip(feature.channels(env.tables), np.moveaxis(feature(state), -1, 0), strict=True))


def test_each_channel_says_what_its_name_says() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0")
    onion = type_id("onion")
    state = env.state_from_arrays(
        agent_pos=[[2, 2], [3, 4]], agent_dir=[1, 3], agent_inv=[[onion], [-1]], pot_contents=[[onion, onion, -1]]
    )

    codes = codes_of(env, state)

    assert list(codes) == ["object_type", "object_state", "agent", "direction", "held"]
    np.testing.assert_array_equal(codes["object_type"], [state.object_type_map] * 2)
    np.testing.assert_array_equal(codes["object_state"], [state.object_state_map] * 2)
    assert codes["object_state"][0, 1, 3] == 2 + 2 * 30
    for viewer, (first, second) in enumerate([(1, 2), (2, 1)]):
        agents = np.zeros((6, 7))
        agents[2, 2], agents[3, 4] = first, second
        np.testing.assert_array_equal(codes["agent"][viewer], agents)
    directions = np.zeros((6, 7))
    directions[2, 2], directions[3, 4] = 2, 4
    np.testing.assert_array_equal(codes["direction"], [directions] * 2)
    held = np.zeros((6, 7))
    held[2, 2] = onion
    np.testing.assert_array_equal(codes["held"], [held] * 2)


def test_an_item_on_the_floor_is_what_stands_there() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0")
    types = np.array(env.state_from_arrays().object_type_map)
    types[3, 3] = type_id("plate")

    codes = codes_of(env, env.state_from_arrays(object_type_map=types, agent_pos=[[2, 2], [2, 4]]))

    assert codes["object_type"][0, 3, 3] == type_id("plate")


def test_in_a_turned_view_the_own_direction_is_up_and_the_others_follow() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0")
    for direction in range(4):
        state = env.state_from_arrays(agent_pos=[[3, 3], [2, 3]], agent_dir=[direction, (direction + 1) % 4])

        seen = local_view(1, "symbolic", rotate=True)(state)

        assert seen[0, 1, 1, 2:4].tolist() == [1, 4]
        ((row, column),) = np.argwhere(seen[0, ..., 2] == 2).tolist()
        assert seen[0, row, column, 3] == 1  # A quarter turn clockwise from up is right.
        assert (row, column) == [(1, 0), (2, 1), (1, 2), (0, 1)][direction]


@dataclass(frozen=True)
class Locker(GridObject, symbol="L"):
    """Makes a medic of whoever opens it, and ends the episode of a medic."""

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(self, replace(agent, role="medic"), ends=agent.role == "medic")


def test_agents_of_different_kinds_have_a_channel_for_that_and_the_terminated_are_told() -> None:
    rules = Rules(name="test_symbolic", objects=(Locker,), start_direction=0)
    env = CoGridEnv({"rules": rules, "layout": ["+L", "+ "], "features": ["symbolic"]})
    toggle, noop = 5, 6
    seen, _ = env.reset(seed=0)
    kinds = [seen["agent_1"][0, 0, 5]]
    for _ in range(2):
        seen, *_ = env.step({"agent_0": toggle, "agent_1": noop})
        kinds.append(seen["agent_1"][0, 0, 5])

    assert env.observation_channels[5:] == ("agent_kind",)
    assert kinds == [1, 2, 2]
    assert seen["agent_1"][..., 2].tolist() == [[4, 0], [1, 0]]
    assert seen["agent_0"][..., 2].tolist() == [[3, 0], [2, 0]]
