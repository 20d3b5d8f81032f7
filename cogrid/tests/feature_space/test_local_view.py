"""A view is the part of the grid around an agent: cut out by hand, it is the same, however the agent is turned."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.feature import ArrayFeature, Feature, get_feature
from cogrid.feature_space.local_view import LocalView, local_view
from cogrid.feature_space.object_planes import ObjectPlanes
from cogrid.tests.engines import play_everywhere
from cogrid.tests.states import assert_same_bits, stack_states

KITCHEN = "Overcooked-CoordinationRing-V0"
OPEN_FIELD = ["UC  ", "O  @", "    ", " =  "]
"""No wall around: a view from the edge looks off the grid."""

TURNS = {"up": 0, "right": 1, "down": 2, "left": 3}
"""Quarter turns against the clock that bring what is ahead to the top."""


def make(layout: Any = OPEN_FIELD, **settings: Any) -> CoGridEnv:
    return cogrid.make(KITCHEN, layout=layout, **settings)


def episode(env: CoGridEnv, n_steps: int = 60) -> list[EnvState]:
    env.reset(seed=3)
    states = []
    for joint in np.random.default_rng(1).integers(0, 7, (n_steps, env.tables.n_agents)).tolist():
        env.step(dict(zip(env.agents, joint, strict=True)))
        states.append(env.get_state())
    return states


def planes_of(env: CoGridEnv, view: np.ndarray) -> dict[str, np.ndarray]:
    """A view of the object planes, plane by plane."""
    return dict(zip(LocalView().channels(env.tables), np.moveaxis(view, -1, 0), strict=True))


def cut_out(whole: np.ndarray, place: tuple[int, int], direction: int, radius: int, rotate: bool) -> np.ndarray:
    """The view from a place, by hand: pad with a frame that is off the grid, cut, turn."""
    marked = np.concatenate([whole, np.zeros((*whole.shape[:2], 1), dtype=whole.dtype)], axis=-1)
    padded = np.pad(marked, ((radius, radius), (radius, radius), (0, 0)))
    inside = np.zeros(padded.shape[:2], dtype=bool)
    inside[radius:-radius, radius:-radius] = True
    padded[~inside, -1] = 1
    row, column = place
    cut = padded[row : row + 2 * radius + 1, column : column + 2 * radius + 1]
    return np.rot90(cut, TURNS[DIRECTION_NAMES[direction]]) if rotate else cut


def turned_by_hand(view: np.ndarray, channels: tuple[str, ...], direction: int) -> np.ndarray:
    """The view with planes of directions as the agent sees them: clockwise neighbours stay clockwise neighbours."""
    clockwise = ["up", "right", "down", "left"]
    shift = clockwise.index(DIRECTION_NAMES[direction])
    turned = view.copy()
    for stem in ("self_facing_", "other_facing_"):
        for idx, name in enumerate(clockwise):
            turned[..., channels.index(stem + clockwise[idx - shift])] = view[..., channels.index(stem + name)]
    return turned


@pytest.mark.parametrize("rotate", [False, True])
@pytest.mark.parametrize("radius", [1, 2, 4])
@pytest.mark.parametrize("layout", [OPEN_FIELD, "CrampedRoom"])
def test_a_view_of_the_planes_is_cut_out_of_them(layout: Any, radius: int, rotate: bool) -> None:
    env, view = make(layout, num_agents=3), local_view(radius, rotate=rotate)
    channels = view.channels(env.tables)
    states = episode(env)
    for state in states:
        seen, whole = view(state), get_feature("object_planes")(state)
        for idx, (place, direction) in enumerate(zip(state.agent_pos.tolist(), state.agent_dir.tolist(), strict=True)):
            wanted = cut_out(whole[idx], place, direction, radius, rotate)
            assert_same_bits(seen[idx], turned_by_hand(wanted, channels, direction) if rotate else wanted)

    assert {direction for state in states for direction in state.agent_dir.tolist()} == {0, 1, 2, 3}


@pytest.mark.parametrize("rotate", [False, True])
def test_a_view_of_planes_that_come_column_by_column_is_row_by_row(rotate: bool) -> None:
    view = local_view(1, "overcooked_ai_planes", rotate)
    env = cogrid.make("OvercookedAI-CrampedRoom-V0", features=[view])
    channels = view.channels(env.tables)
    joint_actions = np.random.default_rng(1).integers(0, 6, (60, 2)).tolist()

    for seen, state in [(env.reset(seed=3)[0], env.get_state())] + [
        (env.step(dict(zip(env.agents, joint, strict=True)))[0], env.get_state()) for joint in joint_actions
    ]:
        whole = np.swapaxes(get_feature("overcooked_ai_planes")(state), 1, 2)
        for idx, (place, direction) in enumerate(zip(state.agent_pos.tolist(), state.agent_dir.tolist(), strict=True)):
            wanted = cut_out(whole[idx], place, direction, 1, rotate)
            wanted = turned_by_hand(wanted, channels, direction) if rotate else wanted
            assert_same_bits(seen[f"agent_{idx}"], wanted)
            assert_same_bits(view(state)[idx], wanted)


@dataclasses.dataclass(frozen=True)
class PlainPlanes(Feature):
    """The object planes, as a feature that is nothing but an array function."""

    def __call__(self, state: EnvState) -> Any:
        return get_feature("object_planes")(state)

    def bounds(self, tables: Tables) -> Any:
        return get_feature("object_planes").bounds(tables)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        return get_feature("object_planes").channels(tables)


@pytest.mark.parametrize("rotate", [False, True])
def test_any_array_feature_is_shown_as_a_feature_of_rows_is(rotate: bool) -> None:
    states = stack_states(episode(make()))

    assert_same_bits(local_view(2, PlainPlanes(), rotate)(states), local_view(2, "object_planes", rotate)(states))


class PlanesAndClock(ObjectPlanes):
    """The object planes, and one plane more."""

    def __call__(self, state: Any, agent_idx: int | None = None) -> Any:
        planes = super().__call__(state, agent_idx)
        clock = np.broadcast_to(state.time, (*planes.shape[:-1], 1)).astype(np.uint8)
        return np.concatenate([planes, clock], axis=-1)

    def bounds(self, tables: Tables) -> Any:
        low, high = super().bounds(tables)
        return np.insert(low, low.shape[-1], 0, axis=-1), np.insert(high, high.shape[-1], 255, axis=-1)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        return (*super().channels(tables), "clock")


@pytest.mark.parametrize("rotate", [False, True])
def test_a_subclass_of_the_planes_is_shown_with_what_it_adds(rotate: bool) -> None:
    env = make(features=[local_view(2, PlanesAndClock(), rotate)])
    state = episode(env)[-1]

    seen, planes = env.observation(state), local_view(2, "object_planes", rotate)(state)

    assert_same_bits(np.delete(seen, -2, axis=-1), planes)
    assert_same_bits(seen[..., -2], 60 * (1 - seen[..., -1]))


@pytest.mark.parametrize("direction", range(4))
def test_what_is_ahead_is_above_the_middle_of_a_turned_view(direction: int) -> None:
    layout = [" U ", "O+=", " @ "]
    ahead = ("plate_stack", "delivery_zone", "onion_stack", "pot")
    env = make(layout, num_agents=1)
    state = env.state_from_arrays(agent_dir=[direction])

    view = planes_of(env, LocalView(1, rotate=True)(state)[0])

    clockwise = [ahead[(direction + turn) % 4] for turn in range(4)]
    for name, place in zip(clockwise, [(0, 1), (1, 2), (2, 1), (1, 0)], strict=True):
        assert [tuple(found) for found in np.argwhere(view[name])] == [place]
    assert view["self_facing_up"][1, 1] == 1


def test_the_others_directions_are_told_as_the_agent_sees_them() -> None:
    env = make(["    "], num_agents=2)
    state = env.state_from_arrays(agent_pos=[[0, 1], [0, 3]], agent_dir=[0, 2])

    view = planes_of(env, LocalView(2, rotate=True)(state)[0])

    assert view["other_facing_down"][0, 2] == 1
    assert view["other_facing_down"].sum() == sum(view[f"other_facing_{name}"].sum() for name in DIRECTION_NAMES)


def test_all_that_is_off_the_grid_is_zero_but_for_its_own_channel() -> None:
    env = make(num_agents=1)
    state = env.state_from_arrays(agent_pos=[[3, 3]])

    seen = LocalView(2)(state)[0]

    outside = np.zeros((5, 5), dtype=np.uint8)
    outside[3:] = outside[:, 3:] = 1
    assert_same_bits(seen[..., -1], outside)
    assert not seen[outside == 1][:, :-1].any()


@pytest.mark.parametrize("name", ["local_view_1", "ego_view_2", "symbolic"])
def test_every_engine_shows_the_same_view(name: str) -> None:
    config = dataclasses.replace(make(num_agents=3).config, features=[name])
    actions = np.random.default_rng(0).integers(0, 7, (40, 3)).tolist()

    shown = play_everywhere(config, actions, seed=1, with_jax=name == "ego_view_2").observations

    assert len({view.tobytes() for view in shown}) > 5


def test_a_view_is_one_feature_among_others() -> None:
    features = [local_view(1, "symbolic", rotate=True), "agent_dir"]
    config = dataclasses.replace(make().config, features=features)
    actions = np.random.default_rng(0).integers(0, 7, (20, 2)).tolist()

    shown = play_everywhere(config, actions, with_jax=False).observations

    assert shown[0].shape == (2, 3 * 3 * 6 + 4)


@pytest.mark.parametrize("feature", [local_view(2), local_view(1, "symbolic", True), get_feature("symbolic")])
def test_what_is_seen_is_in_the_space(feature: Feature) -> None:
    env = make(features=[feature], num_agents=3)
    space = env.observation_space("agent_0")

    seen = [view for state in episode(env) for view in env.observation(state)]

    assert all(space.contains(view) for view in seen)
    assert len(env.observation_channels) == seen[0].shape[-1]


def test_a_batch_writes_its_views_into_one_array() -> None:
    fresh, reused = (cogrid.make_vec(KITCHEN, 3, "numpy", copy=copy, features=["ego_view_2"]) for copy in (True, False))
    assert_same_bits(reused.reset(seed=0)[0], fresh.reset(seed=0)[0])
    for joint in np.random.default_rng(0).integers(0, 7, (10, 3, 2)):
        assert_same_bits(reused.step(joint)[0], fresh.step(joint)[0])


def test_registered_views_are_those_of_their_names() -> None:
    for radius in (1, 2, 3):
        assert get_feature(f"local_view_{radius}") == local_view(radius)
        assert get_feature(f"ego_view_{radius}") == local_view(radius, rotate=True)
    assert hash(local_view(2)) == hash(LocalView(2, get_feature("object_planes")))


def test_bad_views_are_refused() -> None:
    for radius in (0, -1, True, 1.5):
        with pytest.raises(ConfigError, match="an integer of at least 1"):
            local_view(radius)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="Did you mean 'object_planes'"):
        local_view(1, "object_plane")
    with pytest.raises(ConfigError, match="a registered feature or a Feature"):
        local_view(1, 3)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match=r"a place for each cell, \(4, 4, C\)"):
        make(features=[local_view(1, "agent_dir")])
    with pytest.raises(ConfigError, match="a place for each cell"):
        make(features=[local_view(1, ArrayFeature(lambda state: state.agent_pos, (2,)))])
