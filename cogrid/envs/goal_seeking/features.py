"""What agents see of goals: `goal_planes`, `own_goal_planes` and `own_goal_position`.

`goal_planes` has the channels of `object_planes`, then `own_goal`, one's own goal, and `other_goal`, those of the
others. `own_goal_planes` leaves `other_goal` out. `own_goal_position` is row and column of one's own goal.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped

from cogrid.backend.array_ops import lookup, lookup_rows, put_all
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.xla import compute_once
from cogrid.core.agent import Agent
from cogrid.core.tables import Tables
from cogrid.envs.goal_seeking.objects import Goal, Seeker
from cogrid.feature_space.cell_table import integer_seen_by_others, seen_by_others
from cogrid.feature_space.feature import Feature, IntegerView, register_feature, smallest_dtype
from cogrid.feature_space.object_planes import object_planes

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld


class _GoalTables:
    """Which goal is whose.

    Attributes:
      number: `[V]` int32, the number of the goal that each cell value is, -1 for what is none.
      own: `[W * U]` int32, the number of the goal that each agent value has under each world value.
      is_wanted: `[W * V]` bool, whether a cell value is any agent's goal under each world value.
    """

    def __init__(self, tables: Tables) -> None:
        compiled = tables.rules.compiled
        worlds = compiled.rules.world_axis
        numbers = [value.number if isinstance(value, Goal) else -1 for value in compiled.cell_values]
        players = [compiled.agent_values[idx] for idx in tables.map.start_values.tolist()]
        own = [[_goal_of(agent, world) for agent in compiled.agent_values] for world in worlds]
        wanted = [{_goal_of(agent, world) for agent in players} for world in worlds]
        self.number = np.array(numbers, dtype=np.int32)
        self.own = np.array(own, dtype=np.int32).reshape(-1)
        self.is_wanted = np.array([[number in goals for number in numbers] for goals in wanted]).reshape(-1)


@functools.lru_cache(maxsize=256)
def _goal_tables(tables: Any) -> _GoalTables:
    return _GoalTables(tables)


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
    goals = _goal_tables(state.tables)
    first = 0 if state.world is None else (state.world * state.tables.rules.n_agent_values)[..., None]
    own = lookup(goals.own, state.agent_value + first)
    return lookup(goals.number, state.cells)[..., None, :] == own[..., None]


def is_goal(state: EnvState) -> Bool[Array, "*B N"]:
    """Which cells are anybody's goal.

    Args:
      state: a state of goal seeking, batched or not.
    Returns:
      `[*B, N]` bool.
    """
    first = 0 if state.world is None else (state.world * state.tables.rules.n_cell_values)[..., None]
    return lookup(_goal_tables(state.tables).is_wanted, state.cells.astype(np.int32) + first)


@dataclasses.dataclass(frozen=True)
class GoalPlanes(Feature):
    """The object planes, one's own goal, and the goals of the others, `[H, W, C]` uint8 for each agent.

    As the object planes, these are rows of one table, read once for each viewer and cell: the rows of the object planes
    for cells that are nobody's goal, and again for one's own goal, and for those of the others.

    Attributes:
      shows_others: whether there is the channel `other_goal`.
    """

    shows_others: bool = True

    def __call__(self, state: EnvState) -> Integer[Array, "*B A H W C"]:
        tables: Tables = state.tables
        seen = lookup_rows(_rows(self, tables), self._row_numbers(state))
        return seen.reshape(*seen.shape[:-2], tables.height, tables.width, seen.shape[-1])

    def write(self, state: EnvState, out: Integer[np.ndarray, "*B A H W C"]) -> None:
        """Write the planes of NumPy states into an array that is there already."""
        flat = out.reshape(*out.shape[:-3], -1, out.shape[-1])
        lookup_rows(_rows(self, state.tables), self._row_numbers(state), out=flat)

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """0 and the greatest value that each channel can have, in every cell."""
        greatest = _rows(self, tables).max(axis=0).astype(np.int64)
        shape = (tables.height, tables.width, len(greatest))
        return np.zeros(shape, dtype=np.int64), np.broadcast_to(greatest, shape).copy()

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return (*object_planes.channels(tables), "own_goal", *(("other_goal",) if self.shows_others else ()))

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        """The planes of one world on plain integers."""
        rows = [row.astype(dtype).tobytes() for row in _rows(self, tables)]
        table, goals = object_planes.cell_table(tables), _goal_tables(tables)
        see, n_looks = integer_seen_by_others(table), len(table.rows)
        numbers, own = goals.number.tolist(), goals.own.tolist()

        def view(world: IntegerWorld) -> list[bytes]:
            looks, of_agents = see(world)
            first = world.world * tables.rules.n_agent_values
            wanted = [own[first + value] for value in world.agent_value]
            goal_cells = [(cell, numbers[value]) for cell, value in enumerate(world.cells) if numbers[value] in wanted]
            seen = []
            for cell, look, goal in zip(world.agent_cell, of_agents, wanted, strict=True):
                mine = looks.copy()
                mine[cell] = look + 1
                for place, number in goal_cells:
                    if number == goal:
                        mine[place] += n_looks
                    elif self.shows_others:
                        mine[place] += 2 * n_looks
                seen.append(b"".join([rows[row] for row in mine]))
            return seen

        return view

    def _row_numbers(self, state: EnvState) -> Int[Array, "*B A N"]:
        """For each viewer and cell, the row that shows it."""
        xp = namespace(state.cells)
        table = object_planes.cell_table(state.tables)
        looks, of_agents = seen_by_others(state, table)
        by_viewer = xp.broadcast_to(looks[..., None, :], (*of_agents.shape, looks.shape[-1]))
        looks = put_all(by_viewer, state.agent_cell[..., None], of_agents[..., None] + 1)
        others = 2 * is_goal(state).astype(np.int32) * int(self.shows_others)
        block = xp.where(own_goals(state), 1, others[..., None, :])
        return compute_once(looks + block * len(table.rows), len(_rows(self, state.tables)))


@functools.lru_cache(maxsize=256)
def _rows(feature: GoalPlanes, tables: Any) -> Integer[np.ndarray, "R C"]:
    """The rows of the object planes for nobody's goal, for one's own, and for another's, with the added channels."""
    below = object_planes.cell_table(tables).rows
    n_added = 2 if feature.shows_others else 1
    added = np.repeat(np.eye(n_added + 1, dtype=below.dtype)[:, 1:], len(below), axis=0)
    return np.concatenate([np.tile(below, (n_added + 1, 1)), added], axis=-1)


@dataclasses.dataclass(frozen=True)
class OwnGoalPosition(Feature):
    """Row and column of one's own goal, the first in reading order if there are several: `[2]` for each agent."""

    def __call__(self, state: EnvState) -> Integer[Array, "*B A 2"]:
        xp = namespace(state.cells)
        return lookup_rows(self._rows(state.tables), xp.argmax(own_goals(state), axis=-1).astype(np.int32))

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """The map's first and last row and column."""
        return np.zeros(2, dtype=np.int64), np.array([tables.height - 1, tables.width - 1])

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the two numbers."""
        return ("own_goal_row", "own_goal_column")

    def _rows(self, tables: Tables) -> Integer[np.ndarray, "N 2"]:
        cells = np.arange(tables.n_cells)
        places = np.stack([cells // tables.width, cells % tables.width], axis=-1)
        return places.astype(smallest_dtype(*self.bounds(tables)))


register_feature("goal_planes", GoalPlanes())
register_feature("own_goal_planes", GoalPlanes(shows_others=False))
register_feature("own_goal_position", OwnGoalPosition())
