"""Kitchens without end: drawn by seed, each of them one in which soup can be made and delivered.

Why every kitchen can be played:

- The floor is one room, or two with a wall of counters between them that is one cell thick.
- A cell of floor becomes an island counter only if the floor of its room stays connected; in a room with several
  agents, also with any one of its cells taken away: an agent that stands still never cuts another one off.
- Every station touches a floor cell, so somebody reaches it.
- Between two rooms at least one plain counter touches the floor of both, so everything can be handed over.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from cogrid.backend.threefry import seed_words
from cogrid.core.draws import Purpose
from cogrid.core.layout import START
from cogrid.core.layout_set import LayoutSet
from cogrid.core.objects import Floor, Wall
from cogrid.envs.kitchen.objects import Counter, OnionStack, TomatoStack
from cogrid.envs.overcooked.kitchen_settings import KitchenSettings, can_all_get_everywhere, room_for_agents
from cogrid.envs.overcooked.objects import DeliveryZone, PlateStack, Pot
from cogrid.envs.places import Draws, Place, neighbours
from cogrid.errors import check_integer
from cogrid.integer.draws import draw_words

__all__ = ["KitchenSettings", "Place", "generate_kitchen", "kitchen_set"]


def generate_kitchen(seed: int, settings: KitchenSettings | None = None) -> str:
    """Draw a kitchen.

    One seed gives one kitchen, on every machine and under every backend.

    Args:
      seed: 0 to 2**32 - 1.
      settings: sizes and numbers; the defaults if left out.
    Returns:
      A drawing for the setting `layout`, with a start for each agent.
    Raises:
      SeedError: for anything that is not a seed.
    """
    return _Builder(Draws(_words(seed_words(seed))), settings or KitchenSettings()).build()


def kitchen_set(seed: int, count: int, settings: KitchenSettings | None = None) -> LayoutSet:
    """Draw many kitchens, as a set of layouts for one environment.

    Kitchen i does not depend on how many there are, and is named by its own seed: `kitchen_2915` is what
    `generate_kitchen(2915, settings)` draws.

    Args:
      seed: 0 to 2**32 - 1.
      count: how many kitchens.
      settings: sizes and numbers; the defaults if left out.
    Raises:
      SeedError: for anything that is not a seed; ConfigError for a count below 1.
    """
    check_integer("count", count, 1)
    seeds = draw_words(*seed_words(seed), Purpose.GENERATOR, 1, count)
    return LayoutSet([generate_kitchen(one, settings) for one in seeds], [f"kitchen_{one}" for one in seeds])


def _words(key: tuple[int, int]) -> Iterator[int]:
    """The words that a kitchen is drawn with, two for each time from 2 on; time 1 gives the seeds of a set."""
    return (word for time in itertools.count(2) for word in draw_words(*key, Purpose.GENERATOR, time, 2))


class _Builder:
    """Draws one kitchen.

    Attributes:
      floor: the floor of each room.
      grid: the character of each cell.
    """

    def __init__(self, draws: Draws, settings: KitchenSettings) -> None:
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
            self.floor = list(self.draws.one_of(divisions))

    def _spread_agents(self) -> None:
        """At least one agent for each room, the others anywhere that has space."""
        self.n_agents_of = [1] * len(self.floor)
        for _ in range(self.settings.num_agents - len(self.floor)):
            spacious = [idx for idx, room in enumerate(self.floor) if self.n_agents_of[idx] < room_for_agents(room)]
            self.n_agents_of[self.draws.one_of(spacious)] += 1

    def _draw_islands(self, room: set[Place], n_agents: int) -> None:
        """Take floor away, cell by cell, as long as everybody gets everywhere."""
        most = int(len(room) * self.settings.island_share)
        wanted = self.draws.below(most + 1)
        least = max(n_agents + 1, 2)
        for place in self.draws.shuffled(sorted(room)):
            if wanted == 0 or len(room) <= least:
                return
            room.remove(place)
            if can_all_get_everywhere(room, n_agents) and self._has_enough_counters():
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
            if place not in whole and sum(not room.isdisjoint(neighbours(place)) for room in self.floor) >= n_rooms
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
