"""`Act`: an action that a rule set names itself, what it calls, and how far it reaches."""

from __future__ import annotations

import dataclasses
import enum
import re

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.errors import RuleError


class Reach(enum.Enum):
    """What an act falls on.

    FACED: the cell in front of the agent. OWN: the cell that it stands in. ITSELF: the agent, whose own method is
    called, without arguments. AROUND: the first of the four cells around it, up, down, left, right, that answers.
    """

    FACED = "the faced cell"
    OWN = "the own cell"
    ITSELF = "the agent itself"
    AROUND = "the first cell around that answers"


FACED = Reach.FACED
"""The reach of an act that falls on the cell in front of the agent."""

OWN = Reach.OWN
"""The reach of an act that falls on the cell in which the agent stands."""

ITSELF = Reach.ITSELF
"""The reach of an act that falls on the agent itself: it calls a method of the agent, without arguments."""

AROUND = Reach.AROUND
"""The reach of an act that falls on the first of the four cells around, up, down, left, right, that answers."""

WIDTHS = (1, 3, 5)
"""How many lines a beam can have."""

MAX_LENGTH = 64
"""How far a beam can go."""


@dataclasses.dataclass(frozen=True)
class Beam:
    """The reach of an act that goes on in straight lines, each until it falls on something or is stopped.

    The middle line begins in front of the agent, the others beside it, at its own height. Each line falls on the first
    cell that answers the act, and goes no further than a cell where an agent stands, or whose object stops beams
    (`GridObject.blocks_beam`). The lines act one after the other: the middle one, then from the inside to the outside,
    the left one first.

    Attributes:
      length: how many cells each line has.
      width: how many lines there are: 1, 3 or 5.
    """

    length: int
    width: int = 1

    def __post_init__(self) -> None:
        if type(self.length) is not int or not 1 <= self.length <= MAX_LENGTH:
            raise RuleError(f"The length of a Beam is a number of cells, 1 to {MAX_LENGTH}, not {self.length!r}.")
        if type(self.width) is not int or self.width not in WIDTHS:
            raise RuleError(f"The width of a Beam is 1, 3 or 5 lines, not {self.width!r}.")


@dataclasses.dataclass(frozen=True)
class Act:
    """An action of a rule set's own: it calls a method of what it falls on.

        rules = Rules(..., actions=("Noop", "MoveUp", ..., Act("Water"), Act("Fire", reach=Beam(10, width=3))))

    An object answers an act by a method `def water(self, agent) -> Outcome`. Where an agent stands in the cell, the act
    falls on that agent, which answers by `def water(self, agent) -> Meeting`. An act on the agent itself calls its
    `def say_red(self)`, which returns the agent that it becomes, or a `Changed`. What has no such method does not
    answer, and nothing happens. A rule that asks for a count answers if it returns something for any count.

    Attributes:
      name: the action's name, like `Water`.
      calls: the method's name; by default the action's in snake_case.
      reach: what the act falls on: FACED, OWN, ITSELF, AROUND, or a `Beam`.
      moves: the name of an action of the library that turns the agent or goes (`Forward`), which this one does, too.
    """

    name: str
    calls: str = ""
    reach: Reach | Beam = FACED
    moves: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise RuleError(f"The name of an Act is a text like 'Water', without spaces, not {self.name!r}.")
        if not isinstance(self.reach, (Reach, Beam)):
            raise RuleError(f"Act {self.name!r}: reach is FACED, OWN, ITSELF, AROUND or a Beam, not {self.reach!r}.")
        if self.calls == "":
            object.__setattr__(self, "calls", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name).lower())
        if not isinstance(self.calls, str) or not self.calls.isidentifier() or self.calls.startswith("_"):
            raise RuleError(f"Act {self.name!r}: calls is the name of a method, not {self.calls!r}.")
        if self.calls in _OTHER_METHODS:
            raise RuleError(
                f"Act {self.name!r} calls {self.calls!r}, a method that means something else; let it call another "
                f"one: Act({self.name!r}, calls=...)."
            )

    @property
    def is_near(self) -> bool:
        """Whether it falls on one cell that is known beforehand."""
        return self.reach in (FACED, OWN, ITSELF)


_ANSWERS = {"pickup_drop", "toggle", "pickup", "drop"}
"""The methods of the library's own objects that acts may call."""

_OTHER_METHODS = {name for kind in (GridObject, Agent) for name in dir(kind) if not name.startswith("_")} - _ANSWERS
"""What an act cannot call, since it is asked for something else."""

PICKUP_DROP = Act("PickupDrop")
TOGGLE = Act("Toggle")

LIBRARY_ACTS = (PICKUP_DROP, TOGGLE)
"""The acts of the library, which every rule set has."""
