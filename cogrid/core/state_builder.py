"""States from outside: built from named arrays, and checked before anybody steps them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Int, Integer, Shaped, UInt

from cogrid.backend.env_state import NUMBER_DTYPES, STATE_NAMES, EnvState, Numbers
from cogrid.backend.threefry import raw_key
from cogrid.core.grid_object import GridObject
from cogrid.core.jax_step import start_state
from cogrid.core.tables import Tables
from cogrid.errors import StateError, did_you_mean

_STATIC_NAMES = ("n_agents", "height", "width", "action_set")


def build_state(tables: Tables, arrays: Mapping[str, Any]) -> EnvState:
    """Build a state from named arrays, as NumPy leaves.

    What is left out is the start's: the state after a reset with the key 0, at time 0, nobody terminated, no events; in
    a world that plays a set of layouts, on the layout that `layout_idx` names, or that the key 0 draws without it.

    Args:
      tables: the world.
      arrays: any of the names that a state of this world reads as, or of its stored arrays. The arrays that a class
        declares decide about its objects, a row's entries in any order; `object_state_map` is ignored in their cells.
    Raises:
      StateError: for an unknown name, something that is not an array of integers, a wrong shape, or a state that this
        world can never be in.
    """
    stored = stored_limits(tables)
    known = dict.fromkeys((*STATE_NAMES, *stored, *tables.declared.names, *_STATIC_NAMES))
    for name in arrays:
        if name not in known:
            raise StateError(f"A state of this world has no array {name!r}. {did_you_mean(name, known)}")
    given = {name: _integers(name, values) if name != "action_set" else values for name, values in arrays.items()}
    layout_idx = _integers("layout_idx", given["layout_idx"], *stored["layout_idx"]) if "layout_idx" in given else None
    start = start_state(np.zeros(2, dtype=np.uint32), tables, layout_idx)
    leaves = {name: getattr(start, name) for name in stored} | {"cells": _cell_values(tables, start, given)}
    for name in tables.declared.world_arrays.keys() & given.keys():
        leaves["world_value"] = _world_value(name, tables.declared.world_arrays[name], given[name])
    if "agent_pos" in given:
        leaves["agent_cell"] = _agent_cells(tables, given["agent_pos"])
    if given.keys() & {"agent_inv", *tables.declared.agent_fields}:
        leaves["agent_value"] = _agent_values(tables, start, given)
    state = _checked(tables, leaves | {name: given[name] for name in stored if name in given})
    _check_read_back(tables, state, given)
    return state


def stored_limits(tables: Tables) -> dict[str, tuple[tuple[int, ...], int]]:
    """The arrays that a state of this world stores: name to shape and greatest number; the least number is 0."""
    agents = (tables.n_agents,)
    limits: dict[str, tuple[tuple[int, ...], int]] = {
        "cells": ((tables.n_cells,), tables.rules.n_cell_values - 1),
        "agent_cell": (agents, tables.n_cells - 1),
        "agent_dir": (agents, 3),
        "agent_value": (agents, tables.rules.n_agent_values - 1),
        "terminated": (agents, 1),
        "events": (agents, 2 ** len(tables.rules.event_names) - 1),
        "rng_key": ((2,), 2**32 - 1),
        "time": ((), 2**31 - 2),
    }
    if tables.rules.has_world_values:
        limits["world_value"] = ((), tables.rules.n_world_values - 1)
    if tables.map.is_set:
        limits["layout_idx"] = ((), tables.map.starts.n_layouts - 1)
    if tables.rules.amount_names:
        limits["amounts"] = ((tables.n_agents, len(tables.rules.amount_names)), 2**31 - 1)
    return limits


def check_state(tables: Tables, state: EnvState) -> EnvState:
    """Check that a world can be in a state, and return it with NumPy leaves of its own, of the right dtypes.

    Args:
      tables: the world.
      state: a state of either backend.
    Raises:
      StateError: for a state of other rules or sizes, wrong shapes, values out of range, two agents in one cell, an
        agent where no agent can stand, or an object where the layout can never have it.
    """
    _check_kind(tables, state)
    try:
        leaves = {"cells": state.cells, **state.read_numbers()._asdict()}
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
        raise StateError(f"The state's row of numbers cannot be read: {error}. Use env.state_from_arrays.") from error
    return _checked(tables, leaves)


def _checked(tables: Tables, leaves: Mapping[str, Any]) -> EnvState:
    """A state of stored arrays, once each holds what it can and they go together."""
    dtypes = {"cells": tables.rules.cell_dtype, **NUMBER_DTYPES}
    stored = {
        name: _integers(name, leaves[name], shape, greatest).astype(dtypes[name])
        for name, (shape, greatest) in stored_limits(tables).items()
    }
    state = EnvState(cells=stored.pop("cells"), numbers=Numbers(**stored), tables=tables)
    _check_agents(tables, state)
    _check_objects(tables, state)
    return state


def _integers(
    name: str, values: Any, shape: tuple[int, ...] | None = None, greatest: int | None = None
) -> Integer[np.ndarray, "..."] | Shaped[np.ndarray, "..."]:
    """Something given as a NumPy array, checked to hold integers or booleans, and if asked for its shape and range."""
    if name == "rng_key" and not isinstance(getattr(values, "dtype", np.dtype(np.uint32)), np.dtype):
        values = raw_key(values)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:  # Ragged, traced, or an array that JAX has deleted.
        raise StateError(f"{name} cannot be read as an array of integers: {error}") from error
    if array.dtype.kind not in "iub":
        what = "None: leave it out, or give integers" if values is None else f"of dtype {array.dtype}: convert it first"
        raise StateError(f"{name} must hold integers, and it is {what}.")
    if shape is not None and array.shape != shape:
        raise StateError(f"{name} has the shape {array.shape}, and this world's is {shape}.")
    if greatest is not None and ((array < 0) | (array > greatest)).any():
        raise StateError(f"{name} {array.tolist()} is out of range: 0 to {greatest}.")
    return array


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
    if state.n_agents != tables.n_agents:
        raise StateError(f"The state has {state.n_agents} agents, and this world has {tables.n_agents}.")
    if tables.map.is_set and state.layout_idx is None:
        raise StateError(
            "This world plays a set of layouts, and the state does not say which one: give it a layout_idx "
            f"(0 to {tables.map.starts.n_layouts - 1})."
        )


def _check_agents(tables: Tables, state: EnvState) -> None:
    places = state.agent_cell.tolist()
    for agent_idx, cell in enumerate(places):
        if cell in places[:agent_idx]:
            raise StateError(f"agent_{places.index(cell)} and agent_{agent_idx} are both in {_place(tables, cell)}.")
        if not tables.rules.standable[state.cells[cell]]:
            value = tables.rules.compiled.cell_values[state.cells[cell]]
            raise StateError(
                f"agent_{agent_idx} is in {_place(tables, cell)}, where {value!r} stands: no agent can be there."
            )


def _check_objects(tables: Tables, state: EnvState) -> None:
    """A cell can only hold what its object at the start can turn into; a step hook may put anything anywhere."""
    if tables.settings.rules.step_hook is not None:
        return
    values = tables.rules.compiled.cell_values
    type_of = tables.rules.type_of
    sources = {name: tables.rules.types_that_become({name}) for name in {type_of[idx] for idx in state.cells.tolist()}}
    layout_idx = 0 if state.layout_idx is None else int(state.layout_idx)
    which = f"layout {layout_idx} of the set" if tables.map.is_set else "the layout"
    layout = tables.settings.layouts[layout_idx]
    for cell, (value_id, start) in enumerate(zip(state.cells.tolist(), layout.objects, strict=True)):
        value = values[value_id]
        if tables.settings.rules.type_name(start) not in sources[type_of[value_id]]:
            raise StateError(
                f"{_place(tables, cell).capitalize()} holds {value!r}, and {which} has {start!r} there, which never "
                f"turns into a {type_of[value_id]}."
            )


def _place(tables: Tables, cell: int) -> str:
    return f"row {cell // tables.width}, column {cell % tables.width}"


def _check_read_back(tables: Tables, state: EnvState, given: Mapping[str, Any]) -> None:
    """What was given is what the state reads as, apart from what may come in another order, or was ignored."""
    in_any_order = {"object_state_map", *tables.declared.listed, *tables.declared.world_arrays}
    for name, values in given.items():
        if name in in_any_order or name.endswith("_positions"):
            continue
        ours = getattr(state, name)
        if not np.array_equal(values, ours):
            raise StateError(
                f"{name} is {np.asarray(values).tolist()}, and in this state it is {np.asarray(ours).tolist()}."
            )


def _agent_cells(tables: Tables, given: Int[np.ndarray, "..."]) -> Int[np.ndarray, "A"]:
    pos = _integers("agent_pos", given, (tables.n_agents, 2))
    if ((pos < 0) | (pos >= [tables.height, tables.width])).any():
        raise StateError(
            f"agent_pos {pos.tolist()} is off the grid of {tables.height} rows and {tables.width} columns."
        )
    return pos[:, 0] * tables.width + pos[:, 1]


def _agent_values(tables: Tables, start: EnvState, given: Mapping[str, Any]) -> Int[np.ndarray, "A"]:
    """The agent values of the start with what is given of the items in hand and of the fields that agents differ in."""
    declared, n_agents = tables.declared, tables.n_agents
    known = {"agent_inv": declared.item_type, **declared.agent_fields}
    wanted = {name: numbers[start.agent_value] for name, numbers in known.items()}
    if "agent_inv" in given:
        wanted["agent_inv"] = _integers("agent_inv", given["agent_inv"], (n_agents, 1))[:, 0]
    wanted |= {name: _integers(name, given[name], (n_agents,)) for name in declared.agent_fields.keys() & given.keys()}
    is_it = np.all([numbers == wanted[name][:, None] for name, numbers in known.items()], axis=0)
    for agent_idx in np.flatnonzero(~is_it.any(axis=1)).tolist():
        held = wanted["agent_inv"][agent_idx]
        if held not in declared.item_type:
            raise StateError(
                f"agent_inv says that agent_{agent_idx} holds type {held}, which is not an item of this world."
            )
        described = ", ".join(f"{name} {numbers[agent_idx]}" for name, numbers in wanted.items())
        raise StateError(f"There is no agent with what is given for agent_{agent_idx}: {described}.")
    return is_it.argmax(axis=1).astype(np.int32)


def _world_value(name: str, rows: Int[np.ndarray, "K *L"], given: Int[np.ndarray, "..."]) -> Int[np.ndarray, ""]:
    """The world value that reads as an array."""
    idx = _first_match([(rows, _integers(name, given, rows.shape[1:]))])
    if idx is None:
        raise StateError(f"No world value has the {name} {given.tolist()}; there are {rows.tolist()}.")
    return np.array(idx, dtype=np.int32)


def _cell_values(tables: Tables, start: EnvState, given: Mapping[str, Any]) -> UInt[np.ndarray, "N"]:
    """`[N]`, the value of each cell, from the maps and the listed arrays."""
    shape = (tables.height, tables.width)
    types, states = (
        (_integers(name, given[name], shape) if name in given else getattr(start, name)).reshape(-1).tolist()
        for name in ("object_type_map", "object_state_map")
    )
    shown = zip(tables.declared.object_type.tolist(), tables.declared.object_state.tolist(), strict=True)
    ids = {pair: idx for idx, pair in reversed(list(enumerate(shown)))}  # The first value that shows a pair stays.
    values: list[int | None] = [ids.get(pair) for pair in zip(types, states, strict=True)]
    for kind in tables.declared.counts:
        for cell, value in _listed_values(tables, kind, start, given, types).items():
            values[cell] = value
    for cell, value in enumerate(values):
        if value is None:
            name = dict(enumerate(tables.declared.type_names)).get(types[cell], f"type {types[cell]}")
            raise StateError(
                f"{_place(tables, cell).capitalize()}: {name} with the state {states[cell]} is nothing that can be in "
                "this world."
            )
    return np.array(values, dtype=tables.rules.cell_dtype)


def _listed_values(
    tables: Tables, kind: type[GridObject], start: EnvState, given: Mapping[str, Any], types: list[int]
) -> dict[int, int]:
    """The cells that hold a class with listed arrays, and the value in each that a row of these arrays describes."""
    of_kind = {
        idx: tables.declared.type_id(tables.rules.type_of[idx])
        for idx in np.flatnonzero(tables.declared.is_of[kind]).tolist()
    }
    type_ids = set(of_kind.values())
    places = [cell for cell, type_id in enumerate(types) if type_id in type_ids]
    count = tables.declared.counts[kind]
    if len(places) > count:
        raise StateError(
            f"object_type_map has {len(places)} objects of type {kind.name!r}, and this world has {count}."
        )
    rows = tables.declared.listed_rows(kind)
    wanted = {
        name: _integers(name, given[name], (count, *table.shape[1:])) for name, table in rows.items() if name in given
    }
    found: dict[int, int] = {}
    for cell, row in _rows_of_places(tables, f"{kind.name}_positions", given, places).items():
        ids = [idx for idx, type_id in of_kind.items() if type_id == types[cell]]
        fresh = start.cells[cell] if start.cells[cell] in ids else ids[0]
        described = {
            name: wanted[name][row, ...] if name in wanted else table[fresh, ...] for name, table in rows.items()
        }
        idx = _first_match([(table[ids], described[name]) for name, table in rows.items()])
        if idx is None:
            text = ", ".join(f"{name} {values.tolist()}" for name, values in described.items())
            raise StateError(f"{_place(tables, cell).capitalize()}: no {kind.__name__} has {text}.")
        found[cell] = ids[idx]
    return found


def _rows_of_places(tables: Tables, name: str, given: Mapping[str, Any], places: list[int]) -> dict[int, int]:
    """For each cell that holds a class, the row of the listed arrays that describes it."""
    if name not in given:
        return {cell: row for row, cell in enumerate(places)}
    positions = given[name].tolist()
    if given[name].ndim != 2 or given[name].shape[1] != 2:
        raise StateError(f"{name} has the shape {given[name].shape}, and it needs a (row, column) for each object.")
    order = {row * tables.width + column: idx for idx, (row, column) in enumerate(positions) if row >= 0}
    if sorted(order) != places:
        raise StateError(f"{name} is {positions}, and object_type_map has them elsewhere.")
    return order


def _first_match(pairs: Iterable[tuple[Int[np.ndarray, "K ..."], Int[np.ndarray, "..."]]]) -> int | None:
    """Where all tables have the wanted row: exactly, or else with the entries of its only axis in another order."""
    flat = [(rows.reshape(len(rows), -1), row.reshape(-1), row.ndim) for rows, row in pairs]
    is_match = np.logical_and.reduce([(rows == row).all(axis=1) for rows, row, _ in flat])
    if not is_match.any() and all(n_axes < 2 for *_, n_axes in flat):
        is_match = np.logical_and.reduce([(np.sort(rows) == np.sort(row)).all(axis=1) for rows, row, _ in flat])
    return int(is_match.argmax()) if is_match.any() else None
