"""The rule set of search and rescue: who is who, and when the mission is over."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from cogrid.backend.array_ops import any_in, lookup
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import Agent
from cogrid.core.rules import Rules
from cogrid.envs.search_rescue.objects import ENGINEER, ITEMS, MEDIC, OBJECTS, ROLES, Victim
from cogrid.envs.search_rescue.pictures import PICTURES
from cogrid.errors import ConfigError, did_you_mean

DEFAULT_ROLES = (MEDIC, ENGINEER)

Role = str | None


def search_rescue_rules(roles: Sequence[Role] = DEFAULT_ROLES, ends_when_all_rescued: bool = True) -> Rules:
    """The rules of a team; the same object for equal arguments.

    Steps are the library's own: things change by themselves, agents move, agents act in index order. So an engineer and
    a medic with a higher index rescue a red victim in one step, and in the other order in two.

    Args:
      roles: the role of each agent: "medic", "engineer", or None for one without; from the first one again if there are
        more agents.
      ends_when_all_rescued: whether all agents terminate when no victim is left. It takes a look at the whole map after
        each step; without it a step is cheaper, and an episode always lasts `max_steps`.
    Raises:
      ConfigError: for no role at all, or one that does not exist.
    """
    return _rules(check_roles(roles), bool(ends_when_all_rescued))


@functools.lru_cache(maxsize=256)
def _rules(roles: tuple[Role, ...], ends_when_all_rescued: bool) -> Rules:
    return Rules(
        name="search_rescue",
        objects=OBJECTS,
        items=ITEMS,
        agents=tuple(Agent(role=role) for role in roles),
        step_hook=end_when_all_are_rescued if ends_when_all_rescued else None,
        pictures=PICTURES,
    )


def check_roles(roles: Sequence[Role]) -> tuple[Role, ...]:
    """The roles of a team as a tuple.

    Raises:
      ConfigError: for no role at all, or one that does not exist.
    """
    if isinstance(roles, str) or not roles:
        raise ConfigError(f"roles is a sequence with at least one entry, such as {DEFAULT_ROLES}, not {roles!r}.")
    for role in roles:
        if role is not None and role not in ROLES:
            raise ConfigError(f"There is no role {role!r} (an agent without one has None). {did_you_mean(role, ROLES)}")
    return tuple(roles)


def end_when_all_are_rescued(prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"], key: Any) -> EnvState:
    """Terminate all agents once no victim is left; a step hook.

    A map that has no victim to begin with is over after its first step.

    Args:
      prev_state: not looked at.
      state: the state after the last stage.
      actions: not looked at.
      key: not looked at.
    """
    is_victim, places = _victims(state.tables)
    is_one_left = any_in(lambda cells: lookup(is_victim, cells), state.cells, places)
    return state.replace(terminated=state.terminated | ~is_one_left[..., None])


@functools.lru_cache(maxsize=256)
def _victims(tables: Any) -> tuple[Bool[np.ndarray, "V"], tuple[int, ...]]:
    """Which cell values are victims, and the cells where victims can be."""
    is_victim = np.array([isinstance(value, Victim) for value in tables.rules.compiled.cell_values])
    return is_victim, tables.map.cells_for(is_victim)
