"""Guards: conditions on the whole state under which an event counts."""

from __future__ import annotations

from jaxtyping import Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace


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
