"""Settings of rule sets, classes, items and layouts that are of another kind than they should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cogrid import Agent, EnvConfig, GridObject, Item, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.layout import Layout, register_layout
from cogrid.core.layout_set import LayoutSet
from cogrid.core.reward import ArrayReward
from cogrid.errors import ConfigError, LayoutError, RuleError

pytestmark = pytest.mark.usefixtures("type_checks_off")


class Post(GridObject, symbol="P"):
    """Stands."""


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("name", 5),
        ("name", ""),
        ("objects", Post),
        ("objects", 5),
        ("items", ["key"]),
        ("items", Item("key")),
        ("agents", Agent()),
        ("agents", ()),
        ("agents", ("medic",)),
        ("world_values", 5),
        ("world_values", "abc"),
        ("world_values", ([1], [2])),
        ("redraw_on", "delivery"),
        ("redraw_on", (5,)),
        ("world_arrays", 5),
        ("world_arrays", {"bid": 5}),
        ("guards", 5),
        ("guards", {"rang": True}),
        ("step_hook", 5),
        ("start_hook", "draw"),
        ("stages", 5),
        ("stages", ("tick", "move")),
        ("collisions", 5),
        ("items_on_floor", "no"),
        ("start_direction", 4),
        ("start_direction", "up"),
        ("start_direction", ()),
        ("start_in_room", 1),
        ("symbols", 5),
        ("symbols", {"zz": Post()}),
        ("symbols", {"z": Post}),
        ("pictures", {5: print}),
        ("pictures", {Post: 1}),
    ],
)
def test_a_setting_of_another_kind_is_refused_by_its_name(setting: str, value: Any) -> None:
    given: dict[str, Any] = {"name": "test_rule_settings", "objects": (Post,), setting: value}

    with pytest.raises(RuleError, match=rf"Rules .*: {setting} is .*, not "):
        Rules(**given)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"symbol": 5}, r"Gate: symbol is one character, or None, not 5"),
        ({"symbol": "GG"}, r"Gate: symbol is one character, or None, not 'GG'"),
        ({"name": 5}, r"Gate: name is a text that is not empty, not 5"),
        ({"color": "red"}, r"Gate: color is \(red, green, blue\), 0 to 255 each, not 'red'"),
        ({"color": (0, 0, 256)}, r"Gate: color is \(red, green, blue\)"),
        ({"color": (0, 0)}, r"Gate: color is \(red, green, blue\)"),
        ({"is_wall": "no"}, r"Gate: is_wall is True or False, not 'no'"),
        ({"colour": (1, 2, 3)}, r"Gate: there is no class setting 'colour'\. Did you mean 'color'"),
    ],
)
def test_a_class_setting_of_another_kind_is_refused_by_its_name(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        type("Gate", (GridObject,), {}, **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": 5}, r"Item 5: name is a text"),
        ({"name": "key", "symbol": "kk"}, r"Item 'key': symbol is one character"),
        ({"name": "key", "color": "red"}, r"Item 'key': color is \(red, green, blue\)"),
    ],
)
def test_an_item_setting_of_another_kind_is_refused_by_its_name(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        Item(**settings)


def test_a_field_that_is_called_as_a_class_setting_is_refused() -> None:
    @dataclass(frozen=True)
    class Ball(GridObject):
        color: str = "red"  # pyright: ignore[reportIncompatibleVariableOverride]

    with pytest.raises(RuleError, match=r"Ball has a field 'color'.*class setting"):
        Rules(name="balls", objects=(Ball,))


def test_lists_are_taken_for_tuples() -> None:
    lists: Any = {"objects": [Post], "items": [Item("key")], "world_values": range(3), "start_direction": [0, 1]}
    tuples: Any = {name: tuple(value) for name, value in lists.items()}

    rules = Rules(name="test_rule_settings", **lists)

    assert (rules, hash(rules)) == (same := Rules(name="test_rule_settings", **tuples), hash(same))


NO_LAYOUT: Any = 5
ROWS_OF_NUMBERS: Any = [5]


@pytest.mark.parametrize(
    "make",
    [
        lambda: LayoutSet(NO_LAYOUT),
        lambda: LayoutSet(ROWS_OF_NUMBERS),
        lambda: LayoutSet([["+"], NO_LAYOUT]),
        lambda: Layout.read(NO_LAYOUT, Rules(name="test_rule_settings")),
        lambda: Layout.read(ROWS_OF_NUMBERS, Rules(name="test_rule_settings")),
        lambda: register_layout("test_rule_settings", NO_LAYOUT),
    ],
)
def test_what_can_be_no_layout_is_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(LayoutError, match=r"(A layout is a registered name, a drawing|A LayoutSet takes a list).*5"):
        make()


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 1)])
def test_an_array_reward_of_another_shape_is_refused_when_the_world_is_made(shape: tuple[int, ...]) -> None:
    reward = ArrayReward(fn=lambda prev_state, state, actions: np.zeros(shape, dtype=np.float32))
    config = EnvConfig(
        rules=Rules(name="test_rule_settings"), layout=["12"], features=("agent_position",), rewards=(reward,)
    )

    with pytest.raises(ConfigError, match=r"one number for each agent"):
        CoGridEnv(config)
