"""`Count`: a number of things that a rule can ask for, such as how many apples are near; and how it is declared."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int

from cogrid.errors import RuleError

MAX_CAP = 1_000
"""How far a count can go."""

MAX_RADIUS = 8
"""How far a disc can reach."""


class Over(enum.Enum):
    """What a count is summed over.

    MAP: the cells of the map. AGENTS: all agents. ACTORS: the agents that act on this cell in this step by the act
    whose rule asks (with the middle line of a beam).
    """

    MAP = "the map"
    AGENTS = "the agents"
    ACTORS = "the agents that act on the cell"


MAP = Over.MAP
"""Counted over the cells of the map."""

AGENTS = Over.AGENTS
"""Counted over all agents."""

ACTORS = Over.ACTORS
"""Counted over the agents that act on this cell in this step by the act that asks."""

METRICS: dict[str, Callable[[int, int], float]] = {
    "euclidean": lambda row, column: (row * row + column * column) ** 0.5,
    "manhattan": lambda row, column: abs(row) + abs(column),
    "chebyshev": lambda row, column: max(abs(row), abs(column)),
}
"""How far a cell is that is some rows and columns away."""


@dataclasses.dataclass(frozen=True)
class Disc:
    """The cells around the one whose rule asks, this one among them: what a count is summed over.

    Attributes:
      radius: how far the farthest ones are, 1 to 8.
      metric: how that is measured: "euclidean", "manhattan" (steps along rows and columns), or "chebyshev" (a square).
    """

    radius: float
    metric: str = "euclidean"

    def __post_init__(self) -> None:
        if self.metric not in METRICS:
            raise RuleError(f"A Disc has no metric {self.metric!r}: it is one of {', '.join(METRICS)}.")
        if not isinstance(self.radius, (int, float)) or not 1 <= self.radius <= MAX_RADIUS:
            raise RuleError(f"The radius of a Disc is a number from 1 to {MAX_RADIUS}, not {self.radius!r}.")

    def offsets(self) -> list[tuple[int, int]]:
        """The steps to its cells, as (rows, columns)."""
        reach = range(-int(self.radius), int(self.radius) + 1)
        far = METRICS[self.metric]
        return [(row, column) for row in reach for column in reach if far(row, column) <= self.radius]


@dataclasses.dataclass(frozen=True)
class Count:
    """A number that rules can ask for, by a parameter of its name: something counted over cells or agents.

        Rules(..., counts=(Count("n_near", of=lambda value: isinstance(value, Apple), over=Disc(2), cap=3),))

        def tick(self, *, n_near):  # of a bare patch, on which apples grow the faster the more there are nearby
            return Chance((GROWTH[n_near], Apple()), (1 - GROWTH[n_near], self))

    A rule is run for every number from 0 to cap when the world is built; more than the cap counts as the cap. Counts
    are taken at the start of a stage, so all cells and agents of a stage see the same. A rule asks for one at most.

    Attributes:
      name: the parameter's name.
      of: what a value counts, from a value to an integer from 0 on (or True and False): of what stands in a cell for
        MAP and a `Disc`, of an agent for AGENTS and ACTORS.
      over: what it is summed over: MAP, AGENTS, ACTORS, or a `Disc` around the cell.
      cap: the largest number that is told apart.
    """

    name: str
    of: Callable[[Any], int]
    over: Over | Disc = MAP
    cap: int = 1

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.isidentifier() or self.name in _TAKEN_NAMES:
            raise RuleError(f"The name of a Count is that of a parameter, such as 'n_near', not {self.name!r}.")
        if not callable(self.of):
            raise RuleError(f"Count {self.name!r}: of is a function from a value to an integer, not {self.of!r}.")
        if not isinstance(self.over, (Over, Disc)):
            raise RuleError(f"Count {self.name!r}: over is MAP, AGENTS, ACTORS or a Disc, not {self.over!r}.")
        if type(self.cap) is not int or not 1 <= self.cap <= MAX_CAP:
            raise RuleError(f"Count {self.name!r}: cap is a number from 1 to {MAX_CAP}, not {self.cap!r}.")

    @property
    def is_of_agents(self) -> bool:
        """Whether it counts agents; else it counts what stands in cells."""
        return self.over in (AGENTS, ACTORS)

    def weights(self, values: Sequence[Any]) -> Int[np.ndarray, "V"]:
        """What each value counts, `[V]` int32.

        Args:
          values: the values of cells, or those of agents.
        Raises:
          RuleError: for a count that fails, that gives something else than an integer from 0 on or something else the
            second time, and for one that is 0 of every value.
        """
        weights = [self._weight(value) for value in values]
        if weights != [self._weight(value) for value in reversed(values)][::-1]:
            raise RuleError(f"Count {self.name!r} is not pure: it gives another number the second time.")
        if not any(weights):
            things = "agent" if self.is_of_agents else "cell"
            raise RuleError(
                f"Count {self.name!r} counts nothing: `of` is 0 for every {things} value of this rule set. A count "
                "over MAP or a Disc is asked about what stands in a cell, one over AGENTS or ACTORS about agents."
            )
        return np.array(weights, dtype=np.int32)

    def _weight(self, value: Any) -> int:
        try:
            weight = self.of(value)
        except Exception as error:
            raise RuleError(f"Count {self.name!r} failed for {value!r}: {type(error).__name__}: {error}") from error
        if not isinstance(weight, (int, np.integer, np.bool_)) or not 0 <= weight <= MAX_CAP:
            raise RuleError(f"Count {self.name!r} gave {weight!r} for {value!r}: it is a number from 0 to {MAX_CAP}.")
        return int(weight)


_TAKEN_NAMES = ("self", "agent", "thing", "world_value", "action", "amount", "count", "time")
"""What a parameter of a rule or of a table of payments may be called already."""
