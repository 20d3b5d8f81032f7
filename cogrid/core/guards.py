"""Guards: conditions on the whole state under which an event counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace

Guard = Callable[..., Any]


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class GuardSum:
    """Part of a guard as data: a sum over the cells and the agents of a world, which must be above 0.

    Attributes:
      constant: what is added.
      cells, cells_before: `[V]` integer, what each cell value counts, at the agent's turn and at the start of the step;
        None for nothing.
      agents, agents_before: `[U]` integer, what each agent value counts, likewise.
    """

    constant: int = 0
    cells: Int[np.ndarray, "V"] | None = None
    cells_before: Int[np.ndarray, "V"] | None = None
    agents: Int[np.ndarray, "U"] | None = None
    agents_before: Int[np.ndarray, "U"] | None = None


def declare_sums(guard: Guard, sums: Callable[[Any], tuple[GuardSum, ...]]) -> None:
    """Say what a guard is as data, for engines that do not call array functions.

    Args:
      guard: the array function.
      sums: from the tables of a world to the sums; the guard holds where all of them are above 0.
    """
    guard.__dict__["sums"] = sums


def guard_sums(guard: Guard, tables: Any) -> tuple[GuardSum, ...] | None:
    """What a guard is as data; None where only the array function says it.

    Args:
      guard: the guard.
      tables: the world.
    """
    sums = getattr(guard, "sums", None)
    return None if sums is None else sums(tables)


def guarded(
    start: EnvState, now: EnvState, agent_idx: int | Int[Array, ""], events: Int[Array, "*B"]
) -> Int[Array, "*B"]:
    """An agent's events without those whose guard does not hold in the state at its turn.

    Args:
      start: the state at the start of the step.
      now: the state at the agent's turn.
      agent_idx: the agent.
      events: `[*B]` int32, bit mask of what its act reports.
    """
    xp = namespace(events)
    for bit, guard in now.tables.rules.guards:
        events = xp.where(guard(start, now, agent_idx), events, events & ~bit)
    return events
