"""`Tables`: the compiled rules, the layout and the settings that a step needs, as constant arrays."""

from __future__ import annotations

import dataclasses
import functools
import weakref
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped, UInt

from cogrid.backend.array_ops import MAX_UNROLLED, gather, lookup, lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.actions import ActionSet, Interaction
from cogrid.core.agent import get_dir_vec_table
from cogrid.core.compiler import COLLISION, RULE_OF, CompiledRules, compile_rules
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.layout import Layout
from cogrid.core.rules import Guard, Rules
from cogrid.core.starts import Starts
from cogrid.errors import ConfigError


@dataclasses.dataclass(frozen=True, kw_only=True)
class WorldSettings:
    """What makes a world, apart from what is observed and paid in it.

    Attributes:
      rules: the game.
      layout: the map; a tuple of maps of one size for a world that plays a set of layouts.
      n_agents: how many agents play.
      action_set: what their action numbers mean.
      max_steps: steps until the clock ends the episode; None for never.
    """

    rules: Rules
    layout: Layout | tuple[Layout, ...]
    n_agents: int
    action_set: ActionSet
    max_steps: int | None

    @property
    def layouts(self) -> tuple[Layout, ...]:
        """The maps: all those of a set, or the one."""
        return self.layout if isinstance(self.layout, tuple) else (self.layout,)


@dataclasses.dataclass(frozen=True, eq=False)
class PairTable:
    """What a rule does to each pair of an agent value and a cell value, one row per pair.

    A row is read at once: one look-up with four numbers costs XLA less than four.

    Attributes:
      rows: `[K, 4]` int32: the cell value that follows, the agent value that follows, the bit mask of what happened,
        and whether the agent's episode ends.
      can_end: whether any row ends an episode.
    """

    rows: Int[np.ndarray, "K 4"]

    @functools.cached_property
    def can_end(self) -> bool:
        """Whether any row ends an agent's episode."""
        return bool(self.rows[:, 3].any())


@dataclasses.dataclass(frozen=True, eq=False)
class ListedArray:
    """An array with one row for each object of a class, as the class declares it.

    Attributes:
      kind: the class.
      rows: `[V, *L]` int32, the row of each cell value; fill for values of other classes.
      fill: what stands for an object that is not there.
    """

    kind: type[GridObject]
    rows: Int[np.ndarray, "V *L"]
    fill: int


class Tables:
    """Everything about a world that never changes while it is played.

    Two worlds with equal settings share one object (`get_tables`), so that JAX sees one tree structure and compiles
    once.

    Attributes:
      settings: what the tables were made from.
      compiled: the numbered values and what the rules do to them.
      n_agents, height, width, n_cells, max_steps, action_set: the settings' sizes, at hand.
      event_names: names of the bits of `EnvState.events`; the last one is "collision".
      collision_mask: the bit of "collision".
      cell_dtype: the smallest unsigned integer that numbers all cell values.
      is_set: whether the world plays a set of layouts, one of which is drawn at each reset.
      has_world: whether there are world values.
      starts: the layouts at the start, and where agents start on them.
      start_cells: `[N]` cell value of each cell at the start, on the first layout of a set.
      start_values: `[A]` int32, agent value of each agent at the start.
      front: `[N * 4]` int32, the cell in front of each cell in each direction; the cell itself off the grid.
      turn: `[K * 4]` int32, direction after each action, for each direction before.
      proposes: `[K]` bool, whether an action proposes to move ahead.
      interaction: `[K]` int32, which interaction an action is.
      tick: `[V]`, the value that follows each cell value by itself.
      ticking_cells: the cells where that can ever be another value; None for all.
      changeable_cells: `[D]`, the cells that can ever hold another object than at the start, or an agent, or that the
        layouts of a set differ in.
      passable: `[V]` bool, whether an agent can move into it.
      standable: `[V]` bool, whether an agent can be found in it.
      interact: pair table over (interaction, world value, agent value, cell value).
      enter: pair table over (nothing or enter, world value, agent value, cell value), None if no rule `enter` exists.
      object_type, object_state, is_wall: `[V]` int32, what `EnvState` shows of each cell value.
      item_type: `[U]` int32, type id of what each agent value holds, -1 for an empty hand.
    """

    def __init__(self, settings: WorldSettings) -> None:
        rules, layout = settings.rules, settings.layouts[0]
        compiled = compile_rules(rules)
        self.settings = settings
        self.compiled = compiled
        self.n_agents: int = settings.n_agents
        self.height: int = layout.height
        self.width: int = layout.width
        self.n_cells: int = layout.height * layout.width
        self.is_set: bool = isinstance(settings.layout, tuple)
        self.max_steps: int | None = settings.max_steps
        self.action_set: ActionSet = settings.action_set
        self.event_names: tuple[str, ...] = compiled.event_names
        self.n_cell_values: int = len(compiled.cell_values)
        self.n_agent_values: int = len(compiled.agent_values)
        self.n_world_values: int = len(rules.world_axis)
        self.has_world: bool = bool(rules.world_values)
        self.cell_dtype: np.dtype[Any] = np.dtype(np.min_scalar_type(self.n_cell_values - 1))
        self._add_action_tables()
        self._add_value_tables()
        self._add_starts()
        self.ticking_cells: tuple[int, ...] | None = self._ticking_cells()
        self.changeable_cells: Int[np.ndarray, "D"] = self._changeable_cells()
        self._listed = _listed_arrays(compiled, self.type_id)
        self._world_arrays = _world_arrays(rules)
        self._n_of_kind = {kind: self._count(kind) for kind in {listed.kind for listed in self._listed.values()}}

    def _add_action_tables(self) -> None:
        self.front: Int[np.ndarray, "M"] = front_table(self.height, self.width).reshape(-1)
        self.turn: Int[np.ndarray, "T"] = self.action_set.turn_table().reshape(-1)
        self.proposes: Bool[np.ndarray, "K"] = self.action_set.proposal_table()
        self.interaction: Int[np.ndarray, "K"] = self.action_set.interaction_table()

    def _add_value_tables(self) -> None:
        values = self.compiled.cell_values
        self.tick: UInt[np.ndarray, "V"] = np.array(self.compiled.tick, dtype=self.cell_dtype)
        self.passable: Bool[np.ndarray, "V"] = np.array([bool(value.passable()) for value in values])
        self.interact: PairTable = _pair_table(self.compiled, [RULE_OF.get(kind) for kind in Interaction])
        has_enter = any(rule == "enter" for rule, *_ in self.compiled.interactions)
        self.enter: PairTable | None = _pair_table(self.compiled, [None, "enter"]) if has_enter else None
        self.standable: Bool[np.ndarray, "V"] = _standable(self.compiled, self.passable)
        types = [self.type_id(value.object_type()) for value in values]
        self.object_type: Int[np.ndarray, "V"] = np.array(types, dtype=np.int32)
        states = _object_states(self.compiled, self.type_id)
        self.object_state: Int[np.ndarray, "V"] = np.array(states, dtype=np.int32)
        self.is_wall: Int[np.ndarray, "V"] = np.array([type(value).is_wall for value in values], dtype=np.int32)
        self.item_type: Int[np.ndarray, "U"] = np.array(
            [-1 if agent.held is None else self.type_id(agent.held) for agent in self.compiled.agent_values],
            dtype=np.int32,
        )
        bits = {name: 1 << bit for bit, name in enumerate(self.event_names)}
        self.collision_mask: int = bits[COLLISION]
        self.redraw_mask: int = sum(bits[name] for name in self.settings.rules.redraw_on)
        self.guards: tuple[tuple[int, Guard], ...] = tuple(
            (bits[name], guard) for name, guard in sorted(self.settings.rules.guards.items())
        )

    def _add_starts(self) -> None:
        rules, layouts = self.settings.rules, self.settings.layouts
        cell_ids = {value: idx for idx, value in enumerate(self.compiled.cell_values)}
        agent_ids = {value: idx for idx, value in enumerate(self.compiled.agent_values)}
        cells = np.array([[cell_ids[value] for value in layout.objects] for layout in layouts], dtype=self.cell_dtype)
        self.starts: Starts = Starts.of(
            layouts, cells, self.passable, self.n_agents, self.is_set, is_drawn_in_room=rules.start_in_room
        )
        self.start_cells: UInt[np.ndarray, "N"] = cells[0]
        self.start_values: Int[np.ndarray, "A"] = np.array(
            [agent_ids[rules.agents[idx % len(rules.agents)]] for idx in range(self.n_agents)], dtype=np.int32
        )

    def _holds_at_start(self, kinds: Collection[type[GridObject]]) -> Bool[np.ndarray, "L N"]:
        """Where the layouts hold an object of some classes at the start."""
        is_of_kinds = np.array([type(value) in kinds for value in self.compiled.cell_values])
        return is_of_kinds[self.starts.cells]

    def cells_for(self, is_wanted: Bool[np.ndarray, "V"]) -> tuple[int, ...]:
        """The cells that can ever hold one of some values, on any layout, as far as objects' rules change cells.

        Args:
          is_wanted: `[V]` bool, which cell values.
        """
        kinds = {type(self.compiled.cell_values[idx]) for idx in np.flatnonzero(is_wanted)}
        sources = set[type[GridObject]]().union(*(classes_that_become(kind, self.compiled) for kind in kinds))
        return tuple(np.flatnonzero(self._holds_at_start(sources).any(axis=0)).tolist())

    def _count(self, kind: type[GridObject]) -> int:
        """How many cells can ever hold an object of a class at once, on the layout with the most of them."""
        return int(self._holds_at_start(classes_that_become(kind, self.compiled)).sum(axis=1).max())

    def _ticking_cells(self) -> tuple[int, ...] | None:
        """The cells that can ever hold a value that ticks; None for all (many of them, or a step hook)."""
        cells = self.cells_for(self.tick != np.arange(self.n_cell_values))
        if self.settings.rules.step_hook is not None or len(cells) > MAX_UNROLLED:
            return None
        return cells

    def _changeable_cells(self) -> Int[np.ndarray, "D"]:
        """The cells that can ever hold another object than at the start, or an agent, or that layouts differ in."""
        if self.settings.rules.step_hook is not None:
            return np.arange(self.n_cells)
        values = self.compiled.cell_values
        n_of_class = Counter(type(value) for value in values)
        changes = {
            type(values[cell_id])
            for (*_, cell_id), after in self.compiled.interactions.items()
            if after.cell != cell_id
        }
        changes |= {type(values[before]) for before, after in enumerate(self.compiled.tick) if after != before}
        changes |= {kind for kind, count in n_of_class.items() if count > 1}
        changes |= {type(value) for value, can_stand in zip(values, self.standable, strict=True) if can_stand}
        differs = (self.starts.cells != self.start_cells).any(axis=0)
        return np.flatnonzero(self._holds_at_start(changes).any(axis=0) | differs)

    def type_id(self, kind: Item | str | int | None) -> int:
        """The number that stands for an item, a type name or a plain number; 0 for None."""
        if kind is None:
            return 0
        if isinstance(kind, (int, np.integer)):
            return int(kind)
        return self.settings.rules.type_names.index(kind if isinstance(kind, str) else kind.name)

    @property
    def type_names(self) -> tuple[str, ...]:
        """Names of the object types in the order of their ids."""
        return self.settings.rules.type_names

    @functools.cached_property
    def derived_names(self) -> tuple[str, ...]:
        """Names of the state's arrays that this world's objects declare."""
        kinds = sorted(self._n_of_kind, key=lambda kind: kind.name)
        extra = [name for kind in kinds for name in (f"{kind.name}_positions", f"n_{kind.name}s")]
        return (*self._listed, *extra, *self._world_arrays)

    @property
    def world_arrays(self) -> dict[str, Int[np.ndarray, "K *L"]]:
        """What the state reads of the world value: name to a row for each world value."""
        return self._world_arrays

    def read_derived(self, name: str, state: EnvState) -> Shaped[Array, "..."] | int:
        """Compute an array that this world's objects declare.

        Args:
          name: one of `derived_names`.
          state: the state to read, batched or not.
        """
        if name in self._world_arrays:
            return _world_rows(self._world_arrays[name], state)
        for kind, count in self._n_of_kind.items():
            if name == f"n_{kind.name}s":
                return count
            if name == f"{kind.name}_positions":
                return self._positions(kind, state.cells)
        listed = self._listed[name]
        place, is_there = self._places(listed.kind, state.cells)
        flat = listed.rows.reshape(self.n_cell_values, -1)
        rows = lookup_rows(flat, gather(state.cells, place))
        xp = namespace(rows)
        rows = xp.where(is_there[..., None], rows, xp.asarray(listed.fill, dtype=rows.dtype))
        return rows.reshape(*rows.shape[:-1], *listed.rows.shape[1:])

    def _positions(self, kind: type[GridObject], cells: UInt[Array, "*B N"]) -> Int[Array, "*B K 2"]:
        place, is_there = self._places(kind, cells)
        xp = namespace(cells)
        positions = xp.stack([place // self.width, place % self.width], axis=-1)
        return xp.where(is_there[..., None], positions, xp.asarray(-1, dtype=positions.dtype))

    def _places(
        self, kind: type[GridObject], cells: UInt[Array, "*B N"]
    ) -> tuple[Int[Array, "*B K"], Bool[Array, "*B K"]]:
        """The first K cells that hold a class, in reading order, and which of these entries are real."""
        is_kind = np.array([type(value) is kind for value in self.compiled.cell_values])
        here = lookup(is_kind, cells)
        xp = namespace(cells)
        place = xp.argsort(~here, axis=-1, stable=True)[..., : self._n_of_kind[kind]].astype(np.int32)
        return place, gather(here, place)

    def listed_rows(self, kind: type[GridObject]) -> dict[str, Integer[np.ndarray, "V *L"]]:
        """The arrays that a class declares: name to the row of each cell value."""
        return {name: listed.rows for name, listed in self._listed.items() if listed.kind is kind}

    def listed_kind(self, name: str) -> type[GridObject] | None:
        """The class that a declared name belongs to; None if no class declares it."""
        for kind in self._n_of_kind:
            if name in self.listed_rows(kind) or name in (f"{kind.name}_positions", f"n_{kind.name}s"):
                return kind
        return None

    def __repr__(self) -> str:
        layouts = f"{self.starts.n_layouts} layouts, " if self.is_set else ""
        return (
            f"<Tables of {self.settings.rules.name!r}, {layouts}{self.height}x{self.width}, {self.n_agents} agents, "
            f"{self.n_cell_values} cell values, {self.n_agent_values} agent values>"
        )


_INTERNED: weakref.WeakValueDictionary[WorldSettings, Tables] = weakref.WeakValueDictionary()


def get_tables(settings: WorldSettings) -> Tables:
    """The tables of a world; the same object for equal settings for as long as anybody holds it.

    Raises:
      ConfigError: for an agent count below 1 or a `max_steps` below 1.
      LayoutError: when the layout has too few free cells for the agents.
      RuleError: when the rules cannot be compiled.
    """
    if settings.n_agents < 1:
        raise ConfigError(f"num_agents must be at least 1, not {settings.n_agents}.")
    if settings.max_steps is not None and settings.max_steps < 1:
        raise ConfigError(f"max_steps must be at least 1, or None for no limit, not {settings.max_steps}.")
    tables = _INTERNED.get(settings)
    if tables is None:
        tables = _INTERNED[settings] = Tables(settings)
    return tables


def front_table(height: int, width: int) -> Int[np.ndarray, "N 4"]:
    """The cell in front of each cell.

    Args:
      height, width: the grid's sizes.
    Returns:
      `[N, 4]` int32, flat index of the neighbour in each direction, of the cell itself where that is off the grid.
    """
    cells = np.arange(height * width, dtype=np.int32)
    position = np.stack([cells // width, cells % width], axis=-1)[:, None, :] + get_dir_vec_table()
    is_inside = ((position >= 0) & (position < np.array([height, width]))).all(axis=-1)
    return np.where(is_inside, position[..., 0] * width + position[..., 1], cells[:, None]).astype(np.int32)


def _pair_table(compiled: CompiledRules, rules: list[str | None]) -> PairTable:
    """The table of some rules, one block of rows per rule; None is a rule that does nothing."""
    n_worlds, n_agents, n_cells = len(compiled.rules.world_axis), len(compiled.agent_values), len(compiled.cell_values)
    rows = np.zeros((len(rules), n_worlds, n_agents, n_cells, 4), dtype=np.int32)
    rows[..., 0] = np.arange(n_cells)
    rows[..., 1] = np.arange(n_agents)[:, None]
    for (rule, world_id, agent_id, cell_id), after in compiled.interactions.items():
        if rule in rules:
            row = (after.cell, after.agent, after.events, after.ends)
            rows[rules.index(rule), world_id, agent_id, cell_id] = row
    return PairTable(rows.reshape(-1, 4))


def _standable(compiled: CompiledRules, passable: Bool[np.ndarray, "V"]) -> Bool[np.ndarray, "V"]:
    """Which values an agent can be found in: those it can move into, and what these become around it."""
    standable = passable.copy()
    becomes = [
        (cell_id, after.cell) for (rule, _, _, cell_id), after in compiled.interactions.items() if rule == "enter"
    ]
    becomes += list(enumerate(compiled.tick))
    while True:
        reached = standable.copy()
        for before, after in becomes:
            reached[after] |= reached[before]
        if (reached == standable).all():
            return standable
        standable = reached


def classes_that_become(kind: type[GridObject], compiled: CompiledRules) -> set[type[GridObject]]:
    """The classes whose objects can turn into an object of a class, itself among them."""
    values = compiled.cell_values
    steps = {
        (type(values[cell_id]), type(values[after.cell])) for (_, _, _, cell_id), after in compiled.interactions.items()
    }
    steps |= {(type(values[before]), type(values[after])) for before, after in enumerate(compiled.tick)}
    found = {kind}
    while True:
        more = {before for before, after in steps if after in found} - found
        if not more:
            return found
        found |= more


def _object_states(compiled: CompiledRules, type_id: Callable[[Item | str | int | None], int]) -> list[int]:
    """What each value says of its state; a class that says nothing has its values counted, the fresh one 0."""
    seen: Counter[tuple[type[GridObject], int]] = Counter()
    states: list[int] = []
    for value in compiled.cell_values:
        if type(value).object_state is not GridObject.object_state:
            states.append(type_id(value.object_state()))
            continue
        group = (type(value), type_id(value.object_type()))
        states.append(seen[group])
        seen[group] += 1
    return states


def _listed_arrays(compiled: CompiledRules, type_id: Any) -> dict[str, ListedArray]:
    arrays: dict[str, ListedArray] = {}
    for kind in compiled.rules.objects:
        for name in dir(kind):
            method = getattr(kind, name, None)
            fill = getattr(method, "listed_fill", None)
            if fill is None:
                continue
            rows = {
                idx: _listed_row(getattr(value, name)(), fill, type_id)
                for idx, value in enumerate(compiled.cell_values)
                if type(value) is kind
            }
            shape = np.shape(next(iter(rows.values()), 0))
            table = np.full((len(compiled.cell_values), *shape), fill, dtype=np.int32)
            for idx, row in rows.items():
                table[idx] = row
            arrays[name] = ListedArray(kind, table, fill)
    return arrays


def _world_arrays(rules: Rules) -> dict[str, Int[np.ndarray, "K *L"]]:
    return {
        name: np.array([read(value) for value in rules.world_values], dtype=np.int32)
        for name, read in rules.world_arrays.items()
    }


def _world_rows(rows: Int[np.ndarray, "K *L"], state: EnvState) -> Int[Array, "*B *L"]:
    flat = lookup_rows(rows.reshape(len(rows), -1), state.world)
    return flat.reshape(*flat.shape[:-1], *rows.shape[1:])


def _listed_row(declared: Any, fill: int, type_id: Any) -> Any:
    if isinstance(declared, tuple):
        return [_listed_row(entry, fill, type_id) for entry in declared]
    return fill if declared is None else type_id(declared)
