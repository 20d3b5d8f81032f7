"""`Declared`: what the objects of a world say of themselves, for states to be read by."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Integer, Shaped, UInt

from cogrid.backend.array_ops import gather, lookup, lookup_rows
from cogrid.backend.env_state import STATE_NAMES, EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import Agent, are_numbers, differing_fields
from cogrid.core.grid_object import GridObject
from cogrid.core.item import Item
from cogrid.core.map_tables import MapTables
from cogrid.core.rule_calls import ask
from cogrid.core.rules import Rules
from cogrid.errors import RuleError, did_you_mean


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


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Declared:
    """The numbers that stand for objects and items when a state is read.

    Attributes:
      type_names: names of the object types in the order of their ids.
      object_type, object_state, is_wall: `[V]` int32, what `EnvState` shows of each cell value.
      item_type: `[U]` int32, type id of what each agent value holds, -1 for an empty hand.
      agent_fields: for each further field that agent values differ in, `[U]` int32 by the name that a state reads it as
        (`agent_level`): a number as it is, and -1 for agents without one; of anything else 0 for None, and 1, 2, ...
        in the order of the agent values.
      listed: the arrays that classes declare, by name.
      counts: for each class that declares one, how many of its objects there can be.
      is_of: `[V]` bool for each of these classes, which cell values are of it.
      world_arrays: what the state reads of the world value: name to a row for each world value.
      width: columns of the map.
    """

    type_names: tuple[str, ...]
    object_type: Int[np.ndarray, "V"]
    object_state: Int[np.ndarray, "V"]
    is_wall: Int[np.ndarray, "V"]
    item_type: Int[np.ndarray, "U"]
    agent_fields: dict[str, Int[np.ndarray, "U"]]
    listed: dict[str, ListedArray]
    counts: dict[type[GridObject], int]
    is_of: dict[type[GridObject], Bool[np.ndarray, "V"]]
    world_arrays: dict[str, Int[np.ndarray, "K *L"]]
    width: int

    @classmethod
    def of(cls, map_tables: MapTables, width: int) -> Declared:
        """Ask every value what it shows."""
        compiled = map_tables.rules.compiled
        names = compiled.rules.type_names
        values = compiled.cell_values
        held = [-1 if agent.held is None else _type_id(agent.held, names) for agent in compiled.agent_values]
        listed = _listed_arrays(compiled.rules, values)
        kinds = {array.kind for array in listed.values()}
        types = [_type_id(declared, names) for declared in ask(values, "object_type")]
        declared = cls(
            type_names=names,
            object_type=np.array(types, dtype=np.int32),
            object_state=np.array(_object_states(values, types, names), dtype=np.int32),
            is_wall=np.array([type(value).is_wall for value in values], dtype=np.int32),
            item_type=np.array(held, dtype=np.int32),
            agent_fields=_agent_fields(compiled.agent_values),
            listed=listed,
            counts={kind: map_tables.most_at_once(kind) for kind in kinds},
            is_of={kind: np.array([type(value) is kind for value in values]) for kind in kinds},
            world_arrays=_world_arrays(compiled.rules),
            width=width,
        )
        _check_names(declared.names)
        return declared

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the state's arrays that this world's objects declare."""
        kinds = sorted(self.counts, key=lambda kind: kind.name)
        extra = [name for kind in kinds for name in _names_of(kind)]
        return (*self.listed, *extra, *self.world_arrays, *self.agent_fields)

    def type_id(self, kind: Item | str | int | None) -> int:
        """The number that stands for an item, a type name or a plain number; 0 for None."""
        return _type_id(kind, self.type_names)

    def read(self, name: str, state: EnvState) -> Shaped[Array, "..."] | int:
        """Compute an array that this world's objects declare.

        Args:
          name: one of `names`.
          state: the state to read, batched or not.
        """
        if name in self.world_arrays:
            return _rows_at(self.world_arrays[name], state.world_value)
        if name in self.agent_fields:
            return lookup(self.agent_fields[name], state.agent_value)
        if name in self.listed:
            return self._listed(self.listed[name], state.cells)
        kind = next(kind for kind in self.counts if name in _names_of(kind))
        return self._positions(kind, state.cells) if name.endswith("_positions") else self.counts[kind]

    def _listed(self, listed: ListedArray, cells: UInt[Array, "*B N"]) -> Int[Array, "*B K *L"]:
        place, is_there = self._places(listed.kind, cells)
        rows = _rows_at(listed.rows, gather(cells, place))
        is_there = is_there.reshape(*is_there.shape, *(1,) * (listed.rows.ndim - 1))
        return namespace(rows).where(is_there, rows, namespace(rows).asarray(listed.fill, dtype=rows.dtype))

    def _positions(self, kind: type[GridObject], cells: UInt[Array, "*B N"]) -> Int[Array, "*B K 2"]:
        place, is_there = self._places(kind, cells)
        xp = namespace(cells)
        positions = xp.stack([place // self.width, place % self.width], axis=-1)
        return xp.where(is_there[..., None], positions, xp.asarray(-1, dtype=positions.dtype))

    def _places(
        self, kind: type[GridObject], cells: UInt[Array, "*B N"]
    ) -> tuple[Int[Array, "*B K"], Bool[Array, "*B K"]]:
        """The first K cells that hold a class, in reading order, and which of these entries are real."""
        here = lookup(self.is_of[kind], cells)
        place = namespace(cells).argsort(~here, axis=-1, stable=True)[..., : self.counts[kind]].astype(np.int32)
        return place, gather(here, place)

    def listed_rows(self, kind: type[GridObject]) -> dict[str, Integer[np.ndarray, "V *L"]]:
        """The arrays that a class declares: name to the row of each cell value."""
        return {name: listed.rows for name, listed in self.listed.items() if listed.kind is kind}

    def listed_kind(self, name: str) -> type[GridObject] | None:
        """The class that a declared name belongs to; None if no class declares it."""
        kinds = (kind for kind in self.counts if name in (*self.listed_rows(kind), *_names_of(kind)))
        return next(kinds, None)


def _names_of(kind: type[GridObject]) -> tuple[str, str]:
    """What a state calls the positions and the number of a class's objects."""
    return f"{kind.name}_positions", f"n_{kind.name}s"


def _type_id(kind: Item | str | int | None, type_names: tuple[str, ...]) -> int:
    if kind is None:
        return 0
    if isinstance(kind, (int, np.integer)):
        return int(kind)
    return type_names.index(kind if isinstance(kind, str) else kind.name)


def _shown_number(value: GridObject, method: str, shown: Any, type_names: tuple[str, ...]) -> int:
    """The number that stands for what a value shows of itself."""
    if type(shown) is int:
        return shown
    name = shown.name if isinstance(shown, Item) else shown
    if name in type_names if isinstance(name, str) else isinstance(name, (int, np.integer, NoneType)):
        return _type_id(name, type_names)
    raise RuleError(
        f"{type(value).__name__}.{method} returned {shown!r} for {value!r}: it returns an integer, None, or an item or "
        f"the name of an object type of these rules. {did_you_mean(name, type_names)}"
    )


def _object_states(values: tuple[GridObject, ...], types: list[int], type_names: tuple[str, ...]) -> list[int]:
    """What each value says of its state; a class that says nothing has its values counted, the fresh one 0."""
    seen: Counter[tuple[type[GridObject], int]] = Counter()
    states: list[int] = []
    for value, type_id, shown in zip(values, types, ask(values, "object_state"), strict=True):
        if type(value).object_state is not GridObject.object_state:
            states.append(_shown_number(value, "object_state", shown, type_names))
            continue
        states.append(seen[type(value), type_id])
        seen[type(value), type_id] += 1
    return states


def _listed_arrays(rules: Rules, values: tuple[GridObject, ...]) -> dict[str, ListedArray]:
    arrays: dict[str, ListedArray] = {}
    for kind in rules.kinds:
        for name in dir(kind):
            fill = getattr(getattr(kind, name, None), "listed_fill", None)
            if fill is None:
                continue
            if name in arrays:
                raise RuleError(
                    f"{arrays[name].kind.__name__} and {kind.__name__} both declare the array {name!r}; give one of "
                    "them another name."
                )
            arrays[name] = ListedArray(kind, _listed_table(kind, name, fill, rules.type_names, values), fill)
    return arrays


def _listed_table(
    kind: type[GridObject], name: str, fill: int, type_names: tuple[str, ...], values: tuple[GridObject, ...]
) -> Int[np.ndarray, "V *L"]:
    """The rows of one declared array, of all cell values."""
    members = {idx: value for idx, value in enumerate(values) if type(value) is kind}
    rows: dict[int, Any] = {}
    for idx, shown in zip(members, ask(tuple(members.values()), name), strict=True):
        entries = shown if isinstance(shown, tuple) else (shown,)
        numbers = [fill if entry is None else _shown_number(members[idx], name, entry, type_names) for entry in entries]
        rows[idx] = numbers if isinstance(shown, tuple) else numbers[0]
    shapes = {np.shape(row): members[idx] for idx, row in rows.items()}
    if len(shapes) > 1:
        (one, value), (other, second), *_ = shapes.items()
        raise RuleError(
            f"{kind.__name__}.{name} is of the shape {one} for {value!r} and {other} for {second!r}: an array has rows "
            "of one length. Fill them up with None."
        )
    table = np.full((len(values), *next(iter(shapes), ())), fill, dtype=np.int32)
    for idx, row in rows.items():
        table[idx] = row
    return table


def _agent_fields(agents: Sequence[Agent]) -> dict[str, Int[np.ndarray, "U"]]:
    """The fields that agent values differ in, as numbers; not one that would hide what every state reads as."""
    read = {}
    for field, contents in differing_fields(agents).items():
        if not hasattr(EnvState, f"agent_{field}"):
            read[f"agent_{field}"] = np.array(_field_numbers(contents), dtype=np.int32)
    return read


def _field_numbers(contents: Sequence[Any]) -> Sequence[int]:
    """What a field reads as for each agent value."""
    there = [content for content in contents if content is not None]
    if len(there) == len(contents) and are_numbers(contents):
        return contents
    if are_numbers(there) and min(there) >= 0:
        return [-1 if content is None else content for content in contents]
    codes = [None, *dict.fromkeys(there)]
    return [codes.index(content) for content in contents]


def _world_arrays(rules: Rules) -> dict[str, Int[np.ndarray, "K *L"]]:
    """What the state reads of each world value."""
    return {name: _world_rows(rules, name, read) for name, read in rules.world_arrays.items()}


def _world_rows(rules: Rules, name: str, read: Callable[[Any], Any]) -> Int[np.ndarray, "K *L"]:
    try:
        rows = np.array([read(value) for value in rules.world_values])
    except Exception as error:
        raise RuleError(
            f"world_arrays[{name!r}] of rules {rules.name!r} cannot be read: {type(error).__name__}: {error}"
        ) from error
    if not np.issubdtype(rows.dtype, np.integer):
        raise RuleError(
            f"world_arrays[{name!r}] of rules {rules.name!r} returns an integer or a tuple of integers, not "
            f"{read(rules.world_values[0])!r}."
        )
    return rows.astype(np.int32)


def _check_names(names: Sequence[str]) -> None:
    """Refuse an array that a state of every world has already."""
    for name in names:
        if hasattr(EnvState, name) or name in STATE_NAMES:
            raise RuleError(f"An array is declared as {name!r}, which every state has already; choose another name.")


def _rows_at(rows: Int[np.ndarray, "K *L"], index: Integer[Array, "*B"]) -> Int[Array, "*B *L"]:
    """Rows of any shape, read at many places."""
    flat = lookup_rows(rows.reshape(len(rows), -1), index)
    return flat.reshape((*index.shape, *rows.shape[1:]))
