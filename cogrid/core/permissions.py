"""What agents may do: move into a cell (`passable`), and out of one (`leave`)."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.rule_calls import ask
from cogrid.errors import RuleError


@dataclasses.dataclass(frozen=True, eq=False)
class Permissions:
    """Who may move where.

    Attributes:
      passable: `[V]` bool, whether some agent can move into each cell value.
      passable_by: `[U, V]` bool, whether each agent value can; None where no object asks who it is.
      leave: `[U, V]` bool, whether each agent value can move out of each cell value; None where all can.
    """

    passable: Bool[np.ndarray, "V"]
    passable_by: Bool[np.ndarray, "U V"] | None
    leave: Bool[np.ndarray, "U V"] | None

    @classmethod
    def of(cls, cells: Sequence[GridObject], agents: Sequence[Agent]) -> Permissions:
        """Ask every object, about every agent where it wants to know which.

        Args:
          cells: the cell values, V of them.
          agents: the agent values, U of them.
        Raises:
          RuleError: for an answer that is neither True nor False, or that is another one the second time.
        """
        if any(asks_who(type(value)) for value in cells):
            by_agent = np.array([_passable(cells, agent) for agent in agents])
            return cls(np.logical_or.reduce(by_agent), by_agent, _leave(cells, agents))
        return cls(np.array(_answers(cells, "passable")), None, _leave(cells, agents))


@functools.cache
def asks_who(kind: type[GridObject]) -> bool:
    """Whether objects of a class want to know which agent is to move into their cell."""
    return kind.passable is not GridObject.passable and len(inspect.signature(kind.passable).parameters) > 1


def _passable(cells: Sequence[GridObject], agent: Agent) -> list[bool]:
    """Whether an agent can move into each cell value."""
    answers = [False] * len(cells)
    for args in ((), (agent,)):
        asked = [idx for idx, value in enumerate(cells) if asks_who(type(value)) == bool(args)]
        for idx, answer in zip(asked, _answers([cells[idx] for idx in asked], "passable", *args), strict=True):
            answers[idx] = answer
    return answers


def _leave(cells: Sequence[GridObject], agents: Sequence[Agent]) -> Bool[np.ndarray, "U V"] | None:
    if all(type(value).leave is GridObject.leave for value in cells):
        return None
    return np.array([_answers(cells, "leave", agent) for agent in agents])


def _answers(cells: Sequence[GridObject], name: str, *args: Any) -> list[bool]:
    """What each object answers, True or False."""
    answers = ask(cells, name, *args)
    for value, answer in zip(cells, answers, strict=True):
        if not isinstance(answer, (bool, np.bool_)):
            raise RuleError(
                f"{type(value).__name__}.{name} returned {answer!r} for {value!r}: it is True or False, and certain."
            )
    return list(map(bool, answers))
