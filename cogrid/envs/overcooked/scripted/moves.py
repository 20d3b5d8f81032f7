"""Who walks where: each cook's next move, so that nobody stands in the way of a more urgent job."""

from __future__ import annotations

import dataclasses

from cogrid.envs.kitchen.objects import PLATE
from cogrid.envs.overcooked.objects import SOUPS
from cogrid.envs.overcooked.scripted.jobs import Job
from cogrid.envs.overcooked.scripted.kitchen import Kitchen, shortest_path
from cogrid.envs.places import Place, neighbours

DETOUR = 2
"""Steps that a cook walks around another rather than ask it to step aside."""


@dataclasses.dataclass(frozen=True)
class Move:
    """What a cook does next: step or turn in a direction, or PickupDrop, or (neither) nothing."""

    direction: int | None = None
    uses_hand: bool = False


def plan_moves(kitchen: Kitchen, jobs: list[Job | None]) -> list[Move]:
    """Choose each cook's move; the cook with the more urgent job walks, and the others keep out of its way.

    A cook who stands in the way and has nowhere to step aside goes first instead.
    """
    order = sorted(range(len(jobs)), key=lambda cook: _rank(jobs[cook]))
    traffic = _Traffic(kitchen, jobs)
    stuck = traffic.plan(order)
    if stuck:
        traffic = _Traffic(kitchen, jobs)
        traffic.plan([*stuck, *(cook for cook in order if cook not in stuck)])
    return [traffic.moves[cook] for cook in range(len(jobs))]


def _rank(job: Job | None) -> int:
    """Whose turn to walk comes first: soups, what can be done now, plates that wait, what else waits, idlers."""
    if job is None:
        return 4
    if not job.is_ready:
        return 2 if job.item == PLATE else 3
    return 0 if job.item in SOUPS else 1


class _Traffic:
    """The moves planned so far, and the ways that must be kept free for them."""

    def __init__(self, kitchen: Kitchen, jobs: list[Job | None]) -> None:
        self.kitchen = kitchen
        self.jobs = jobs
        self.moves: dict[int, Move] = {}
        self.blocked: set[Place] = set()
        self.reserved: set[Place] = set()

    def plan(self, order: list[int]) -> list[int]:
        """Plan a move for each cook, in this order; returns those who are in the way and cannot step aside."""
        return [cook for cook in order if not self._plan_one(cook)]

    def _plan_one(self, cook: int) -> bool:
        position, job = self.kitchen.positions[cook], self.jobs[cook]
        is_in_the_way = position in self.reserved
        path = self._way_to_job(cook, job) if job is not None else None
        if is_in_the_way and (path is None or len(path) < 2):
            path = self._way_aside(position)
        self._keep_free(path or [position], position)
        if job is not None and not is_in_the_way and path is not None and len(path) == 1:
            self.moves[cook] = self._use(cook, job)
        elif path is not None and len(path) > 1:
            self.moves[cook] = Move(direction=neighbours(position).index(path[1]))
        else:
            self.moves[cook] = Move()
        return not is_in_the_way or path is not None

    def _way_to_job(self, cook: int, job: Job) -> list[Place] | None:
        """The way to a job that takes nobody's place, around the others if that is hardly longer."""
        position, stands = self.kitchen.positions[cook], self.kitchen.stands(job.target)
        floor = self.kitchen.floor - self.blocked - self.reserved
        others = {place for place in self.kitchen.positions if place != position}
        path = shortest_path(position, stands, floor)
        around = shortest_path(position, stands, floor - others)
        if path is not None and around is not None and len(around) <= len(path) + DETOUR:
            return around
        return path or self._part_of_way(position, stands)

    def _part_of_way(self, position: Place, stands: list[Place]) -> list[Place] | None:
        """As far as one gets without taking a place that is kept free, if all ways are."""
        path = shortest_path(position, stands, self.kitchen.floor)
        if path is None or len(path) < 2 or path[1] in self.reserved | self.blocked:
            return None
        return path[:2]

    def _way_aside(self, position: Place) -> list[Place] | None:
        refuges = self.kitchen.floor - self.reserved - self.blocked
        return shortest_path(position, refuges, self.kitchen.floor - self.blocked)

    def _keep_free(self, path: list[Place], position: Place) -> None:
        self.reserved.update(path)
        self.blocked.update((position, *path[1:2]))

    def _use(self, cook: int, job: Job) -> Move:
        direction = neighbours(self.kitchen.positions[cook]).index(job.target)
        if self.kitchen.directions[cook] != direction:
            return Move(direction=direction)
        return Move(uses_hand=job.is_ready)
