"""What generated kitchens have in common, and whether so many agents and stations fit into them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cogrid.envs.places import Place, is_connected
from cogrid.errors import ConfigError, check_integer

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
            check_integer(name, getattr(self, name), SMALLEST)
        check_integer("num_agents", self.num_agents, 1)
        for name in ("num_rooms", "num_pots", "num_stacks", "num_delivery_zones"):
            _check_range(name, getattr(self, name))
        if self.num_rooms[1] > 2:
            raise ConfigError(f"num_rooms goes up to 2, not to {self.num_rooms[1]}.")
        if not 0 <= self.island_share <= 1:
            raise ConfigError(f"island_share is a number from 0 to 1, not {self.island_share!r}.")
        self._check_space()

    def _check_space(self) -> None:
        rows, columns = self.height - 4, self.width - 4
        if self.num_agents > room_for_agents(self.floor()):
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
        return [pair for pair in pairs if 2 <= self.num_agents <= sum(map(room_for_agents, pair))]

    @property
    def n_stations(self) -> int:
        """Most stations that a kitchen can have."""
        kinds_of_stacks = 3 if self.has_tomatoes else 2
        return self.num_pots[1] + kinds_of_stacks * self.num_stacks[1] + self.num_delivery_zones[1]


def room_for_agents(room: set[Place]) -> int:
    """How many agents a room takes: as many as leave one cell free; one, where they would not get past each other."""
    return max(1, len(room) - 1) if can_all_get_everywhere(room, 2) else 1


def can_all_get_everywhere(room: set[Place], n_agents: int) -> bool:
    """Whether the floor is connected; where there are several agents, also around any one of them."""
    return is_connected(room) and (n_agents == 1 or all(is_connected(room - {place}) for place in room))


def _check_range(name: str, ends: Sequence[int]) -> None:
    is_range = isinstance(ends, tuple) and len(ends) == 2 and all(type(end) is int for end in ends)
    if not is_range or not 1 <= ends[0] <= ends[1]:
        raise ConfigError(f"{name} is a pair of integers (least, most) of at least 1, not {ends!r}.")
