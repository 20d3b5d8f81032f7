"""`role_planes`: the object planes, and behind them one plane for each role.

Channels: those of `object_planes` but for what agents differ in, then `medic` and `engineer`: where agents of that
role are, oneself among them.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from cogrid.core.tables import Tables
from cogrid.envs.families import check_family
from cogrid.envs.search_rescue.objects import ROLES, Victim
from cogrid.feature_space.blocks import CellBlock, add_channels
from cogrid.feature_space.feature import TableFeature, register_feature
from cogrid.feature_space.object_planes import ObjectPlanes

_BELOW = ObjectPlanes(shows_fields=False)


@dataclasses.dataclass(frozen=True)
class RolePlanes(TableFeature):
    """The object planes, and where the medics and the engineers are, `[H, W, C]` uint8 for each agent."""

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """The looks of the object planes, with the role of the agent in each; nothing where there is no agent."""
        if not any(agent.role in ROLES for agent in tables.settings.rules.agents):
            check_family(tables, "role_planes", "SearchRescue", Victim)
        below = _BELOW.blocks(tables)[0]
        has_role = [[agent.role == role for role in ROLES] for agent in tables.rules.compiled.agent_values]
        by_look = np.tile(np.repeat(np.array(has_role), below.by_value, axis=0), (int(tables.rules.standable.sum()), 1))
        added = np.zeros((len(below.rows), len(ROLES)), dtype=np.int64)
        added[-len(by_look) :] = by_look
        return (add_channels(below, added),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the planes."""
        return (*_BELOW.channels(tables), *ROLES)


register_feature("role_planes", RolePlanes())
