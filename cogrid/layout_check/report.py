"""What `check_layout` tells of a layout: its rooms, its stations, and what is wrong with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator

from cogrid.core.agent import agent_name

Place = tuple[int, int]
"""(row, column)"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Room:
    """Cells between which an agent can walk, once everything that can be cleared away is.

    Attributes:
      places: its cells, in reading order.
      agents: the agents that start here, or may do so where starts are drawn.
    """

    places: tuple[Place, ...]
    agents: tuple[int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Station:
    """An object that some rule does something to.

    Attributes:
      place: where it stands.
      name: its object type's name; an item's, where one lies on the floor.
      rooms: the rooms from which it can be used, by index.
      is_surface: whether it only holds what is put there: it takes an item, gives the same one back, and has nothing to
        give before.
      can_hand_over: whether it takes an item from an agent, and gives one.
      is_reachable: whether an agent starts in one of its rooms.
      is_idle: whether nothing is ever done with it, since no agent can ever bring what it asks for.
    """

    place: Place
    name: str
    rooms: tuple[int, ...]
    is_surface: bool
    can_hand_over: bool
    is_reachable: bool
    is_idle: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class LayoutReport:
    """What there is to say about a layout.

    Attributes:
      n_cell_values: how many values a cell can take in play on this layout.
      n_agent_values: how many values an agent can take.
      events: what can happen on this layout by the rules, by name; collisions are not looked at.
      missing_events: what the rules know of and can never happen here.
      rooms: the rooms, by their first cell in reading order.
      stations: all stations, in reading order.
      has_hook: whether the world has a step hook or a start hook. What such a function does is not known, so more may
        come about than is told here.
      opened_by_hook: the places that agents can only walk on if a hook changes what stands there, as it is taken to do.
      hooked_names: the object types that are taken to have any of their values, since no rule changes them and a hook
        may.
      draws_stations: whether a draw can put something to use on the map; where it does so is not looked at.
    """

    n_cell_values: int
    n_agent_values: int
    events: tuple[str, ...]
    missing_events: tuple[str, ...]
    rooms: tuple[Room, ...]
    stations: tuple[Station, ...]
    has_hook: bool = False
    hooked_names: tuple[str, ...] = ()
    opened_by_hook: tuple[Place, ...] = ()
    draws_stations: bool = False

    @property
    def unreachable(self) -> tuple[Station, ...]:
        """The stations that nobody can ever use, surfaces left aside."""
        return tuple(station for station in self.stations if not station.is_reachable and not station.is_surface)

    @property
    def idle(self) -> tuple[Station, ...]:
        """The stations within reach that nothing can ever be done with, since nobody can bring what they ask for."""
        return tuple(station for station in self.stations if station.is_reachable and station.is_idle)

    @property
    def hand_overs(self) -> tuple[Station, ...]:
        """The stations through which items can go from one room to another, of those that agents start in."""
        occupied = {idx for idx, room in enumerate(self.rooms) if room.agents}
        return tuple(
            station
            for station in self.stations
            if station.can_hand_over and len(occupied.intersection(station.rooms)) > 1
        )

    @property
    def walled_in(self) -> tuple[tuple[int, int], ...]:
        """`(agent_idx, room)` for agents that start, or may start, where they can do nothing.

        There is no station but surfaces, none of these leads to another room, and no draw puts a station anywhere.
        """
        if self.draws_stations:
            return ()
        useful_stations = [*self.hand_overs, *(station for station in self.stations if not station.is_surface)]
        useful = {room for station in useful_stations for room in station.rooms}
        return tuple(
            (agent_idx, idx) for idx, room in enumerate(self.rooms) for agent_idx in room.agents if idx not in useful
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the layout, a sentence each; nothing, if it can be played."""
        return (
            *[
                f"{station.name} at {station.place} is out of reach: no agent can stand beside it."
                for station in self.unreachable
            ],
            *[
                f"{agent_name(agent_idx)} is walled in: there is nothing to use in the room of "
                f"{self.rooms[idx].places[0]}, and no way out of it."
                for agent_idx, idx in self.walled_in
            ],
            *[
                f"{station.name} at {station.place} is of no use: nobody can ever bring what it asks for."
                for station in self.idle
            ],
        )

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is worth knowing and need not be wrong, a sentence each."""
        return tuple(_remarks(self))


def _remarks(report: LayoutReport) -> Iterator[str]:
    empty = [room for room in report.rooms if not room.agents]
    if empty:
        yield f"Nobody starts in {_count(empty, 'room')}: {_list(room.places[0] for room in empty)}."
    out_of_reach = [station for station in report.stations if station.is_surface and not station.is_reachable]
    if out_of_reach:
        yield f"{_count(out_of_reach, 'surface')} out of reach: {_list(station.place for station in out_of_reach)}."
    occupied = [idx for idx, room in enumerate(report.rooms) if room.agents]
    for idx in occupied:
        is_joined = any(idx in station.rooms for station in report.hand_overs)
        if len(occupied) > 1 and not is_joined:
            yield f"Nothing can be handed over from the room of {report.rooms[idx].places[0]} to another one."
    if report.has_hook:
        changed = f" (taken for granted: any value of {', '.join(report.hooked_names)})" if report.hooked_names else ""
        yield f"A hook, which is not looked into, may bring about more than the rules do{changed}."
    if report.opened_by_hook:
        yield f"Taken for granted: a hook opens the way at {_list(report.opened_by_hook)}."
    if report.missing_events:
        yield f"What can never happen here: {', '.join(report.missing_events)}."


def _count(things: Collection[object], name: str) -> str:
    return f"{len(things)} {name}{'s' if len(things) > 1 else ''}"


def _list(places: Iterable[Place]) -> str:
    return ", ".join(map(str, places))
