"""A kitchen as a cook sees it: what stands where, what is wanted, and the ways across the floor."""

from __future__ import annotations

import dataclasses
import functools
from collections import deque
from collections.abc import Collection
from typing import TypeVar

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.objects import Floor
from cogrid.envs.kitchen.objects import CAPACITY, ONION, TOMATO, Counter, Stack
from cogrid.envs.overcooked.objects import Pot
from cogrid.envs.places import Place, neighbours

Kind = TypeVar("Kind", bound=GridObject)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kitchen:
    """A state in the words of a cook.

    Attributes:
      positions, directions, held: of each cook.
      objects: what stands in each place.
      lying: the items on the floor and on counters.
    """

    positions: tuple[Place, ...]
    directions: tuple[int, ...]
    held: tuple[Item | None, ...]
    objects: dict[Place, GridObject]
    lying: dict[Place, Item]

    @classmethod
    def read(cls, state: EnvState) -> Kitchen:
        """Read one state, of either backend."""
        tables = state.tables
        values, agents = tables.rules.compiled.cell_values, tables.rules.compiled.agent_values
        cells = np.asarray(state.cells).tolist()
        objects = {divmod(cell, tables.width): values[idx] for cell, idx in enumerate(cells)}
        lying = [_items_on(kind, objects) for kind in (Floor, Counter)]
        return cls(
            positions=tuple((row, column) for row, column in np.asarray(state.agent_pos).tolist()),
            directions=tuple(np.asarray(state.agent_dir).tolist()),
            held=tuple(agents[idx].held for idx in np.asarray(state.agent_value).tolist()),
            objects=objects,
            lying=lying[0] | lying[1],
        )

    @functools.cached_property
    def floor(self) -> frozenset[Place]:
        """The places where one can walk."""
        return frozenset(place for place, value in self.objects.items() if value == Floor())

    @functools.cached_property
    def pots(self) -> dict[Place, Pot]:
        """The pots."""
        return self.all(Pot)

    def all(self, kind: type[Kind]) -> dict[Place, Kind]:
        """The objects of a class."""
        return {place: value for place, value in self.objects.items() if isinstance(value, kind)}

    def stands(self, target: Place) -> list[Place]:
        """The floor beside a place."""
        return [place for place in neighbours(target) if place in self.floor]

    def sources(self, item: Item) -> list[Place]:
        """Where an item can be taken."""
        stacks = [place for place, stack in self.all(Stack).items() if stack.item == item]
        return stacks + [place for place, other in self.lying.items() if other == item]

    def wanted_ingredient(self, pot: Pot) -> Item | None:
        """What goes into a pot next; None if nothing does. An empty one gets onions, where there are any."""
        if len(set(pot.contents)) > 1 or is_full(pot):
            return None
        has_onions = ONION in self.held or self.sources(ONION)
        return pot.contents[0] if pot.contents else ONION if has_onions else TOMATO


def is_full(pot: Pot) -> bool:
    """Whether a pot cooks, or is ready."""
    return len(pot.contents) == CAPACITY


def _items_on(kind: type[Floor | Counter], objects: dict[Place, GridObject]) -> dict[Place, Item]:
    return {place: value.on for place, value in objects.items() if isinstance(value, kind) and value.on is not None}


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
