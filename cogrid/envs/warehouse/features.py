"""What robots see: `warehouse_vector` and `warehouse_image`.

`warehouse_vector`: column and row of the robot, whether it carries a shelf, four numbers for its direction (up, down,
left, right), whether it is where no rack is; then for each cell of the square around it, row by row: whether a robot is
there, four numbers for its direction (up where there is none), whether a shelf is there, and whether it is requested.
`warehouse_image`: the square around the robot, turned so that it looks up: shelves, requested shelves, robots, goals,
and where nobody stands. What is off the map shows nothing. A shelf on a robot is where the robot is.

Source: `_get_default_obs` and `_make_img_obs` of rware 2.0.0. Exact, in the smallest type that holds the numbers; the
image has its planes last, there they come first.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Int, Integer

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.tables import Tables
from cogrid.envs.families import check_family
from cogrid.envs.warehouse.objects import REQUESTED, Goal, Rack
from cogrid.feature_space.blocks import AgentBlock, CellBlock, cell_positions
from cogrid.feature_space.feature import TableFeature, register_feature
from cogrid.feature_space.local_view import view_windows

DIRECTIONS = (3, 1, 2, 0)
"""Our numbers of up, down, left and right."""

VECTOR = ("robot", "facing_up", "facing_down", "facing_left", "facing_right", "shelf", "requested")
IMAGE = ("shelf", "requested", "robot", "goal", "free")


def _one_hot(direction: int) -> list[int]:
    return [int(direction == ours) for ours in DIRECTIONS]


def _shelf_in(value: GridObject) -> list[int]:
    """Whether a shelf stands in a cell, and whether it is requested."""
    shelf = value.shelf if isinstance(value, Rack) else None
    return [int(shelf is not None), int(shelf == REQUESTED)]


def _shelf_on(agent: Agent) -> list[int]:
    return [int(agent.held is not None), int(agent.held == REQUESTED)]


def _window(
    tables: Tables,
    cells: Integer[np.ndarray, "V C"],
    occupied: Integer[np.ndarray, "V U 4 C"],
    blank: list[int],
    radius: int,
    rotate: bool,
) -> CellBlock:
    """The square around each robot, `[2 * radius + 1, 2 * radius + 1, C]`.

    Args:
      tables: the world.
      cells: what each cell value shows without a robot.
      occupied: what it shows with one, by the robot's value and direction.
      blank: what is off the map shows.
      radius: how far one sees.
      rotate: whether the square turns with the robot.
    """
    n_values, n_agents, _, n_channels = occupied.shape
    rows = np.concatenate([cells, occupied.reshape(-1, n_channels), [blank]])
    size = 2 * radius + 1
    return CellBlock(
        rows=rows,
        shape=(size, size, n_channels),
        shown=view_windows(tables.height, tables.width, radius, rotate),
        blank=len(rows) - 1,
        first_occupied=_firsts(n_values, n_agents * 4),
        by_value=4,
        by_direction=1,
    )


def _firsts(n_values: int, n_looks: int) -> Int[np.ndarray, "V"]:
    return n_values + np.arange(n_values, dtype=np.int32) * n_looks


@dataclasses.dataclass(frozen=True)
class WarehouseVector(TableFeature):
    """What the original calls its flattened observation, `[8 + 7 * (2 * radius + 1) ** 2]`.

    Attributes:
      radius: how far a robot sees.
    """

    radius: int = 1

    def blocks(self, tables: Tables) -> tuple[AgentBlock | CellBlock, ...]:
        """What a robot knows of itself, and the square around it."""
        check_family(tables, "warehouse_vector", "Warehouse", Rack)
        values, agents = tables.rules.compiled.cell_values, tables.rules.compiled.agent_values
        is_driveway = np.array([not isinstance(values[cell], Rack) for cell in tables.map.start_cells])
        alone = [0, *_one_hot(DIRECTIONS[0])]
        cells = np.array([[*alone, *_shelf_in(value)] for value in values])
        robots = np.array([[[1, *_one_hot(way), *_shelf_on(agent)] for way in range(4)] for agent in agents])
        beneath = np.pad(np.array(list(map(_shelf_in, values))), ((0, 0), (5, 0)))
        occupied = np.maximum(robots[None], beneath[:, None, None])
        return (
            AgentBlock(rows=cell_positions(tables)[:, ::-1].copy(), strides={"cell": 1}),
            AgentBlock(rows=np.array([_shelf_on(agent)[:1] for agent in agents]), strides={"value": 1}),
            AgentBlock(rows=np.array([_one_hot(way) for way in range(4)]), strides={"direction": 1}),
            AgentBlock(rows=is_driveway.astype(np.int64)[:, None], strides={"cell": 1}),
            _window(tables, cells, occupied, [*alone, 0, 0], self.radius, rotate=False),
        )

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the numbers; those of the square with the number of the cell, row by row."""
        square = (f"{name}[{idx}]" for idx in range((2 * self.radius + 1) ** 2) for name in VECTOR)
        return ("column", "row", "loaded", "own_up", "own_down", "own_left", "own_right", "on_driveway", *square)


@dataclasses.dataclass(frozen=True)
class WarehouseImage(TableFeature):
    """What the original calls its image observation, `[2 * radius + 1, 2 * radius + 1, 5]`.

    Attributes:
      radius: how far a robot sees.
      rotate: whether the image turns with the robot.
    """

    radius: int = 1
    rotate: bool = True

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """The square around a robot."""
        check_family(tables, "warehouse_image", "Warehouse", Rack)
        values, agents = tables.rules.compiled.cell_values, tables.rules.compiled.agent_values
        cells = np.array([[*_shelf_in(value), 0, int(isinstance(value, Goal)), 1] for value in values])
        robots = np.array([[*_shelf_on(agent), 1, 0, 0] for agent in agents])
        occupied = np.repeat(np.maximum((cells * [1, 1, 1, 1, 0])[:, None], robots)[:, :, None], 4, axis=2)
        return (_window(tables, cells, occupied, [0] * len(IMAGE), self.radius, self.rotate),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return IMAGE


register_feature("warehouse_vector", WarehouseVector())
register_feature("warehouse_image", WarehouseImage())
