"""`order_queue`: the order board as numbers, the same for all agents."""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Integer, Shaped

from cogrid.backend.array_ops import lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.tables import Tables
from cogrid.envs.overcooked_orders.queue import queue_tables
from cogrid.feature_space.feature import Feature, register_feature, smallest_dtype


@dataclasses.dataclass(frozen=True)
class OrderQueue(Feature):
    """For each slot of the order board: one number of the menu's recipes set, then the ticks left; zeros if free."""

    def __call__(self, state: EnvState) -> Integer[Array, "*B A F"]:
        tables: Tables = state.tables
        xp = namespace(state.cells)
        rows = self._rows(tables)
        shown = xp.concat(
            [lookup_rows(rows, state.cells[..., place]) for place in queue_tables(tables).places], axis=-1
        )
        return xp.broadcast_to(shown[..., None, :], (*shown.shape[:-1], tables.n_agents, shown.shape[-1]))

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        """0, and 1 for recipes, the menu's patience for ticks."""
        queue = queue_tables(tables)
        slot = np.array([1] * len(queue.fresh) + [int(queue.left.max())])
        greatest = np.tile(slot, len(queue.places))
        return np.zeros_like(greatest), greatest

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the numbers."""
        queue = queue_tables(tables)
        names = (*queue.menu.recipes, "ticks_left")
        return tuple(f"order_{idx}_{name}" for idx in range(len(queue.places)) for name in names)

    def _rows(self, tables: Tables) -> Integer[np.ndarray, "V F"]:
        queue = queue_tables(tables)
        recipes = queue.recipe[:, None] == np.arange(len(queue.fresh))
        rows = np.concatenate([recipes.astype(np.int32), queue.left[:, None]], axis=-1)
        return rows.astype(smallest_dtype(*self.bounds(tables)))


order_queue_feature: OrderQueue = OrderQueue()
register_feature("order_queue", order_queue_feature)
