"""A kitchen as a cook sees it: what stands where, what is wanted, and the ways across the floor."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Collection, Iterator

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.grid_object import get_object_names
from cogrid.envs.kitchen.objects import CAPACITY, ONION, TOMATO, Counter, OnionStack, TomatoStack
from cogrid.envs.overcooked.objects import ITEMS, PlateStack
from cogrid.envs.places import Place, neighbours

_ITEMS = tuple(item.name for item in ITEMS)
_STACKS = {kind.name: kind().item.name for kind in (OnionStack, TomatoStack, PlateStack)}


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
