"""The rule set of Clean Up, for rivers of one size."""

from __future__ import annotations

import functools

from cogrid.core.acts import Act
from cogrid.core.counts import MAP, Count
from cogrid.core.rules import Rules
from cogrid.envs.clean_up.objects import River, Tree, is_waste
from cogrid.envs.clean_up.pictures import draw_river
from cogrid.envs.commons.objects import BEAM, FINE, MOVES, Gatherer
from cogrid.envs.commons.pictures import draw_apple_tree

CLEAN = Act("Clean", reach=BEAM)
"""The beam that cleans the first stretch of river with waste on each of its lines."""


@functools.lru_cache(maxsize=64)
def clean_up_rules(n_river: int) -> Rules:
    """The rules of Clean Up; the same object for equal arguments.

    Args:
      n_river: how many stretches of river there are on the map, at least 1.
    """
    return Rules(
        name="clean_up",
        objects=(River(n_river=n_river), Tree(n_river=n_river)),
        agents=(Gatherer(),),
        actions=(*MOVES, FINE, CLEAN),
        counts=(Count("n_waste", of=is_waste, over=MAP, cap=n_river),),
        items_on_floor=False,
        symbols={"w": River(is_waste=True, n_river=n_river)},
        pictures={River: draw_river, Tree: draw_apple_tree},
    )
