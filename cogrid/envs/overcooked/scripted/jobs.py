"""Who does what: a job for each cook, the most urgent ones first."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

from cogrid.core.item import Item
from cogrid.envs.kitchen.objects import CAPACITY, INGREDIENTS, PLATE, Counter
from cogrid.envs.overcooked.objects import SOUPS, DeliveryZone
from cogrid.envs.overcooked.scripted.kitchen import Kitchen, is_full
from cogrid.envs.places import Place, distances

PLATE_LEAD = 12
"""A plate is fetched before more ingredients are when a soup is ready in this many steps."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """Go beside a place, face it, and use PickupDrop as soon as that does something.

    Attributes:
      target: the place to face.
      is_ready: whether PickupDrop does something now.
      item: what is carried there, None for a job that fetches something.
    """

    target: Place
    is_ready: bool = True
    item: Item | None = None


@dataclasses.dataclass(frozen=True)
class Use:
    """A place that an item can be brought to, how soon it is taken there, and how urgent that is (0 is most)."""

    item: Item
    target: Place
    wait_steps: int = 0
    urgency: int = 0


def list_uses(kitchen: Kitchen) -> list[Use]:
    """Everything that is wanted, one entry for each item; deliveries are not listed, they have no end."""
    uses = []
    for target, pot in kitchen.pots.items():
        ingredient = kitchen.wanted_ingredient(pot)
        if ingredient is not None:
            uses += [Use(ingredient, target, urgency=1)] * (CAPACITY - len(pot.contents))
        elif is_full(pot):
            uses.append(Use(PLATE, target, pot.timer, urgency=0 if pot.timer <= PLATE_LEAD else 2))
    return sorted(uses, key=lambda use: (use.urgency, use.wait_steps))


def assign_jobs(kitchen: Kitchen) -> list[Job | None]:
    """Give each cook a job; None to one who has nothing to do."""
    return _Assignment(kitchen).run()


class _Assignment:
    """The jobs given so far, and what is still wanted."""

    def __init__(self, kitchen: Kitchen) -> None:
        self.kitchen = kitchen
        self.reach = [distances(position, kitchen.floor) for position in kitchen.positions]
        self.uses = list_uses(kitchen)
        self.jobs: dict[int, Job] = {}
        self.claimed: set[Place] = set()
        self.plates_coming = 0

    def run(self) -> list[Job | None]:
        """All jobs, one per cook."""
        cooks = range(len(self.kitchen.held))
        for cook in [cook for cook in cooks if self.kitchen.held[cook] in SOUPS]:
            self._deliver(cook)
        carriers = [cook for cook in cooks if self.kitchen.held[cook] is not None and cook not in self.jobs]
        for cook in sorted(carriers, key=self._steps_to_nearest_use):
            self._bring(cook)
        self._fetch_soups()
        for use in self.uses:
            self._fetch_for(use)
        for use in self._later_uses():
            self._fetch_for(use)
        return [self.jobs.get(cook) for cook in cooks]

    def steps(self, cook: int, target: Place) -> int | None:
        """Steps of a cook to a place's side; None if it cannot get there."""
        reach = self.reach[cook]
        return min((reach[stand] for stand in self.kitchen.stands(target) if stand in reach), default=None)

    def nearest(self, cook: int, targets: Iterable[Place]) -> Place | None:
        """The nearest of some places that a cook can reach."""
        found = [(steps, target) for target in targets if (steps := self.steps(cook, target)) is not None]
        return min(found)[1] if found else None

    def _steps_to_nearest_use(self, cook: int) -> float:
        steps = [self.steps(cook, use.target) for use in self.uses if use.item == self.kitchen.held[cook]]
        return min((step for step in steps if step is not None), default=float("inf"))

    def _deliver(self, cook: int) -> None:
        zones = self.kitchen.all(DeliveryZone)
        target = self.nearest(cook, zones)
        if target is not None:
            self._give(cook, target)
        else:
            self._put_down(cook, zones)

    def _bring(self, cook: int) -> None:
        """Find a use for what a cook holds; a cook who has none waits with an ingredient, or puts it down."""
        wanted = [use for use in self.uses if use.item == self.kitchen.held[cook]]
        within_reach = [
            (max(steps, use.wait_steps), use.target, use)
            for use in wanted
            if (steps := self.steps(cook, use.target)) is not None
        ]
        if within_reach:
            *_, use = min(within_reach, key=lambda option: option[:2])
            self.uses.remove(use)
            self.plates_coming += use.item == PLATE
            self._give(cook, use.target, is_ready=use.wait_steps == 0)
        elif wanted:
            self.uses.remove(wanted[0])
            self._put_down(cook, [wanted[0].target])
        elif not self._wait_with_ingredient(cook):
            self._put_down(cook, self.kitchen.pots)

    def _wait_with_ingredient(self, cook: int) -> bool:
        """Wait at a full pot for the next soup, if somebody else in the room has a hand free for the plate."""
        full = [place for place, pot in self.kitchen.pots.items() if is_full(pot)]
        target = self.nearest(cook, full)
        others = [
            held
            for other, held in enumerate(self.kitchen.held)
            if other != cook and self.kitchen.positions[other] in self.reach[cook]
        ]
        has_helper = any(held is None or held == PLATE for held in others)
        if target is None or not has_helper or self.kitchen.held[cook] not in INGREDIENTS:
            return False
        self._give(cook, target, is_ready=False)
        return True

    def _put_down(self, cook: int, uses: Iterable[Place]) -> None:
        """Put what a cook holds on a free counter, best on one that somebody reaches who can use it."""
        counters = self._free_counters()
        target = self.nearest(cook, self._within_reach_of_users(counters, uses)) or self.nearest(cook, counters)
        if target is not None:
            self.claimed.add(target)
            self._give(cook, target)

    def _free_counters(self) -> list[Place]:
        taken = self.claimed.union(self.kitchen.lying)
        return [place for place in self.kitchen.all(Counter) if place not in taken]

    def _within_reach_of_users(self, places: list[Place], uses: Iterable[Place]) -> list[Place]:
        """The places that somebody gets to who also gets to one of the uses."""
        users = [cook for cook in range(len(self.reach)) if self.nearest(cook, uses) is not None]
        return [place for place in places if any(self.steps(user, place) is not None for user in users)]

    def _give(self, cook: int, target: Place, is_ready: bool = True) -> None:
        self.jobs[cook] = Job(target=target, is_ready=is_ready, item=self.kitchen.held[cook])

    def _fetch_soups(self) -> None:
        zones = self.kitchen.all(DeliveryZone)
        for place in [place for place, item in self.kitchen.lying.items() if item in SOUPS]:
            self._send(zones, [place])

    def _later_uses(self) -> list[Use]:
        """One ingredient for each pot that is full, and whose plate is on the way."""
        full = [place for place, pot in self.kitchen.pots.items() if is_full(pot)][: self.plates_coming]
        in_hand = sum(job.item in INGREDIENTS and not job.is_ready for job in self.jobs.values())
        return [Use(self.kitchen.pots[place].contents[0], place, urgency=3) for place in full[in_hand:]]

    def _fetch_for(self, use: Use) -> None:
        sources = [place for place in self.kitchen.sources(use.item) if place not in self.claimed]
        if self._send([use.target], sources):
            self.plates_coming += use.item == PLATE

    def _send(self, uses: Collection[Place], sources: list[Place]) -> bool:
        """Send somebody for an item: one who can bring it to its use, or else one who can hand it over.

        An item that lies within reach of a user who has no hand free needs nobody: it is left for that user.
        """
        free = [cook for cook, held in enumerate(self.kitchen.held) if held is None and cook not in self.jobs]
        users = [cook for cook in free if self.nearest(cook, uses) is not None]
        if self._send_nearest(users, sources):
            return True
        if lying := self._within_reach_of_users([place for place in sources if place in self.kitchen.lying], uses):
            self.claimed.add(lying[0])
            return True
        counters = self._within_reach_of_users(self._free_counters(), uses)
        suppliers = [cook for cook in free if cook not in users and self.nearest(cook, counters) is not None]
        return self._send_nearest(suppliers, sources)

    def _send_nearest(self, cooks: list[int], sources: list[Place]) -> bool:
        options = [
            (steps, cook, source)
            for cook in cooks
            for source in sources
            if (steps := self.steps(cook, source)) is not None
        ]
        if not options:
            return False
        _, cook, source = min(options)
        self._give(cook, source)
        if source in self.kitchen.lying:
            self.claimed.add(source)
        return True
