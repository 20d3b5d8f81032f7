"""`CellTable`: every look that a cell of the grid can have, as rows of one table, and which of them a state shows."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Self

import numpy as np
from jaxtyping import Int, Integer

from cogrid.backend.array_ops import gather, lookup, put_all
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.tables import Tables

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld


class Scene(abc.ABC):
    """Something about the whole world that cells may look different by: the recipe that is wanted, how late it is."""

    @abc.abstractmethod
    def of_state(self, state: EnvState) -> Int[Array, "*B"]:
        """The number of the scene that a state is in: `[*B]` int32."""

    @abc.abstractmethod
    def of_world(self, world: IntegerWorld) -> int:
        """The same on plain integers."""


@dataclasses.dataclass(frozen=True, eq=False)
class CellTable:
    """Every look that a cell can have.

    Attributes:
      rows: `[R, C]` integer: a row for each cell value as it is; then, for each value that an agent can be found in,
        one for each kind of agent in it (agent value, direction, whether terminated), seen by another and by itself.
        Where looks depend on a scene, all of these for each scene, one after the other.
      first_occupied: `[V]` int32, the first row with an agent in each cell value; 0 where none can be found.
      scene: what else looks depend on, if anything.
      n_scenes: how many scenes there are.
    """

    rows: Integer[np.ndarray, "R C"]
    first_occupied: Int[np.ndarray, "V"]
    scene: Scene | None = None
    n_scenes: int = 1

    @classmethod
    def of_scenes(cls, looks: Sequence[Self], scene: Scene) -> Self:
        """Build the table of looks that depend on a scene.

        Args:
          looks: the looks in each scene, in the order of the scenes' numbers.
          scene: which scene a state is in.
        """
        return cls(np.concatenate([table.rows for table in looks]), looks[0].first_occupied, scene, len(looks))

    @property
    def n_looks(self) -> int:
        """How many rows there are for one scene."""
        return len(self.rows) // self.n_scenes

    @classmethod
    def of(cls, tables: Tables, cells: Integer[np.ndarray, "V C"], agents: Integer[np.ndarray, "K 2 C"]) -> CellTable:
        """Build the table of what cells and agents show.

        Args:
          tables: the world.
          cells: `[V, C]`, what each cell value shows.
          agents: `[K, 2, C]`, what each kind of agent adds to its cell, seen by another and by itself; the kinds in the
            order of `(agent value * 4 + direction) * 2 + terminated`.
        """
        occupied = cells[tables.rules.standable][:, None, None, :] + agents
        first = np.zeros(len(cells), dtype=np.int32)
        first[tables.rules.standable] = len(cells) + np.arange(len(occupied)) * agents.shape[0] * 2
        return cls(np.concatenate([cells, occupied.reshape(-1, cells.shape[1])]), first)


def kinds_of_agents(state: EnvState) -> Int[Array, "*B A"]:
    """What kind of agent each is, for the rows of a `CellTable`: `[*B, A]` int32, by value, direction and end."""
    return (state.agent_value * 4 + state.agent_dir) * 2 + state.terminated.astype(np.int32)


def seen_by_others(state: EnvState, table: CellTable) -> tuple[Int[Array, "*B N"], Int[Array, "*B A"]]:
    """The row of each cell, with the agents as others see them, and the row of each agent's cell.

    The row of an agent's cell as it sees it itself is the next one.

    Args:
      state: any state, batched or not.
      table: what cells look like.
    """
    of_agents = lookup(table.first_occupied, gather(state.cells, state.agent_cell)) + kinds_of_agents(state) * 2
    of_cells = state.cells.astype(np.int32)
    if table.scene is not None:
        first = (table.scene.of_state(state) * table.n_looks)[..., None]
        of_cells, of_agents = of_cells + first, of_agents + first
    return put_all(of_cells, state.agent_cell, of_agents), of_agents


def integer_seen_by_others(table: CellTable) -> Callable[[IntegerWorld], tuple[list[int], list[int]]]:
    """`seen_by_others` on plain integers.

    Args:
      table: what cells look like.
    Returns:
      A function from a world to the row of each cell and the row of each agent's cell.
    """
    first_occupied: list[int] = table.first_occupied.tolist()
    scene, n_looks = table.scene, table.n_looks

    def see(world: IntegerWorld) -> tuple[list[int], list[int]]:
        cells = world.cells
        first = 0 if scene is None else scene.of_world(world) * n_looks
        of_agents = [
            first + first_occupied[cells[cell]] + ((value * 4 + direction) * 2 + terminated) * 2
            for cell, value, direction, terminated in zip(
                world.agent_cell, world.agent_value, world.agent_dir, world.terminated, strict=True
            )
        ]
        seen = [first + value for value in cells] if first else cells.copy()
        for cell, row in zip(world.agent_cell, of_agents, strict=True):
            seen[cell] = row
        return seen, of_agents

    return see
