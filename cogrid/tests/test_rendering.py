"""Pictures of a world, as text and as an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Item, Outcome, Rules, make
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.envs.kitchen.objects import ONION, PLATE
from cogrid.envs.overcooked.objects import ITEMS, Pot
from cogrid.errors import ConfigError, StateError
from cogrid.rendering import Tile, render_ansi, render_rgb
from cogrid.tests.engines import needs_jax

TILE = 32
COIN = Item("coin", symbol="c", color=(230, 190, 20))
TOKEN = Item("token", color=(20, 200, 230))

CRAMPED_ROOM = """
#######
#CCUCC#
#O   O#
#C   C#
#C=C@C#
#######
"""


@dataclass(frozen=True)
class Gate(GridObject, symbol="G", color=(120, 40, 160)):
    """Opens and closes."""

    is_open: bool = False

    def passable(self) -> bool:
        return self.is_open

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(replace(self, is_open=not self.is_open), agent)


@dataclass(frozen=True)
class Safe(GridObject, symbol="S", color=(30, 30, 30)):
    """Holds one item."""

    inside: Item | None = None

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if self.inside is None and agent.held is not None:
            return Outcome(Safe(agent.held), agent.empty_handed())
        return None

    def object_state(self) -> Item | None:
        return self.inside


def type_id(item: Item | None) -> int:
    return -1 if item is None else object_to_idx(item, scope="overcooked")


def kitchen(**overrides: Any) -> CoGridEnv:
    env = make("Overcooked-CrampedRoom-V0", layout=CRAMPED_ROOM, **overrides)
    env.reset(seed=0)
    return env


def kitchen_state(
    held: tuple[Item | None, Item | None] = (None, None), directions: tuple[int, int] = (0, 1), **arrays: Any
) -> EnvState:
    """A cramped room with agent_0 at (2, 2) and agent_1 at (3, 4)."""
    return kitchen().state_from_arrays(
        agent_pos=np.array([[2, 2], [3, 4]]),
        agent_dir=np.array(directions),
        agent_inv=np.array([[type_id(item)] for item in held]),
        **arrays,
    )


def small_world(drawing: Sequence[str], pictures: dict[Any, Any] | None = None, num_agents: int = 1) -> CoGridEnv:
    rules = Rules(name="rendering", objects=(Gate, Safe), items=(COIN, TOKEN), pictures=pictures or {})
    env = CoGridEnv(EnvConfig(rules=rules, layout=drawing, num_agents=num_agents))
    env.reset(seed=0)
    return env


def tile_at(image: np.ndarray, row: int, column: int, size: int = TILE) -> np.ndarray:
    return image[row * size : (row + 1) * size, column * size : (column + 1) * size]


def test_the_text_begins_with_the_layout_and_the_agents_are_arrows() -> None:
    lines = render_ansi(kitchen_state(directions=(2, 3))).splitlines()

    assert lines[:6] == ["#######", "#CCUCC#", "#O<  O#", "#C  ^C#", "#C=C@C#", "#######"]


@pytest.mark.parametrize(
    ("direction", "arrow", "name"), [(0, ">", "right"), (1, "v", "down"), (2, "<", "left"), (3, "^", "up")]
)
def test_the_text_says_of_each_agent_where_it_is_and_what_it_holds(direction: int, arrow: str, name: str) -> None:
    text = render_ansi(kitchen_state(held=(ONION, None), directions=(direction, 0)))

    assert f"agent_0 {arrow} at (2, 2) facing {name}, holds onion" in text.splitlines()
    assert "agent_1 > at (3, 4) facing right, holds nothing" in text.splitlines()


def test_the_text_says_what_is_on_counters_in_pots_and_on_the_floor() -> None:
    state = kitchen_state()
    types, states = state.object_type_map.copy(), state.object_state_map.copy()
    states[1, 1] = type_id(PLATE)
    types[2, 3] = type_id(ONION)
    contents = np.array([[type_id(ONION), type_id(ONION), -1]])
    lines = render_ansi(
        kitchen_state(object_type_map=types, object_state_map=states, pot_contents=contents)
    ).splitlines()

    assert lines[2] == "#O>o O#"
    assert "counter at (1, 1): on plate" in lines
    assert "floor at (2, 3): on onion" in lines
    assert "pot at (1, 3): contents onion onion, timer 30" in lines


def test_the_text_says_nothing_of_objects_that_are_as_they_started() -> None:
    lines = render_ansi(kitchen_state()).splitlines()

    assert lines[6:] == [
        "agent_0 > at (2, 2) facing right, holds nothing",
        "agent_1 v at (3, 4) facing down, holds nothing",
        "time 0",
    ]


def test_an_item_without_a_character_is_a_question_mark() -> None:
    env = make("Overcooked-CrampedRoom-V0", layout="#####\n#+o #\n#####", num_agents=1)
    env.reset(seed=0)
    types = env.get_state().object_type_map.copy()
    types[1, 2] = object_to_idx("onion_soup", scope="overcooked")

    assert render_ansi(env.state_from_arrays(object_type_map=types)).splitlines()[1][2] == "?"


@pytest.mark.parametrize("tile_size", [1, 8, 32, 50])
def test_the_image_has_a_tile_for_each_cell(tile_size: int) -> None:
    image = render_rgb(kitchen_state(), tile_size)

    assert image.shape == (6 * tile_size, 7 * tile_size, 3)
    assert image.dtype == np.uint8


def test_rendering_returns_a_fresh_image_each_time() -> None:
    state = kitchen_state()
    image = render_rgb(state)
    before = image.copy()
    image[:] = 0

    np.testing.assert_array_equal(render_rgb(state), before)


@pytest.mark.parametrize("tile_size", [0, -3, 2.5, True])
def test_a_tile_size_that_is_no_number_of_pixels_is_refused(tile_size: Any) -> None:
    with pytest.raises(ConfigError, match="tile_size is a number of pixels"):
        render_rgb(kitchen_state(), tile_size)


def test_a_batch_of_states_is_refused() -> None:
    state = kitchen_state()
    batch = state.map_arrays(lambda array: np.stack([array] * 3))

    with pytest.raises(StateError, match="batch"):
        render_rgb(batch)


def test_every_direction_index_and_item_in_hand_looks_different() -> None:
    looks = [
        tile_at(render_rgb(kitchen_state(held=(item, None), directions=(direction, 0))), 2, 2).tobytes()
        for direction in range(4)
        for item in (None, *ITEMS)
    ]
    swapped = kitchen().state_from_arrays(agent_pos=np.array([[3, 4], [2, 2]]), agent_dir=np.array([0, 0]))
    looks.append(tile_at(render_rgb(swapped), 2, 2).tobytes())

    assert len(set(looks)) == len(looks)


def test_every_item_on_a_counter_looks_different() -> None:
    looks = set()
    for item in (None, *ITEMS):
        states = kitchen_state().object_state_map.copy()
        states[1, 1] = 0 if item is None else type_id(item)
        looks.add(tile_at(render_rgb(kitchen_state(object_state_map=states)), 1, 1).tobytes())

    assert len(looks) == 1 + len(ITEMS)


def test_every_pot_looks_different_but_for_the_order_of_its_contents() -> None:
    looks = {}
    for pot in Pot().examples():
        contents = np.array([[-1 if item is None else type_id(item) for item in pot.pot_contents()]])
        state = kitchen_state(pot_contents=contents, pot_timer=np.array([pot.timer]))
        is_mixed_and_ready = pot.is_ready() and len(set(pot.contents)) > 1
        if not is_mixed_and_ready:
            looks[pot] = tile_at(render_rgb(state), 1, 3).tobytes()

    assert len(set(looks.values())) == len(looks)


def test_objects_of_different_kinds_look_different() -> None:
    image = render_rgb(kitchen_state())
    places = [(0, 0), (1, 1), (1, 3), (2, 1), (4, 2), (4, 4), (2, 3)]

    assert len({tile_at(image, *place).tobytes() for place in places}) == len(places)


def test_an_object_without_a_picture_shows_its_color_and_its_state() -> None:
    env = small_world(["+GS ", "GG  "])
    shut = render_rgb(env.get_state())
    states = env.get_state().object_state_map.copy()
    states[0, 1] = 1
    states[0, 2] = object_to_idx(COIN, scope="rendering")
    changed = render_rgb(env.state_from_arrays(object_state_map=states))

    assert (tile_at(shut, 0, 1) == Gate.color).all(axis=-1).any()
    assert (tile_at(changed, 0, 1) != tile_at(shut, 0, 1)).any()
    assert (tile_at(changed, 0, 2) == COIN.color).all(axis=-1).any()
    np.testing.assert_array_equal(tile_at(changed, 1, 0), tile_at(shut, 1, 0))


def test_an_item_without_a_picture_is_a_disc_of_its_color() -> None:
    image = render_rgb(small_world(["+c  "]).get_state())

    assert (tile_at(image, 0, 1)[TILE // 2, TILE // 2] == COIN.color).all()


def test_a_rule_set_brings_its_own_pictures() -> None:
    def draw_gate(tile: Tile, gate: Gate) -> None:
        tile.rectangle(0, 0, 1, 1, (1, 2, 3))
        tile.draw(TOKEN, 0.5, 0.5, 0.5)

    def draw_token(tile: Tile, token: Item) -> None:
        tile.rectangle(0, 0, 1, 1, (7, 8, 9))

    image = render_rgb(small_world(["+G"], pictures={Gate: draw_gate, TOKEN: draw_token}).get_state())

    assert (tile_at(image, 0, 1)[2, 2] == (1, 2, 3)).all()
    assert (tile_at(image, 0, 1)[TILE // 2, TILE // 2] == (7, 8, 9)).all()


def test_rule_sets_that_differ_in_pictures_alone_are_drawn_each_with_its_own() -> None:
    def paint(color: tuple[int, int, int]) -> Any:
        return lambda tile, gate: tile.rectangle(0, 0, 1, 1, color)

    worlds = [small_world(["+G"], pictures={Gate: paint(color)}) for color in ((200, 0, 0), (0, 200, 0))]
    centres = [tile_at(render_rgb(world.get_state()), 0, 1)[5, 5].tolist() for world in worlds]

    assert centres == [[200, 0, 0], [0, 200, 0]]


def test_a_picture_of_a_class_serves_its_subclasses_too() -> None:
    class SmallGate(Gate, symbol="g"):
        """A gate of another name."""

    rules = Rules(
        name="rendering_subclass",
        objects=(SmallGate,),
        pictures={Gate: lambda tile, gate: tile.rectangle(0, 0, 1, 1, (9, 9, 9))},
    )
    env = CoGridEnv(EnvConfig(rules=rules, layout=["+g"], num_agents=1))
    env.reset(seed=0)

    assert (tile_at(render_rgb(env.get_state()), 0, 1) == 9).all()


def test_a_tile_draws_in_coordinates_from_0_to_1_whatever_its_size() -> None:
    def draw_gate(tile: Tile, gate: Gate) -> None:
        tile.rectangle(0, 0, 1, 1, (0, 0, 0))
        tile.inset(0.75, 0.25, 0.5).rectangle(0, 0, 1, 1, (255, 0, 0))
        tile.polygon([(0, 0.5), (0.5, 0.5), (0.5, 1), (0, 1)], (0, 255, 0))
        tile.disc(0.75, 0.75, 0.2, (0, 0, 255))

    state = small_world(["+G"], pictures={Gate: draw_gate}).get_state()
    for size in (16, 64):
        tile = tile_at(render_rgb(state, size), 0, 1, size)
        corners = [tile[size * row // 4, size * column // 4].tolist() for row in (1, 3) for column in (1, 3)]
        assert corners == [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]


@pytest.mark.parametrize("render_mode", ["ansi", "rgb_array"])
def test_render_draws_the_state_as_it_is_now(render_mode: str) -> None:
    env = kitchen(render_mode=render_mode)
    env.set_state(kitchen_state(held=(ONION, PLATE)))
    drawn = env.render()
    expected = render_ansi(env.get_state()) if render_mode == "ansi" else render_rgb(env.get_state())

    assert type(drawn) is type(expected)
    assert np.array_equal(np.asarray(drawn), np.asarray(expected))


@needs_jax
@pytest.mark.parametrize("render_mode", ["ansi", "rgb_array"])
def test_both_backends_draw_the_same(render_mode: str) -> None:
    drawn = []
    for backend in ("numpy", "jax"):
        env = kitchen(backend=backend, render_mode=render_mode)
        drawn.append(np.asarray(env.render()))

    assert drawn[0].size > 0
    np.testing.assert_array_equal(drawn[0], drawn[1])
