"""Recorded states of Overcooked-AI in our own terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Int, Shaped

from cogrid.backend.env_state import EnvState
from cogrid.core.grid_object import object_to_idx

SCOPE = "overcooked_ai"


def our_arrays(
    recorded: Mapping[str, Shaped[np.ndarray, "..."]], items: Sequence[str], prefix: str = ""
) -> dict[str, Int[np.ndarray, "..."]]:
    """Recorded states as the arrays that `state_from_arrays` takes; any batch axes in front are kept.

    Args:
      recorded: `agent_pos` (row, column), `agent_dir`, `agent_item`, `cell_item` `[..., H, W]`, `pot_contents`
        `[..., P, 3]`, `pot_timer`, `time`; items by number.
      items: what the item numbers mean; 0 is none.
      prefix: what stands before the names.
    """
    type_ids = np.array([object_to_idx(None if name == "none" else str(name), SCOPE) for name in items])
    held = type_ids[recorded[prefix + "agent_item"]]
    arrays = {
        "agent_pos": recorded[prefix + "agent_pos"].astype(np.int32),
        "agent_dir": recorded[prefix + "agent_dir"].astype(np.int32),
        "agent_inv": np.where(held == 0, -1, held)[..., None],
        "object_state_map": type_ids[recorded[prefix + "cell_item"]],
    }
    if prefix + "pot_contents" in recorded:
        contents = type_ids[recorded[prefix + "pot_contents"]]
        arrays["pot_contents"] = np.where(contents == 0, -1, contents)
        arrays["pot_timer"] = recorded[prefix + "pot_timer"].astype(np.int32)
        arrays["time"] = recorded[prefix + "time"].astype(np.int32)
    return arrays


def differing(state: EnvState, arrays: Mapping[str, Int[np.ndarray, "..."]]) -> dict[str, Int[np.ndarray, "..."]]:
    """Where states differ from `our_arrays`.

    Pots are compared by contents, in any order, and timer; `object_state_map` on counters only.

    Args:
      state: states, their batch axes those of the arrays.
      arrays: what they should read as.
    Returns:
      For each array that differs somewhere: `[K, axes]`, the indices of the numbers that do.
    """
    found = {}
    is_counter = np.asarray(state.object_type_map) == object_to_idx("counter", SCOPE)
    for name, values in arrays.items():
        shown, wanted = np.asarray(getattr(state, name)), values
        if name == "object_state_map":
            shown = np.where(is_counter, shown, 0)
        if name == "pot_contents":
            shown, wanted = np.sort(shown, axis=-1), np.sort(values, axis=-1)
        places = np.argwhere(shown != wanted)
        if len(places):
            found[name] = places
    return found
