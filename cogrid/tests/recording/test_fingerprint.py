"""A fingerprint tells worlds apart whose states mean different things, and is the same for equal worlds everywhere."""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.actions import get_action_set
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.item import Item
from cogrid.core.layout import Layout
from cogrid.core.rules import Rules
from cogrid.core.tables import WorldSettings, get_tables
from cogrid.errors import StateError
from cogrid.recording.fingerprint import fingerprint

KEY = Item("key")
V2 = "OvercookedV2-CrampedRoom-V0"


class Trap(GridObject, symbol="T"):
    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("trapped",))


class DeadlyTrap(Trap, symbol="T", name="trap"):
    def enter(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("trapped",), ends=True)


class ClosedTrap(Trap, symbol="T", name="trap"):
    def passable(self) -> bool:
        return False


@dataclass(frozen=True)
class Lamp(GridObject, symbol="L"):
    is_on: bool = False

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(dataclasses.replace(self, is_on=not self.is_on), agent, events=("switched",))


@dataclass(frozen=True)
class Flicker(Lamp, symbol="L", name="lamp"):
    def tick(self) -> Flicker:
        return Flicker(not self.is_on)


def keep(state: Any, *_: Any, **__: Any) -> Any:
    return state


def keep_too(state: Any, *_: Any) -> Any:
    return state


def with_number(number: int) -> Callable[..., Any]:
    def hook(state: Any, *_: Any) -> Any:
        return state.replace(time=state.time + 0 * number)

    return hook


def with_default(number: int) -> Callable[..., Any]:
    def hook(state: Any, *_: Any, number: int = number) -> Any:
        return state

    return hook


@dataclass(frozen=True)
class Hook:
    number: int
    cache: Any = dataclasses.field(default=None, compare=False)

    def __call__(self, state: Any, *_: Any) -> Any:
        return state


class PlainHook:
    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, state: Any, *_: Any) -> Any:
        return state

    @functools.cached_property
    def square(self) -> int:
        return self.number**2

    def method(self, state: Any, *_: Any) -> Any:
        return state


def without_source(text: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(  # noqa: S102 - Here it is the point.
        f"def hook(state, *_): return {text}", names
    )
    return names["hook"]


def rules(**changes: Any) -> Rules:
    settings: dict[str, Any] = {"objects": (Trap, Lamp), "items": (KEY,), "world_values": ("sun", "rain")}
    return Rules(name="test_fingerprint", **{**settings, **changes})


def printed(layout: str = "+ T\nL +", n_agents: int = 2, max_steps: int = 9, **changes: Any) -> str:
    """The fingerprint of a world with something changed."""
    game = rules(**changes)
    settings = WorldSettings(
        rules=game,
        layout=Layout.read(layout, game),
        n_agents=n_agents,
        action_set=get_action_set("cardinal"),
        max_steps=max_steps,
    )
    return fingerprint(get_tables(settings))


def make(**changes: Any) -> CoGridEnv:
    config = cogrid.EnvConfig(rules=rules(**changes), layout="+ T\nL +", features=["agent_position"])
    return CoGridEnv(config)


BASE = printed()
CHANGES: dict[str, dict[str, Any]] = {
    "enter": {"objects": (DeadlyTrap, Lamp)},
    "passable": {"objects": (ClosedTrap, Lamp)},
    "tick": {"objects": (Trap, Flicker)},
    "order of objects": {"objects": (Lamp, Trap)},
    "items": {"items": (KEY, Item("rope"))},
    "no items on the floor": {"items_on_floor": False},
    "agents": {"agents": (Agent(role="cook"),)},
    "world values": {"world_values": ("sun", "snow")},
    "world arrays": {"world_arrays": {"weather": {"sun": 0, "rain": 1}.get}},
    "redraw": {"redraw_on": ("switched",)},
    "guard": {"guards": {"switched": keep}},
    "other guard": {"guards": {"switched": keep_too}},
    "guard of another event": {"guards": {"trapped": keep}},
    "step hook": {"step_hook": keep},
    "other step hook": {"step_hook": keep_too},
    "start hook": {"start_hook": keep},
    "closure": {"start_hook": with_number(1)},
    "other closure": {"start_hook": with_number(2)},
    "default": {"start_hook": with_default(1)},
    "other default": {"start_hook": with_default(2)},
    "dataclass": {"start_hook": Hook(1)},
    "other dataclass": {"start_hook": Hook(2)},
    "object": {"start_hook": PlainHook(1)},
    "other object": {"start_hook": PlainHook(2)},
    "method": {"start_hook": PlainHook(1).method},
    "method of another object": {"start_hook": PlainHook(2).method},
    "partial": {"start_hook": functools.partial(keep, number=1)},
    "other partial": {"start_hook": functools.partial(keep, number=2)},
    "no source": {"start_hook": without_source("state")},
    "other without source": {"start_hook": without_source("state.replace()")},
    "stages": {"stages": ("interact", "move", "tick")},
    "collisions": {"collisions": "all_stay"},
    "start direction": {"start_direction": 2},
    "other start direction": {"start_direction": (2, 3)},
    "start in room": {"start_in_room": True},
    "layout": {"layout": "+ T\nL+ "},
    "no marks": {"layout": "  T\nL  "},
    "agents' number": {"n_agents": 1},
    "length": {"max_steps": 8},
}


def test_a_world_with_any_rule_changed_has_another_fingerprint() -> None:
    prints = {name: printed(**changes) for name, changes in CHANGES.items()}
    seen = {BASE: "nothing"}
    for name, digest in prints.items():
        assert digest not in seen, f"{name} is taken for {seen[digest]}"
        seen[digest] = name


@pytest.mark.parametrize("hook", [Hook, PlainHook, with_number, with_default])
def test_equal_hooks_have_one_fingerprint(hook: Callable[[int], Any]) -> None:
    assert printed(start_hook=hook(3)) == printed(start_hook=hook(3))


def test_what_a_hook_remembers_of_its_own_results_does_not_count() -> None:
    hook = PlainHook(3)
    before = printed(start_hook=hook)
    assert hook.square == 9
    assert printed(start_hook=hook) == before
    assert printed(start_hook=Hook(1, cache=object())) == printed(start_hook=Hook(1))


def test_a_hook_that_holds_itself_has_a_fingerprint() -> None:
    def hook(state: Any, *_: Any) -> Any:
        return None if state is hook else state

    assert printed(start_hook=hook) == printed(start_hook=hook)


def test_pictures_features_and_rewards_do_not_count() -> None:
    assert printed(pictures={Lamp: keep}) == BASE
    plain, other = cogrid.make(V2), cogrid.make(V2, features=["object_planes"], rewards=[])
    assert fingerprint(plain.tables) == fingerprint(other.tables)


def test_a_file_of_a_world_with_another_rule_is_refused(tmp_path: pathlib.Path) -> None:
    env = make()
    env.reset(seed=1)
    where = env.save(tmp_path / "state")
    make().load(where)
    with pytest.raises(StateError, match="its rules, map or settings are not those of this environment"):
        make(objects=(DeadlyTrap, Lamp)).load(where)


V2_OPTIONS = ("sample_recipe_on_delivery", "random_agent_positions", "random_reset", "start_cooking_interaction")


def test_the_options_of_overcooked_v2_do_not_load_into_each_other(tmp_path: pathlib.Path) -> None:
    chosen: list[dict[str, Any]] = [{}, *({name: True} for name in V2_OPTIONS)]
    envs = [cogrid.make(V2, **options) for options in chosen]
    assert len({fingerprint(env.tables) for env in envs}) == 1 + len(V2_OPTIONS)
    envs[0].reset(seed=1)
    where = envs[0].save(tmp_path / "state")
    cogrid.make(V2).load(where)
    for other in envs[1:]:
        with pytest.raises(StateError, match="its rules, map or settings"):
            other.load(where)


SCRIPT = f"""
import cogrid
from cogrid.recording.fingerprint import fingerprint
names = ("Overcooked-CrampedRoom-V0", "SearchRescue-Small-V0", "OvercookedOrders-MixedRoom-V0")
envs = [*map(cogrid.make, names), cogrid.make({V2!r}, random_reset=True)]
print(*[fingerprint(env.tables) for env in envs])
"""


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    first, second = [run.communicate()[0].split() for run in runs]
    assert first == second
    assert len(set(first)) == 4
