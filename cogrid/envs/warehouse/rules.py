"""The rule set of the warehouse: how many shelves are requested."""

from __future__ import annotations

import functools

from cogrid.core.acts import OWN, Act
from cogrid.core.draw import Draw
from cogrid.core.objects import Floor
from cogrid.core.rules import Rules
from cogrid.envs.warehouse.objects import REQUESTED, SHELF, Goal, Rack, Robot
from cogrid.envs.warehouse.pictures import PICTURES


@functools.lru_cache(maxsize=256)
def warehouse_rules(n_requests: int, n_goals: int = 2) -> Rules:
    """The rules of the warehouse; the same object for equal arguments.

    Args:
      n_requests: how many shelves are requested at one time.
      n_goals: how many goals there are, and so how many shelves can be delivered in one step.
    """
    return Rules(
        name="warehouse",
        objects=(Rack, Goal),
        items=(SHELF, REQUESTED),
        agents=(Robot(),),
        actions=("Noop", "Forward", "RotateLeft", "RotateRight", Act("ToggleLoad", reach=OWN)),
        draws=(Draw("request", k=n_requests), Draw("request", on=("delivered",), at_most=n_goals)),
        collisions="chains",
        items_on_floor=False,
        symbols={".": Floor()},
        pictures=PICTURES,
    )
