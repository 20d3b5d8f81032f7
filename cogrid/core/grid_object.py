"""`GridObject` and `Outcome`: what a rule is written with; and the numbers of object types."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Self, TypeVar

from cogrid.core.agent import Agent
from cogrid.core.chance import Chance
from cogrid.core.item import Item
from cogrid.core.setting_kinds import COLOR, FLAG, SYMBOL, Kind, check_settings, is_optional, is_text
from cogrid.errors import ConfigError, RuleError, did_you_mean

Method = TypeVar("Method", bound=Callable[..., Any])


CLASS_SETTINGS: dict[str, Kind] = {
    "name": (is_optional(is_text), "a text that is not empty"),
    "symbol": SYMBOL,
    "color": COLOR,
    "is_wall": FLAG,
}
"""What each class setting of an object is."""


class _Constant:
    """A base whose attributes cannot be set. A frozen dataclass refuses that for its fields, and not for subclasses."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise dataclasses.FrozenInstanceError(
            f"a value never changes: make {name!r} a field of {type(self).__name__}, a frozen dataclass, and return "
            f"replace(self, {name}=...)"
        )


@dataclasses.dataclass(frozen=True)
class GridObject(_Constant):
    """What stands in a cell: a cell value, and the rules that it follows.

    Write a subclass as a frozen dataclass; its fields are what can change about it, and each rule is a method that
    returns the values that follow. Rules are run when a world is built, for every pair of values that can meet, and
    never while it is stepped: they may use any Python, but must be pure (same values in, same values out).

        @dataclass(frozen=True)
        class Door(GridObject, symbol="D"):
            is_open: bool = False

            def passable(self):
                return self.is_open

            def toggle(self, agent):
                return Outcome(replace(self, is_open=not self.is_open), agent, events=("door_toggled",))

    What a rule set chooses once, such as how long an oven bakes, is a field too: the rule set then lists a value that
    has it (`objects=(Oven(bake_time=20), ...)`) in place of the class, and every rule that changes an oven hands it on
    by `replace(self, ...)`. Declare such a field with `dataclasses.field(repr=False)` to keep it out of texts.

    Class settings:
      name: the object type's name; by default the class's name in snake_case.
      symbol: the character that stands for a fresh one in a drawing; None if no drawing has one.
      color: `(red, green, blue)`, 0..255 each, for pictures.
      is_wall: whether the state's `wall_map` counts it as a wall.
    """

    name: ClassVar[str] = "grid_object"
    symbol: ClassVar[str | None] = None
    color: ClassVar[tuple[int, int, int]] = (110, 110, 110)
    is_wall: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        name: str | None = None,
        symbol: str | None = None,
        color: tuple[int, int, int] | None = None,
        is_wall: bool = False,
        **unknown: Any,
    ) -> None:
        super().__init_subclass__()
        for setting in unknown:
            raise RuleError(
                f"{cls.__name__}: there is no class setting {setting!r}. {did_you_mean(setting, CLASS_SETTINGS)}"
            )
        given = {"name": name, "symbol": symbol, "color": color, "is_wall": is_wall}
        check_settings(cls.__name__, CLASS_SETTINGS, given)
        cls.name = name or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        cls.symbol = symbol
        cls.color = color or cls.color
        cls.is_wall = is_wall

    def pickup_drop(self, agent: Agent) -> Outcome | Chance | None:
        """What happens when an agent that faces this uses PickupDrop; None for nothing."""
        return None

    def toggle(self, agent: Agent) -> Outcome | Chance | None:
        """What happens when an agent that faces this uses Toggle; None for nothing."""
        return None

    def enter(self, agent: Agent) -> Outcome | Chance | None:
        """What happens when an agent has just moved into this cell; None for nothing."""
        return None

    def stand(self, agent: Agent) -> Outcome | Chance | None:
        """What happens in each step to an agent that stands in this cell after the moves; None for nothing."""
        return None

    def leave(self, agent: Agent) -> bool:
        """Whether an agent can move out of this cell."""
        return True

    def lift(self, agent: Agent) -> Move | None:
        """What an agent pushes out of this cell that goes towards it and cannot walk in; None if it cannot push."""
        return None

    def receive(self, thing: Any) -> GridObject | None:
        """What stands here once something has been moved into this cell; None if it cannot be."""
        return None

    def roam(self) -> Move | Chance | None:
        """What moves out of this cell by itself; None for nothing."""
        return None

    def tick(self) -> GridObject | Chance:
        """What this is one step later, by itself."""
        return self

    def passable(self, *args: Any, **kwargs: Any) -> bool:
        """Whether an agent can move into this cell: written `passable(self)`, or `passable(self, agent)`."""
        return False

    def blocks_beam(self) -> bool:
        """Whether a beam goes no further than this cell; if it is not written, whether no agent can move into it."""
        return not self.passable()

    def object_type(self) -> Item | None | str:
        """What type this counts as in `object_type_map`: by default the class's own.

        A rule set that lists several values of one class needs another name from this method for each of them.
        """
        return self.name

    def object_state(self) -> Item | None | int:
        """What `object_state_map` shows: a number, or an item for its type id, None for 0.

        A class that does not write this has its values counted instead: 0 for a fresh one, then 1, 2, ...
        """
        return 0

    def examples(self) -> Iterable[Self]:
        """Values that a state may be set to although no play may lead there; asked of a fresh one."""
        return ()


MAX_AMOUNT = 255
"""How much an event can carry."""


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happened, with a number: how much was loaded, how far the throw went.

        return Outcome(Eaten(), agent, events=(Event("eaten", self.level),))

    The state's `amounts` sum the numbers of a step up for each agent, and an `EventReward` may pay by them.

    Attributes:
      name: the event's name.
      amount: the number, 0 to 255.
    """

    name: str
    amount: int = 1

    def __post_init__(self) -> None:
        name: Any = self.name
        if not isinstance(name, str):
            raise RuleError(f"The name of an Event is a text, not {name!r}.")
        if type(self.amount) is not int or not 0 <= self.amount <= MAX_AMOUNT:
            raise RuleError(f"The amount of an Event is a number from 0 to {MAX_AMOUNT}, not {self.amount!r}.")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What follows from an interaction or from entering a cell.

    Attributes:
      cell: what stands in the cell from now on.
      agent: what the agent is from now on.
      events: names of what happened, or `Event`s with an amount, for rewards, infos and the redraw of a world value.
      ends: whether the agent's episode ends here (it is terminated).
    """

    cell: GridObject
    agent: Agent
    events: tuple[str | Event, ...] = ()
    ends: bool = False


FOUR = 4
"""A `Move` to one of the four neighbours that share an edge."""

EIGHT = 8
"""A `Move` to one of all eight neighbours."""


@dataclasses.dataclass(frozen=True)
class Move:
    """What moves out of a cell: pushed by an agent (`lift`), or by itself (`roam`).

    Attributes:
      thing: what moves: an object, an item, any hashable value. What it moves onto is asked `receive(thing)`.
      left: what stays behind in the cell.
      events: names of what happened to the agent that pushes; none for what moves by itself.
      to: how many neighbours something that moves by itself can go to: `FOUR` or `EIGHT`.
    """

    thing: Any
    left: GridObject
    events: tuple[str, ...] = ()
    to: int = FOUR

    def __post_init__(self) -> None:
        if isinstance(self.to, bool) or self.to not in (FOUR, EIGHT):
            raise RuleError(f"A Move goes to one of FOUR or EIGHT neighbours (to=cogrid.EIGHT), not to {self.to!r}.")
        left: Any = self.left
        for name, value in (("thing", self.thing), ("left", left)):
            if isinstance(value, type):
                raise RuleError(f"The {name} of a Move is a value, not a class: write {value.__name__}().")
        if not isinstance(left, GridObject):
            raise RuleError(f"What a Move leaves behind is an object, such as cogrid.Floor(), not {left!r}.")

    @property
    def is_diagonal(self) -> bool:
        """Whether it can go to eight neighbours."""
        return self.to == EIGHT


def listed_array(fill: int = -1) -> Callable[[Method], Method]:
    """Declare a method whose result is an array of the state, one row for each object of its class.

    `EnvState` then has an attribute of the method's name, `[*B, K]` or `[*B, K, L]` int32 with a row for each of the K
    such objects in reading order, and with it `<class name>_positions`, `[*B, K, 2]`, and the count `n_<class name>s`.
    The method returns an integer, an `Item` (for its type id), None (for fill), or a tuple of these, always of one
    length.

    Args:
      fill: what stands for None, and for an object that is not there where layouts differ within a batch.
    """

    def mark(method: Method) -> Method:
        method.listed_fill = fill  # type: ignore[attr-defined]
        return method

    return mark


_SCOPES: dict[str, tuple[str, ...]] = {}


def register_scope(scope: str, type_names: Iterable[str]) -> None:
    """Make a rule set's type ids known by the rule set's name.

    Args:
      scope: the rule set's name.
      type_names: the type names in the order of their ids, free floor first.
    """
    _SCOPES[scope] = tuple(type_names)


def get_object_names(scope: str = "global") -> list[str]:
    """The names of a scope's object types; the index of a name is its type id.

    Args:
      scope: the name of a rule set, or "global" for what every rule set has.
    Raises:
      ConfigError: for an unknown scope.
    """
    if scope not in _SCOPES:
        raise ConfigError(f"There is no scope {scope!r}. {did_you_mean(scope, _SCOPES)}")
    return list(_SCOPES[scope])


def object_to_idx(name: str | Item | GridObject | type[GridObject] | None, scope: str = "global") -> int:
    """The type id of an object type.

    Args:
      name: a type's name, an item, an object or its class; None for free floor, which is 0 in every scope.
      scope: the name of a rule set, or "global" for what every rule set has.
    Raises:
      ConfigError: for an unknown scope, or a name that the scope does not have.
    """
    if name is None:
        return 0
    if not isinstance(name, str):
        name = name.name
    names = get_object_names(scope)
    if name not in names:
        raise ConfigError(f"Scope {scope!r} has no object type {name!r}. {did_you_mean(name, names)}")
    return names.index(name)
