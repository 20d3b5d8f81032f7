"""`EnvState`: everything of a world that changes, as arrays."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Int, Integer, UInt

from cogrid.backend.array_ops import lookup
from cogrid.backend.namespaces import Array, is_numpy, namespace
from cogrid.errors import StateError


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
      world: `[*B]` int32, id of the world value; None in a world that has none.
      layout_idx: `[*B]` int32, which layout of a set is played; None in a world that is no set.
    """

    agent_cell: Int[Array, "*B A"]
    agent_dir: Int[Array, "*B A"]
    agent_value: Int[Array, "*B A"]
    terminated: Bool[Array, "*B A"]
    events: Int[Array, "*B A"]
    rng_key: UInt[Array, "*B 2"]
    time: Int[Array, "*B"]
    world: Int[Array, "*B"] | None = None
    layout_idx: Int[Array, "*B"] | None = None

    def pack(self) -> Int[Array, "*B K"]:
        """All of them in one row, in order, `[*B, K]` int32."""
        xp = namespace(self.agent_cell)
        single = [number[..., None] for number in (self.time, self.world, self.layout_idx) if number is not None]
        agents = xp.stack([*self[:3], self.terminated.astype(np.int32), self.events], axis=-2)
        flat = agents.reshape(*agents.shape[:-2], -1)
        return xp.concat([flat, self.rng_key.view(np.int32), *single], axis=-1)


NUMBER_NAMES = Numbers._fields
"""What a state holds besides its cells, in order."""

_AGENT_NAMES = NUMBER_NAMES[:5]
_DTYPES = {"rng_key": np.dtype(np.uint32), "terminated": np.dtype(np.bool_)}


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class EnvState:
    """Everything that changes in a world, and the tables that give it meaning.

    Frozen, and a JAX pytree whose leaves are the array fields; `tables` is static. Any number of batch axes `*B` may
    stand in front of a field's own axes, the same for both. What can be computed from the fields is a property,
    in the terms of the objects: `agent_pos`, `object_type_map`, and the names that the world's objects declare.

    Two leaves, since every one costs a compiled step a microsecond or two at each call, whatever its size.

    Attributes:
      cells: `[*B, N]` unsigned integer, value id of each cell, row by row.
      numbers: `[*B, K]` int32, all else in one row: the fields of `Numbers`, in order; read these by their names.
      tables: the compiled rules, layout and settings.
    """

    cells: UInt[Array, "*B N"]
    numbers: Int[Array, "*B K"] | Numbers
    tables: Any

    def replace(self, **changes: Any) -> EnvState:
        """The same state with some fields, or some of `Numbers`, changed.

        Raises:
          StateError: when one of `Numbers` has another shape than before, or numbers that it cannot hold.
        """
        if isinstance(self.numbers, Numbers):  # The form between stages, many times a step: as directly as possible.
            cells, numbers = changes.pop("cells", self.cells), changes.pop("numbers", self.numbers)
            tables = changes.pop("tables", self.tables)
            return EnvState(cells=cells, numbers=numbers._replace(**changes) if changes else numbers, tables=tables)
        named = {name: changes.pop(name) for name in NUMBER_NAMES if name in changes}
        if named:
            before = self.read_numbers()
            fitting = {name: _fitting(name, getattr(before, name), value) for name, value in named.items()}
            changes["numbers"] = before._replace(**fitting).pack()
        return dataclasses.replace(self, **changes)

    def unpack(self) -> EnvState:
        """The same state with its numbers one by one: the form in which the stages of a step pass it on."""
        return self if isinstance(self.numbers, Numbers) else dataclasses.replace(self, numbers=self.read_numbers())

    def pack(self) -> EnvState:
        """The same state with its numbers in one row: the form in which it is stored."""
        if not isinstance(self.numbers, Numbers):
            return self
        return dataclasses.replace(self, numbers=self.numbers.pack())

    def pack_leaves(self) -> EnvState:
        """The state between two steps: packed for JAX, to whom every leaf is dear, and as it is for NumPy."""
        return self if is_numpy(self.cells) else self.pack()

    def read_numbers(self) -> Numbers:
        """All that is stored besides the cells, one by one."""
        if isinstance(self.numbers, Numbers):
            return self.numbers
        return Numbers(*(getattr(self, name) for name in NUMBER_NAMES))

    def _of_agents(self, idx: int) -> Int[Array, "*B A"]:
        """One of the numbers that every agent has, without reading the others."""
        if isinstance(self.numbers, Numbers):
            return self.numbers[idx]
        return self.numbers[..., idx * self.n_agents : (idx + 1) * self.n_agents]

    def _single(self, name: str, idx: int) -> Int[Array, "*B"]:
        """One of the numbers behind the key, without reading the others."""
        if isinstance(self.numbers, Numbers):
            return getattr(self.numbers, name)
        return self.numbers[..., len(_AGENT_NAMES) * self.n_agents + 2 + idx]

    @property
    def agent_cell(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, flat index of the cell that each agent stands in."""
        return self._of_agents(0)

    @property
    def agent_dir(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, Right=0, Down=1, Left=2, Up=3."""
        return self._of_agents(1)

    @property
    def agent_value(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, value id of each agent (what it holds, its role)."""
        return self._of_agents(2)

    @property
    def terminated(self) -> Bool[Array, "*B A"]:
        """`[*B, A]` bool, whose episode has ended; for good."""
        return self.numbers.terminated if isinstance(self.numbers, Numbers) else self._of_agents(3) != 0

    @property
    def events(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, bit mask of what happened to each in the step just made (`tables.rules.event_names`)."""
        return self._of_agents(4)

    @property
    def rng_key(self) -> UInt[Array, "*B 2"]:
        """`[*B, 2]` uint32, raw threefry key of the episode; a step does not change it."""
        if isinstance(self.numbers, Numbers):
            return self.numbers.rng_key
        first = len(_AGENT_NAMES) * self.n_agents
        return self.numbers[..., first : first + 2].view(np.uint32)

    @property
    def time(self) -> Int[Array, "*B"]:
        """`[*B]` int32, steps made."""
        return self._single("time", 0)

    @property
    def world(self) -> Int[Array, "*B"] | None:
        """`[*B]` int32, id of the world value; None in a world that has none."""
        return self._single("world", 1) if self.tables.rules.has_world else None

    @property
    def layout_idx(self) -> Int[Array, "*B"] | None:
        """`[*B]` int32, which layout of a set is played; None in a world that is no set."""
        return self._single("layout_idx", 1 + self.tables.rules.has_world) if self.tables.map.is_set else None

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
        if name.startswith("__") or name == "tables":
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
    given, dtype = xp.asarray(value), _DTYPES.get(name, np.dtype(np.int32))
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
