"""Kitchens without end: drawn by seed, each of them one in which soup can be made and delivered.

Why every kitchen can be played:

- The floor is one room, or two with a wall of counters between them that is one cell thick.
- A cell of floor becomes an island counter only if the floor of its room stays connected; in a room with several
  agents, also with any one of its cells taken away: an agent that stands still never cuts another one off.
- Every station touches a floor cell, so somebody reaches it.
- Between two rooms at least one plain counter touches the floor of both, so everything can be handed over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from cogrid.backend.threefry import seed_words
from cogrid.core.draws import Purpose, integer_words
from cogrid.core.layout import START
from cogrid.core.layout_set import LayoutSet
from cogrid.core.objects import Floor, Wall
from cogrid.envs.overcooked.objects import Counter, DeliveryZone, OnionStack, PlateStack, Pot, TomatoStack
from cogrid.errors import ConfigError

Place = tuple[int, int]
"""(row, column)"""

Choice = TypeVar("Choice")

SMALLEST = 5
"""Rows or columns of the smallest kitchen: two of walls, two of counters, one of floor."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class KitchenSettings:
    """What generated kitchens have in common; where there is a range, each kitchen draws its own number.

    Attributes:
      height, width: rows and columns of the drawing, the outer walls included; at least 5.
      num_agents: how many starts are drawn.
      num_rooms: (least, most) rooms: one, or two with a wall of counters between them.
      num_pots: (least, most) pots.
      num_stacks: (least, most) stacks of each ingredient, and of plates.
      num_delivery_zones: (least, most) delivery zones.
      island_share: most of the floor that islands of counters may take away, 0 to 1.
      has_tomatoes: whether there are tomatoes beside the onions.
    """

    height: int = 7
    width: int = 9
    num_agents: int = 2
    num_rooms: tuple[int, int] = (1, 2)
    num_pots: tuple[int, int] = (1, 2)
    num_stacks: tuple[int, int] = (1, 2)
    num_delivery_zones: tuple[int, int] = (1, 1)
    island_share: float = 0.3
    has_tomatoes: bool = False

    def __post_init__(self) -> None:
        for name in ("height", "width"):
            _check_integer(name, getattr(self, name), SMALLEST)
        _check_integer("num_agents", self.num_agents, 1)
        for name in ("num_rooms", "num_pots", "num_stacks", "num_delivery_zones"):
            _check_range(name, getattr(self, name))
        if self.num_rooms[1] > 2:
            raise ConfigError(f"num_rooms goes up to 2, not to {self.num_rooms[1]}.")
        if not 0 <= self.island_share <= 1:
            raise ConfigError(f"island_share is a number from 0 to 1, not {self.island_share!r}.")
        self._check_space()

    def _check_space(self) -> None:
        rows, columns = self.height - 4, self.width - 4
        if self.num_agents > _room_for_agents(self.floor()):
            raise ConfigError(
                f"{self.num_agents} agents do not get past each other on {rows} x {columns} cells of floor (a kitchen "
                f"of {self.height} x {self.width}): draw larger."
            )
        if self.num_rooms[0] == 2 and not self.divisions():
            raise ConfigError(
                f"A kitchen of {self.height} x {self.width} cannot be divided for {self.num_agents} agents: draw "
                "larger, set num_rooms to (1, 1), or num_agents to another number of at least 2."
            )
        most = 2 * (rows + columns) - 2
        if self.n_stations > most:
            raise ConfigError(
                f"A kitchen of {self.height} x {self.width} has room for {most} stations along its walls, and up to "
                f"{self.n_stations} are asked for: draw larger, or ask for fewer."
            )

    def floor(self) -> set[Place]:
        """What there is to walk on before any counter is put there."""
        return {(row, column) for row in range(2, self.height - 2) for column in range(2, self.width - 2)}

    def divisions(self) -> list[tuple[set[Place], set[Place]]]:
        """All ways to make two rooms of the floor that have space for the agents, at least one in each."""
        whole = self.floor()
        lines = [(0, row) for row in range(3, self.height - 3)] + [(1, column) for column in range(3, self.width - 3)]
        pairs = [
            ({place for place in whole if place[axis] < line}, {place for place in whole if place[axis] > line})
            for axis, line in lines
        ]
        return [pair for pair in pairs if 2 <= self.num_agents <= sum(map(_room_for_agents, pair))]

    @property
    def n_stations(self) -> int:
        """Most stations that a kitchen can have."""
        kinds_of_stacks = 3 if self.has_tomatoes else 2
        return self.num_pots[1] + kinds_of_stacks * self.num_stacks[1] + self.num_delivery_zones[1]


def generate_kitchen(seed: int, settings: KitchenSettings | None = None) -> str:
    """Draw a kitchen.

    One seed gives one kitchen, on every machine and under every backend.

    Args:
      seed: 0 to 2**32 - 1.
      settings: sizes and numbers; the defaults if left out.
    Returns:
      A drawing for the setting `layout`, with a start for each agent.
    Raises:
      SeedError: for a seed that is none.
    """
    return _Builder(_Draws(seed_words(seed)), settings or KitchenSettings()).build()


def kitchen_set(seed: int, count: int, settings: KitchenSettings | None = None) -> LayoutSet:
    """Draw many kitchens, as a set of layouts for one environment.

    Kitchen i does not depend on how many there are, and is named by its own seed: `kitchen_2915` is what
    `generate_kitchen(2915, settings)` draws.

    Args:
      seed: 0 to 2**32 - 1.
      count: how many kitchens.
      settings: sizes and numbers; the defaults if left out.
    Raises:
      SeedError: for a seed that is none; ConfigError for a count below 1.
    """
    _check_integer("count", count, 1)
    seeds = integer_words(seed_words(seed), Purpose.GENERATOR, 1, count)
    return LayoutSet([generate_kitchen(one, settings) for one in seeds], [f"kitchen_{one}" for one in seeds])


class _Draws:
    """Random numbers of one kitchen, one after the other."""

    def __init__(self, key: tuple[int, int]) -> None:
        self._words = self._all_words(key)

    @staticmethod
    def _all_words(key: tuple[int, int]) -> Iterator[int]:
        time = 1  # Time 1 gives the seeds of a set.
        while True:
            time += 1
            yield from integer_words(key, Purpose.GENERATOR, time, 2)

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1."""
        return next(self._words) % limit

    def between(self, ends: tuple[int, int]) -> int:
        """A number of a range, both ends included."""
        return ends[0] + self.below(ends[1] - ends[0] + 1)

    def shuffled(self, values: Iterable[Choice]) -> list[Choice]:
        """The values in a random order."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(len(left))]


class _Builder:
    """Draws one kitchen.

    Attributes:
      floor: the floor of each room.
      grid: the character of each cell.
    """

    def __init__(self, draws: _Draws, settings: KitchenSettings) -> None:
        self.draws = draws
        self.settings = settings
        self.grid: dict[Place, str] = {}
        self.floor: list[set[Place]] = []
        self.n_agents_of: list[int] = []

    def build(self) -> str:
        self._draw_ground()
        self._divide()
        self._spread_agents()
        for room, n_agents in zip(self.floor, self.n_agents_of, strict=True):
            self._draw_islands(room, n_agents)
        for room in self.floor:
            for place in room:
                self.grid[place] = str(Floor.symbol)
        self._place_stations()
        for room, n_agents in zip(self.floor, self.n_agents_of, strict=True):
            for place in self.draws.shuffled(sorted(room))[:n_agents]:
                self.grid[place] = START
        rows = range(self.settings.height)
        return "\n".join("".join(self.grid[row, column] for column in range(self.settings.width)) for row in rows)

    def _draw_ground(self) -> None:
        """Walls around counters; what is inside of these is the floor."""
        height, width = self.settings.height, self.settings.width
        for row in range(height):
            for column in range(width):
                is_outer = row in (0, height - 1) or column in (0, width - 1)
                self.grid[row, column] = str(Wall.symbol if is_outer else Counter.symbol)
        self.floor = [self.settings.floor()]

    def _divide(self) -> None:
        """Make two rooms of one, where these are drawn and there is space for them."""
        divisions = self.settings.divisions()
        if self.draws.between(self.settings.num_rooms) == 2 and divisions:
            self.floor = list(divisions[self.draws.below(len(divisions))])

    def _spread_agents(self) -> None:
        """At least one agent for each room, the others anywhere that has space."""
        self.n_agents_of = [1] * len(self.floor)
        for _ in range(self.settings.num_agents - len(self.floor)):
            spacious = [idx for idx, room in enumerate(self.floor) if self.n_agents_of[idx] < _room_for_agents(room)]
            self.n_agents_of[spacious[self.draws.below(len(spacious))]] += 1

    def _draw_islands(self, room: set[Place], n_agents: int) -> None:
        """Take floor away, cell by cell, as long as everybody gets everywhere."""
        most = int(len(room) * self.settings.island_share)
        wanted = self.draws.below(most + 1)
        least = max(n_agents + 1, 2)
        for place in self.draws.shuffled(sorted(room)):
            if wanted == 0 or len(room) <= least:
                return
            room.remove(place)
            if _can_all_get_everywhere(room, n_agents) and self._has_enough_counters():
                wanted -= 1
            else:
                room.add(place)

    def _has_enough_counters(self) -> bool:
        """Whether there is room for the stations, and a counter between the rooms."""
        has_hand_over = len(self.floor) == 1 or bool(self._shared_counters())
        return has_hand_over and len(self._touching_counters()) > self.settings.n_stations

    def _touching_counters(self, n_rooms: int = 1) -> list[Place]:
        """The counters that touch the floor of at least so many rooms, in reading order."""
        whole = set[Place]().union(*self.floor)
        return [
            place
            for place in self.grid
            if place not in whole and sum(not room.isdisjoint(_neighbours(place)) for room in self.floor) >= n_rooms
        ]

    def _shared_counters(self) -> list[Place]:
        """The counters that touch the floor of both rooms, in reading order."""
        return self._touching_counters(2)

    def _place_stations(self) -> None:
        kept_free = self.draws.shuffled(self._shared_counters())[:1]
        places = self.draws.shuffled(place for place in self._touching_counters() if place not in kept_free)
        for place, symbol in zip(places, self._stations(), strict=False):
            self.grid[place] = symbol

    def _stations(self) -> list[str]:
        """The characters of all stations."""
        settings, draws = self.settings, self.draws
        stations = [str(Pot.symbol)] * draws.between(settings.num_pots)
        stacks = (OnionStack, PlateStack, TomatoStack) if settings.has_tomatoes else (OnionStack, PlateStack)
        for stack in stacks:
            stations += [str(stack.symbol)] * draws.between(settings.num_stacks)
        return stations + [str(DeliveryZone.symbol)] * draws.between(settings.num_delivery_zones)


def _neighbours(place: Place) -> list[Place]:
    row, column = place
    return [(row, column + 1), (row + 1, column), (row, column - 1), (row - 1, column)]


def _room_for_agents(room: set[Place]) -> int:
    """How many agents a room takes: as many as leave one cell free; one, where they would not get past each other."""
    return max(1, len(room) - 1) if _can_all_get_everywhere(room, 2) else 1


def _is_connected(room: Collection[Place]) -> bool:
    queue = list(room)[:1]
    seen = set(queue)
    while queue:
        found = [place for place in _neighbours(queue.pop()) if place in room and place not in seen]
        seen.update(found)
        queue += found
    return len(seen) == len(room)


def _can_all_get_everywhere(room: set[Place], n_agents: int) -> bool:
    """Whether the floor is connected; where there are several agents, also around any one of them."""
    if n_agents == 1:
        return _is_connected(room)
    return _is_connected(room) and all(_is_connected(room - {place}) for place in room)


def _check_integer(name: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(f"{name} is an integer of at least {least}, not {value!r}.")


def _check_range(name: str, ends: Sequence[int]) -> None:
    is_range = isinstance(ends, tuple) and len(ends) == 2 and all(type(end) is int for end in ends)
    if not is_range or not 1 <= ends[0] <= ends[1]:
        raise ConfigError(f"{name} is a pair of integers (least, most) of at least 1, not {ends!r}.")
