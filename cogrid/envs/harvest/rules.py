"""The rule set of Harvest."""

from __future__ import annotations

from cogrid.core.rules import Rules
from cogrid.envs.commons.objects import FINE, MOVES, Gatherer
from cogrid.envs.commons.pictures import draw_apple_tree
from cogrid.envs.harvest.objects import N_APPLES, Tree

HARVEST_RULES = Rules(
    name="harvest",
    objects=(Tree,),
    agents=(Gatherer(),),
    actions=(*MOVES, FINE),
    counts=(N_APPLES,),
    items_on_floor=False,
    pictures={Tree: draw_apple_tree},
)
"""Agents walk, turn, eat what they stand on, and fine each other."""
