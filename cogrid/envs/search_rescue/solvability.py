"""Whether a team can rescue everybody on a map."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from cogrid.core.agent import Agent
from cogrid.core.grid_object import Outcome
from cogrid.core.item import Item
from cogrid.core.layout import Layout, LayoutSource
from cogrid.core.map_tables import front_table
from cogrid.core.objects import Floor, Wall
from cogrid.envs.places import Place
from cogrid.envs.search_rescue.objects import ENGINEER, MEDIC, RedVictim, Victim
from cogrid.envs.search_rescue.rules import DEFAULT_ROLES, Role, check_roles, search_rescue_rules


def is_solvable(layout: LayoutSource, roles: Sequence[Role] = DEFAULT_ROLES) -> bool:
    """Whether a team can rescue everybody on a map; see `stranded_victims`.

    Args:
      layout: a registered name, a drawing, or a file.
      roles: the role of each agent of the team.
    Raises:
      LayoutError: for a drawing that cannot be read.
      ConfigError: for a role that does not exist.
    """
    return not stranded_victims(layout, roles)


def stranded_victims(layout: LayoutSource, roles: Sequence[Role] = DEFAULT_ROLES) -> list[Place]:
    """The victims that a team cannot be sure to reach and rescue.

    The team is taken to work as follows, with agents that make way for each other: whatever any agent can do from where
    it can walk is done, rubble, doors and victims alike, until nothing more can be done. A tool is used, and put back
    where it lay, so loose tools stay in the way. A med kit is used where no medic can go, on the first victim that it
    gets to. A red victim needs a place for the engineer and another for the medic. So a map with an empty answer can be
    solved; one with a stranded victim might still be, by cleverer use of tools.

    Args:
      layout: a registered name, a drawing, or a file. Agents whose start it does not mark are left out of account.
      roles: the role of each agent of the team.
    Returns:
      Their places, in reading order.
    Raises:
      LayoutError: for a drawing that cannot be read.
      ConfigError: for a role that does not exist.
    """
    team = check_roles(roles)
    read = Layout.read(layout, search_rescue_rules(team))
    search = _Search(read, team)
    search.run()
    return [divmod(cell, read.width) for cell, value in sorted(search.closed.items()) if isinstance(value, Victim)]


class _Search:
    """How far a team has got.

    Attributes:
      closed: what still blocks a cell and can be cleared, by cell.
      tools: the loose tools, by cell.
    """

    def __init__(self, layout: Layout, team: Sequence[Role]) -> None:
        starts = zip(team, layout.fixed_starts(len(team)), strict=True)
        self._starts = [(role, start) for role, start in starts if start is not None]
        self._neighbours = [
            {ahead for ahead in row if ahead != cell}
            for cell, row in enumerate(front_table(layout.height, layout.width).tolist())
        ]
        self.closed = {cell: value for cell, value in enumerate(layout.objects) if not isinstance(value, (Floor, Wall))}
        self.tools = {
            cell: value.on for cell, value in enumerate(layout.objects) if isinstance(value, Floor) and value.on
        }
        self._walls = {cell for cell, value in enumerate(layout.objects) if isinstance(value, Wall)}

    def run(self) -> None:
        """Clear all that can be cleared; a med kit is used up only when nothing else is left to do."""
        while self._clear_what_costs_nothing() or self._use_a_med_kit():
            pass

    def _clear_what_costs_nothing(self) -> bool:
        reach = self._reach()
        cleared = [cell for cell in self.closed if any(used is None for used in self._ways(cell, reach))]
        for cell in cleared:
            del self.closed[cell]
        return bool(cleared)

    def _use_a_med_kit(self) -> bool:
        reach = self._reach()
        for cell in self.closed:
            for used in self._ways(cell, reach):
                if used is not None:
                    del self.closed[cell], self.tools[used]
                    return True
        return False

    def _reach(self) -> list[tuple[Role, set[int]]]:
        """For each agent its role, and the cells that it can walk to."""
        return [(role, self._flood(start)) for role, start in self._starts]

    def _flood(self, start: int) -> set[int]:
        found, edge = {start}, [start]
        while edge:
            for cell in self._neighbours[edge.pop()] - found - self._walls:
                if cell not in self.closed and cell not in self.tools:
                    found.add(cell)
                    edge.append(cell)
        return found

    def _ways(self, cell: int, reach: Sequence[tuple[Role, Collection[int]]]) -> Iterator[int | None]:
        """The ways to clear a cell: for each, the cell of the tool that it uses up, None if it uses up nothing."""
        if isinstance(self.closed[cell], RedVictim):
            if self._can_be_freed(cell, reach):
                yield None
            return
        for role, walkable in reach:
            if self._neighbours[cell].isdisjoint(walkable):
                continue
            for place, tool in ((None, None), *self._tools_within(walkable)):
                outcome = self.closed[cell].toggle(Agent(held=tool, role=role))
                if isinstance(outcome, Outcome) and outcome.cell.passable():
                    yield None if outcome.agent.held == tool else place

    def _tools_within(self, walkable: Collection[int]) -> Iterator[tuple[int, Item]]:
        for place, tool in self.tools.items():
            if not self._neighbours[place].isdisjoint(walkable):
                yield place, tool

    def _can_be_freed(self, cell: int, reach: Sequence[tuple[Role, Collection[int]]]) -> bool:
        """Whether an engineer and a medic can stand beside a red victim at once."""
        beside = {
            wanted: {
                place for role, walkable in reach if role == wanted for place in self._neighbours[cell] & {*walkable}
            }
            for wanted in (ENGINEER, MEDIC)
        }
        return any(one != other for one in beside[ENGINEER] for other in beside[MEDIC])
