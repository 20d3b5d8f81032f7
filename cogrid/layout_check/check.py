"""Whether a layout can be played: its rooms, who starts in them, and what can be used from where.

Everything is read from the compiled rules, so it holds for any world. The check is generous: it takes for granted that
whatever a rule can clear away is cleared (a door opened, an item on the floor picked up), and that agents get out of
each other's way. What it calls unreachable is out of reach for good; what it calls reachable may still ask for a
clever team.

Guards and hooks are functions on whole states and cannot be looked into. Guards only take events away. Of a hook it is
taken for granted that it opens whatever can be open (a gate, while somebody stands on a plate), and that it gives any
declared value to an object that no rule ever changes (an order slot that new orders appear in): why else would there be
several? What else a hook brings about is not counted.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from cogrid.core.compiled_rules import COLLISION, Transition
from cogrid.core.draw_tables import MemberTable
from cogrid.core.item import Item
from cogrid.core.map_tables import front_table
from cogrid.core.tables import Tables
from cogrid.errors import LayoutError
from cogrid.layout_check.report import LayoutReport, Place, Room, Station


def check_layout(tables: Tables, layout_idx: int = 0) -> LayoutReport:
    """Check a layout of a world.

    Args:
      tables: the world; its number of agents and its action set count.
      layout_idx: which layout, in a world that plays a set of them.
    Raises:
      LayoutError: for a layout that the world does not have.
    """
    if not 0 <= layout_idx < tables.map.starts.n_layouts:
        raise LayoutError(f"There is no layout {layout_idx}: this world has {tables.map.starts.n_layouts} of them.")
    return _Check(tables, layout_idx).report()


@dataclasses.dataclass
class _Play:
    """What can come of some cells and of the agents that can use them, as far as it is known.

    Attributes:
      cells: the cells.
      cell_values, agent_values: the values that there can be.
      used: the cell values that a rule has done something to.
      events: mask of what can happen.
    """

    cells: set[int]
    cell_values: set[int]
    agent_values: set[int]
    used: set[int] = dataclasses.field(default_factory=set[int])
    events: int = 0

    def spread(self, outcomes: Mapping[int, list[tuple[int, Transition]]], tables: Tables) -> bool:
        """Apply every rule to every pair of values once; returns whether there are more values now."""
        n_before = len(self.cell_values) + len(self.agent_values)
        for agent_id, after, events in tables.rules.compiled.agent_changes():
            if agent_id in self.agent_values:
                self.agent_values.add(after)
                self.events |= events
        for value_id in list(self.cell_values):
            self.cell_values |= _values_after_ticks(value_id, tables)
            for agent_id, after in outcomes[value_id]:
                if agent_id in self.agent_values:
                    self.cell_values.add(after.cell)
                    self.agent_values.add(after.agent)
                    self.used.add(value_id)
                    self.events |= after.events
        return len(self.cell_values) + len(self.agent_values) > n_before


class _Check:
    """One layout, looked at with the rules in hand.

    Attributes:
      cells: the value id of each cell.
      outcomes: for each cell value, `(agent value, what follows)` of every rule that does something.
      becomes: for each cell value of the layout, everything that rules can make of it.
      opened_by_hook: the cells that agents can only walk on if a hook changes what stands there.
      near: for each cell, those from which it can be used; itself, too.
      room_of: the index of the room of each cell that can be walked on.
    """

    def __init__(self, tables: Tables, layout_idx: int) -> None:
        self.tables = tables
        self.layout_idx = layout_idx
        rules = tables.settings.rules
        self.has_hook = rules.step_hook is not None or rules.start_hook is not None
        self.cells: list[int] = tables.map.starts.cells[layout_idx].tolist()
        self.outcomes = _outcomes(tables)
        self.neighbours = [
            {ahead for ahead in row if ahead != cell}
            for cell, row in enumerate(front_table(tables.height, tables.width).tolist())
        ]
        self.near = _reaching_cells(tables, self.neighbours)
        self.becomes = {value_id: _values_after(value_id, self.outcomes, tables) for value_id in set(self.cells)}
        can_open = {value_id: self._can_be_open(after) for value_id, after in self.becomes.items()}
        hooked = {value_id: self.has_hook and self._can_be_open(self._same_type(value_id)) for value_id in can_open}
        self.is_walkable = [can_open[value_id] or hooked[value_id] for value_id in self.cells]
        self.opened_by_hook = {
            cell for cell, value_id in enumerate(self.cells) if hooked[value_id] and not can_open[value_id]
        }
        self.rooms = self._find_rooms()
        self.room_of = {cell: idx for idx, room in enumerate(self.rooms) for cell in room}

    def report(self) -> LayoutReport:
        agents_of = [self._agents_of(room) for room in self.rooms]
        occupied = {idx for idx, agents in enumerate(agents_of) if agents}
        within_reach = {cell for cell in range(len(self.cells)) if occupied.intersection(self._rooms_beside(cell))}
        plays = [self._play(group, agents_of) for group in self._groups(occupied)]
        happens = {
            name
            for bit, name in enumerate(self.tables.rules.event_names)
            if any(play.events >> bit & 1 for play in plays)
        }
        stations = [
            self._station(cell, cell in within_reach, [play.used for play in plays if cell in play.cells])
            for cell, value_id in enumerate(self.cells)
            if self._is_station(value_id)
        ]
        return LayoutReport(
            n_cell_values=len(set(self.cells).union(self._hooked_values(self.cells), *(p.cell_values for p in plays))),
            n_agent_values=len(set[int]().union(*(play.agent_values for play in plays))),
            events=tuple(name for name in self.tables.rules.event_names if name in happens),
            missing_events=tuple(name for name in self.tables.rules.event_names if name not in {*happens, COLLISION}),
            rooms=tuple(
                Room(places=tuple(map(self._place, sorted(room))), agents=agents)
                for room, agents in zip(self.rooms, agents_of, strict=True)
            ),
            stations=tuple(stations),
            has_hook=self.has_hook,
            draws_stations=any(self.outcomes[after] for after in self._drawn_values()),
            opened_by_hook=tuple(map(self._place, sorted(self.opened_by_hook))),
            hooked_names=tuple(sorted({self._name(value_id) for value_id in self._hooked_values(self.cells)})),
        )

    def _drawn_values(self) -> set[int]:
        """What draws can make of what stands on the layout."""
        return set[int]().union(*(_drawn(draw.cells, self.cells) for draw in self.tables.draws))

    def _find_rooms(self) -> list[set[int]]:
        rooms: list[set[int]] = []
        for cell, is_walkable in enumerate(self.is_walkable):
            if is_walkable and not any(cell in room for room in rooms):
                rooms.append(self._flood(cell))
        return rooms

    def _flood(self, start: int) -> set[int]:
        found, edge = {start}, [start]
        while edge:
            for cell in self.neighbours[edge.pop()] - found:
                if self.is_walkable[cell]:
                    found.add(cell)
                    edge.append(cell)
        return found

    def _agents_of(self, room: Collection[int]) -> tuple[int, ...]:
        """The agents that start in a room, or may do so."""
        starts, idx = self.tables.map.starts, self.layout_idx
        agents: list[int] = []
        for agent_idx, place in enumerate(starts.places[idx].tolist()):
            allowed = starts.is_free[idx] if starts.rooms is None else starts.rooms[idx, agent_idx]
            possible = {place} if place >= 0 else set(np.flatnonzero(allowed).tolist())
            if not possible.isdisjoint(room):
                agents.append(agent_idx)
        return tuple(agents)

    def _rooms_beside(self, cell: int) -> tuple[int, ...]:
        """The rooms from which a cell can be used; the one that it is in, too."""
        near = self.near[cell]
        return tuple(sorted({self.room_of[other] for other in near if other in self.room_of}))

    def _groups(self, occupied: set[int]) -> list[set[int]]:
        """The rooms that agents start in, those together between which items can be handed over."""
        groups = [{idx} for idx in sorted(occupied)]
        for cell, value_id in enumerate(self.cells):
            if self._can_hand_over(value_id):
                beside = occupied.intersection(self._rooms_beside(cell))
                joined = beside.union(*(group for group in groups if group & beside))
                groups = [group for group in groups if not group & beside] + ([joined] if joined else [])
        return groups

    def _play(self, group: set[int], agents_of: Sequence[tuple[int, ...]]) -> _Play:
        """Everything that can come of what is in some rooms and of the agents there."""
        cells = {cell for cell in range(len(self.cells)) if group.intersection(self._rooms_beside(cell))}
        agent_values = {int(self.tables.map.start_values[agent_idx]) for idx in group for agent_idx in agents_of[idx]}
        agent_values |= {after for draw in self.tables.draws for after in _drawn(draw.agents, agent_values)}
        start = [self.cells[cell] for cell in cells]
        play = _Play(cells, {0, *start, *self._hooked_values(start)}, agent_values)
        while play.spread(self.outcomes, self.tables):
            pass
        return play

    def _hooked_values(self, start: Iterable[int]) -> set[int]:
        """The values that a hook is taken to give to some objects: every one of a class that no rule changes."""
        if not self.has_hook:
            return set()
        found = [self._same_type(value_id) for value_id in set(start) if self.becomes[value_id] == {value_id}]
        return set[int]().union(*(value_ids for value_ids in found if len(value_ids) > 1))

    def _same_type(self, value_id: int) -> list[int]:
        """All values of the object type of one."""
        names = self.tables.rules.type_of
        return [idx for idx, name in enumerate(names) if name == names[value_id]]

    def _can_be_open(self, value_ids: Collection[int]) -> bool:
        """Whether an agent can be found in one of some values."""
        return bool(self.tables.rules.standable[list(value_ids)].any())

    def _name(self, value_id: int) -> str:
        return self.tables.declared.type_names[int(self.tables.declared.object_type[value_id])]

    def _is_station(self, value_id: int) -> bool:
        """Whether a rule does something to an object; floor, where items are put down, and walls do not count."""
        is_bare = value_id == 0 or self.tables.declared.is_wall[value_id]
        return not is_bare and any(self.outcomes[same] for same in self._same_class(value_id))

    def _station(self, cell: int, is_reachable: bool, used: Sequence[set[int]]) -> Station:
        value_id = self.cells[cell]
        return Station(
            place=self._place(cell),
            name=self._name(value_id),
            rooms=self._rooms_beside(cell),
            is_surface=self._is_surface(value_id),
            can_hand_over=self._can_hand_over(value_id),
            is_reachable=is_reachable,
            is_idle=cell not in self.opened_by_hook
            and not self._is_surface(value_id)
            and self._same_class(value_id).isdisjoint(set[int]().union(*used)),
        )

    def _same_class(self, value_id: int) -> set[int]:
        """What an object becomes while it stays of its class."""
        values = self.tables.rules.compiled.cell_values
        return {after for after in self.becomes[value_id] if type(values[after]) is type(values[value_id])}

    def _is_surface(self, value_id: int) -> bool:
        has_nothing = not any(self._given(agent_id, after) for agent_id, after in self.outcomes[value_id])
        return has_nothing and any(
            (taken := self._taken(agent_id, after)) and taken in map(self._given_of, self.outcomes[after.cell])
            for agent_id, after in self.outcomes[value_id]
        )

    def _can_hand_over(self, value_id: int) -> bool:
        outcomes = [pair for same in self._same_class(value_id) for pair in self.outcomes[same]]
        return any(self._taken(*pair) for pair in outcomes) and any(self._given(*pair) for pair in outcomes)

    def _taken(self, agent_id: int, after: Transition) -> Item | None:
        """The item that a rule takes from an agent, whose hand is empty then."""
        agents = self.tables.rules.compiled.agent_values
        return agents[agent_id].held if agents[after.agent].held is None else None

    def _given(self, agent_id: int, after: Transition) -> Item | None:
        """The item that an agent holds after a rule and did not hold before."""
        agents = self.tables.rules.compiled.agent_values
        return agents[after.agent].held if agents[after.agent].held != agents[agent_id].held else None

    def _given_of(self, pair: tuple[int, Transition]) -> Item | None:
        return self._given(*pair)

    def _place(self, cell: int) -> Place:
        return divmod(cell, self.tables.width)


def _reaching_cells(tables: Tables, neighbours: Sequence[set[int]]) -> list[set[int]]:
    """For each cell, those from which an act can fall on it if nothing stops it; itself, too."""
    near = [{cell, *around} for cell, around in enumerate(neighbours)]
    if tables.rules.reach is None:
        return near
    steps: list[list[int]] = np.unique(tables.rules.reach.offsets.reshape(-1, 2), axis=0).tolist()
    for down, right in steps:
        for cell in range(tables.n_cells):
            row, column = cell // tables.width + down, cell % tables.width + right
            if 0 <= row < tables.height and 0 <= column < tables.width:
                near[row * tables.width + column].add(cell)
    return near


def _outcomes(tables: Tables) -> dict[int, list[tuple[int, Transition]]]:
    """For each cell value, the agent values that a rule does something with, and what; of the actions that exist."""
    called = {"enter", "stand", *(act.calls for act in tables.action_set.listed_acts)}
    outcomes: dict[int, list[tuple[int, Transition]]] = defaultdict(list)
    for (rule, *_, agent_id, cell_id), results in tables.rules.compiled.interactions.items():
        for after in results if rule in called else ():
            if (after.cell, after.agent) != (cell_id, agent_id) or after.events or after.ends:
                outcomes[cell_id].append((agent_id, after))
    return outcomes


def _drawn(table: MemberTable | None, value_ids: Collection[int]) -> set[int]:
    """What a draw can make of some values."""
    is_drawn = table is not None and any(table.is_member[value_id] for value_id in value_ids)
    return set(table.after[table.touched].tolist()) if table is not None and is_drawn else set()


def _by_itself(value_id: int, tables: Tables) -> set[int]:
    """What a cell value can become without an agent: by its tick, or by a draw."""
    drawn = (_drawn(draw.cells, (value_id,)) for draw in tables.draws)
    return tables.rules.tick_results(value_id).union(*drawn)


def _values_after(value_id: int, outcomes: dict[int, list[tuple[int, Transition]]], tables: Tables) -> set[int]:
    """Everything that a cell value can become, whoever comes by; itself, too."""
    found, edge = {value_id}, [value_id]
    while edge:
        before = edge.pop()
        after_rules = {outcome.cell for _, outcome in outcomes[before]}
        for after in (_by_itself(before, tables) | after_rules) - found:
            found.add(after)
            edge.append(after)
    return found


def _values_after_ticks(value_id: int, tables: Tables) -> set[int]:
    """What a cell value can become by itself; itself, too."""
    found, edge = {value_id}, [value_id]
    while edge:
        for after in _by_itself(edge.pop(), tables) - found:
            found.add(after)
            edge.append(after)
    return found
