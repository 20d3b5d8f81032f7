"""Racks, goals and robots. Shelves travel: they are items, which stand in racks and on robots.

Source: the multi-robot warehouse (Papoudakis et al. 2021, arXiv 2006.07869), `Warehouse.step` of rware 2.0.0. Exact but
for ties among chains of robots (see `cogrid.core.collisions.chains`) and for a shelf that is requested while a robot
waits with it on the other goal: there it is delivered in that step already if that goal is the second one, here in the
next step. Shelves are told apart by whether they are requested, and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.item import Item

SHELF = Item("shelf", color=(122, 112, 176))
REQUESTED = Item("requested_shelf", color=(0, 138, 128))


@dataclass(frozen=True)
class Robot(Agent):
    """Carries one shelf at a time, on its back.

    Attributes:
      has_delivered: whether its shelf has been at a goal when it was requested, since it was taken up.
      is_done: whether that was in this step: such a shelf is not requested again at once.
    """

    has_delivered: bool = False
    is_done: bool = False

    def tick(self) -> Robot:
        return replace(self, is_done=False)

    def request(self) -> Robot | None:
        return self.holding(REQUESTED) if self.held == SHELF and not self.is_done else None


@dataclass(frozen=True)
class Rack(GridObject, symbol="x", color=(196, 186, 168)):
    """Room for one shelf. Robots go beneath the shelf that stands there, but not with a shelf of their own.

    Attributes:
      shelf: what stands in it.
    """

    shelf: Item | None = SHELF

    def passable(self, agent: Agent) -> bool:  # type: ignore[override]
        return self.shelf is None or agent.held is None

    def toggle_load(self, agent: Robot) -> Outcome | None:
        if agent.held is None and self.shelf is not None:
            return Outcome(Rack(None), agent.holding(self.shelf))
        if agent.held is not None and self.shelf is None:
            robot = replace(agent, held=None, has_delivered=False)
            return Outcome(Rack(agent.held), robot, events=("returned",) if agent.has_delivered else ())
        return None

    def request(self) -> Rack | None:
        return Rack(REQUESTED) if self.shelf == SHELF else None

    def object_state(self) -> Item | None:
        """The shelf in it."""
        return self.shelf


class Goal(GridObject, symbol="g", color=(90, 90, 96)):
    """Where a requested shelf is delivered, as soon as a robot stands here with it; another shelf is requested then."""

    def passable(self) -> bool:
        return True

    def stand(self, agent: Robot) -> Outcome | None:  # type: ignore[override]
        if agent.held != REQUESTED:
            return None
        robot = replace(agent, held=SHELF, has_delivered=True, is_done=True)
        return Outcome(self, robot, events=("delivered",))
