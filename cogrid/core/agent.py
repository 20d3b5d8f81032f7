"""What an agent is, and where it can look."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from jaxtyping import Int

from cogrid.core.item import Item

DIRECTION_NAMES = ("right", "down", "left", "up")
"""Names of the directions; the index is the direction's number."""


@dataclasses.dataclass(frozen=True)
class Agent:
    """What an agent is, apart from where it stands: an agent value.

    A rule gets one and returns another; subclass it (as a frozen dataclass) to give agents more that can change.

    Attributes:
      held: the item in hand, None for an empty hand.
      role: what kind of agent this is, if a rule set has several kinds.
    """

    held: Item | None = None
    role: str | None = None

    def holding(self, item: Item) -> Self:
        """The same agent with an item in hand."""
        return dataclasses.replace(self, held=item)

    def badge(self, world_value: Any = None) -> str:
        """What pictures write beside the agent: a character or two that tells it from agents of another kind.

        Args:
          world_value: the world value, None in a world that has none.
        """
        return self.role[0].upper() if self.role else ""

    def empty_handed(self) -> Self:
        """The same agent with nothing in hand."""
        return dataclasses.replace(self, held=None)

    def tick(self) -> Agent | Changed:
        """What this is one step later, by itself; a `Changed` where something happens, too."""
        return self

    def takes(self, action: str) -> bool:
        """Whether an agent like this can do an action; one that it cannot do counts as Noop.

        Args:
          action: the action's name.
        """
        return True


@dataclasses.dataclass(frozen=True)
class Changed:
    """What follows from what an agent does to itself: by an act on itself, or by its `tick`.

    Attributes:
      agent: what the agent is from now on.
      events: names of what happened to it.
      ends: whether its episode ends here.
    """

    agent: Agent
    events: tuple[str, ...] = ()
    ends: bool = False


@dataclasses.dataclass(frozen=True)
class Meeting:
    """What follows from an act that falls on an agent: a rule of that agent returns it.

        def zap(self, agent):
            return Meeting(replace(self, stunned=5), agent, events=("hit",), other_events=("was_hit",))

    Attributes:
      other: what the agent that the act falls on is from now on, whose rule it is.
      agent: what the agent that acts is from now on.
      events: names of what happened to the one that acts.
      other_events: names of what happened to the other one.
      ends: whether the episode ends here for the one that acts.
      other_ends: whether it ends for the other one.
    """

    other: Agent
    agent: Agent
    events: tuple[str, ...] = ()
    other_events: tuple[str, ...] = ()
    ends: bool = False
    other_ends: bool = False


def differing_fields(agents: Sequence[Agent]) -> dict[str, list[Any]]:
    """What agent values differ in apart from what they hold: field to its content in each; None where there is none."""
    names = dict.fromkeys(field.name for agent in agents for field in dataclasses.fields(agent))
    contents = {name: [getattr(agent, name, None) for agent in agents] for name in names if name != "held"}
    return {name: values for name, values in contents.items() if any(value != values[0] for value in values)}


def are_numbers(contents: Sequence[Any]) -> bool:
    """Whether a field's contents are integers, or yes and no."""
    return all(isinstance(content, (int, np.integer)) for content in contents)


def get_dir_vec_table() -> Int[np.ndarray, "4 2"]:
    """The step that each direction takes.

    Returns:
      `[4, 2]` int32, (row, column), for Right=0, Down=1, Left=2, Up=3. A new array at each call.
    """
    return np.array([[0, 1], [1, 0], [0, -1], [-1, 0]], dtype=np.int32)


def agent_name(agent_idx: int) -> str:
    """The name that an agent goes by in dicts: `agent_0`, `agent_1`, ..."""
    return f"agent_{agent_idx}"


def create_agent_arrays(
    agent_pos: Any, agent_dir: Any | None = None, agent_inv: Any | None = None
) -> dict[str, Int[np.ndarray, "..."]]:
    """The agents' part of a state as arrays, for `state_from_arrays`.

    Args:
      agent_pos: one (row, column) per agent.
      agent_dir: one direction per agent; all right if left out.
      agent_inv: one type id per agent, -1 for an empty hand; all empty if left out.
    Returns:
      `agent_pos` `[A, 2]`, `agent_dir` `[A]`, `agent_inv` `[A, 1]`, int32.
    """
    pos = np.asarray(agent_pos, dtype=np.int32).reshape(-1, 2)
    n_agents = len(pos)
    return {
        "agent_pos": pos,
        "agent_dir": np.zeros(n_agents, np.int32)
        if agent_dir is None
        else np.asarray(agent_dir, np.int32).reshape(n_agents),
        "agent_inv": np.full((n_agents, 1), -1, np.int32)
        if agent_inv is None
        else np.asarray(agent_inv, np.int32).reshape(n_agents, 1),
    }
