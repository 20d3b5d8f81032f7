"""The disaster site: what stands in it, and what an agent can do there.

Everything but picking up and putting down is done with Toggle. Tools (a key, a pickaxe) are kept when they are used; a
med kit is used up. Whoever is rescued is brought away: the cell is free floor from then on. The rules are our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.item import Item
from cogrid.core.objects import Floor

MEDIC = "medic"
ENGINEER = "engineer"
ROLES = (MEDIC, ENGINEER)
"""What an agent can be; one without a role has None."""

MED_KIT = Item("med_kit", symbol="m", color=(244, 244, 240))
PICKAXE = Item("pickaxe", symbol="p", color=(150, 156, 166))
KEY = Item("key", symbol="k", color=(236, 190, 52))
ITEMS = (MED_KIT, PICKAXE, KEY)

LIFT_STEPS = 10
"""Steps during which a beam stays lifted, that of the lifting among them."""


@dataclass(frozen=True)
class Rubble(GridObject, symbol="R", color=(128, 116, 104)):
    """Blocks the way until an engineer, or anybody with a pickaxe in hand, clears it: free floor from then on."""

    def toggle(self, agent: Agent) -> Outcome | None:
        if can_clear(agent):
            return Outcome(Floor(), agent, events=("rubble_cleared",))
        return None


@dataclass(frozen=True)
class Door(GridObject, symbol="D", color=(150, 96, 52)):
    """Is locked until somebody with a key in hand opens it; the key stays in hand, and the door stays open."""

    is_open: bool = False

    def passable(self) -> bool:
        return self.is_open

    def toggle(self, agent: Agent) -> Outcome | None:
        if not self.is_open and agent.held == KEY:
            return Outcome(Door(is_open=True), agent, events=("door_opened",))
        return None

    def object_state(self) -> int:
        return int(self.is_open)


@dataclass(frozen=True)
class Victim(GridObject):
    """Somebody who waits for help, and is in the way until it comes."""


@dataclass(frozen=True)
class GreenVictim(Victim, symbol="g", color=(74, 164, 84)):
    """Lightly hurt: anybody can rescue it."""

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Floor(), agent, events=("green_victim_rescued",))


@dataclass(frozen=True)
class YellowVictim(Victim, symbol="y", color=(232, 184, 48)):
    """Needs treatment: a medic rescues it, or anybody with a med kit in hand, which is used up.

    A medic needs no med kit, and keeps the one in hand.
    """

    def toggle(self, agent: Agent) -> Outcome | None:
        if agent.role == MEDIC:
            return Outcome(Floor(), agent, events=("yellow_victim_rescued",))
        if agent.held == MED_KIT:
            return Outcome(Floor(), agent.empty_handed(), events=("yellow_victim_rescued",))
        return None


@dataclass(frozen=True)
class RedVictim(Victim, symbol="r", color=(206, 62, 52)):
    """Lies under a beam and needs two roles at once: an engineer lifts the beam, and a medic takes the victim out.

    The beam stays lifted for 10 steps, that of the lifting among them, and comes down again; lifting it anew before
    that starts the 10 steps over. No tool replaces either role.

    Attributes:
      lifted: steps that the beam stays up, this one among them; 0 while it is down.
    """

    lifted: int = 0

    def tick(self) -> RedVictim:
        return RedVictim(max(0, self.lifted - 1))

    def toggle(self, agent: Agent) -> Outcome | None:
        if agent.role == ENGINEER:
            return Outcome(RedVictim(LIFT_STEPS), agent, events=("beam_lifted",))
        if agent.role == MEDIC and self.lifted > 0:
            return Outcome(Floor(), agent, events=("red_victim_rescued",))
        return None

    def object_state(self) -> int:
        return self.lifted

    def examples(self) -> Iterable[RedVictim]:
        """Every height of the beam, in a team without an engineer too."""
        return (type(self)(lifted) for lifted in range(LIFT_STEPS + 1))


OBJECTS = (Rubble, Door, GreenVictim, YellowVictim, RedVictim)
VICTIMS: tuple[type[Victim], ...] = (GreenVictim, YellowVictim, RedVictim)
"""The grades of urgency, the least urgent first."""


def can_clear(agent: Agent) -> bool:
    """Whether an agent can clear rubble: an engineer, or anybody with a pickaxe in hand."""
    return agent.role == ENGINEER or agent.held == PICKAXE
