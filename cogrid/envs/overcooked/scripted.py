"""`ScriptedCook`: a cook that plays well enough to show the game, and to measure others against.

It looks at the whole state and plans for all cooks at once: who does which job (`assign_jobs`), then who walks where so
that nobody stands in the way of a more urgent job (`plan_moves`). Every cook makes the same plan and plays its own part
of it, so cooks that are scripted alike need not talk. Nothing is remembered and nothing is left to chance: a state
decides the actions.

A thing that a cook cannot bring to its place itself goes over a counter that touches the other cook's room
(ForcedCoordination); over several rooms in a row it does not go. The traffic is planned for two cooks: more of them get
along where there is room, and may block each other for good where there is none.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Collection, Iterable, Iterator

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.actions import get_action_set
from cogrid.core.agent import get_dir_vec_table
from cogrid.core.grid_object import get_object_names
from cogrid.envs.overcooked.objects import (
    CAPACITY,
    INGREDIENTS,
    ITEMS,
    ONION,
    PLATE,
    SOUPS,
    TOMATO,
    Counter,
    DeliveryZone,
    Stack,
)
from cogrid.errors import ConfigError

Place = tuple[int, int]
"""(row, column)"""

PLATE_LEAD = 12
"""A plate is fetched before more ingredients are when a soup is ready in this many steps."""

DETOUR = 2
"""Steps that a cook walks around another rather than ask it to step aside."""

_DIRECTIONS: list[Place] = [(row, column) for row, column in get_dir_vec_table().tolist()]
_MOVES = ("MoveRight", "MoveDown", "MoveLeft", "MoveUp")
_INGREDIENTS = tuple(item.name for item in INGREDIENTS)
_SOUPS = tuple(item.name for item in SOUPS)
_ITEMS = tuple(item.name for item in ITEMS)
_STACKS = {kind.name: kind.item.name for kind in Stack.__subclasses__()}


class ScriptedCook:
    """A cook that brings ingredients to pots, and soups to the delivery zone, together with others of its kind.

    Attributes:
      agent_idx: which agent it plays.
    """

    def __init__(self, agent_idx: int) -> None:
        self.agent_idx = agent_idx

    def act(self, state: EnvState) -> int:
        """Choose the action.

        Args:
          state: one state of a kitchen, of either backend and action set.
        Returns:
          The number of the action.
        Raises:
          ConfigError: when the state has no such agent.
        """
        if not 0 <= self.agent_idx < state.n_agents:
            raise ConfigError(f"This cook plays agent {self.agent_idx}, and the state has {state.n_agents} agents.")
        return scripted_actions(state)[self.agent_idx]


def scripted_actions(state: EnvState) -> list[int]:
    """The actions of all cooks, if all are scripted.

    Args:
      state: one state of a kitchen, of either backend and action set.
    Returns:
      An action number for each agent.
    """
    kitchen = Kitchen.read(state)
    moves = plan_moves(kitchen, assign_jobs(kitchen))
    return [
        _action_number(state.action_set, move, direction)
        for move, direction in zip(moves, kitchen.directions, strict=True)
    ]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pan:
    """What a pot holds: the ingredients' names, and the ticks left."""

    contents: tuple[str, ...]
    timer: int

    @property
    def is_full(self) -> bool:
        """Whether it cooks, or is ready."""
        return len(self.contents) == CAPACITY


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kitchen:
    """A state in the words of a cook.

    Attributes:
      positions, directions, held: of each cook; held is an item's name or None.
      floor: the places where one can walk.
      objects: what stands in all other places, by name.
      lying: the items on counters and on the floor.
      pans: the pots.
    """

    positions: tuple[Place, ...]
    directions: tuple[int, ...]
    held: tuple[str | None, ...]
    floor: frozenset[Place]
    objects: dict[Place, str]
    lying: dict[Place, str]
    pans: dict[Place, Pan]

    @classmethod
    def read(cls, state: EnvState) -> Kitchen:
        """Read one state, of either backend."""
        names = get_object_names("overcooked")
        types = np.asarray(state.object_type_map).tolist()
        states = np.asarray(state.object_state_map).tolist()
        objects = {(row, column): names[kind] for row, line in enumerate(types) for column, kind in enumerate(line)}
        lying = {place: name for place, name in objects.items() if name in _ITEMS}
        for (row, column), name in objects.items():
            if name == Counter.name and states[row][column]:
                lying[row, column] = names[states[row][column]]
        return cls(
            positions=tuple((row, column) for row, column in np.asarray(state.agent_pos).tolist()),
            directions=tuple(np.asarray(state.agent_dir).tolist()),
            held=tuple(names[kind] if kind >= 0 else None for kind in np.asarray(state.agent_inv)[:, 0].tolist()),
            floor=frozenset(place for place, name in objects.items() if name == names[0]),
            objects={place: name for place, name in objects.items() if name != names[0]},
            lying=lying,
            pans=dict(_read_pans(state, names)),
        )

    def places_of(self, name: str) -> list[Place]:
        """Where objects of a name stand."""
        return [place for place, other in self.objects.items() if other == name]

    def stands(self, target: Place) -> list[Place]:
        """The floor beside a place."""
        return [place for place in neighbours(target) if place in self.floor]

    def sources(self, item: str) -> list[Place]:
        """Where an item can be taken."""
        stacks = [place for place, name in self.objects.items() if _STACKS.get(name) == item]
        return stacks + [place for place, name in self.lying.items() if name == item]

    def wanted_ingredient(self, pan: Pan) -> str | None:
        """What goes into a pot next; None if nothing does. An empty one gets onions, where there are any."""
        if len(set(pan.contents)) > 1 or pan.is_full:
            return None
        has_onions = ONION.name in self.held or self.sources(ONION.name)
        return pan.contents[0] if pan.contents else ONION.name if has_onions else TOMATO.name


def _read_pans(state: EnvState, names: list[str]) -> Iterator[tuple[Place, Pan]]:
    positions, contents, timers = (
        np.asarray(array).tolist() for array in (state.pot_positions, state.pot_contents, state.pot_timer)
    )
    for (row, column), slots, timer in zip(positions, contents, timers, strict=True):
        yield (row, column), Pan(contents=tuple(names[kind] for kind in slots if kind >= 0), timer=timer)


def neighbours(place: Place) -> list[Place]:
    """The places right, below, left and above."""
    return [(place[0] + row, place[1] + column) for row, column in _DIRECTIONS]


def distances(start: Place, floor: Collection[Place]) -> dict[Place, int]:
    """Steps from a place to each place of the floor that can be reached from it."""
    found, queue = {start: 0}, deque([start])
    while queue:
        place = queue.popleft()
        for beside in neighbours(place):
            if beside in floor and beside not in found:
                found[beside] = found[place] + 1
                queue.append(beside)
    return found


def shortest_path(start: Place, ends: Collection[Place], floor: Collection[Place]) -> list[Place] | None:
    """The places from start to the nearest of ends, both included; None if there is no way."""
    previous, queue = {start: start}, deque([start])
    while queue:
        place = queue.popleft()
        if place in ends:
            path = [place]
            while path[-1] != start:
                path.append(previous[path[-1]])
            return path[::-1]
        for beside in neighbours(place):
            if beside in floor and beside not in previous:
                previous[beside] = place
                queue.append(beside)
    return None


# Who does what.


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
    item: str | None = None


@dataclasses.dataclass(frozen=True)
class Use:
    """A place that an item can be brought to, how soon it is taken there, and how urgent that is (0 is most)."""

    item: str
    target: Place
    wait_steps: int = 0
    urgency: int = 0


def list_uses(kitchen: Kitchen) -> list[Use]:
    """Everything that is wanted, one entry for each item; deliveries are not listed, they have no end."""
    uses = []
    for target, pan in kitchen.pans.items():
        ingredient = kitchen.wanted_ingredient(pan)
        if ingredient is not None:
            uses += [Use(ingredient, target, urgency=1)] * (CAPACITY - len(pan.contents))
        elif pan.is_full:
            uses.append(Use(PLATE.name, target, pan.timer, urgency=0 if pan.timer <= PLATE_LEAD else 2))
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
        for cook in [cook for cook in cooks if self.kitchen.held[cook] in _SOUPS]:
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
        zones = self.kitchen.places_of(DeliveryZone.name)
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
            self.plates_coming += use.item == PLATE.name
            self._give(cook, use.target, is_ready=use.wait_steps == 0)
        elif wanted:
            self.uses.remove(wanted[0])
            self._put_down(cook, [wanted[0].target])
        elif not self._wait_with_ingredient(cook):
            self._put_down(cook, self.kitchen.pans)

    def _wait_with_ingredient(self, cook: int) -> bool:
        """Wait at a full pot for the next soup, if somebody else in the room has a hand free for the plate."""
        full = {place: pan for place, pan in self.kitchen.pans.items() if pan.is_full}
        target = self.nearest(cook, full)
        others = [
            held
            for other, held in enumerate(self.kitchen.held)
            if other != cook and self.kitchen.positions[other] in self.reach[cook]
        ]
        has_helper = any(held is None or held == PLATE.name for held in others)
        if target is None or not has_helper or self.kitchen.held[cook] not in _INGREDIENTS:
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
        return [place for place in self.kitchen.places_of(Counter.name) if place not in taken]

    def _within_reach_of_users(self, places: list[Place], uses: Iterable[Place]) -> list[Place]:
        """The places that somebody gets to who also gets to one of the uses."""
        users = [cook for cook in range(len(self.reach)) if self.nearest(cook, uses) is not None]
        return [place for place in places if any(self.steps(user, place) is not None for user in users)]

    def _give(self, cook: int, target: Place, is_ready: bool = True) -> None:
        self.jobs[cook] = Job(target=target, is_ready=is_ready, item=self.kitchen.held[cook])

    def _fetch_soups(self) -> None:
        zones = self.kitchen.places_of(DeliveryZone.name)
        for place in [place for place, item in self.kitchen.lying.items() if item in _SOUPS]:
            self._send(zones, [place])

    def _later_uses(self) -> list[Use]:
        """One ingredient for each pot that is full, and whose plate is on the way."""
        full = [place for place, pan in self.kitchen.pans.items() if pan.is_full][: self.plates_coming]
        in_hand = sum(job.item in _INGREDIENTS and not job.is_ready for job in self.jobs.values())
        return [Use(self.kitchen.pans[place].contents[0], place, urgency=3) for place in full[in_hand:]]

    def _fetch_for(self, use: Use) -> None:
        sources = [place for place in self.kitchen.sources(use.item) if place not in self.claimed]
        if self._send([use.target], sources):
            self.plates_coming += use.item == PLATE.name

    def _send(self, uses: list[Place], sources: list[Place]) -> bool:
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


# Who walks where.


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
        return 2 if job.item == PLATE.name else 3
    return 0 if job.item in _SOUPS else 1


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


def _action_number(action_set: str, move: Move, direction: int) -> int:
    """The action that a move is, for a cook that looks in a direction."""
    actions = get_action_set(action_set)
    if move.uses_hand:
        return actions.pickup_drop
    if move.direction is None:
        return actions.noop
    if action_set != "rotation":
        return actions.index(_MOVES[move.direction])
    quarter_turns = (move.direction - direction) % 4
    return actions.index(("Forward", "RotateRight", "RotateRight", "RotateLeft")[quarter_turns])
