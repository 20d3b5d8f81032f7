"""A digest of a world: two worlds share it if and only if a state of one means the same in the other."""

from __future__ import annotations

import hashlib
import weakref

import numpy as np

from cogrid.core.tables import Tables

_FINGERPRINTS: weakref.WeakKeyDictionary[Tables, str] = weakref.WeakKeyDictionary()


def fingerprint(tables: Tables) -> str:
    """What two worlds share if and only if a state of one means the same in the other.

    Args:
      tables: the world.
    Returns:
      A hexadecimal digest of the numbered values, the compiled rules, the map and the settings.
    """
    if tables not in _FINGERPRINTS:
        compiled = tables.rules.compiled
        words = [repr(value) for value in (*compiled.cell_values, *compiled.agent_values)]
        words += [repr(compiled.rules.world_values), repr(tables.action_set), repr(tables.max_steps)]
        words += [repr((tables.n_agents, tables.height, tables.width, tables.rules.event_names, compiled.rules.stages))]
        words += [compiled.rules.collisions, *tables.declared.type_names]
        digest = hashlib.sha256("\n".join(words).encode())
        for array in (tables.rules.interact.rows, tables.rules.tick, tables.map.starts.cells):
            digest.update(np.ascontiguousarray(array).tobytes())
        _FINGERPRINTS[tables] = digest.hexdigest()
    return _FINGERPRINTS[tables]
