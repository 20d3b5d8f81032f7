"""A layout as arrays, before anybody plays in it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from cogrid.core.actions import CARDINAL
from cogrid.core.layout import Layout, LayoutSource
from cogrid.core.rules import Rules
from cogrid.core.tables import WorldSettings, get_tables


def layout_to_array_state(layout: LayoutSource, rules: Rules) -> dict[str, Int[np.ndarray, "..."]]:
    """Read a layout into arrays, always NumPy's.

    Args:
      layout: a registered name, a drawing, or a file.
      rules: whose symbols it uses.
    Returns:
      `wall_map`, `object_type_map`, `object_state_map`, `[H, W]` int32, and `spawn_positions`, `[S, 2]` int32: the
      marked starts, numbered ones first.
    Raises:
      LayoutError: when the drawing cannot be read.
    """
    read = Layout.read(layout, rules)
    tables = get_tables(WorldSettings(rules=rules, layout=read, n_agents=1, action_set=CARDINAL, max_steps=None))
    marks = np.array([cell for _, cell in read.numbered_starts] + list(read.start_marks), dtype=np.int32)
    shape = (read.height, read.width)
    return {
        "wall_map": tables.declared.is_wall[tables.map.start_cells].reshape(shape),
        "object_type_map": tables.declared.object_type[tables.map.start_cells].reshape(shape),
        "object_state_map": tables.declared.object_state[tables.map.start_cells].reshape(shape),
        "spawn_positions": np.stack([marks // read.width, marks % read.width], axis=-1),
    }
