"""`order_queue`: the order board as numbers, the same for all agents."""

from __future__ import annotations

import dataclasses

import numpy as np

from cogrid.core.tables import Tables
from cogrid.envs.overcooked_orders.queue import queue_tables
from cogrid.feature_space.blocks import CellBlock
from cogrid.feature_space.feature import TableFeature, register_feature


@dataclasses.dataclass(frozen=True)
class OrderQueue(TableFeature):
    """For each slot of the order board: one number of the menu's recipes set, then the ticks left; zeros if free."""

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """What each cell value says of an order, at the cells of the board."""
        queue = queue_tables(tables)
        recipes = queue.recipe[:, None] == np.arange(len(queue.fresh))
        rows = np.concatenate([recipes, queue.left[:, None]], axis=-1)
        shown = np.array([queue.places], dtype=np.int32)
        return (CellBlock(rows=rows, shape=(shown.size * rows.shape[1],), shown=shown),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the numbers."""
        queue = queue_tables(tables)
        names = (*queue.menu.recipes, "ticks_left")
        return tuple(f"order_{idx}_{name}" for idx in range(len(queue.places)) for name in names)


order_queue_feature: OrderQueue = OrderQueue()
register_feature("order_queue", order_queue_feature)
