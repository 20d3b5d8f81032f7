"""`Draw`: some members of a group, chosen at random, each of which goes through a rule."""

from __future__ import annotations

import dataclasses
from typing import Any

from cogrid.core.setting_kinds import FLAG, NAME, Kind, check_settings, is_optional, is_sequence_of, is_text


@dataclasses.dataclass(frozen=True)
class Draw:
    """Some members of a group, chosen at random, each of which goes through a rule: food that grows, a new order.

    The rule is a method of the members' classes, `calls`. Who has it, and does not answer None, is in the group: what
    stands in a cell, and agents, with what they hold. An object's method returns what stands in its cell then, an
    agent's what the agent is then; either may return a `Chance`. Members are drawn one after the other, each as likely
    as any other one that is left. Where there are too few, fewer are drawn. An object's rule may ask for a `Count`,
    which is taken once, before the first member is drawn; the object is in the group if it answers for any number.

        @dataclass(frozen=True)
        class Soil(GridObject, symbol="."):
            def sow(self):
                return Chance((2, Wheat()), (1, Weed()))

        Rules(..., draws=(Draw("sow", k=4),))  # Four cells of soil at each reset.
        Rules(..., draws=(Draw("sow", on=("harvested",), is_free=True),))  # And one for each harvest.

    Attributes:
      calls: the name of the method.
      k: how many members are drawn: at reset, or for each agent to whom one of the events has happened.
      on: the events of the rules that draw, after the last act of a step; empty for a draw at reset.
      at_most: for how many agents a step draws at most, the first ones; None for all.
      is_free: whether cells in which an agent stands are left out. At reset such a draw comes after agents' starts are
        drawn; the others come before, and leave out cells in which an agent starts for certain.
      apart: offsets `(rows, columns)`; a cell that lies so from one that was drawn before, or opposite, is left out.
    """

    calls: str
    k: int = 1
    on: tuple[str, ...] = ()
    at_most: int | None = None
    is_free: bool = False
    apart: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        check_settings("Draw", _KINDS, {name: getattr(self, name) for name in _KINDS})
        object.__setattr__(self, "on", tuple(self.on))
        object.__setattr__(self, "apart", tuple(map(tuple, self.apart)))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_offset(value: Any) -> bool:
    return is_sequence_of(lambda part: isinstance(part, int))(value) and len(value) == 2 and any(value)


_KINDS: dict[str, Kind] = {
    "calls": NAME,
    "k": (_is_count, "an integer of at least 1"),
    "on": (is_sequence_of(is_text), "a tuple of names of events"),
    "at_most": (is_optional(_is_count), "an integer of at least 1, or None"),
    "is_free": FLAG,
    "apart": (is_sequence_of(_is_offset), "a tuple of offsets (rows, columns), none of them (0, 0)"),
}
"""What each setting of a draw is."""
