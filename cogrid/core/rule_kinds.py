"""The kinds of rules: whose method each is, what it is called with, and what it gives back.

A rule is a method of a cell's object or of an agent. The compiler runs over this table: it applies every rule of a
value that is new to every value that the rule is called with, numbers what comes back, and keeps it as a row of
integers, one for each column of the rule's result. A further kind of rule is a further line of `rule_kinds`.
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
from collections.abc import Iterable, Sequence
from typing import Any

from cogrid.core.acts import ITSELF, LIBRARY_ACTS, Act
from cogrid.core.agent import Agent, Changed, Meeting
from cogrid.core.grid_object import GridObject, Move, Outcome

Row = tuple[int, ...]
"""What a rule gives back, by number: one integer for each column of its result."""


class Space(enum.IntEnum):
    """The sets of values that are numbered apart."""

    CELL = 0
    AGENT = 1
    THING = 2


class Column(enum.IntEnum):
    """What an integer of a row stands for: the number of a value of a space, a bit mask of events, or 0 or 1."""

    CELL = 0
    AGENT = 1
    EVENTS = 2
    FLAG = 3
    THING = 4


SPACE_OF = {Column.CELL: Space.CELL, Column.AGENT: Space.AGENT, Column.THING: Space.THING}
"""The space of the columns that hold the number of a value."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What rules of a kind give back: a record of some fields, or a value alone.

    Attributes:
      columns: the fields of the record, and what is kept of each, in the order of the row; the name "" is the value
        itself, where there is no record.
      record: the class of the record; None where the rule gives a value.
      is_optional: whether a rule may give None, for nothing.
      owner: the field that holds what becomes of the rule's owner.
      partner: the field that holds what becomes of the value that the rule was called with; None where with none.
      asks_for: how a message names it.
      bare: the field of the record that a rule may give alone, in place of the record; "" for none.
    """

    columns: tuple[tuple[str, Column], ...]
    record: type | None = None
    is_optional: bool = False
    owner: str = ""
    partner: str | None = None
    asks_for: str = ""
    bare: str = ""

    def whole(self, given: Any) -> Any:
        """What a rule has given, as a record where it has given one field of it alone."""
        if self.record is None or not self.bare or isinstance(given, self.record):
            return given
        return self.record(**{self.bare: given})

    def read(self, given: Any, field: str) -> Any:
        """A field of what a rule has given."""
        return getattr(self.whole(given), field) if field else given

    def of_column(self, column: Column) -> tuple[int, ...]:
        """The places of a row that hold a column of some sort."""
        return tuple(idx for idx, (_, sort) in enumerate(self.columns) if sort is column)


OUTCOME = Result(
    (("cell", Column.CELL), ("agent", Column.AGENT), ("events", Column.EVENTS), ("ends", Column.FLAG)),
    record=Outcome,
    is_optional=True,
    owner="cell",
    partner="agent",
    asks_for="an Outcome",
)
MEETING = Result(
    (
        ("other", Column.AGENT),
        ("agent", Column.AGENT),
        ("events", Column.EVENTS),
        ("other_events", Column.EVENTS),
        ("ends", Column.FLAG),
        ("other_ends", Column.FLAG),
    ),
    record=Meeting,
    is_optional=True,
    owner="other",
    partner="agent",
    asks_for="a Meeting",
)
CHANGED = Result(
    (("agent", Column.AGENT), ("events", Column.EVENTS), ("ends", Column.FLAG)),
    record=Changed,
    is_optional=True,
    owner="agent",
    bare="agent",
    asks_for="an Agent or a Changed",
)
CELL_VALUE = Result((("", Column.CELL),))
MOVE = Result(
    (("thing", Column.THING), ("left", Column.CELL), ("events", Column.EVENTS), ("is_diagonal", Column.FLAG)),
    record=Move,
    is_optional=True,
    owner="left",
    asks_for="a Move",
)
CELL_OR_NONE = Result((("", Column.CELL),), is_optional=True)
AGENT_OR_NONE = Result((("", Column.AGENT),), is_optional=True)


@dataclasses.dataclass(frozen=True)
class RuleKind:
    """A kind of rule.

    Attributes:
      name: the method's name.
      owner: whose method it is.
      result: what it gives back.
      partner: the space of the value that it is called with; None for one that is called with nothing.
      takes_world: whether it may ask for the world value, by a parameter `world_value`.
      takes_counts: whether it may ask for a count, by a parameter of the count's name.
      is_act: whether agents call it by an action.
      is_certain: whether it must not give a `Chance`.
    """

    name: str
    owner: Space
    result: Result
    partner: Space | None = None
    takes_world: bool = False
    takes_counts: bool = False
    is_act: bool = False
    is_certain: bool = False


TICK = RuleKind("tick", Space.CELL, CELL_VALUE, takes_counts=True)
ENTER = RuleKind("enter", Space.CELL, OUTCOME, Space.AGENT, takes_world=True, takes_counts=True)
STAND = RuleKind("stand", Space.CELL, OUTCOME, Space.AGENT, takes_world=True, takes_counts=True)
LIFT = RuleKind("lift", Space.CELL, MOVE, Space.AGENT, is_certain=True)
RECEIVE = RuleKind("receive", Space.CELL, CELL_OR_NONE, Space.THING, is_certain=True)
ROAM = RuleKind("roam", Space.CELL, MOVE)
AGENT_TICK = RuleKind("tick", Space.AGENT, dataclasses.replace(CHANGED, is_optional=False))


def rule_kinds(acts: Sequence[Act] = LIBRARY_ACTS, drawn: Iterable[str] = ()) -> tuple[RuleKind, ...]:
    """The kinds of rules that a rule set can write, in the order in which they are applied to a pair of values.

    Args:
      acts: what its agents can do.
      drawn: the methods that its draws call.
    """
    reaches = {act.calls: act.reach for act in acts}
    called = [kind for method, reach in reaches.items() for kind in called_rules(method, reach is ITSELF)]
    by_draws = [kind for method in dict.fromkeys(drawn) for kind in drawn_rules(method)]
    return (TICK, *called, ENTER, STAND, LIFT, ROAM, RECEIVE, AGENT_TICK, *by_draws)


def drawn_rules(method: str) -> tuple[RuleKind, RuleKind]:
    """The kinds of rules that a draw calls: of what stands in cells, which may ask for a count, and of agents.

    Args:
      method: the method's name.
    """
    return RuleKind(method, Space.CELL, CELL_OR_NONE, takes_counts=True), RuleKind(method, Space.AGENT, AGENT_OR_NONE)


def called_rules(method: str, by_itself: bool = False) -> tuple[RuleKind, ...]:
    """The kinds of rules that an act calls.

    Args:
      method: the method's name.
      by_itself: whether it is a method of the acting agent, rather than of what the act falls on.
    """
    if by_itself:
        return (RuleKind(method, Space.AGENT, CHANGED),)
    on_cell = RuleKind(method, Space.CELL, OUTCOME, Space.AGENT, takes_world=True, takes_counts=True, is_act=True)
    return on_cell, RuleKind(method, Space.AGENT, MEETING, Space.AGENT, takes_world=True)


BASES: dict[Space, type] = {Space.CELL: GridObject, Space.AGENT: Agent}
"""The class whose methods stand for rules that nobody has written."""


def written_rules(owner: type, space: Space, kinds: Sequence[RuleKind]) -> tuple[tuple[RuleKind, bool], ...]:
    """The rules that a class writes itself.

    Args:
      owner: the class of an object or an agent.
      space: which of the two.
      kinds: the kinds of rules to look for.
    Returns:
      For each its kind, and whether it takes the world value.
    """
    base = BASES[space]
    written: list[tuple[RuleKind, bool]] = []
    for kind in kinds:
        method = getattr(owner, kind.name, None)
        if kind.owner is space and method is not getattr(base, kind.name, None):
            asks = kind.takes_world and "world_value" in inspect.signature(getattr(owner, kind.name)).parameters
            written.append((kind, asks))
    return tuple(written)
