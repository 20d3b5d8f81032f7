"""The worlds that are played in the pages of the documentation: one of each family, if a browser can play it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from environment_families import Family

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import make
from cogrid.errors import ConfigError
from cogrid.page.export import page_text

SHOWN: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "Overcooked": ("Overcooked-CrampedRoom-V0", {}),
    "OvercookedAI": ("OvercookedAI-CrampedRoom-V0", {}),
    "JaxMARLOvercooked": ("JaxMARLOvercooked-CrampedRoom-V0", {}),
    "OvercookedV2": ("OvercookedV2-GroundedCoordSimple-V0", {}),
    "SearchRescue": ("SearchRescue-Small-V0", {"ends_when_all_rescued": False}),
    "GoalSeeking": ("GoalSeeking-Random-V0", {}),
    "MiniGrid": ("MiniGrid-DoorKey-6x6-V0", {}),
    "Warehouse": ("Warehouse-Tiny-V0", {}),
    "LevelBasedForaging": ("LevelBasedForaging-8x8-V0", {}),
}
"""The world of a family, with its settings; the first of its ids for any other family."""


def live_world(family: Family) -> CoGridEnv | None:
    """The world of a family that a page plays; None where the browser cannot.

    Args:
      family: the family.
    """
    env_id, settings = SHOWN.get(family.name, (family.ids[0], {}))
    env = make(env_id, **settings)
    try:
        page_text([env])
    except ConfigError:  # It has a function that runs in Python only.
        return None
    return env
