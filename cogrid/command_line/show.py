"""`cogrid show`: what a world looks like, what agents see and do there, and its rules."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterator, Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.command import Command, Exit, add_json, add_settings, make_world
from cogrid.command_line.output import count, print_json
from cogrid.core.acts import LIBRARY_ACTS
from cogrid.core.config import setting_names
from cogrid.core.grid_object import GridObject
from cogrid.core.objects import Floor
from cogrid.core.reward import Reward, read_rewards
from cogrid.core.rules import Rules, kind_of
from cogrid.envs.config_factory import ConfigFactory
from cogrid.envs.registration import ENVIRONMENTS
from cogrid.kernel.choice import choose_engine, why_not_compiled
from cogrid.rendering import render_ansi

RULES = {
    "enter": "walking in",
    "stand": "standing there",
    "lift": "pushing",
    "roam": "moving by itself",
    "tick": "by itself",
}
"""What calls each rule that is no act's, in words."""

BARE_FLOOR = "Where agents walk."
"""What floor is where nothing can be put down on it."""


def describe(env: CoGridEnv) -> dict[str, Any]:
    """Everything that there is to show of a world, as plain values.

    Args:
      env: the world.
    """
    env.reset(seed=0)
    family = _family(env)
    return {
        "id": env.config.name,
        "about": None if family is None else _first_paragraph(family.about),
        "settings": _own_settings(env),
        "picture": render_ansi(env.get_state()).splitlines(),
        "agents": env.tables.n_agents,
        "steps": env.config.max_steps,
        "action_set": env.tables.action_set.name,
        "actions": env.tables.action_set.names,
        "observation": _describe_observation(env),
        "rules": {**_describe_rules(env.tables.settings.rules), "events": env.event_names},
        "rewards": [_describe_reward(reward) for reward in env.reward.rewards],
        "shaped_rewards": [_describe_reward(reward) for reward in read_rewards(env.config.shaped_rewards)],
        "batch": _describe_batch(env),
    }


def _describe_batch(env: CoGridEnv) -> dict[str, Any]:
    """What steps many of them under NumPy on this machine, and why not compiled kernels, if these do not."""
    return {"engine": choose_engine(env.game, "numpy"), "why_not_compiled": why_not_compiled(env.game)}


def _describe_observation(env: CoGridEnv) -> dict[str, Any]:
    space = env.observation_space(env.possible_agents[0])
    return {
        "features": [str(feature) for feature in env.config.features],
        "shape": space.shape,
        "dtype": str(space.dtype),
        "least": space.low.min(),
        "greatest": space.high.max(),
        "channels": env.observation_channels,
    }


def _describe_rules(rules: Rules) -> dict[str, Any]:
    return {
        "name": rules.name,
        "stages": rules.stages,
        "collisions": rules.collisions,
        "items_on_floor": rules.items_on_floor,
        "start_hook": None if rules.start_hook is None else _first_paragraph(rules.start_hook.__doc__),
        "step_hook": None if rules.step_hook is None else _first_paragraph(rules.step_hook.__doc__),
        "called_by": called_by(rules),
        "guards": {event: _first_paragraph(guard.__doc__) for event, guard in rules.guards.items()},
        "world_values": len(rules.world_values),
        "objects": [_describe_object(entry, rules) for entry in rules.objects],
        "items": [{"name": item.name, "symbol": item.symbol} for item in rules.items],
        "symbols": {
            symbol: _value_text(value, rules)
            for symbol, value in rules.symbols.items()
            if value not in rules.objects or symbol != _symbol(value, rules)
        },
    }


def _family(env: CoGridEnv) -> ConfigFactory | None:
    """The factory of a built-in world."""
    return ENVIRONMENTS.get(env.config.name)


def _own_settings(env: CoGridEnv) -> dict[str, str]:
    """The settings that a built-in world has beside those of every world, with their defaults."""
    family = _family(env)
    own = {} if family is None else family.own_settings
    return {name: repr(default) for name, default in own.items() if name not in setting_names()}


def _describe_object(entry: type[GridObject] | GridObject, rules: Rules) -> dict[str, Any]:
    kind = kind_of(entry)
    return {
        "name": rules.type_name(entry),
        "symbol": _symbol(entry, rules),
        "about": BARE_FLOOR if is_bare_floor(kind, rules) else _first_paragraph(_written_doc(kind)),
        "rules": {name: _first_paragraph(_method_doc(kind, name)) for name in _own_rules(kind, rules)},
    }


def acted_on_by(kind: type[GridObject], rules: Rules) -> tuple[str, ...]:
    """What calls the rules that a class has, in words: `("PickupDrop", "by itself")`."""
    words = called_by(rules)
    return tuple(words[name] for name in _own_rules(kind, rules))


def called_by(rules: Rules) -> dict[str, str]:
    """What calls each rule that objects can have, in words: acts by their names, then the others."""
    acts = LIBRARY_ACTS if rules.own_actions is None else rules.own_actions.listed_acts
    drawn = {draw.calls: "a draw" for draw in rules.draws}
    return {act.calls: act.name for act in acts} | RULES | drawn


def is_bare_floor(kind: type[GridObject], rules: Rules) -> bool:
    """Whether a class is floor on which nothing can be put down."""
    return kind is Floor and not rules.items_on_floor


def _own_rules(kind: type[GridObject], rules: Rules) -> tuple[str, ...]:
    if is_bare_floor(kind, rules):
        return ()
    return tuple(name for name in called_by(rules) if getattr(kind, name, None) is not getattr(GridObject, name, None))


def _symbol(entry: type[GridObject] | GridObject, rules: Rules) -> str | None:
    """The character of an object: its class's, or the first that stands for this value."""
    return entry.symbol or next((symbol for symbol, value in rules.symbols.items() if value == entry), None)


def _value_text(value: GridObject, rules: Rules) -> str:
    """A value by its object's name, with what is special about it: `goal(number=0)`."""
    return repr(value).replace(type(value).__qualname__, rules.type_name(value), 1).removesuffix("()")


def _written_doc(kind: type[Any]) -> str | None:
    """A class's docstring, unless `dataclass` has made it up."""
    doc = inspect.cleandoc(kind.__doc__ or "")
    return None if doc.startswith(f"{kind.__name__}(") else doc


def _method_doc(kind: type[GridObject], name: str) -> str | None:
    """What a class itself says of one of its rules; what `GridObject` says of it is true of all."""
    doc = getattr(kind, name).__doc__
    return None if doc == getattr(getattr(GridObject, name, None), "__doc__", None) else inspect.cleandoc(doc or "")


def _describe_reward(reward: Reward) -> dict[str, Any]:
    return {"reward": str(reward), "about": reward.about or _first_paragraph(_written_doc(type(reward)))}


def _first_paragraph(doc: str | None) -> str | None:
    return " ".join(doc.split("\n\n")[0].split()) if doc else None


def lines(world: dict[str, Any]) -> Iterator[str]:
    """What `describe` returns, for people."""
    steps = "no limit of steps" if world["steps"] is None else f"{count(world['steps'], 'step')} at most"
    yield f"{world['id']}: {count(world['agents'], 'agent')}, {steps}"
    yield from [world["about"]] if world["about"] else []
    yield from ("", *(f"  {line}" for line in world["picture"]))
    if world["settings"]:
        yield from ("", "Settings of its own, with their defaults")
        yield from (f"  {name}={default}" for name, default in world["settings"].items())
    yield from ("", f"Actions ({world['action_set']})")
    yield "  " + ", ".join(f"{number} {name}" for number, name in enumerate(world["actions"]))
    yield from _observation_lines(world["observation"])
    yield from _rule_lines(world["rules"])
    yield from _reward_lines("Rewards", world["rewards"])
    yield from _reward_lines("Shaped: reported in the infos, not paid", world["shaped_rewards"])
    yield from _batch_lines(world["batch"])


def _observation_lines(seen: dict[str, Any]) -> Iterator[str]:
    yield from ("", f"Observation of an agent ({', '.join(seen['features'])})")
    yield f"  {' x '.join(map(str, seen['shape']))}, {seen['dtype']}, {seen['least']:g} to {seen['greatest']:g}"
    yield from (f"  {name}" for name in group_channels(seen["channels"]))


def _rule_lines(rules: dict[str, Any]) -> Iterator[str]:
    yield from ("", f"Rules ({rules['name']}): {', then '.join(rules['stages'])}; collisions {rules['collisions']}")
    for kind in rules["objects"]:
        yield from _object_lines(kind, rules["called_by"])
    if rules["items"]:
        written = [f"{item['name']} ({item['symbol']})" if item["symbol"] else item["name"] for item in rules["items"]]
        yield f"  items: {', '.join(written)}"
    if rules["symbols"]:
        yield f"  also drawn: {', '.join(f'{symbol} {value}' for symbol, value in rules['symbols'].items())}"
    yield from [] if rules["items_on_floor"] else ["  nothing can be put down on the floor"]
    yield from [f"  drawn at reset: one of {rules['world_values']} world values"] if rules["world_values"] else []
    yield from [f"  at reset: {rules['start_hook']}"] if rules["start_hook"] else []
    yield from [f"  after the stages: {rules['step_hook']}"] if rules["step_hook"] else []
    if rules["events"]:
        yield f"  events: {', '.join(rules['events'])}"
    yield from (f"      {event}, where this holds: {about}" for event, about in rules["guards"].items())


def _object_lines(kind: dict[str, Any], called_by: dict[str, str]) -> Iterator[str]:
    called = f" ({', '.join(called_by[name] for name in kind['rules'])})" if kind["rules"] else ""
    yield f"  {kind['symbol'] or ' '} {kind['name']}{called}: {kind['about'] or ''}".rstrip()
    yield from (f"      {called_by[name]}: {about}" for name, about in kind["rules"].items() if about)


def _reward_lines(title: str, rewards: Sequence[dict[str, Any]]) -> Iterator[str]:
    yield from ("", title) if rewards else ()
    for reward in rewards:
        yield f"  {reward['reward']}"
        yield from (f"      {about}" for about in [reward["about"]] if about)


def _batch_lines(batch: dict[str, Any]) -> Iterator[str]:
    yield from ("", "Many at once under NumPy")
    why_not = batch["why_not_compiled"]
    yield "  stepped by compiled kernels" if why_not is None else f"  stepped by arrays: there is {why_not}"


def group_channels(channels: Sequence[str]) -> list[str]:
    """Channels with a number for each, those that differ in their indices only together.

    Args:
      channels: the names in order.
    """
    groups: dict[str, list[int]] = {}
    for idx, name in enumerate(channels):
        groups.setdefault(without_indices(name), []).append(idx)
    return [
        f"{members[0]} {channels[members[0]]}"
        if len(members) == 1
        else f"{members[0]}... {name} ({len(members)} of them)"
        for name, members in groups.items()
    ]


def without_indices(channel: str) -> str:
    """A channel's name with `*` for each index: `map[*,*].type` of `map[0,3].type`.

    Args:
      channel: the name.
    """
    return re.sub(r"\d+(?=[\],])", "*", channel)


def run(options: argparse.Namespace) -> int:
    """Show the world."""
    world = describe(make_world(options))
    if options.json:
        print_json(world)
    else:
        print("\n".join(lines(world)))
    return Exit.OK


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the world")
    add_settings(parser)
    add_json(parser)


SHOW = Command(
    name="show",
    summary="a world's picture, spaces and rules",
    about="Show a world: how it looks after a reset, what the actions are, what an agent observes, and the rules, as\n"
    "the classes of its objects state them.",
    examples=(
        ("cogrid show SearchRescue-Small-V0", "all about a world"),
        ("cogrid show Overcooked-CrampedRoom-V0 --set 'features=[\"object_planes\"]'", "with other observations"),
        ("cogrid show Overcooked-CrampedRoom-V0 --layout my_kitchen.txt", "on another map"),
        ("cogrid show GoalSeeking-Fixed-V0 --json", "for a program"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
