"""The rule set of the classic kitchens; a step is the library's own."""

from __future__ import annotations

from cogrid.core.rules import Rules
from cogrid.envs.overcooked.objects import ITEMS, OBJECTS
from cogrid.envs.overcooked.pictures import PICTURES

OVERCOOKED_RULES = Rules(name="overcooked", objects=OBJECTS, items=ITEMS, pictures=PICTURES)
"""The rules of the classic kitchens."""
