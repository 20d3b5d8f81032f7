"""Players, food, and the ground on which it grows.

Source: Level-Based Foraging (Papoudakis et al. 2021, arXiv 2006.07869), `ForagingEnv` of lbforaging 2.0.0. Exact until
the original puts two players into one cell: it lets a player into a cell whose player stays, where that one wanted to
leave and was kept back by a third. Here nobody gets into a cell in which somebody is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cogrid.core.agent import Agent
from cogrid.core.chance import Chance
from cogrid.core.grid_object import Event, GridObject, Outcome
from cogrid.envs.foraging.levels import Levels


@dataclass(frozen=True)
class Player(Agent):
    """Lifts as much as its level, which is drawn at reset."""

    level: int = 1
    levels: Levels = field(default=Levels(), repr=False)

    def grow_up(self) -> Chance:
        return Chance(*((1, Player(level=level, levels=self.levels)) for level in self.levels.of_players))


class Ground(GridObject):
    """Where players walk. The episode of all ends when no food is left."""

    def passable(self) -> bool:
        return True

    def stand(self, agent: Player, *, n_left: int) -> Outcome | None:  # type: ignore[override]
        return None if n_left else Outcome(self, agent, ends=True)


class Verge(Ground, symbol=",", color=(224, 222, 206)):
    """The outermost rows and columns, where no food grows."""


@dataclass(frozen=True)
class Soil(Ground, symbol=".", color=(214, 206, 180)):
    """Where food may grow; how heavy depends on the players."""

    levels: Levels = field(default=Levels(), repr=False)

    def grow(self, *, players: int) -> Chance:
        return Chance(*((1, Food(level, self.levels)) for level in self.levels.of_food(players)))


@dataclass(frozen=True)
class Food(GridObject, symbol="F", color=(200, 70, 60)):
    """Is eaten by all around it that load in the same step, if they are strong enough together."""

    level: int = 1
    levels: Levels = field(default=Levels(), repr=False)

    def load(self, agent: Player, *, strength: int) -> Outcome | None:
        if strength < self.level:
            return Outcome(self, agent, events=("failed",))
        return Eaten(self.level, levels=self.levels).load(agent, strength=strength)

    def object_state(self) -> int:
        """Its level."""
        return self.level


@dataclass(frozen=True)
class Eaten(Ground):
    """Where food was: still in the way, and paid to all who load it, until the step is over.

    The level stays, since what a food is worth depends on the levels of all food that there was.
    """

    level: int = 1
    is_fresh: bool = True
    levels: Levels = field(default=Levels(), repr=False)

    def passable(self) -> bool:
        return not self.is_fresh

    def load(self, agent: Player, *, strength: int) -> Outcome | None:
        if not self.is_fresh or strength < max(self.level, agent.level):
            return None
        share = self.levels.shares.index(self.levels.share(agent.level, self.level, strength))
        return Outcome(self, agent, events=(Event("ate", share + 1),))

    def tick(self) -> Eaten:
        return Eaten(self.level, is_fresh=False, levels=self.levels)
