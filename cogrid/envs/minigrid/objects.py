"""What stands in MiniGrid's worlds.

Source: `minigrid.core.world_object` of MiniGrid 3.2.0 (Chevalier-Boisvert et al. 2023, arXiv 2306.13831). The code of
an object is the one by which the original's observations show it: type, color, state. Exact for one agent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from cogrid.core.agent import Agent
from cogrid.core.grid_object import EIGHT, GridObject, Move, Outcome
from cogrid.core.item import Item

Code = tuple[int, int, int]
"""Type, color and state of what stands in a cell."""

EMPTY: Code = (1, 0, 0)
WALL: Code = (2, 5, 0)
YELLOW = 4

KEY = Item("key", color=(230, 200, 60))
"""Opens the door."""


@dataclass(frozen=True)
class Walker(Agent):
    """An agent that knows whether it has run into something.

    Attributes:
      has_crashed: whether it went ahead in this step towards something that was in its way.
    """

    has_crashed: bool = False


class Coded(GridObject):
    """Has a code; hides what is behind it if it is opaque."""

    code: ClassVar[Code] = WALL
    is_opaque: ClassVar[bool] = True

    def shown(self) -> Code:
        """What the original's observation shows of it."""
        return self.code

    def advance(self, agent: Walker) -> Outcome | None:
        """Going ahead where things move: who goes towards an obstacle crashes, though it may be gone in a moment."""
        return None if self.passable() else Outcome(self, replace(agent, has_crashed=True))


@dataclass(frozen=True)
class Brick(Coded, symbol="#", color=(74, 70, 66), is_wall=True):
    """A wall."""


@dataclass(frozen=True)
class Ground(Coded, symbol=" ", color=(232, 226, 212)):
    """Where agents walk, and put down what they carry; where the draws of a reset put things.

    Attributes:
      is_beyond: whether it lies behind the door, where the key never is.
    """

    code: ClassVar[Code] = EMPTY
    is_opaque = False
    is_beyond: bool = False

    def passable(self) -> bool:
        return True

    def object_type(self) -> None:
        return None

    def stand(self, agent: Agent) -> Outcome | None:
        has_crashed = isinstance(agent, Walker) and agent.has_crashed
        return Outcome(self, agent, events=("crashed",), ends=True) if has_crashed else None

    def drop(self, agent: Agent) -> Outcome | None:
        return Outcome(Key(), agent.empty_handed()) if agent.held == KEY else None

    def receive(self, thing: Ball) -> Ball:
        return thing

    def place_goal(self) -> Goal:
        return Goal()

    def place_ball(self) -> Ball:
        return Ball()

    def place_key(self) -> Key | None:
        return None if self.is_beyond else Key()


@dataclass(frozen=True)
class Goal(Coded, symbol="G", color=(90, 170, 120)):
    """Ends the episode of whoever comes here."""

    code: ClassVar[Code] = (8, 1, 0)
    is_opaque = False

    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("goal_reached",), ends=True)


@dataclass(frozen=True)
class Lava(Coded, symbol="L", color=(230, 110, 40)):
    """Ends the episode of whoever walks in."""

    code: ClassVar[Code] = (9, 0, 0)
    is_opaque = False

    def passable(self) -> bool:
        return True

    def enter(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("burnt",), ends=True)

    def open_gap(self) -> Ground:
        return Ground()


@dataclass(frozen=True)
class Partition(Coded, color=(74, 70, 66), is_wall=True):
    """A piece of a wall in which a reset makes one opening.

    Attributes:
      number: which wall it belongs to.
    """

    number: int = 0

    def open_north(self) -> Ground | None:
        return Ground() if self.number == 0 else None

    def open_west(self) -> Ground | None:
        return Ground() if self.number == 1 else None

    def open_east(self) -> Ground | None:
        return Ground() if self.number == 2 else None

    def open_south(self) -> Ground | None:
        return Ground() if self.number == 3 else None

    def hang_door(self) -> Door:
        return Door()


@dataclass(frozen=True)
class Key(Coded, name="lying_key", symbol="K", color=(230, 200, 60)):
    """Can be picked up by an empty hand."""

    code: ClassVar[Code] = (5, YELLOW, 0)
    is_opaque = False

    def pickup(self, agent: Agent) -> Outcome | None:
        return Outcome(Ground(), agent.holding(KEY)) if agent.held is None else None


@dataclass(frozen=True)
class Door(Coded, symbol="D", color=(200, 170, 60)):
    """Is unlocked by who has the key, and then opened and closed by anybody."""

    is_open: bool = False
    is_locked: bool = True

    def passable(self) -> bool:
        return self.is_open

    def toggle(self, agent: Agent) -> Outcome | None:
        if self.is_locked:
            return Outcome(Door(is_open=True, is_locked=False), agent) if agent.held == KEY else None
        return Outcome(replace(self, is_open=not self.is_open), agent)

    def shown(self) -> Code:
        return 4, YELLOW, 2 if self.is_locked else int(not self.is_open)

    def object_state(self) -> int:
        return self.shown()[2]


@dataclass(frozen=True)
class Ball(Coded, symbol="B", color=(80, 110, 200)):
    """Moves to a free neighbour in every step, diagonally too."""

    code: ClassVar[Code] = (6, 2, 0)
    is_opaque = False

    def roam(self) -> Move:
        return Move(self, Ground(), to=EIGHT)
