"""What agents see of MiniGrid's worlds: the original's partial view, `[7, 7, 3]`.

Column by column, as in the original, the cells ahead of the agent, which stands in the middle of the last row and looks
up: type, color and state of each. In the agent's own place is what it carries. What is hidden behind walls and closed
doors is 0 (`minigrid_view`), or is seen all the same (`minigrid_view_through_walls`).
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Int

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.objects import Floor
from cogrid.core.tables import Tables
from cogrid.envs.minigrid.objects import EMPTY, KEY, WALL, Code, Coded, Key
from cogrid.feature_space.blocks import CellBlock, Sight, sight_spread
from cogrid.feature_space.feature import TableFeature, register_feature
from cogrid.feature_space.local_view import view_windows

SEEN, SEEN_THROUGH_WALLS = "minigrid_view", "minigrid_view_through_walls"
"""The names of the features."""

AGENT_TYPE = 10
"""The type of another agent; its state is its direction."""


@dataclasses.dataclass(frozen=True)
class PartialView(TableFeature):
    """The cells ahead of the agent, `[size, size, 3]` uint8.

    Source: `MiniGridEnv.gen_obs` of MiniGrid 3.2.0. Exact for one agent; of others it is shown where they look.

    Attributes:
      size: how many rows and columns are seen.
      sees_through_walls: whether nothing is hidden.
    """

    size: int = 7
    sees_through_walls: bool = False

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """A row for each cell value, for each look of an agent, for what is off the grid, and for what is hidden."""
        values = tables.rules.compiled.cell_values
        agents = [_looks(agent) for agent in tables.rules.compiled.agent_values]
        cells = [_code(value) for value in values]
        rows = np.array([*cells, *(code for looks in agents for code in looks), WALL, (0, 0, 0)], dtype=np.int64)
        block = CellBlock(
            rows=rows,
            shape=(self.size, self.size, 3),
            shown=_windows(tables.height, tables.width, self.size),
            blank=len(rows) - 2,
            first_occupied=np.full(len(values), len(values), dtype=np.int32),
            by_value=8,
            by_direction=2,
            by_self=1,
            sight=None if self.sees_through_walls else self._sight(tables, len(rows) - 1),
            low=np.zeros(3, dtype=np.int64),
            high=np.full(3, 255, dtype=np.int64),
        )
        return (block,)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the three numbers of each cell."""
        return "type", "color", "state"

    def _sight(self, tables: Tables, hidden: int) -> Sight:
        values = tables.rules.compiled.cell_values
        places = np.arange(self.size * self.size, dtype=np.int32).reshape(self.size, self.size)
        return Sight(
            lines=places.T[::-1].copy(),  # Places go column by column, lines from the agent's row on.
            first=self.size // 2,
            is_opaque=np.array([*map(_is_opaque, values), True]),
            hidden=hidden,
            spread=sight_spread(self.size),
        )


def _windows(height: int, width: int, size: int) -> Int[np.ndarray, "P S2"]:
    """The cells that are seen from each cell in each direction, column by column; N for those off the grid."""
    radius = size - 1
    around = view_windows(height, width, radius, rotate=True).reshape(-1, 2 * size - 1, 2 * size - 1)
    ahead = around[:, :size, radius - size // 2 : radius + size // 2 + 1]
    return np.ascontiguousarray(ahead.transpose(0, 2, 1)).reshape(len(around), -1)


def _code(value: GridObject) -> Code:
    if isinstance(value, Coded):
        return value.shown()
    return EMPTY if isinstance(value, Floor) else WALL


def _is_opaque(value: GridObject) -> bool:
    if isinstance(value, Coded):
        return value.is_opaque and not value.passable()
    return not isinstance(value, Floor)


def _looks(agent: Agent) -> list[Code]:
    """What an agent shows, for each direction, to others and to itself."""
    own = Key.code if agent.held == KEY else EMPTY
    return [code for direction in range(4) for code in ((AGENT_TYPE, 0, direction), own)]


register_feature(SEEN, PartialView())
register_feature(SEEN_THROUGH_WALLS, PartialView(sees_through_walls=True))
