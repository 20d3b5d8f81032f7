"""`EnvState`: everything of a world that changes, as arrays."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Int, Integer, UInt

from cogrid.backend.array_ops import lookup, lookup_rows
from cogrid.backend.namespaces import Array, is_numpy, namespace
from cogrid.errors import StateError, did_you_mean


class Numbers(NamedTuple):
    """What a state holds besides its cells, one array for each thing.

    Attributes:
      agent_cell: `[*B, A]` int32, flat index of the cell that each agent stands in.
      agent_dir: `[*B, A]` int32, Right=0, Down=1, Left=2, Up=3.
      agent_value: `[*B, A]` int32, value id of each.
      terminated: `[*B, A]` bool, whose episode has ended.
      events: `[*B, A]` int32, bit mask of what happened to each in the step just made.
      rng_key: `[*B, 2]` uint32, raw threefry key of the episode; a step does not change it.
      time: `[*B]` int32, steps made.
      world_value: `[*B]` int32, id of the world value; None in a world that has none.
      layout_idx: `[*B]` int32, which layout of a set is played; None in a world that plays a single layout.
      amounts: `[*B, A, E]` int32, what the events of the step just made have carried; None where none carries any.
    """

    agent_cell: Int[Array, "*B A"]
    agent_dir: Int[Array, "*B A"]
    agent_value: Int[Array, "*B A"]
    terminated: Bool[Array, "*B A"]
    events: Int[Array, "*B A"]
    rng_key: UInt[Array, "*B 2"]
    time: Int[Array, "*B"]
    world_value: Int[Array, "*B"] | None = None
    layout_idx: Int[Array, "*B"] | None = None
    amounts: Int[Array, "*B A E"] | None = None

    def pack(self) -> Int[Array, "*B K"]:
        """All of them in one row, in order, `[*B, K]` int32."""
        xp = namespace(self.agent_cell)
        single = [number[..., None] for number in (self.time, self.world_value, self.layout_idx) if number is not None]
        agents = xp.stack([*self[:3], self.terminated.astype(np.int32), self.events], axis=-2)
        flat = agents.reshape(*agents.shape[:-2], -1)
        carried = [] if self.amounts is None else [self.amounts.reshape(*flat.shape[:-1], -1)]
        return xp.concat([flat, self.rng_key.view(np.int32), *single, *carried], axis=-1)


NUMBER_NAMES = Numbers._fields
"""What a state holds besides its cells, in order."""

_AGENT_NAMES = NUMBER_NAMES[:5]


def number_columns(n_agents: int, has_world_values: bool, is_set: bool, n_amounts: int) -> dict[str, tuple[int, int]]:
    """Where in a row of `Numbers` each of them is, and how many there are of it; 0 for a single one without an axis.

    Args:
      n_agents: how many agents there are.
      has_world_values: whether the world has world values.
      is_set: whether it plays a set of layouts.
      n_amounts: how many events carry an amount.
    """
    columns = {name: (idx * n_agents, n_agents) for idx, name in enumerate(_AGENT_NAMES)}
    first = len(_AGENT_NAMES) * n_agents
    columns["rng_key"], first = (first, 2), first + 2
    for name, is_there in (("time", True), ("world_value", has_world_values), ("layout_idx", is_set)):
        columns[name], first = (first, 0), first + is_there
    columns["amounts"] = (first, n_agents * n_amounts)
    return columns


NUMBER_DTYPES = dict.fromkeys(NUMBER_NAMES, np.dtype(np.int32)) | {
    "rng_key": np.dtype(np.uint32),
    "terminated": np.dtype(np.bool_),
}
"""The dtype of each of them."""


class EnvState:
    """Everything that changes in a world, and the tables that give it meaning.

    Never changed, and a JAX pytree with two leaves, `cells` and `numbers`, since every leaf costs a compiled step a
    microsecond or two at each call, whatever its size; `tables` is static. Any number of batch axes `*B` may stand in
    front of an array's own axes, the same for both. What can be computed is a property, in the terms of the objects:
    `agent_pos`, `object_type_map`, and the names that the world's objects declare.

    A state is made of a row of numbers, or of the single numbers that a stage of a step has computed, and makes the one
    of the other when it is asked: between two stages there is nothing to pack, and what XLA reads of a row it reads in
    strides.

    Attributes:
      cells: `[*B, N]` unsigned integer, value id of each cell, row by row.
      tables: the compiled rules, layout and settings.
    """

    cells: UInt[Array, "*B N"]
    tables: Any

    def __init__(self, *, cells: Array, numbers: Array | Numbers, tables: Any) -> None:
        """Make a state of arrays, unchecked (JAX hands in all kinds of leaves); `env.state_from_arrays` checks.

        Args:
          cells: `[*B, N]` unsigned integer, value id of each cell, row by row.
          numbers: `[*B, K]` int32, all else in one row, in the order of `Numbers`; or these one by one.
          tables: the compiled rules, layout and settings.
        """
        self.__dict__.update(cells=cells, _numbers=numbers, tables=tables)

    def __setattr__(self, name: str, value: Any) -> None:
        """Refuse: a state never changes."""
        raise dataclasses.FrozenInstanceError(f"A state never changes: use state.replace({name}=...), a changed copy.")

    @property
    def numbers(self) -> Array:
        """`[*B, K]` int32, all that is stored besides the cells, in one row: the fields of `Numbers`, in order."""
        return self._numbers.pack() if isinstance(self._numbers, Numbers) else self._numbers

    def read_numbers(self) -> Numbers:
        """All that is stored besides the cells, one by one."""
        if isinstance(self._numbers, Numbers):
            return self._numbers
        return Numbers(*(getattr(self, name) for name in NUMBER_NAMES))

    def _read(self, name: str) -> Array:
        """One of the numbers, without reading the others."""
        if isinstance(self._numbers, Numbers):
            return getattr(self._numbers, name)
        first, size = self._columns(name)
        return self._numbers[..., first : first + size] if size else self._numbers[..., first]

    def _columns(self, name: str) -> tuple[int, int]:
        """Where in the row one of the numbers is, and how many there are of it; 0 for a single one without an axis."""
        return self.tables.number_columns[name]

    def replace(self, **changes: Any) -> EnvState:
        """The same state with `cells`, `tables`, or some of `Numbers` changed.

        Raises:
          StateError: for another name, and when one of `Numbers` has another shape than before, or
            holds something else than integers that fit.
        """
        for name in changes:
            if name not in ("cells", "tables", *NUMBER_NAMES):
                known = ("cells", "tables", *NUMBER_NAMES)
                raise StateError(f"A state stores no {name!r} that could be replaced. {did_you_mean(name, known)}")
        numbers = {
            name: _fitting(name, getattr(self, name), value) for name, value in changes.items() if name in NUMBER_NAMES
        }
        rest = {name: value for name, value in changes.items() if name not in NUMBER_NAMES}
        return self.with_changes(**rest, **numbers)

    def with_changes(self, *, cells: Array | None = None, tables: Any = None, **numbers: Array) -> EnvState:
        """The same as `replace`, unchecked: what the stages of a step pass on, many times a step.

        Args:
          cells: as in `EnvState`; the same as before if left out.
          tables: the same.
          numbers: some of `Numbers`.
        """
        return EnvState(
            cells=self.cells if cells is None else cells,
            numbers=self._changed(numbers) if numbers else self._numbers,
            tables=self.tables if tables is None else tables,
        )

    def _changed(self, numbers: dict[str, Array]) -> Array | Numbers:
        """All numbers, some of them changed; of a single NumPy state one row, which is made sooner than its parts."""
        if isinstance(self._numbers, Numbers) or self._numbers.ndim > 1 or not is_numpy(self._numbers):
            return self.read_numbers()._replace(**numbers)
        row = self._numbers.copy()
        for name, value in numbers.items():
            first, size = self._columns(name)
            row[first : first + (size or 1)] = value.view(np.int32) if name == "rng_key" else value.reshape(-1)
        return row

    def map_arrays(self, function: Callable[..., Array], *others: EnvState) -> EnvState:
        """Apply a function to each stored array, and to the same arrays of other states of this world.

        Args:
          function: gets one array of each state.
          others: further states.
        """
        states = (self, *others)
        numbers = [
            None if parts[0] is None else function(*parts)
            for parts in zip(*(state.read_numbers() for state in states), strict=True)
        ]
        cells = function(*(state.cells for state in states))
        return EnvState(cells=cells, numbers=Numbers(*numbers), tables=self.tables)

    @property
    def agent_cell(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, flat index of the cell that each agent stands in."""
        return self._read("agent_cell")

    @property
    def agent_dir(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, Right=0, Down=1, Left=2, Up=3."""
        return self._read("agent_dir")

    @property
    def agent_value(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, value id of each agent (what it holds, its role)."""
        return self._read("agent_value")

    @property
    def terminated(self) -> Bool[Array, "*B A"]:
        """`[*B, A]` bool, whose episode has ended; for good."""
        has_ended = self._read("terminated")
        return has_ended if has_ended.dtype == np.bool_ else has_ended != 0

    @property
    def events(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, bit mask of what happened to each in the step just made (`tables.rules.event_names`)."""
        return self._read("events")

    @property
    def rng_key(self) -> UInt[Array, "*B 2"]:
        """`[*B, 2]` uint32, raw threefry key of the episode; a step does not change it."""
        key = self._read("rng_key")
        return key if isinstance(self._numbers, Numbers) else key.view(np.uint32)

    @property
    def time(self) -> Int[Array, "*B"]:
        """`[*B]` int32, steps made."""
        return self._read("time")

    @property
    def world_value(self) -> Int[Array, "*B"] | None:
        """`[*B]` int32, id of the world value; None in a world that has none."""
        return self._read("world_value") if self.tables.rules.has_world_values else None

    @property
    def layout_idx(self) -> Int[Array, "*B"] | None:
        """`[*B]` int32, which layout of a set is played; None in a world that plays a single layout."""
        return self._read("layout_idx") if self.tables.map.is_set else None

    @property
    def amounts(self) -> Int[Array, "*B A E"] | None:
        """`[*B, A, E]` int32, what the events of the step just made have carried (`tables.rules.amount_names`).

        None in a world where no event carries an amount.
        """
        names = self.tables.rules.amount_names
        if not names:
            return None
        carried = self._read("amounts")
        if isinstance(self._numbers, Numbers):
            return carried
        return carried.reshape(*carried.shape[:-1], self.tables.n_agents, len(names))

    @property
    def n_agents(self) -> int:
        """How many agents there are."""
        return self.tables.n_agents

    @property
    def height(self) -> int:
        """Rows of the grid."""
        return self.tables.height

    @property
    def width(self) -> int:
        """Columns of the grid."""
        return self.tables.width

    @property
    def action_set(self) -> str:
        """Name of the action set, "cardinal" or "rotation"."""
        return self.tables.action_set.name

    @property
    def agent_pos(self) -> Int[Array, "*B A 2"]:
        """`[*B, A, 2]` int32, (row, column) of each agent."""
        xp = namespace(self.agent_cell)
        return xp.stack([self.agent_cell // self.width, self.agent_cell % self.width], axis=-1)

    @property
    def action_mask(self) -> Bool[Array, "*B A K"]:
        """`[*B, A, K]` bool, which of the K actions each agent takes; one that it does not take is a Noop."""
        rules, n_actions = self.tables.rules, len(self.tables.action_set)
        if rules.takes is None:
            return namespace(self.agent_value).ones((*self.agent_value.shape, n_actions), dtype=np.bool_)
        return lookup_rows(rules.takes.reshape(-1, n_actions), self.agent_value)

    @property
    def agent_inv(self) -> Int[Array, "*B A 1"]:
        """`[*B, A, 1]` int32, type id of the item in hand, -1 for an empty hand."""
        return lookup(self.tables.declared.item_type, self.agent_value)[..., None]

    @property
    def wall_map(self) -> Int[Array, "*B H W"]:
        """`[*B, H, W]` int32, 1 where a wall stands."""
        return self.cell_map(self.tables.declared.is_wall)

    @property
    def object_type_map(self) -> Int[Array, "*B H W"]:
        """`[*B, H, W]` int32, type id of what stands in each cell, 0 for free floor."""
        return self.cell_map(self.tables.declared.object_type)

    @property
    def object_state_map(self) -> Int[Array, "*B H W"]:
        """`[*B, H, W]` int32, what each object says of its own state."""
        return self.cell_map(self.tables.declared.object_state)

    @property
    def truncated(self) -> Bool[Array, "*B A"]:
        """`[*B, A]` bool, whose episode the clock has ended: time is up and the agent had not terminated."""
        return self.is_time_up[..., None] & ~self.terminated

    @property
    def is_time_up(self) -> Bool[Array, "*B"]:
        """`[*B]` bool, whether `max_steps` steps have been made."""
        if self.tables.max_steps is None:
            return self.time != self.time
        return self.time >= self.tables.max_steps

    def cell_map(self, table: Integer[Any, "V"]) -> Integer[Array, "*B H W"]:
        """Read a table at every cell.

        Args:
          table: `[V]` integer, one entry for each cell value.
        Returns:
          `[*B, H, W]`, the table's dtype.
        """
        flat = lookup(table, self.cells)
        return flat.reshape(*flat.shape[:-1], self.height, self.width)

    def __getattr__(self, name: str) -> Any:
        """Read an array that the world's objects declare.

        Raises:
          AttributeError: listing the names that there are, for one that this world does not declare.
        """
        if name.startswith("_") or name == "tables":
            raise AttributeError(name)
        if name in self.tables.declared.names:
            return self.tables.declared.read(name, self)
        declared = ", ".join(self.tables.declared.names) or "none"
        raise AttributeError(
            f"This world's state has no {name!r}. Every state has {', '.join(STATE_NAMES)}; "
            f"declared by this world's objects: {declared}."
        )


def _fitting(name: str, before: Array, value: Any) -> Array:
    """A new value for one of `Numbers`, of the shape and dtype that it had."""
    if before is None or value is None:
        if before is value:
            return None
        raise StateError(
            f"{name} is {before}, and cannot become {value}: the world's settings decide whether it has one."
        )
    xp = namespace(before)
    given, dtype = xp.asarray(value), NUMBER_DTYPES[name]
    if given.dtype == dtype and given.shape == before.shape:
        return given
    if given.shape != before.shape:
        raise StateError(f"{name} has the shape {given.shape}, and this world's is {before.shape}.")
    if not (np.issubdtype(given.dtype, np.integer) or given.dtype == np.bool_):
        raise StateError(f"{name} holds integers, not {given.dtype}.")
    cast = given.astype(dtype)
    if is_numpy(cast) and not np.array_equal(cast, given):
        raise StateError(f"{name} {given.tolist()} does not fit into {dtype}.")
    return cast


LEAF_NAMES = ("cells", "numbers")
"""The stored fields, in order."""

STATE_NAMES = (
    "agent_pos",
    "agent_dir",
    "agent_inv",
    "wall_map",
    "object_type_map",
    "object_state_map",
    "rng_key",
    "time",
    "terminated",
    "truncated",
    "events",
)
"""What every state reads as, whatever its world."""

_pytree_registered = False


def register_pytree() -> None:
    """Make `EnvState` a JAX pytree, once. Called as soon as JAX is in use; harmless to call again."""
    global _pytree_registered
    if _pytree_registered:
        return
    import jax

    jax.tree_util.register_dataclass(EnvState, data_fields=list(LEAF_NAMES), meta_fields=["tables"])
    _pytree_registered = True


if "jax" in sys.modules:
    register_pytree()
