"""What Overcooked hands to the core."""

from __future__ import annotations

from cogrid.core.rules import Rules
from cogrid.envs.overcooked.objects import ITEMS, OBJECTS
from cogrid.envs.overcooked.pictures import PICTURES

OVERCOOKED_RULES = Rules(name="overcooked", objects=OBJECTS, items=ITEMS, pictures=PICTURES)
"""The rule set of the classic kitchens."""


def build_overcooked_scope_config() -> Rules:
    """The rule set that the classic environments hand to the core, which itself knows nothing of Overcooked."""
    return OVERCOOKED_RULES
