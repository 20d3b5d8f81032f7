"""Disaster sites without end: maps of any size, by seed, that a team can solve."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

from cogrid.backend.threefry import seed_words
from cogrid.backend.threefry_integers import threefry
from cogrid.core.layout import START
from cogrid.core.objects import Floor, Wall
from cogrid.envs.places import Draws, Place, is_connected, neighbours
from cogrid.envs.search_rescue.objects import (
    ENGINEER,
    KEY,
    MED_KIT,
    MEDIC,
    PICKAXE,
    VICTIMS,
    Door,
    Rubble,
)
from cogrid.envs.search_rescue.rules import DEFAULT_ROLES, Role, check_roles
from cogrid.envs.search_rescue.solvability import is_solvable
from cogrid.errors import ConfigError, LayoutError, check_integer

MIN_SIZE = 5
MIN_ROOM = 3
"""Rooms are at least this long and wide; one that is twice as long and a wall is divided."""

N_ATTEMPTS = 100
WALL, FLOOR = str(Wall.symbol), str(Floor.symbol)
RUBBLE, DOOR = str(Rubble.symbol), str(Door.symbol)
GREEN, YELLOW, RED = (str(kind.symbol) for kind in VICTIMS)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SiteSettings:
    """What a generated map is like.

    Attributes:
      rows, columns: its sizes, the outer walls among them, at least 5.
      map_seed: 0 to 2**32 - 1; equal settings give equal maps, on every machine and version.
      roles: the role of each agent that is to solve it; each gets a start.
      n_green, n_yellow, n_red: how many victims of each grade.
    """

    rows: int = 13
    columns: int = 17
    map_seed: int = 0
    roles: Sequence[Role] = DEFAULT_ROLES
    n_green: int = 3
    n_yellow: int = 2
    n_red: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", check_roles(self.roles))
        seed_words(self.map_seed)
        for name, least in {"rows": MIN_SIZE, "columns": MIN_SIZE, "n_green": 0, "n_yellow": 0, "n_red": 0}.items():
            check_integer(name, getattr(self, name), least)
        if self.n_green + self.n_yellow + self.n_red == 0:
            raise ConfigError("A map needs a victim: set n_green, n_yellow or n_red to at least 1.")
        if self.n_red and not {MEDIC, ENGINEER} <= set(self.roles):
            raise ConfigError(
                f"Red victims need a medic and an engineer, and the roles are {self.roles}: change them, or n_red=0."
            )


def generate_site(settings: SiteSettings) -> tuple[str, ...]:
    """Draw a map that a team can solve.

    Walls divide the site into rooms of at least 3 x 3 cells, joined as a tree by passages that are open, full of
    rubble, or locked. All agents start in one room. The first key lies in a room before the first door, and a team
    without an engineer finds a pickaxe before the first rubble; a team without a medic finds a med kit for each yellow
    victim, another for every second one. Nothing is put where it would be in the way. The map is then checked
    (`is_solvable`).

    Args:
      settings: what the map is like.
    Returns:
      The rows of the drawing.
    Raises:
      LayoutError: when there is not enough room for everything.
    """
    draws = Draws(_words(settings.map_seed))
    for _ in range(N_ATTEMPTS):
        rows = _Site(settings, draws).draw()
        if rows is not None and is_solvable(rows, settings.roles):
            return rows
    n_things = settings.n_green + settings.n_yellow + settings.n_red
    raise LayoutError(
        f"A map of {settings.rows} x {settings.columns} has too little room for {len(settings.roles)} agents, "
        f"{n_things} victims and the tools: choose larger rows and columns, or fewer victims."
    )


def _words(seed: int) -> Iterator[int]:
    """The words that a map is drawn with: the same ones for as long as threefry is threefry."""
    key = seed_words(seed)
    return (threefry(*key, number, 0)[0] for number in itertools.count(1))


@dataclasses.dataclass(frozen=True)
class _Room:
    """A rectangle of floor; the last row and column belong to it."""

    top: int
    left: int
    bottom: int
    right: int

    def places(self) -> list[Place]:
        """Its cells, in reading order."""
        return [
            (row, column) for row in range(self.top, self.bottom + 1) for column in range(self.left, self.right + 1)
        ]


class _Site:
    """A map that is being drawn."""

    def __init__(self, settings: SiteSettings, draws: Draws) -> None:
        self._settings = settings
        self._draws = draws
        self._cells = {(row, column): WALL for row in range(settings.rows) for column in range(settings.columns)}
        self._rooms: list[_Room] = []
        self._gaps: list[Place] = []
        self._placed: set[Place] = set()

    def draw(self) -> tuple[str, ...] | None:
        """Draw the map once; None if something did not find a place."""
        self._divide(_Room(1, 1, self._settings.rows - 2, self._settings.columns - 2))
        room_of = {place: room for room in self._rooms for place in room.places()}
        self._cells |= dict.fromkeys([*room_of, *self._gaps], FLOOR)
        start = self._draws.one_of(self._rooms)
        starts = self._draws.shuffled(start.places())[: len(self._settings.roles)]
        self._cells |= dict.fromkeys(starts, START)
        is_complete = len(starts) == len(self._settings.roles)
        if not (is_complete and self._close_passages(start, room_of) and self._place_kits_and_victims(start)):
            return None
        return tuple(
            "".join(self._cells[row, column] for column in range(self._settings.columns))
            for row in range(self._settings.rows)
        )

    def _divide(self, room: _Room) -> None:
        """Divide a room by a wall with a gap, and both parts again, until all are small.

        Walls stand in even rows and columns, and gaps are in odd ones, so no wall ever ends at a gap.
        """
        across = _wall_places(room.top, room.bottom)
        along = _wall_places(room.left, room.right)
        if not (across or along):
            self._rooms.append(room)
        elif across and (not along or room.bottom - room.top >= room.right - room.left):
            row = self._draws.one_of(across)
            self._gaps.append((row, self._gap(room.left, room.right)))
            self._divide(dataclasses.replace(room, bottom=row - 1))
            self._divide(dataclasses.replace(room, top=row + 1))
        else:
            column = self._draws.one_of(along)
            self._gaps.append((self._gap(room.top, room.bottom), column))
            self._divide(dataclasses.replace(room, right=column - 1))
            self._divide(dataclasses.replace(room, left=column + 1))

    def _gap(self, first: int, last: int) -> int:
        return first + 2 * self._draws.below((last - first) // 2 + 1)

    def _close_passages(self, start: _Room, room_of: dict[Place, _Room]) -> bool:
        """From the start, passage by passage, leave it open or close it, with the tool for it on this side."""
        reached, left = [start], self._draws.shuffled(self._gaps)
        tools = {RUBBLE: str(PICKAXE.symbol), DOOR: str(KEY.symbol)}
        needed = {DOOR} if ENGINEER in self._settings.roles else {RUBBLE, DOOR}
        while left:
            gap = next(gap for gap in left if any(room_of.get(beside) in reached for beside in neighbours(gap)))
            left.remove(gap)
            kind = (FLOOR, RUBBLE, DOOR)[self._draws.below(3)]
            if kind in needed:
                if not self._place(tools[kind], [place for room in reached for place in room.places()]):
                    return False
                needed.remove(kind)
            self._cells[gap] = kind
            reached += [
                room_of[beside] for beside in neighbours(gap) if beside in room_of and room_of[beside] not in reached
            ]
        return True

    def _place_kits_and_victims(self, start: _Room) -> bool:
        settings = self._settings
        n_kits = (settings.n_yellow + 1) // 2 if MEDIC in settings.roles else settings.n_yellow
        inside = [place for room in self._rooms for place in room.places()]
        away = [place for place in inside if place not in start.places()] or inside
        victims = RED * settings.n_red + YELLOW * settings.n_yellow + GREEN * settings.n_green
        has_kits = all(self._place(str(MED_KIT.symbol), inside) for _ in range(n_kits))
        return has_kits and all(self._place(symbol, away) for symbol in victims)

    def _place(self, symbol: str, where: Sequence[Place]) -> bool:
        """Put something on a random cell of free floor where it is in nobody's way; whether there was one."""
        for place in self._draws.shuffled(where):
            if self._cells[place] == FLOOR and not any(beside in self._gaps for beside in neighbours(place)):
                self._cells[place] = symbol
                self._placed.add(place)
                if self._is_accessible():
                    return True
                self._cells[place] = FLOOR
                self._placed.remove(place)
        return False

    def _is_accessible(self) -> bool:
        """Whether walkable cells hang together, and give access to each thing, to a red victim from two sides."""
        walkable = {place for place, symbol in self._cells.items() if symbol != WALL} - self._placed
        if not is_connected(walkable):
            return False
        return all(
            len(walkable.intersection(neighbours(place))) >= (2 if self._cells[place] == RED else 1)
            for place in self._placed
        )


def _wall_places(first: int, last: int) -> list[int]:
    """Where a wall can divide a stretch that begins at an odd number."""
    return list(range(first + MIN_ROOM, last - MIN_ROOM + 1, 2))
