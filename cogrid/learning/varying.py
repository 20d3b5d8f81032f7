"""Which entries of an observation can ever differ in a world: a network need not look at the others.

On one map most of the planes of a grid stay as they are: a wall is never an onion, and nobody stands in a pot. With
the entries that can differ alone, a dense layer is several times smaller and learns the same.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Shaped

from cogrid.core.tables import Tables
from cogrid.feature_space import Observation
from cogrid.feature_space.blocks import Block, CellBlock


def varying_entries(observation: Observation, tables: Tables) -> Bool[np.ndarray, "..."]:
    """Find the entries that can differ between two states of a world, or between two of its agents.

    What is found to stay the same does so for certain, whatever agents do on the maps of this world. The other way
    round nothing is promised: only planes of a whole grid are looked into, where rules change cells one by one, and
    all entries of anything else count as differing.

    Args:
      observation: what agents see.
      tables: the world.
    Returns:
      Of the shape of what one agent sees.
    """
    parts = [_of_block(block, tables).reshape(-1) for block in observation.blocks(tables)]
    return np.concatenate(parts).reshape(observation.bounds(tables)[0].shape)


def _of_block(block: Block, tables: Tables) -> Bool[np.ndarray, "..."]:
    if not isinstance(block, CellBlock) or not (_is_plain(block) and _changes_cell_by_cell(tables)):
        return np.ones(block.shape, bool)
    low, high = _looks(block, tables)
    by_type = {name: _values_after(name, tables) for name in set(tables.rules.type_of)}
    starts = tables.map.starts.cells[:, block.shown[0]]
    found = np.zeros((starts.shape[1], block.rows.shape[1]), bool)
    for place, value_ids in enumerate(starts.T):
        possible = np.any([by_type[tables.rules.type_of[idx]] for idx in set(value_ids.tolist())], axis=0)
        found[place] = low[possible].min(axis=0) < high[possible].max(axis=0)
    return found.reshape(block.shape)


def _is_plain(block: CellBlock) -> bool:
    """Whether a place shows its own cell, whoever looks, and depends on nothing else."""
    return not (block.is_window or block.scene or block.relation or block.turn_stride or block.sight)


def _changes_cell_by_cell(tables: Tables) -> bool:
    """Whether rules of objects alone change cells, each where it stands."""
    rules = tables.settings.rules
    return rules.step_hook is None and rules.start_hook is None and tables.moves is None and not tables.draws


def _looks(block: CellBlock, tables: Tables) -> tuple[Shaped[np.ndarray, "V C"], Shaped[np.ndarray, "V C"]]:
    """The least and the greatest number that each cell value can show, with and without an agent in it."""
    low = block.rows[: tables.rules.n_cell_values].copy()
    high = low.copy()
    if block.first_occupied is None:
        return low, high
    sizes = (tables.rules.n_agent_values, 4, 2, 2)
    strides = (block.by_value, block.by_direction, block.by_terminated, block.by_self)
    offsets = np.unique(np.array(strides) @ np.indices(sizes).reshape(4, -1))
    for value_id in np.flatnonzero(tables.rules.standable):
        occupied = block.rows[block.first_occupied[value_id] + offsets]
        low[value_id] = np.minimum(low[value_id], occupied.min(axis=0))
        high[value_id] = np.maximum(high[value_id], occupied.max(axis=0))
    return low, high


def _values_after(name: str, tables: Tables) -> Bool[np.ndarray, "V"]:
    """The values that can come of an object of some type, where it stands."""
    types = tables.rules.type_of
    after = {other for other in set(types) if name in tables.rules.types_that_become({other})}
    return np.array([kind in after for kind in types])
