"""`MapTables`: what the map of a world is, as constant arrays."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from jaxtyping import Bool, Int, UInt

from cogrid.backend.array_ops import MAX_UNROLLED
from cogrid.core.agent import get_dir_vec_table
from cogrid.core.draw_tables import DrawTable, cells_closed_at_reset
from cogrid.core.grid_object import GridObject
from cogrid.core.layout import Layout
from cogrid.core.rule_tables import RuleTables
from cogrid.core.starts import Starts


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class MapTables:
    """The layouts of a world at the start, and where things can change.

    Attributes:
      rules: what the rules do.
      starts: the layouts at the start, and where agents start on them.
      start_values: `[A]` int32, agent value of each agent at the start.
      open_at_start: `[V]` bool, whether every agent can start in each cell value.
      front: `[N * 4]` int32, the cell in front of each cell in each direction; the cell itself off the grid.
    """

    rules: RuleTables
    starts: Starts
    start_values: Int[np.ndarray, "A"]
    open_at_start: Bool[np.ndarray, "V"]
    front: Int[np.ndarray, "M"]

    @classmethod
    def of(
        cls,
        rules: RuleTables,
        layouts: tuple[Layout, ...],
        is_set: bool,
        n_agents: int,
        draws: Sequence[DrawTable] = (),
    ) -> MapTables:
        """Number what stands on the layouts, and find out where agents start.

        Raises:
          LayoutError: when a layout has too few free cells for the agents.
        """
        game = rules.compiled.rules
        cell_ids = {value: idx for idx, value in enumerate(rules.compiled.cell_values)}
        agent_ids = {value: idx for idx, value in enumerate(rules.compiled.agent_values)}
        cells = np.array([[cell_ids[value] for value in layout.objects] for layout in layouts], dtype=rules.cell_dtype)
        values = [agent_ids[game.agents[idx % len(game.agents)]] for idx in range(n_agents)]
        is_open = rules.open_to(values)
        return cls(
            rules=rules,
            starts=Starts.of(
                layouts,
                cells,
                is_open,
                n_agents,
                is_set,
                is_drawn_in_room=game.start_in_room,
                n_closed=cells_closed_at_reset(draws, is_open),
            ),
            start_values=np.array(values, dtype=np.int32),
            open_at_start=is_open,
            front=front_table(layouts[0].height, layouts[0].width).reshape(-1),
        )

    @property
    def is_set(self) -> bool:
        """Whether the world plays a set of layouts, one of which is drawn at each reset."""
        return self.starts.is_set

    @property
    def start_cells(self) -> UInt[np.ndarray, "N"]:
        """`[N]` cell value of each cell at the start, on the first layout of a set."""
        return self.starts.cells[0]

    @functools.cached_property
    def around(self) -> Int[np.ndarray, "N 8"]:
        """`[N, 8]` int32, the neighbours of each cell, those beside it first; the cell itself for one off the grid."""
        front = self.front.reshape(-1, 4)
        itself = np.arange(len(front))[:, None]
        aside = front[front, [1, 2, 3, 0]]
        is_off = (front == itself) | (aside == front)
        return np.concatenate([front, np.where(is_off, itself, aside)], axis=1).astype(np.int32)

    @functools.cached_property
    def tickable_cells(self) -> tuple[int, ...]:
        """The cells that can ever hold a value that ticks."""
        does_tick = self.rules.does_tick
        if self._has_step_hook and does_tick.any():
            return tuple(range(self.starts.cells.shape[1]))
        return self.cells_for(does_tick)

    @functools.cached_property
    def drawing_cells(self) -> tuple[int, ...]:
        """The cells that can ever hold a value that draws what becomes of it by itself."""
        if self.rules.tick_chance is None:
            return ()
        if self._has_step_hook:
            return tuple(range(self.starts.cells.shape[1]))
        return self.cells_for((self.rules.tick_chance.kind != 0).reshape(self.rules.n_cell_values, -1).any(axis=1))

    @property
    def ticking_cells(self) -> tuple[int, ...] | None:
        """The same for arrays: None for all, where there are too many to tick one by one."""
        return None if len(self.tickable_cells) > MAX_UNROLLED else self.tickable_cells

    @functools.cached_property
    def changeable_cells(self) -> Int[np.ndarray, "D"]:
        """`[D]`, the cells that can ever hold another object than at first, or an agent, or where layouts differ."""
        if self._has_step_hook:
            return np.arange(self.starts.cells.shape[1])
        names = self.rules.type_of
        changes = {names[before] for before, after in self.rules.compiled.cell_changes() if after != before}
        changes |= {name for name, count in Counter(names).items() if count > 1}
        changes |= {name for name, can_stand in zip(names, self.rules.standable, strict=True) if can_stand}
        differs = (self.starts.cells != self.start_cells).any(axis=0)
        return np.flatnonzero(self._holds_at_start(changes).any(axis=0) | differs)

    def cells_for(self, is_wanted: Bool[np.ndarray, "V"]) -> tuple[int, ...]:
        """The cells that can ever hold one of some values, on any layout, as far as objects' rules change cells.

        Args:
          is_wanted: `[V]` bool, which cell values.
        """
        sources = self.rules.types_that_become({self.rules.type_of[idx] for idx in np.flatnonzero(is_wanted)})
        return tuple(np.flatnonzero(self._holds_at_start(sources).any(axis=0)).tolist())

    def most_at_once(self, kind: type[GridObject]) -> int:
        """How many cells can ever hold an object of a class at once, on the layout with the most of them."""
        values = zip(self.rules.type_of, self.rules.compiled.cell_values, strict=True)
        sources = self.rules.types_that_become({name for name, value in values if type(value) is kind})
        return int(self._holds_at_start(sources).sum(axis=1).max())

    @property
    def _has_step_hook(self) -> bool:
        """Whether a function may put anything anywhere."""
        return self.rules.compiled.rules.step_hook is not None

    def _holds_at_start(self, names: Collection[str]) -> Bool[np.ndarray, "L N"]:
        """Where the layouts hold an object of some types at the start."""
        return np.array([name in names for name in self.rules.type_of])[self.starts.cells]


def front_table(height: int, width: int) -> Int[np.ndarray, "N 4"]:
    """The cell in front of each cell.

    Args:
      height, width: the grid's sizes.
    Returns:
      `[N, 4]` int32, flat index of the neighbour in each direction, of the cell itself where that is off the grid.
    """
    cells = np.arange(height * width, dtype=np.int32)
    position = np.stack([cells // width, cells % width], axis=-1)[:, None, :] + get_dir_vec_table()
    is_inside = ((position >= 0) & (position < np.array([height, width]))).all(axis=-1)
    return np.where(is_inside, position[..., 0] * width + position[..., 1], cells[:, None]).astype(np.int32)
