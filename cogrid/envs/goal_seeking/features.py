"""What agents see of goals: `goal_planes`, `own_goal_planes` and `own_goal_position`.

`goal_planes` has the channels of `object_planes` but for the agents' numbers, then `own_goal`, one's own goal, and
`other_goal`, those of the others. `own_goal_planes` leaves `other_goal` out. `own_goal_position` is row and column of
one's own goal.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
from jaxtyping import Bool, Integer

from cogrid.backend.array_ops import lookup, lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import Agent
from cogrid.core.tables import Tables
from cogrid.envs.families import check_family
from cogrid.envs.goal_seeking.objects import Goal, Seeker
from cogrid.feature_space.blocks import Bounds, CellBlock, Relation, add_channels, cell_positions
from cogrid.feature_space.feature import Feature, TableFeature, register_feature
from cogrid.feature_space.object_planes import ObjectPlanes

_BELOW = ObjectPlanes(shows_fields=False)
"""Whose goal is which says more than the agents' numbers."""

NOBODYS, OWN, OTHERS = range(3)
"""What a goal is to a viewer."""


@functools.lru_cache(maxsize=256)
def goal_relation(tables: Tables) -> Integer[np.ndarray, "W U V"]:
    """What each cell value is to each agent value under each world value: one's own goal, another's, or nobody's."""
    compiled = tables.rules.compiled
    numbers = np.array([value.number if isinstance(value, Goal) else -1 for value in compiled.cell_values])
    relation = np.zeros((tables.rules.n_world_values, len(compiled.agent_values), len(numbers)), dtype=np.uint8)
    for by_agent, world in zip(relation, compiled.rules.world_axis, strict=True):
        goals = [_goal_of(agent, world) for agent in compiled.agent_values]
        by_agent[:, np.isin(numbers, [goals[idx] for idx in tables.map.start_values])] = OTHERS
        by_agent[numbers == np.array(goals)[:, None]] = OWN
    return relation


def _goal_of(agent: Agent, world: Any) -> int:
    """The number of an agent's goal; -2 for an agent that seeks none."""
    return agent.goal(world) if isinstance(agent, Seeker) else -2


def own_goals(state: EnvState) -> Bool[Array, "*B A N"]:
    """Which cells are each agent's own goal.

    Args:
      state: a state of goal seeking, batched or not.
    Returns:
      `[*B, A, N]` bool.
    """
    is_own = goal_relation(state.tables) == OWN
    first = 0 if state.world_value is None else (state.world_value * is_own.shape[1])[..., None]
    pair = (state.agent_value + first)[..., None] * is_own.shape[2] + state.cells.astype(np.int32)[..., None, :]
    return lookup(is_own.reshape(-1), pair)


@dataclasses.dataclass(frozen=True)
class GoalPlanes(TableFeature):
    """The object planes, one's own goal, and the goals of the others, `[H, W, C]` uint8 for each agent.

    Attributes:
      shows_others: whether there is the channel `other_goal`.
    """

    shows_others: bool = True

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """The rows of the object planes for what is nobody's goal, for one's own, and for another's."""
        check_family(tables, "goal_planes" if self.shows_others else "own_goal_planes", "GoalSeeking", Goal)
        below, relation = _BELOW.blocks(tables)[0], goal_relation(tables)
        n_added = 2 if self.shows_others else 1
        added = np.repeat(np.eye(n_added + 1, dtype=np.int64)[:, 1:], len(below.rows), axis=0)
        numbers = relation if self.shows_others else relation * (relation == OWN)
        related = Relation(stride=len(below.rows), numbers=numbers)
        return (dataclasses.replace(add_channels(below, added), relation=related),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return (*_BELOW.channels(tables), "own_goal", *(("other_goal",) if self.shows_others else ()))


@dataclasses.dataclass(frozen=True)
class OwnGoalPosition(Feature):
    """Row and column of one's own goal, the first in reading order if there are several: `[2]` for each agent."""

    def __call__(self, state: EnvState) -> Integer[Array, "*B A 2"]:
        rows = cell_positions(state.tables).astype(self.dtype_of(state.tables))
        return lookup_rows(rows, namespace(state.cells).argmax(own_goals(state), axis=-1).astype(np.int32))

    def bounds(self, tables: Tables) -> Bounds:
        """The map's first and last row and column."""
        check_family(tables, "own_goal_position", "GoalSeeking", Goal)
        return np.zeros(2, dtype=np.int64), np.array([tables.height - 1, tables.width - 1])

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the two numbers."""
        return ("own_goal_row", "own_goal_column")


register_feature("goal_planes", GoalPlanes())
register_feature("own_goal_planes", GoalPlanes(shows_others=False))
register_feature("own_goal_position", OwnGoalPosition())
