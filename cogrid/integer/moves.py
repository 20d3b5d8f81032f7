"""Pushes, and what moves by itself, on plain integers; equal to `cogrid.core.pushes` and `cogrid.core.roaming`."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence

from cogrid.backend.threefry_integers import threefry_of_many
from cogrid.core.draws import PURPOSE_SHIFT, Purpose
from cogrid.core.move_tables import MoveTables
from cogrid.integer.chance import as_lists

Push = tuple[int, int, int, int, int]
"""The cell ahead, the one beyond, what they become, and the events."""


class IntegerMoves:
    """`MoveTables` as lists.

    Attributes:
      can_push, can_roam: whether anything is pushed, and whether anything moves by itself.
    """

    def __init__(self, tables: MoveTables, n_cell_values: int, front: list[int], around: list[list[int]]) -> None:
        self._lift: list[list[int]] = [] if tables.lift is None else tables.lift.tolist()
        self._receive: list[int] = tables.receive.tolist()
        self._roam: list[list[int]] = [] if tables.roam is None else tables.roam.tolist()
        self._chance = as_lists(tables.roam_chance)
        self._n_cell_values, self._front, self._around = n_cell_values, front, around
        self.can_push: bool = bool(self._lift)
        self.can_roam: bool = bool(self._roam)
        self._may_move = [thing >= 0 for thing, *_ in self._roam[:n_cell_values]]
        if self._chance is not None:
            self._may_move = [may or kind != 0 for may, kind in zip(self._may_move, self._chance.kind, strict=True)]

    def push_of(self, cells: Sequence[int], agent_value: int, ahead: int, direction: int) -> Push | None:
        """What an agent pushes that goes towards a cell, if no other agent hinders it."""
        thing, left, events = self._lift[agent_value * self._n_cell_values + cells[ahead]]
        beyond = self._front[ahead * 4 + direction]
        if thing < 0 or beyond == ahead:
            return None
        received = self._receive[thing * self._n_cell_values + cells[beyond]]
        return None if received < 0 else (ahead, beyond, left, received, events)

    def roam(
        self,
        cells: MutableSequence[int],
        agent_cell: Sequence[int],
        key: tuple[int, int],
        time: int,
        changed: MutableSequence[int],
    ) -> None:
        """Let what moves by itself move, one after the other, in the reading order of the cells before."""
        before = list(cells)
        may_move = self._may_move
        movers = [cell for cell, value in enumerate(before) if may_move[value]]
        if not movers:
            return
        first = Purpose.ROAM << PURPOSE_SHIFT
        words = threefry_of_many(*key, range(first, first + len(movers)), time)
        for here, of_chance, of_neighbour in zip(movers, *words, strict=True):
            if cells[here] == before[here]:
                self._move(cells, here, agent_cell, of_chance, of_neighbour, changed)

    def _move(
        self,
        cells: MutableSequence[int],
        here: int,
        agent_cell: Sequence[int],
        of_chance: int,
        of_neighbour: int,
        changed: MutableSequence[int],
    ) -> None:
        row = cells[here]
        if self._chance is not None:
            row = self._chance.draw(row, of_chance)
        thing, left, is_diagonal = self._roam[row]
        if thing < 0:
            return
        first = thing * self._n_cell_values
        ways = [
            there
            for there in self._around[here][: 8 if is_diagonal else 4]
            if there != here and there not in agent_cell and self._receive[first + cells[there]] >= 0
        ]
        if ways:
            there = ways[of_neighbour % len(ways)]
            cells[there], cells[here] = self._receive[first + cells[there]], left
            changed += (here, there)


def hinders(
    push: Push, agent_idx: int, agent_cell: Sequence[int], target: Sequence[int], pushes: dict[int, Push]
) -> bool:
    """Whether another agent stands in the cell beyond, wants it, or pushes out of it or into it.

    Args:
      push: what an agent would push.
      agent_idx: the agent.
      agent_cell: the cell of each agent.
      target: the cell that each agent walks to.
      pushes: what agents would push, by agent.
    """
    ahead, beyond, *_ = push
    for other in range(len(agent_cell)):
        if other != agent_idx and beyond in (agent_cell[other], target[other]):
            return True
    others = [their for other, their in pushes.items() if other != agent_idx]
    return any(beyond in (from_there, to_there) or ahead == to_there for from_there, to_there, *_ in others)
