"""`symbolic`: the grid in a few numbers a cell, as rule-based and language agents read it.

Channels, in order: `object_type`, the type id of what stands in the cell, 0 for free floor; `object_state`, what it
says of its own state (a counter: the type id of what lies on it); `agent`, 0 for nobody, 1 for oneself, 2 for another,
3 for oneself and 4 for another that has terminated; `direction` of that agent, 1 right, 2 down, 3 left, 4 up, 0 without
an agent; `held`, the type id of the item in its hand, 0 for none. Where agents differ in more than what they hold there
is a sixth channel, `agent_kind`: which of the different agents it is (their role, say), counted from 1.

The form is that of MiniGrid's observations (Chevalier-Boisvert et al., 2023): a few codes for each cell. Differs: codes
are ours, there are no colours, and agents have channels of their own.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Integer

from cogrid.core.tables import Tables
from cogrid.feature_space.blocks import CellBlock, grid_block
from cogrid.feature_space.feature import TableFeature, register_feature, relative_direction

CHANNELS = ("object_type", "object_state", "agent", "direction", "held")
AGENT_KIND = "agent_kind"
DIRECTION = CHANNELS.index("direction")


@dataclasses.dataclass(frozen=True)
class Symbolic(TableFeature):
    """The whole grid as codes, `[H, W, 5]` (or 6, see above) for each agent."""

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """The codes of every look that a cell can have."""
        declared, kinds = tables.declared, _agent_kinds(tables)
        n_channels = len(CHANNELS) + (len(kinds) > 1)
        cells = np.zeros((tables.rules.n_cell_values, n_channels), dtype=np.int64)
        cells[:, 0] = declared.object_type
        cells[:, 1] = declared.object_state
        agents = np.zeros((tables.rules.n_agent_values, 4, 2, 2, n_channels), dtype=np.int64)
        agents[..., 2] = np.array([[2, 1], [4, 3]])
        agents[..., DIRECTION] = np.arange(1, 5)[:, None, None]
        agents[..., 4] = np.maximum(declared.item_type, 0)[:, None, None, None]
        if len(kinds) > 1:
            numbers = [kinds.index(agent.empty_handed()) + 1 for agent in tables.rules.compiled.agent_values]
            agents[..., 5] = np.array(numbers)[:, None, None, None]
        return (grid_block(tables, cells, agents),)

    def turned_rows(self, tables: Tables, rows: Integer[np.ndarray, "R C"]) -> Integer[np.ndarray, "4 R C"]:
        """The codes as a viewer sees them whose own direction counts as up: its own `direction` is always 4."""
        turned = np.stack([rows] * 4)
        codes = np.array([[0] + [1 + relative_direction(seen, viewer) for seen in range(4)] for viewer in range(4)])
        for viewer in range(4):
            turned[viewer, :, DIRECTION] = codes[viewer][turned[viewer, :, DIRECTION]]
        return turned

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the codes."""
        return (*CHANNELS, AGENT_KIND) if len(_agent_kinds(tables)) > 1 else CHANNELS


def _agent_kinds(tables: Tables) -> list[object]:
    """The agents that differ in more than what they hold, empty-handed, in the order of their values."""
    return list(dict.fromkeys(agent.empty_handed() for agent in tables.rules.compiled.agent_values))


symbolic: Symbolic = Symbolic()
register_feature("symbolic", symbolic)
