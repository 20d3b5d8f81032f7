"""States from outside: built from arrays, and checked before anybody steps them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Int, UInt

from cogrid.backend.env_state import NUMBER_NAMES, STATE_NAMES, EnvState, Numbers
from cogrid.core.grid_object import GridObject
from cogrid.core.jax_step import start_state
from cogrid.core.tables import Tables
from cogrid.errors import StateError, did_you_mean

_STATIC_NAMES = ("n_agents", "height", "width", "action_set")
_AGENT_LIMITS: dict[str, Callable[[Tables], int]] = {
    "agent_cell": lambda tables: tables.n_cells - 1,
    "agent_dir": lambda tables: 3,
    "agent_value": lambda tables: tables.rules.n_agent_values - 1,
    "terminated": lambda tables: 1,
    "events": lambda tables: 2 ** len(tables.rules.event_names) - 1,
}
"""The greatest number of each kind that an agent can have."""


def build_state(tables: Tables, arrays: Mapping[str, Any]) -> EnvState:
    """Build a state from named arrays, as NumPy leaves.

    What is left out is the start's: the state after a reset with the key 0, at time 0, nobody terminated, no events; in
    a world that plays a set of layouts, on the layout that `layout_idx` names, or that the key 0 draws without it.

    Args:
      tables: the world.
      arrays: any of the names that a state of this world reads as, or of its stored fields. At objects that declare
        listed arrays these decide, a row's entries in any order, and `object_state_map` is not
        looked at.
    Raises:
      StateError: for an unknown name, a wrong shape, or a state that this world can never be in.
    """
    given = {name: np.asarray(values) if name != "action_set" else values for name, values in arrays.items()}
    _check_names(tables, given)
    state = start_state(np.zeros(2, dtype=np.uint32), tables, _given_layout(tables, given))
    stored = ("cells", *NUMBER_NAMES)
    changes: dict[str, Any] = {name: given[name] for name in stored if name in given and given[name] is not None}
    for name in changes.keys() & set(_AGENT_LIMITS):
        _shaped(given, name, (tables.n_agents,))
    if "agent_pos" in given:
        pos = _shaped(given, "agent_pos", (tables.n_agents, 2))
        if ((pos < 0) | (pos >= [tables.height, tables.width])).any():
            raise StateError(
                f"agent_pos {pos.tolist()} is off the grid of {tables.height} rows and {tables.width} columns."
            )
        changes["agent_cell"] = pos[:, 0] * tables.width + pos[:, 1]
    if "agent_inv" in given:
        changes["agent_value"] = _agent_values(tables, state, _shaped(given, "agent_inv", (tables.n_agents, 1))[:, 0])
    for name in tables.declared.world_arrays.keys() & given.keys():
        changes["world"] = _world_value(tables, name, given)
    if "cells" not in given:
        changes["cells"] = _Cells(tables, state, given).values()
    state = check_state(tables, state.with_changes(**changes))
    _check_derived(tables, state, given)
    return state


def check_state(tables: Tables, state: EnvState) -> EnvState:
    """Check that a world can be in a state, and return it with NumPy leaves of the right dtypes.

    Args:
      tables: the world.
      state: a state of either backend.
    Raises:
      StateError: for a state of other rules or sizes, wrong shapes, values out of range, two agents in one cell, an
        agent where none can stand, or an object where the layout can have none.
    """
    _check_kind(tables, state)
    agents = {
        name: _leaf(state, name, (tables.n_agents,), np.int32, 0, greatest(tables))
        for name, greatest in _AGENT_LIMITS.items()
    }
    agents["terminated"] = agents["terminated"] != 0
    numbers = Numbers(
        **agents,
        rng_key=_leaf(state, "rng_key", (2,), np.uint32, 0, 2**32 - 1),
        time=_leaf(state, "time", (), np.int32, 0, 2**31 - 2),
        world=_leaf(state, "world", (), np.int32, 0, tables.rules.n_world_values - 1)
        if tables.rules.has_world
        else None,
        layout_idx=_leaf(state, "layout_idx", (), np.int32, 0, tables.map.starts.n_layouts - 1)
        if tables.map.is_set
        else None,
    )
    cells = _leaf(state, "cells", (tables.n_cells,), tables.rules.cell_dtype, 0, tables.rules.n_cell_values - 1)
    checked = EnvState(cells=cells, numbers=numbers, tables=tables)
    _check_agents(tables, checked)
    _check_objects(tables, checked)
    return checked


def _check_kind(tables: Tables, state: Any) -> None:
    """A state's numbers mean the same here: it is one, of the same rules, on a map of the same sizes."""
    if not isinstance(state, EnvState):
        raise StateError(f"A state is an EnvState (of get_state, jax_reset or state_from_arrays), not {state!r}.")
    theirs, ours = state.tables.settings.rules, tables.settings.rules
    if theirs != ours:
        raise StateError(f"The state is of a world of rules {theirs.name!r}, and this one plays by {ours.name!r}.")
    if (state.height, state.width) != (tables.height, tables.width):
        raise StateError(
            f"The state is of a map of {state.height} x {state.width} cells, and this world's is {tables.height} x "
            f"{tables.width}."
        )
    if tables.map.is_set and state.layout_idx is None:
        raise StateError(
            "This world plays a set of layouts, and the state does not say which one: give it a layout_idx "
            f"(0 to {tables.map.starts.n_layouts - 1})."
        )


def _given_layout(tables: Tables, given: Mapping[str, Any]) -> Int[np.ndarray, ""] | None:
    """The layout that arrays name, in a world that plays a set of them."""
    if not tables.map.is_set or "layout_idx" not in given:
        return None
    layout_idx = _shaped(given, "layout_idx", ())
    if not 0 <= layout_idx < tables.map.starts.n_layouts:
        raise StateError(f"layout_idx {layout_idx} is out of range: 0 to {tables.map.starts.n_layouts - 1}.")
    return layout_idx


def _leaf(state: EnvState, name: str, shape: tuple[int, ...], dtype: Any, low: int, high: int) -> Any:
    values = getattr(state, name)
    if name == "rng_key" and not isinstance(getattr(values, "dtype", None), np.dtype):
        from cogrid.backend.threefry import raw_key

        values = raw_key(values)
    values = np.asarray(values)
    if values.shape != shape:
        raise StateError(f"{name} has the shape {values.shape}, and this world's is {shape}.")
    if not (np.issubdtype(values.dtype, np.integer) or values.dtype == np.bool_):
        raise StateError(f"{name} holds integers, not {values.dtype}.")
    if values.size and (int(values.min()) < low or int(values.max()) > high):
        raise StateError(f"{name} {values.tolist()} is out of range: {low} to {high}.")
    return values.astype(dtype)


def _check_agents(tables: Tables, state: EnvState) -> None:
    places = state.agent_cell.tolist()
    for agent_idx, cell in enumerate(places):
        where = f"row {cell // tables.width}, column {cell % tables.width}"
        if cell in places[:agent_idx]:
            raise StateError(f"agent_{places.index(cell)} and agent_{agent_idx} are both in {where}.")
        if not tables.rules.standable[state.cells[cell]]:
            value = tables.rules.compiled.cell_values[state.cells[cell]]
            raise StateError(f"agent_{agent_idx} is in {where}, where {value!r} stands: no agent can be there.")


def _check_objects(tables: Tables, state: EnvState) -> None:
    """A cell can only hold what its object at the start can turn into; a step hook may put anything anywhere."""
    if tables.settings.rules.step_hook is not None:
        return
    values = tables.rules.compiled.cell_values
    sources = {
        kind: tables.rules.classes_that_become(kind)
        for kind in {type(values[idx]) for idx in set(state.cells.tolist())}
    }
    layout_idx = 0 if state.layout_idx is None else int(state.layout_idx)
    which = f"layout {layout_idx} of the set" if tables.map.is_set else "the layout"
    layout = tables.settings.layouts[layout_idx]
    for cell, (value_id, start) in enumerate(zip(state.cells.tolist(), layout.objects, strict=True)):
        value = values[value_id]
        if type(start) not in sources[type(value)]:
            raise StateError(
                f"Row {cell // tables.width}, column {cell % tables.width} holds {value!r}, and {which} has "
                f"{start!r} there, which never turns into a {type(value).__name__}."
            )


def _check_names(tables: Tables, given: Mapping[str, Any]) -> None:
    known = list(dict.fromkeys((*STATE_NAMES, "cells", *NUMBER_NAMES, *tables.declared.names, *_STATIC_NAMES)))
    if not tables.map.is_set:
        known.remove("layout_idx")
    for name in given:
        if name not in known:
            raise StateError(f"A state of this world has no array {name!r}. {did_you_mean(name, known)}")


def _check_derived(tables: Tables, state: EnvState, given: Mapping[str, Any]) -> None:
    """What is computed, and was given all the same, must be what was given."""
    derived = ("wall_map", "truncated", *_STATIC_NAMES)
    for name in derived:
        if name in given and not np.array_equal(given[name], getattr(state, name)):
            raise StateError(
                f"{name} is {np.asarray(given[name]).tolist()}, and in this state it is "
                f"{np.asarray(getattr(state, name)).tolist()}."
            )


def _shaped(given: Mapping[str, Any], name: str, shape: tuple[int, ...]) -> Any:
    if given[name].shape != shape:
        raise StateError(f"{name} has the shape {given[name].shape}, and this world's is {shape}.")
    if not (np.issubdtype(given[name].dtype, np.integer) or given[name].dtype == np.bool_):
        raise StateError(f"{name} holds integers, not {given[name].dtype}.")
    return given[name]


def _agent_values(tables: Tables, state: EnvState, held: Int[np.ndarray, "A"]) -> Int[np.ndarray, "A"]:
    """The agent values of the start with other items in hand."""
    items = {tables.declared.type_id(item): item for item in tables.settings.rules.items}
    ids = {value: idx for idx, value in enumerate(tables.rules.compiled.agent_values)}
    values = []
    for agent_idx, type_id in enumerate(held.tolist()):
        if type_id != -1 and type_id not in items:
            raise StateError(
                f"agent_inv says that agent_{agent_idx} holds type {type_id}, which is no item of this world."
            )
        agent = tables.rules.compiled.agent_values[state.agent_value[agent_idx]]
        values.append(ids[dataclasses.replace(agent, held=items.get(type_id))])
    return np.array(values, dtype=np.int32)


def _world_value(tables: Tables, name: str, given: Mapping[str, Any]) -> Int[np.ndarray, ""]:
    """The world value of which the state reads an array: exactly, or else with its entries in another order."""
    rows = tables.declared.world_arrays[name]
    wanted = _shaped(given, name, rows.shape[1:])
    for arrange in (np.asarray, np.sort):
        for idx, row in enumerate(rows):
            if np.array_equal(_arranged(arrange, row), _arranged(arrange, wanted)):
                return np.array(idx, dtype=np.int32)
    raise StateError(f"No world value has the {name} {wanted.tolist()}; there are {rows.tolist()}.")


class _Cells:
    """Finds the value of each cell from the maps and the listed arrays."""

    def __init__(self, tables: Tables, start: EnvState, given: Mapping[str, Any]) -> None:
        self.tables = tables
        self.given = given
        self.start = start
        self.start_cells = start.cells
        shape = (tables.height, tables.width)
        maps = {
            name: _shaped(given, name, shape) if name in given else getattr(start, name)
            for name in ("object_type_map", "object_state_map")
        }
        self.types, self.states = maps["object_type_map"].reshape(-1), maps["object_state_map"].reshape(-1)

    def values(self) -> UInt[np.ndarray, "N"]:
        """`[N]` value id of each cell."""
        tables = self.tables
        by_type_and_state: dict[tuple[int, int], int] = {}
        for idx in reversed(range(tables.rules.n_cell_values)):
            by_type_and_state[int(tables.declared.object_type[idx]), int(tables.declared.object_state[idx])] = idx
        listed = self._listed_values()
        cells = []
        for cell, (type_id, state) in enumerate(zip(self.types.tolist(), self.states.tolist(), strict=True)):
            value = listed.get(cell, by_type_and_state.get((type_id, state)))
            if value is None:
                raise StateError(
                    f"Row {cell // tables.width}, column {cell % tables.width}: {self._type_name(type_id)} with the "
                    f"state {state} is nothing that can be in this world."
                )
            cells.append(value)
        return np.array(cells, dtype=tables.rules.cell_dtype)

    def _type_name(self, type_id: int) -> str:
        names = self.tables.declared.type_names
        return names[type_id] if 0 <= type_id < len(names) else f"type {type_id}"

    def _listed_values(self) -> dict[int, int]:
        """The cells of objects with listed arrays, and their values."""
        values: dict[int, int] = {}
        for kind in {kind for name in self.tables.declared.names if (kind := self.tables.declared.listed_kind(name))}:
            values |= self._values_of(kind)
        return values

    def _values_of(self, kind: type[GridObject]) -> dict[int, int]:
        tables = self.tables
        places = np.flatnonzero(self.types == tables.declared.type_id(kind.name)).tolist()
        rows = tables.declared.listed_rows(kind)
        count = getattr(self.start, f"n_{kind.name}s")
        if len(places) > count:
            raise StateError(
                f"object_type_map has {len(places)} objects of type {kind.name!r}, and this world has {count}."
            )
        given = {name: _shaped(self.given, name, (count, *rows[name].shape[1:])) for name in rows if name in self.given}
        order = self._order(kind, places)
        found = {}
        for cell in places:
            fresh = self.start_cells[cell] if self.start_cells[cell] in self._ids(kind) else self._ids(kind)[0]
            wanted = {name: given[name][order[cell]] if name in given else table[fresh] for name, table in rows.items()}
            found[cell] = self._match(kind, cell, wanted)
        return found

    def _ids(self, kind: type[GridObject]) -> list[int]:
        return [idx for idx, value in enumerate(self.tables.rules.compiled.cell_values) if type(value) is kind]

    def _order(self, kind: type[GridObject], places: list[int]) -> dict[int, int]:
        """The row of the listed arrays that describes each cell."""
        name = f"{kind.name}_positions"
        if name not in self.given:
            return {cell: row for row, cell in enumerate(places)}
        positions = [tuple(position) for position in np.asarray(self.given[name]).reshape(-1, 2).tolist()]
        order = {row * self.tables.width + column: idx for idx, (row, column) in enumerate(positions) if row >= 0}
        if sorted(order) != places:
            raise StateError(f"{name} is {positions}, and object_type_map has them elsewhere.")
        return order

    def _match(self, kind: type[GridObject], cell: int, wanted: Mapping[str, Any]) -> int:
        """The value whose rows are the wanted ones: exactly, or else with their entries in another order."""
        rows = self.tables.declared.listed_rows(kind)
        for arrange in (np.asarray, np.sort if all(row.ndim < 2 for row in wanted.values()) else np.asarray):
            for idx in self._ids(kind):
                if all(
                    np.array_equal(_arranged(arrange, rows[name][idx]), _arranged(arrange, row))
                    for name, row in wanted.items()
                ):
                    return idx
        told = ", ".join(f"{name} {np.asarray(row).tolist()}" for name, row in wanted.items())
        raise StateError(
            f"Row {cell // self.tables.width}, column {cell % self.tables.width}: no {kind.__name__} has {told}."
        )


def _arranged(arrange: Any, row: Any) -> Any:
    return arrange(row) if np.ndim(row) else np.asarray(row)
