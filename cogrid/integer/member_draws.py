"""What is drawn among members of groups, on plain integers; equal to `cogrid.core.draw_tables`."""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence, Sequence

from cogrid.core.draw_tables import DrawTable, MemberTable
from cogrid.core.draws import Purpose
from cogrid.integer.chance import as_lists
from cogrid.integer.counts import Counted, IntegerCounts, Tally
from cogrid.integer.draws import draw_word


class _Members:
    """A `MemberTable` as lists."""

    def __init__(self, table: MemberTable, tally_of: Mapping[int, int]) -> None:
        self.is_member: list[bool] = table.is_member.tolist()
        self.counts = None if table.counts is None else IntegerCounts(table.counts, tally_of)
        self._after: list[int] = table.after.tolist()
        self._chance = as_lists(table.chance)

    def draw(self, row: int, key: tuple[int, int], time: int, number: int) -> int:
        """What follows a value that is drawn, by its row; the word is drawn only where it decides."""
        if self._chance is not None and self._chance.kind[row]:
            row = self._chance.draw(row, draw_word(*key, Purpose.DRAW, time, number))
        return self._after[row]

    def row(self, value: int, cell: int, counted: Counted | None) -> int:
        """The row of what stands in a cell, by the count that it asks for."""
        if self.counts is None or counted is None:
            return value
        return self.counts.row(value, 0, cell, counted)


class IntegerDraw:
    """A `DrawTable` as lists.

    Attributes:
      table: the draw.
    """

    def __init__(self, table: DrawTable, width: int, tally_of: Mapping[int, int]) -> None:
        self.table = table
        self._width = width
        self._cells = None if table.cells is None else _Members(table.cells, tally_of)
        self._agents = None if table.agents is None else _Members(table.agents, tally_of)

    def n_asked(self, events: Sequence[int]) -> int:
        """How many members the events of a step draw."""
        n_events = sum(1 for mask in events if mask & self.table.event_mask)
        return min(n_events, self.table.at_most) * self.table.k

    def make(
        self,
        n_drawn: int,
        key: tuple[int, int],
        time: int,
        cells: MutableSequence[int],
        agent_value: MutableSequence[int],
        agent_cell: Sequence[int],
        terminated: Sequence[bool],
        changed: MutableSequence[int],
        tallies: Sequence[Tally],
    ) -> None:
        """Choose members one after the other, cells in reading order before agents, and let each become what follows.

        Args:
          n_drawn: how many are drawn, if there are as many.
          key, time: the episode's key, and the time of the words.
          cells, agent_value, agent_cell, terminated: as in a state; the first two are changed.
          changed: where to add the cells that change.
          tallies: what is counted over cells.
        """
        left = self._members(cells, agent_value, agent_cell, terminated)
        n_cells, counted = len(cells), None
        if self._cells is not None and self._cells.counts is not None:
            counted = Counted(tallies, list(agent_value), [], [])
        for slot in range(min(n_drawn, len(left))):
            if not left:
                return
            number = self.table.first_word + 2 * slot
            member = left.pop(draw_word(*key, Purpose.DRAW, time, number) % len(left))
            if member >= n_cells and self._agents is not None:
                agent_idx = member - n_cells
                agent_value[agent_idx] = self._agents.draw(agent_value[agent_idx], key, time, number + 1)
            elif self._cells is not None:
                row = self._cells.row(cells[member], member, counted)
                cells[member] = self._cells.draw(row, key, time, number + 1)
                changed.append(member)
                if self.table.apart:
                    near = self._near(member)
                    left = [other for other in left if other >= n_cells or divmod(other, self._width) not in near]

    def _members(
        self, cells: Sequence[int], agent_value: Sequence[int], agent_cell: Sequence[int], terminated: Sequence[bool]
    ) -> list[int]:
        """Who is in the group: of the cells, then, numbered on, of the agents that have not terminated."""
        members: list[int] = []
        if self._cells is not None:
            is_member = self._cells.is_member
            members = [cell for cell, value in enumerate(cells) if is_member[value]]
            if self.table.leaves_out_agents:
                members = [cell for cell in members if cell not in agent_cell]
        if self._agents is not None:
            for agent_idx, value in enumerate(agent_value):
                if self._agents.is_member[value] and not terminated[agent_idx]:
                    members.append(len(cells) + agent_idx)
        return members

    def _near(self, cell: int) -> set[tuple[int, int]]:
        """The places that lie too near to a cell."""
        row, column = divmod(cell, self._width)
        offsets = self.table.apart
        return {(row + sign * rows, column + sign * columns) for rows, columns in offsets for sign in (1, -1)}
