"""`Rules`: the classes, items and values that make a game."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from cogrid.core.actions import CARDINAL, ActionSet, get_action_set
from cogrid.core.acts import Act
from cogrid.core.agent import Agent
from cogrid.core.collisions import COLLISION_RULES
from cogrid.core.counts import Count
from cogrid.core.draw import Draw
from cogrid.core.grid_object import CLASS_SETTINGS, GridObject, register_scope
from cogrid.core.item import Item
from cogrid.core.objects import Floor, Wall
from cogrid.core.setting_kinds import (
    FLAG,
    NAME,
    Kind,
    check_settings,
    is_a,
    is_mapping_of,
    is_optional,
    is_sequence_of,
    is_symbol,
    is_text,
)
from cogrid.errors import ConfigError, RuleError, did_you_mean

RESERVED_SYMBOLS = "+123456789"
"""Characters that a drawing uses for the cells where agents start."""

Guard = Callable[..., Any]
"""`(prev_state, state, agent_idx) -> [*B] bool`, an array function: whether an event counts, given the state at the
start of the step and the state at that agent's turn."""

StepHook = Callable[..., Any]
"""`(prev_state, state, actions, key) -> state`, an array function on whole states."""

StartHook = Callable[..., Any]
"""`(state, key) -> state`, an array function on whole first states."""

STAGES = ("tick", "move", "interact")
"""What a step is made of, in the library's own order."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rules:
    """A rule set: everything that a game is made of, apart from its maps.

    Floor and wall are always there and need not be named. Settings are checked when the set is made.

    Attributes:
      name: the scope under which the type ids are known (`object_to_idx(name, scope=...)`).
      objects: what can stand in a cell, an entry for each object type: a class, or a value of it where the class has
        fields that this rule set chooses. A value that is listed is the fresh one of its class: what a drawing's symbol
        makes, and what `examples` is asked of. Several values of one class are several types if `object_type` returns
        another name for each.
      items: what can be carried.
      agents: the values that agents start with, agent i with the i-th (again from the first one if there are more
        agents).
      actions: what agents can do, in the order of the actions' numbers: names of the library's actions, and an `Act`
        for each that is the rule set's own; "Noop" must be among them. Left out, the setting `action_set` chooses.
      world_values: what the third axis of the rules ranges over; a rule that names a parameter `world_value` is run for
        each of them. One is drawn at reset, uniformly. Any hashable values; none if the game has no such thing.
      counts: what rules can ask for by number: how many of something there are on the map, around a cell, among the
        agents, or among those that act on one cell together.
      redraw_on: events of the rules that draw the world value anew, after the step's last interaction.
      world_arrays: arrays that the state reads of the world value: for each name, a function from a world value to an
        integer or a tuple of integers, always of one length.
      guards: for some events, an array predicate `(prev_state, state, agent_idx) -> [*B] bool` on the state at the
        start of the step and the state as it is at that agent's turn; the event counts only where it holds.
      step_hook: what does not fit a table: `(prev_state, state, actions, key) -> state`, an array function that runs
        after the last stage, before the clock goes up. What hooks and guards return is checked when a world is built,
        on first states (`cogrid.core.hook_check`); what they return later is checked by `make(..., check=True)` only.
      start_hook: what else is drawn at reset: `(state, key) -> state`, an array function that runs on the first state
        of an episode. It may put something else into hands, and another value of the same object type into cells.
      stages: the order of "tick", "move" and "interact" in a step. `enter` rules run right after the movement, and the
        world value is drawn anew right after the last interaction.
      draws: what is drawn among cells and agents, at reset or when an event asks for it (see `Draw`).
      collisions: what becomes of agents that want one cell, or each other's: "in_turn", one after the other in a
        random order; "all_stay", everybody stays if anybody collides; "colliders_stay", those who collide stay;
        "contenders_stay", the same, but two can change places; "chains", agents follow each other in chains and cycles,
        and of those who want one cell the one with the longest chain behind it goes.
      items_on_floor: whether an item can be put down on free floor.
      start_direction: the direction that all agents start in, or a tuple of them, agent i with the i-th (again from the
        first one if there are more agents); None to draw each one's at reset.
      start_in_room: whether an agent's start is drawn at each reset, from the free cells that it could walk to from its
        mark; else it starts on the mark.
      symbols: further characters of a drawing, each for the value that it stands for.
      pictures: for a class or an item, the function that draws it on a tile (see `cogrid.rendering`).
    """

    name: str
    objects: tuple[type[GridObject] | GridObject, ...] = ()
    items: tuple[Item, ...] = ()
    agents: tuple[Agent, ...] = (Agent(),)
    actions: tuple[str | Act, ...] = ()
    world_values: tuple[Hashable, ...] = ()
    counts: tuple[Count, ...] = ()
    redraw_on: tuple[str, ...] = ()
    world_arrays: Mapping[str, Callable[[Any], Any]] = dataclasses.field(default_factory=dict, hash=False)
    guards: Mapping[str, Guard] = dataclasses.field(default_factory=dict, hash=False)
    step_hook: StepHook | None = None
    start_hook: StartHook | None = None
    stages: tuple[str, ...] = STAGES
    draws: tuple[Draw, ...] = ()
    collisions: str = "in_turn"
    items_on_floor: bool = True
    start_direction: int | tuple[int, ...] | None = None
    start_in_room: bool = False
    symbols: Mapping[str, GridObject] = dataclasses.field(default_factory=dict, hash=False)
    pictures: Mapping[Any, Callable[..., None]] = dataclasses.field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        owner = f"Rules {self.name!r}"
        check_settings(owner, _KINDS, {name: getattr(self, name) for name in _KINDS})
        for name in _SEQUENCES:
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if isinstance(self.start_direction, Sequence):
            object.__setattr__(self, "start_direction", tuple(self.start_direction))
        for entry in self.objects:
            _check_entry(entry)
        given = set(map(kind_of, self.objects))
        object.__setattr__(self, "objects", (*(kind for kind in (Floor, Wall) if kind not in given), *self.objects))
        _check_names(self)
        _check_symbols(self)
        _check_counts(self)
        if self.collisions not in COLLISION_RULES:
            raise RuleError(
                f"{owner}: there is no collision rule {self.collisions!r}. "
                f"{did_you_mean(self.collisions, COLLISION_RULES)}"
            )
        if self.world_arrays and not self.world_values:
            raise RuleError(f"{owner}: world_arrays reads the world value, and there are no world_values.")
        _ = self.own_actions  # Which refuses a list that is none.
        for draw in self.draws:
            if hasattr(GridObject, draw.calls) or hasattr(Agent, draw.calls):
                raise RuleError(f"{owner}: a draw calls {draw.calls!r}, which is another rule; choose another name.")
        register_scope(self.name, self.type_names)

    @functools.cached_property
    def own_actions(self) -> ActionSet | None:
        """The actions that the rule set lists; None where it lists none."""
        return ActionSet.of_rules(self.name, self.actions) if self.actions else None

    def choose_action_set(self, name: str | None) -> ActionSet:
        """The actions of a world with these rules.

        Args:
          name: what the setting `action_set` says: None, or a set of the library, where the rules list no actions.
        Raises:
          ConfigError: for a set that does not exist, and for one beside actions that the rules list.
        """
        if self.own_actions is None:
            return CARDINAL if name is None else get_action_set(name)
        if name not in (None, self.own_actions.name):
            raise ConfigError(
                f"Rules {self.name!r} list their own actions, so the setting action_set is left out, or None; not "
                f"{name!r}."
            )
        return self.own_actions

    @functools.cached_property
    def type_names(self) -> tuple[str, ...]:
        """The names of the object types in the order of their ids; free floor is 0."""
        names = [self.type_name(entry) for entry in self.objects if kind_of(entry) is not Floor]
        return (Floor.name, *names, *(item.name for item in self.items))

    @functools.cached_property
    def kinds(self) -> tuple[type[GridObject], ...]:
        """The classes of the objects, each once."""
        return tuple(dict.fromkeys(map(kind_of, self.objects)))

    @functools.cached_property
    def fresh(self) -> dict[str, GridObject]:
        """The fresh value of each object type, by its name; a class that cannot be made without values has none."""
        return {
            self.type_name(entry): entry() if isinstance(entry, type) else entry
            for entry in self.objects
            if isinstance(entry, GridObject) or not _required_fields(entry)
        }

    def type_name(self, entry: type[GridObject] | GridObject) -> str:
        """The name of the object type of a class, or of a value, that can stand in a cell."""
        if isinstance(entry, GridObject):
            name = entry.object_type()
            others = [kind.name for kind in self.kinds if kind is not type(entry)]
            if isinstance(name, str) and name not in others:
                return name
        return entry.name

    @property
    def start_directions(self) -> tuple[int, ...]:
        """The directions that agents start in, one after the other; none where they are drawn."""
        if self.start_direction is None:
            return ()
        return self.start_direction if isinstance(self.start_direction, tuple) else (self.start_direction,)

    @property
    def world_axis(self) -> tuple[Hashable, ...]:
        """The world values, or the one None of a game that has none."""
        return self.world_values or (None,)


def _is_pictured(key: Any) -> bool:
    return isinstance(key, (GridObject, Item)) or (isinstance(key, type) and issubclass(key, (GridObject, Item)))


def _is_direction(value: Any) -> bool:
    return isinstance(value, int) and value in range(4)


def _is_start_direction(value: Any) -> bool:
    return value is None or _is_direction(value) or (is_sequence_of(_is_direction)(value) and len(value) > 0)


def _is_order_of_stages(value: Any) -> bool:
    return is_sequence_of(is_text)(value) and sorted(value) == sorted(STAGES)


_SEQUENCES = ("objects", "items", "agents", "actions", "world_values", "counts", "redraw_on", "stages", "draws")
"""The settings that are kept as tuples."""

_KINDS: dict[str, Kind] = {
    "name": NAME,
    "objects": (is_sequence_of(lambda entry: True), "a tuple of GridObject classes, or values of them"),
    "items": (is_sequence_of(is_a(Item)), "a tuple of Items"),
    "agents": (lambda value: is_sequence_of(is_a(Agent))(value) and len(value) > 0, "a tuple of at least one Agent"),
    "actions": (is_sequence_of(is_a(str, Act)), "a tuple of names of actions, and Acts"),
    "world_values": (is_sequence_of(lambda value: True), "a tuple of hashable values"),
    "counts": (is_sequence_of(is_a(Count)), "a tuple of Counts"),
    "redraw_on": (is_sequence_of(is_text), "a tuple of names of events"),
    "world_arrays": (is_mapping_of(is_text, callable), "a mapping of names to functions of a world value"),
    "guards": (is_mapping_of(is_text, callable), "a mapping of names of events to functions"),
    "step_hook": (is_optional(callable), "a function (prev_state, state, actions, key) -> state, or None"),
    "start_hook": (is_optional(callable), "a function (state, key) -> state, or None"),
    "stages": (_is_order_of_stages, f"an order of {STAGES}"),
    "draws": (is_sequence_of(is_a(Draw)), "a tuple of Draws"),
    "collisions": NAME,
    "items_on_floor": FLAG,
    "start_direction": (_is_start_direction, "0 (right), 1 (down), 2 (left), 3 (up), a tuple of these, or None"),
    "start_in_room": FLAG,
    "symbols": (is_mapping_of(is_symbol, is_a(GridObject)), "a mapping of single characters to objects"),
    "pictures": (is_mapping_of(_is_pictured, callable), "a mapping of classes of objects, or Items, to functions"),
}
"""What each setting of a rule set is."""


def kind_of(entry: type[GridObject] | GridObject) -> type[GridObject]:
    """The class of an object, which may be given itself."""
    return entry if isinstance(entry, type) else type(entry)


def _required_fields(kind: type[GridObject]) -> list[str]:
    """The fields that a value of a class cannot be made without."""
    return [
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]


def _check_entry(entry: Any) -> None:
    kind = kind_of(entry)
    if not issubclass(kind, GridObject):
        raise RuleError(f"Rules are made of GridObject classes, or values of them, and {entry!r} is neither.")
    if kind.__dict__.get("__annotations__") and "__dataclass_params__" not in kind.__dict__:
        fields = [name for name, hint in kind.__annotations__.items() if "ClassVar" not in str(hint)]
        if fields:
            raise RuleError(
                f"{kind.__name__} has fields ({', '.join(fields)}) but is not a dataclass: "
                f"put @dataclass(frozen=True) above the class."
            )
    for field in dataclasses.fields(kind):
        if field.name in CLASS_SETTINGS:
            raise RuleError(
                f"{kind.__name__} has a field {field.name!r}, which is the name of a class setting: call it otherwise, "
                f"or write class {kind.__name__}(GridObject, {field.name}=...)."
            )
    if isinstance(entry, type) and kind.symbol is not None and (required := _required_fields(kind)):
        raise RuleError(
            f"{kind.__name__} has the symbol {kind.symbol!r}, so a drawing must be able to make one: give its field "
            f"{required[0]!r} a default, or list a value of it (objects=({kind.__name__}({required[0]}=...), ...))."
        )


def _check_symbols(rules: Rules) -> None:
    seen: dict[str, str] = {}
    owners: list[tuple[str, str | None]] = [(kind.__name__, kind.symbol) for kind in map(kind_of, rules.objects)]
    owners += [(item.name, item.symbol) for item in rules.items]
    owners += [(repr(value), symbol) for symbol, value in rules.symbols.items()]
    of_library = [(kind.__name__, kind.symbol) for kind in (Floor, Wall)]  # An object may take the place of either.
    owners = [pair for pair in owners if pair not in of_library]
    for owner, symbol in owners:
        if symbol is None:
            continue
        if symbol in RESERVED_SYMBOLS:
            raise RuleError(f"{owner}: the symbol {symbol!r} marks where agents start; choose another.")
        if symbol in seen:
            raise RuleError(f"{seen[symbol]} and {owner} have the same symbol {symbol!r}; give one of them another.")
        seen[symbol] = owner


def _check_counts(rules: Rules) -> None:
    for name, n_of_name in Counter(count.name for count in rules.counts).items():
        if n_of_name > 1:
            raise RuleError(f"Two counts of rules {rules.name!r} are called {name!r}; give one of them another name.")


def _check_names(rules: Rules) -> None:
    for name, count in Counter(rules.type_names).items():
        if count == 1:
            continue
        kinds = [kind_of(entry) for entry in rules.objects if rules.type_name(entry) == name]
        remedy = (
            f"{kinds[0].__name__} is listed {len(kinds)} times: let its object_type return another name for each value"
            if len(kinds) > len(set(kinds))
            else "give one of them another name"
        )
        raise RuleError(f"Two object types of rules {rules.name!r} are called {name!r}; {remedy}.")
