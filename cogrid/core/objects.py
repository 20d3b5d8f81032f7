"""The two objects that every world has: floor and wall."""

from __future__ import annotations

import dataclasses
from typing import Any

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome, register_scope
from cogrid.core.item import Item


@dataclasses.dataclass(frozen=True)
class Floor(GridObject, symbol=" ", color=(232, 226, 212)):
    """Where agents walk. One item may lie on it, and is in the way until somebody picks it up."""

    on: Item | None = None

    def passable(self) -> bool:
        return self.on is None

    def receive(self, thing: Any) -> GridObject | None:
        """Free floor takes in an object as what it is."""
        return thing if self.on is None and isinstance(thing, GridObject) else None

    def pickup_drop(self, agent: Agent) -> Outcome | None:
        if self.on is None and agent.held is not None:
            return Outcome(Floor(agent.held), agent.empty_handed())
        if self.on is not None and agent.held is None:
            return Outcome(Floor(), agent.holding(self.on))
        return None

    def object_type(self) -> Item | None:
        return self.on


@dataclasses.dataclass(frozen=True)
class Wall(GridObject, symbol="#", color=(74, 70, 66), is_wall=True):
    """Nothing passes, nothing happens."""


register_scope("global", (Floor.name, Wall.name))
