"""`EnvState`: everything of a world that changes, as arrays."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any, NamedTuple, Protocol

import numpy as np
from jaxtyping import Bool, Int, Integer, UInt

from cogrid.backend.array_ops import Array, lookup, namespace


class StateTables(Protocol):
    """What `EnvState` asks of the compiled tables that it carries."""

    n_agents: int
    height: int
    width: int
    action_set: Any
    max_steps: int | None
    object_type: Any
    object_state: Any
    is_wall: Any
    item_type: Any

    @property
    def derived_names(self) -> tuple[str, ...]:
        """Names that this world's objects declare."""
        ...

    def read_derived(self, name: str, state: EnvState) -> Any:
        """Compute what a declared name stands for."""
        ...


class AgentColumns(NamedTuple):
    """What is stored of the agents, one array per column.

    Attributes:
      agent_cell: `[*B, A]` int32, flat index of the cell that each stands in.
      agent_dir: `[*B, A]` int32, Right=0, Down=1, Left=2, Up=3.
      agent_value: `[*B, A]` int32, value id of each.
      terminated: `[*B, A]` bool, whose episode has ended.
      events: `[*B, A]` int32, bit mask of what happened to each in the step just made.
    """

    agent_cell: Int[Array, "*B A"]
    agent_dir: Int[Array, "*B A"]
    agent_value: Int[Array, "*B A"]
    terminated: Bool[Array, "*B A"]
    events: Int[Array, "*B A"]

    def pack(self) -> Int[Array, "*B A 5"]:
        """The columns as one array, `[*B, A, 5]` int32."""
        columns = (*self[:3], self.terminated.astype(np.int32), self.events)
        return namespace(self.agent_cell).stack(columns, axis=-1)


AGENT_COLUMNS = AgentColumns._fields
"""What is stored of an agent, in order."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class EnvState:
    """Everything that changes in a world, and the tables that give it meaning.

    Frozen, and a JAX pytree whose leaves are the array fields; `tables` is static. Any number of batch axes `*B` may
    stand in front of a field's own axes, the same for all fields. What can be computed from the fields is a property,
    in the terms of the objects: `agent_pos`, `object_type_map`, and the names that the world's objects declare.

    Few leaves, since every one costs a compiled step a microsecond at each call: what is stored of an agent is one row.

    Attributes:
      cells: `[*B, N]` unsigned integer, value id of each cell, row by row.
      agents: `[*B, A, 5]` int32, for each agent the columns `AGENT_COLUMNS`; read these by their names.
      rng_key: `[*B, 2]` uint32, raw threefry key of the episode; a step does not change it.
      time: `[*B]` int32, steps made.
      world: `[*B]` int32, id of the world value; None in a world that has none.
      layout_idx: `[*B]` int32, which layout of a set is played; None in a world that is no set.
      tables: the compiled rules, layout and settings.
    """

    cells: UInt[Array, "*B N"]
    agents: Int[Array, "*B A 5"] | AgentColumns
    rng_key: UInt[Array, "*B 2"]
    time: Int[Array, "*B"]
    world: Int[Array, "*B"] | None
    layout_idx: Int[Array, "*B"] | None = None
    tables: Any

    def replace(self, **changes: Any) -> EnvState:
        """The same state with some fields, or some columns of `agents`, changed."""
        columns = {name: changes.pop(name) for name in AGENT_COLUMNS if name in changes}
        if columns:
            agents = self.agent_columns._replace(**columns)
            changes["agents"] = agents if isinstance(self.agents, AgentColumns) else agents.pack()
        return dataclasses.replace(self, **changes)

    def unpack(self) -> EnvState:
        """The same state with the agents as columns: the form in which the stages of a step pass it on."""
        return dataclasses.replace(self, agents=self.agent_columns)

    def pack(self) -> EnvState:
        """The same state with the agents as rows: the form in which it is stored."""
        return dataclasses.replace(self, agents=self.agent_columns.pack())

    @property
    def agent_columns(self) -> AgentColumns:
        """What is stored of the agents, by column."""
        if isinstance(self.agents, AgentColumns):
            return self.agents
        cell, direction, value, terminated, events = (self.agents[..., column] for column in range(len(AGENT_COLUMNS)))
        return AgentColumns(cell, direction, value, terminated != 0, events)

    def _column(self, idx: int) -> Int[Array, "*B A"]:
        """One of the integer columns of `agents`, without reading the others."""
        return self.agents[idx] if isinstance(self.agents, AgentColumns) else self.agents[..., idx]

    @property
    def agent_cell(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, flat index of the cell that each agent stands in."""
        return self._column(0)

    @property
    def agent_dir(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, Right=0, Down=1, Left=2, Up=3."""
        return self._column(1)

    @property
    def agent_value(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, value id of each agent (what it holds, its role)."""
        return self._column(2)

    @property
    def terminated(self) -> Bool[Array, "*B A"]:
        """`[*B, A]` bool, whose episode has ended; for good."""
        return self.agents.terminated if isinstance(self.agents, AgentColumns) else self.agents[..., 3] != 0

    @property
    def events(self) -> Int[Array, "*B A"]:
        """`[*B, A]` int32, bit mask of what happened to each agent in the step just made (`tables.event_names`)."""
        return self._column(4)

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
        return lookup(self.tables.item_type, self.agent_value)[..., None]

    @property
    def wall_map(self) -> Int[Array, "*B H W"]:
        """`[*B, H, W]` int32, 1 where a wall stands."""
        return self.cell_map(self.tables.is_wall)

    @property
    def object_type_map(self) -> Int[Array, "*B H W"]:
        """`[*B, H, W]` int32, type id of what stands in each cell, 0 for free floor."""
        return self.cell_map(self.tables.object_type)

    @property
    def object_state_map(self) -> Int[Array, "*B H W"]:
        """`[*B, H, W]` int32, what each object says of its own state."""
        return self.cell_map(self.tables.object_state)

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
        if name in self.tables.derived_names:
            return self.tables.read_derived(name, self)
        declared = ", ".join(self.tables.derived_names) or "none"
        raise AttributeError(
            f"This world's state has no {name!r}. Every state has {', '.join(STATE_NAMES)}; "
            f"declared by this world's objects: {declared}."
        )


LEAF_NAMES = ("cells", "agents", "rng_key", "time", "world", "layout_idx")
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
