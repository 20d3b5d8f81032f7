"""`role_planes`: the object planes, and behind them one plane for each role.

Channels: those of `object_planes`, then `medic` and `engineer`: where agents of that role are, oneself among them.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np

from cogrid.core.tables import Tables
from cogrid.envs.search_rescue.objects import ROLES
from cogrid.feature_space.cell_feature import CellFeature
from cogrid.feature_space.cell_table import CellTable
from cogrid.feature_space.feature import register_feature
from cogrid.feature_space.object_planes import object_planes


@dataclasses.dataclass(frozen=True)
class RolePlanes(CellFeature):
    """The object planes, and where the medics and the engineers are, `[H, W, C]` uint8 for each agent."""

    def cell_table(self, tables: Tables) -> CellTable:
        """The planes of every look that a cell can have."""
        return _cell_table(tables)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return (*object_planes.channels(tables), *ROLES)


@functools.lru_cache(maxsize=256)
def _cell_table(tables: Any) -> CellTable:
    """The looks of the object planes, with the role of the agent in each; nothing where there is no agent."""
    below = object_planes.cell_table(tables)
    has_role = np.array([[agent.role == role for role in ROLES] for agent in tables.rules.compiled.agent_values])
    by_kind = np.repeat(has_role, 4 * 2 * 2, axis=0)
    by_look = np.tile(by_kind, (int(tables.rules.standable.sum()), 1))
    nobody = np.zeros((len(below.rows) - len(by_look), len(ROLES)), dtype=bool)
    added = np.concatenate([nobody, by_look]).astype(below.rows.dtype)
    return CellTable(np.concatenate([below.rows, added], axis=-1), below.first_occupied)


register_feature("role_planes", RolePlanes())
