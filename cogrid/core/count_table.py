"""`CountTable`: which rows of a table ask for a count, and the counts themselves, taken on arrays."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from cogrid.backend.array_ops import gather, lookup, sum_of
from cogrid.backend.env_state import EnvState
from cogrid.backend.few_values import total_of
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.counts import ACTORS, AGENTS, Count, Disc

if TYPE_CHECKING:
    from cogrid.core.tables import Tables


@dataclasses.dataclass(frozen=True, eq=False)
class Summed:
    """One count, by number.

    Attributes:
      over: "map", "agents", "actors" or "disc".
      weights: `[V]` int32, what each cell value counts, or `[U]` int32, each agent value.
      cap: the largest number that is told apart.
      offsets: `[P, 2]` int32, the steps to the cells of a disc, as (rows, columns); none for another count.
    """

    over: str
    weights: Int[np.ndarray, "W"]
    cap: int
    offsets: Int[np.ndarray, "P 2"]

    @classmethod
    def of(cls, count: Count, cell_values: Sequence[object], agent_values: Sequence[object]) -> Summed:
        """Ask a count about every value.

        Raises:
          RuleError: for a count that fails, or counts nothing.
        """
        weights = count.weights(agent_values if count.is_of_agents else cell_values)
        steps = count.over.offsets() if isinstance(count.over, Disc) else []
        over = "disc" if isinstance(count.over, Disc) else count.over.name.lower()
        return cls(over, weights, count.cap, np.array(steps, dtype=np.int32).reshape(-1, 2))

    def whole(self, state: EnvState) -> Int[Array, "*B"]:
        """The count of a whole state, over its map or over its agents, `[*B]` int32."""
        values = state.agent_value if self.over == AGENTS.name.lower() else state.cells
        return self.capped(total_of(self.weights, values, _most(self, state.tables)))

    def around(self, state: EnvState) -> Int[Array, "*B N"]:
        """The count around each cell, over a disc, `[*B, N]` int32; there is nothing off the grid."""
        xp = namespace(state.cells)
        reach = int(abs(self.offsets).max())
        grid = state.cell_map(self.weights)
        rows = xp.zeros((*grid.shape[:-2], reach, grid.shape[-1]), dtype=np.int32)
        tall = xp.concat([rows, grid, rows], axis=-2)
        columns = xp.zeros((*tall.shape[:-1], reach), dtype=np.int32)
        wide = xp.concat([columns, tall, columns], axis=-1)
        height, width = grid.shape[-2:]
        total = xp.zeros_like(grid)
        for row, column in (self.offsets + reach).tolist():
            total = total + wide[..., row : row + height, column : column + width]
        return self.capped(total.reshape(state.cells.shape))

    def acting(
        self,
        weight: Int[Array, "*B A"],
        kinds: Int[Array, "*B A"],
        places: Int[Array, "*B A"],
        kind: Int[Array, "*B"],
        place: Int[Array, "*B"],
    ) -> Int[Array, "*B"]:
        """The count over those who act in one way on one cell, `[*B]` int32.

        Args:
          weight: what each agent counts.
          kinds: which act each agent makes at the start of the stage, 0 for none.
          places: the cell that it falls on.
          kind, place: the act and the cell.
        """
        is_one = (kinds == kind[..., None]) & (places == place[..., None])
        return self.capped(sum_of(weight * is_one.astype(np.int32)))

    def capped(self, total: Int[Array, "*B"]) -> Int[Array, "*B"]:
        """A sum, up to the cap."""
        return namespace(total).minimum(total, namespace(total).asarray(self.cap, dtype=np.int32))


@dataclasses.dataclass(frozen=True, eq=False)
class CountTable:
    """Which rows of a table ask for which count.

    The table that this belongs to has C rows for each thing that can be looked up, one for each number that a count can
    be: row `k * C + count` for thing k.

    Attributes:
      size: how many rows there are for each thing, C: one more than the largest cap.
      which: `[K]` int32, for each thing the number of the count that it asks for, from 1 on; 0 for none.
      counts: the counts, in the order of their numbers.
    """

    size: int
    which: Int[np.ndarray, "K"]
    counts: tuple[Summed, ...]

    @classmethod
    def of(cls, n_things: int, asked: Mapping[int, Count], known: Mapping[Count, Summed]) -> CountTable | None:
        """The table for some things; None where no count is asked for.

        Args:
          n_things: how many things can be looked up, K.
          asked: the count of each thing that asks for one.
          known: the counts, by number.
        """
        if not asked:
            return None
        used = list(dict.fromkeys(asked.values()))
        which = np.zeros(n_things, dtype=np.int32)
        for thing, count in asked.items():
            which[thing] = used.index(count) + 1
        return cls(1 + max(count.cap for count in used), which, tuple(known[count] for count in used))

    def of_cells(self, state: EnvState) -> list[Int[Array, "*B N"]]:
        """Every count for each cell, `[*B, N]` int32."""
        xp = namespace(state.cells)
        return [
            summed.around(state)
            if summed.over == "disc"
            else xp.broadcast_to(summed.whole(state)[..., None], state.cells.shape)
            for summed in self.counts
        ]

    def of_stage(self, state: EnvState) -> list[Array]:
        """What is taken at the start of a stage: `[*B]`; over discs `[*B, N]`, for actors `[*B, A]`."""
        taken: list[Array] = []
        for summed in self.counts:
            if summed.over == "disc":
                taken.append(summed.around(state))
            else:
                is_each = summed.over == ACTORS.name.lower()
                taken.append(lookup(summed.weights, state.agent_value) if is_each else summed.whole(state))
        return taken

    def at_place(
        self,
        taken: Sequence[Array],
        kinds: Int[Array, "*B A"],
        places: Int[Array, "*B A"],
        kind: Int[Array, "*B"],
        place: Int[Array, "*B"],
    ) -> list[Int[Array, "*B"]]:
        """Every count for a rule that is called for a cell, `[*B]` int32.

        Args:
          taken: of `of_stage`.
          kinds, places: which rule each agent calls at the start of the stage, 0 for none, and for which cell.
          kind, place: the rule, and the cell.
        """
        counts: list[Int[Array, "*B"]] = []
        for summed, of_stage in zip(self.counts, taken, strict=True):
            if summed.over == "disc":
                counts.append(gather(of_stage, place[..., None])[..., 0])
            elif summed.over == ACTORS.name.lower():
                counts.append(summed.acting(of_stage, kinds, places, kind, place))
            else:
                counts.append(of_stage)
        return counts

    @property
    def is_of_actors(self) -> bool:
        """Whether it counts those who act together."""
        return any(summed.over == ACTORS.name.lower() for summed in self.counts)

    def at_places(self, taken: Sequence[Array], places: Int[Array, "*B A"]) -> list[Int[Array, "*B A"]]:
        """Every count for a rule that is called for several cells at once, and not by those who act together.

        Args:
          taken: of `of_stage`.
          places: the cells.
        """
        xp = namespace(places)
        return [
            gather(of_stage, places) if summed.over == "disc" else xp.broadcast_to(of_stage[..., None], places.shape)
            for summed, of_stage in zip(self.counts, taken, strict=True)
        ]

    def row(self, thing: Int[Array, "*B"], taken: Sequence[Int[Array, "*B"]]) -> Int[Array, "*B"]:
        """The row of each thing, given every count.

        Args:
          thing: `[*B]` int32, 0..K-1.
          taken: the counts for it, in the order of their numbers.
        """
        which = lookup(self.which, thing)
        row = thing * self.size
        for number, count in enumerate(taken, start=1):
            row = row + count * (which == number).astype(np.int32)
        return row


@functools.lru_cache(maxsize=256)
def _most(summed: Summed, tables: Tables) -> int:
    """The largest sum that a count over the map or over the agents can come to."""
    n_counting = tables.n_agents
    if summed.over != AGENTS.name.lower():
        has_hook = tables.settings.rules.step_hook is not None or tables.settings.rules.start_hook is not None
        n_counting = tables.n_cells if has_hook else len(tables.map.cells_for(summed.weights > 0))
    return int(summed.weights.max()) * n_counting
