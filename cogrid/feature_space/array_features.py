"""The features of the classic observation: 443 numbers per agent, of small integers.

`CLASSIC_FEATURES` in this order: own position (2), direction (4), a map of 12 x 12 x 3, free neighbours (4), item in
hand (1).

Source: the functional path of CoGrid's revision of February 2026 (before 0.1.0). Differs: type ids are numbered by the
rule set, an agent's codes on the map are never an object's, and the map shows each object's state as it is now.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int, Integer, Shaped

from cogrid.backend.array_ops import gather, lookup, lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.joining import Constant, Stretch, join
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.feature import BatchView, Feature, IntegerView, register_feature, smallest_dtype
from cogrid.feature_space.kept_rows import KeptMap
from cogrid.feature_space.observation import Observation

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld


def _cast(values: Shaped[Array, "..."], feature: Feature, tables: Tables) -> Shaped[Array, "..."]:
    return values.astype(smallest_dtype(*feature.bounds(tables)))


def _row_bytes(rows: Shaped[np.ndarray, "K C"], dtype: np.dtype[Any]) -> list[bytes]:
    return [row.astype(dtype).tobytes() for row in rows]


@dataclasses.dataclass(frozen=True)
class AgentPosition(Feature):
    """Own row and column."""

    def __call__(self, state: EnvState) -> Integer[Array, "*B A 2"]:
        return lookup_rows(self._rows(state.tables), state.agent_cell)

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        return np.zeros(2, dtype=np.int64), np.array([tables.height - 1, tables.width - 1])

    def channels(self, tables: Tables) -> tuple[str, ...]:
        return ("row", "column")

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        rows = _row_bytes(self._rows(tables), dtype)
        return lambda world: [rows[cell] for cell in world.agent_cell]

    def _rows(self, tables: Tables) -> Integer[np.ndarray, "N 2"]:
        cells = np.arange(tables.n_cells)
        return _cast(np.stack([cells // tables.width, cells % tables.width], axis=-1), self, tables)


@dataclasses.dataclass(frozen=True)
class AgentDir(Feature):
    """Own direction, one number of four set: right, down, left, up."""

    def __call__(self, state: EnvState) -> Integer[Array, "*B A 4"]:
        return lookup_rows(np.eye(4, dtype=np.uint8), state.agent_dir)

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        return np.zeros(4, dtype=np.int64), np.ones(4, dtype=np.int64)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        return tuple(f"facing_{name}" for name in DIRECTION_NAMES)

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        rows = _row_bytes(np.eye(4), dtype)
        return lambda world: [rows[direction] for direction in world.agent_dir]


@dataclasses.dataclass(frozen=True)
class FullMapEncoding(Feature):
    """The whole map, three numbers a cell, padded with zeros; the same for all agents.

    At a cell without an agent: type id, 0, object state. At an agent's cell: the number of types plus its direction,
    0, the type id of the item in hand or 0.

    Attributes:
      max_map_size: (rows, columns) of the padded map.
    """

    max_map_size: tuple[int, int] = (12, 12)

    def __call__(self, state: EnvState) -> Integer[Array, "*B A F"]:
        whole = join(self._map_parts(state, self._cell_rows(state.tables).dtype))[..., None, :]
        xp = namespace(state.cells)
        return xp.broadcast_to(whole, (*whole.shape[:-2], state.tables.n_agents, whole.shape[-1]))

    def parts(self, state: EnvState, dtype: np.dtype[Any]) -> list[list[Stretch | Constant]]:
        return [self._map_parts(state, dtype)] * state.tables.n_agents

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        rows, columns = self.max_map_size
        if tables.height > rows or tables.width > columns:
            raise ConfigError(
                f"full_map_encoding shows maps up to {rows} x {columns}, and this layout is "
                f"{tables.height} x {tables.width}: set max_map_size="
                f"({max(rows, tables.height)}, {max(columns, tables.width)}), or choose other features."
            )
        n_types = len(tables.declared.type_names)
        greatest = [n_types + 3, 0, max(n_types - 1, int(tables.declared.object_state.max()))]
        least = [0, 0, min(0, int(tables.declared.object_state.min()))]
        return np.tile(np.array(least), rows * columns), np.tile(np.array(greatest), rows * columns)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        rows, columns = self.max_map_size
        return tuple(
            f"map[{row},{column}].{name}"
            for row in range(rows)
            for column in range(columns)
            for name in ("type", "zero", "state")
        )

    def batch_view(self, tables: Tables, num_envs: int, dtype: np.dtype[Any]) -> BatchView:
        return _BatchMap(self, tables, num_envs, dtype)

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        return _IntegerMap(self, tables, dtype)

    def places(self, tables: Tables) -> Int[np.ndarray, "N"]:
        """Where each cell is on the padded map: `[N]`, flat."""
        cells = np.arange(tables.n_cells)
        return cells // tables.width * self.max_map_size[1] + cells % tables.width

    def _cell_rows(self, tables: Tables) -> Integer[np.ndarray, "V 3"]:
        rows = np.stack(
            [tables.declared.object_type, np.zeros_like(tables.declared.object_type), tables.declared.object_state],
            axis=-1,
        )
        return _cast(rows, self, tables)

    def _agent_rows(self, tables: Tables) -> Integer[np.ndarray, "U4 3"]:
        """The three numbers of an agent, by agent value and direction."""
        held = np.repeat(np.maximum(tables.declared.item_type, 0), 4)
        code = len(tables.declared.type_names) + np.tile(np.arange(4), tables.rules.n_agent_values)
        return _cast(np.stack([code, np.zeros_like(code), held], axis=-1), self, tables)

    def _shown_rows(self, state: EnvState) -> Integer[Array, "*B D 3"]:
        """The three numbers of each changeable cell, or of the agent in it."""
        tables = state.tables
        xp = namespace(state.cells)
        changeable = xp.asarray(tables.map.changeable_cells, dtype=np.int32)
        row = state.cells[..., changeable].astype(np.int32)
        cell_numbers = xp.broadcast_to(changeable, row.shape)
        agent_row = tables.rules.n_cell_values + state.agent_value * 4 + state.agent_dir
        for agent_idx in range(tables.n_agents):
            is_here = cell_numbers == state.agent_cell[..., agent_idx, None]
            row = xp.where(is_here, agent_row[..., agent_idx, None], row)
        return lookup_rows(np.concatenate([self._cell_rows(tables), self._agent_rows(tables)]), row)

    def _map_parts(self, state: EnvState, dtype: np.dtype[Any]) -> list[Stretch | Constant]:
        """The padded map as parts to be joined: stretches of changeable cells, and those that never change."""
        tables = state.tables
        rows, columns = self.max_map_size
        shown = self._shown_rows(state).astype(dtype)
        flat = shown.reshape(*shown.shape[:-2], -1)
        fixed = np.zeros((rows, columns, 3), dtype=dtype)
        at_start = self._cell_rows(tables)[tables.map.start_cells]
        fixed[: tables.height, : tables.width] = at_start.reshape(tables.height, tables.width, 3)
        cells = tables.map.changeable_cells
        is_changeable = np.zeros((rows, columns), dtype=np.bool_)
        is_changeable[cells // tables.width, cells % tables.width] = True
        is_changeable = is_changeable.reshape(-1)
        firsts = np.flatnonzero(np.diff(is_changeable, prepend=~is_changeable[0])).tolist()
        parts: list[Stretch | Constant] = []
        n_shown = 0
        for first, last in zip(firsts, [*firsts[1:], rows * columns], strict=True):
            if is_changeable[first]:
                parts.append(Stretch(flat, 3 * n_shown, 3 * (n_shown + last - first)))
                n_shown += last - first
            else:
                parts.append(Constant(fixed.reshape(-1)[3 * first : 3 * last]))
        return parts


class _BatchMap:
    """The maps of a batch of NumPy states, of which the cells are kept."""

    def __init__(self, feature: FullMapEncoding, tables: Tables, num_envs: int, dtype: np.dtype[Any]) -> None:
        rows, columns = feature.max_map_size
        looks = np.concatenate([feature._cell_rows(tables), feature._agent_rows(tables)]).astype(dtype)
        self._first_agent = tables.rules.n_cell_values
        self._places = feature.places(tables)
        self._cells = KeptMap(looks, self._places, (num_envs, rows * columns))

    def __call__(self, state: EnvState, out: Integer[np.ndarray, "B A F"]) -> None:
        self._cells.update(state)
        of_agents = self._first_agent + state.agent_value * 4 + state.agent_dir
        places = lookup(self._places, state.agent_cell)
        self._cells.copy_with_agents(places, of_agents, out.view(self._cells.rows.dtype))


class _IntegerMap:
    """The map of one world as bytes, kept up to date by the cells that changed."""

    def __init__(self, feature: FullMapEncoding, tables: Tables, dtype: np.dtype[Any]) -> None:
        rows, columns = feature.max_map_size
        self._size = 3 * dtype.itemsize
        self._offset: list[int] = (feature.places(tables) * self._size).tolist()
        self._cell_rows = _row_bytes(feature._cell_rows(tables), dtype)
        self._agent_rows = _row_bytes(feature._agent_rows(tables), dtype)
        self._map = bytearray(rows * columns * self._size)

    def __call__(self, world: IntegerWorld) -> list[bytes]:
        offset, size, cell_rows, agent_rows = self._offset, self._size, self._cell_rows, self._agent_rows
        for cell in world.changed_cells:
            start = offset[cell]
            self._map[start : start + size] = cell_rows[world.cells[cell]]
        shown = bytearray(self._map)
        for cell, value, direction in zip(world.agent_cell, world.agent_value, world.agent_dir, strict=True):
            start = offset[cell]
            shown[start : start + size] = agent_rows[value * 4 + direction]
        return [bytes(shown)] * len(world.agent_cell)


@dataclasses.dataclass(frozen=True)
class CanMoveDirection(Feature):
    """Whether the neighbouring cell can be moved into, other agents aside: right, left, down, up."""

    ORDER = (0, 2, 1, 3)
    """Directions in the order that the four numbers come in."""

    def __call__(self, state: EnvState) -> Integer[Array, "*B A 4"]:
        tables = state.tables
        xp = namespace(state.cells)
        ahead = lookup_rows(tables.map.front.reshape(-1, 4)[:, self.ORDER], state.agent_cell)
        there = gather(state.cells, ahead.reshape(*ahead.shape[:-2], -1)).reshape(ahead.shape)
        can_move = lookup(tables.rules.passable, there) & (ahead != state.agent_cell[..., None])
        return can_move.astype(xp.uint8)

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        return np.zeros(4, dtype=np.int64), np.ones(4, dtype=np.int64)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        return tuple(f"can_move_{DIRECTION_NAMES[direction]}" for direction in self.ORDER)

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        passable: list[bool] = tables.rules.passable.tolist()
        neighbours = [
            [(cell if ahead == cell else ahead, ahead != cell) for ahead in row]
            for cell, row in enumerate(tables.map.front.reshape(-1, 4)[:, self.ORDER].tolist())
        ]
        flags = [
            np.array([bits >> 3 & 1, bits >> 2 & 1, bits >> 1 & 1, bits & 1], dtype).tobytes() for bits in range(16)
        ]

        def view(world: IntegerWorld) -> list[bytes]:
            cells = world.cells
            seen = []
            for cell in world.agent_cell:
                bits = 0
                for ahead, is_inside in neighbours[cell]:
                    bits = bits * 2 + (is_inside and passable[cells[ahead]])
                seen.append(flags[bits])
            return seen

        return view


@dataclasses.dataclass(frozen=True)
class Inventory(Feature):
    """The item in hand: its type id plus 1, 0 for an empty hand."""

    def __call__(self, state: EnvState) -> Integer[Array, "*B A 1"]:
        return lookup_rows(self._rows(state.tables), state.agent_value)

    def bounds(self, tables: Tables) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
        return np.zeros(1, dtype=np.int64), np.array([len(tables.declared.type_names)])

    def channels(self, tables: Tables) -> tuple[str, ...]:
        return ("held",)

    def integer_view(self, tables: Tables, dtype: np.dtype[Any]) -> IntegerView:
        rows = _row_bytes(self._rows(tables), dtype)
        return lambda world: [rows[value] for value in world.agent_value]

    def _rows(self, tables: Tables) -> Integer[np.ndarray, "U 1"]:
        return _cast((tables.declared.item_type + 1)[:, None], self, tables)


agent_position: AgentPosition = AgentPosition()
agent_dir: AgentDir = AgentDir()
full_map_encoding: FullMapEncoding = FullMapEncoding()
can_move_direction: CanMoveDirection = CanMoveDirection()
inventory: Inventory = Inventory()

CLASSIC_FEATURES = ("agent_position", "agent_dir", "full_map_encoding", "can_move_direction", "inventory")
"""The default observation of the classic environments, in order."""

register_feature("agent_position", agent_position)
register_feature("agent_dir", agent_dir)
register_feature("full_map_encoding", full_map_encoding)
register_feature("can_move_direction", can_move_direction)
register_feature("inventory", inventory)


def build_feature_fn(names: Sequence[str | Feature], *, max_map_size: tuple[int, int] = (12, 12)) -> Observation:
    """Compose features into one observation.

    Args:
      names: registered names, or features, in the order of the observation.
      max_map_size: (rows, columns) of the padded map of `full_map_encoding`.
    Returns:
      A function `state -> [*B, A, F]`, several features flattened and joined; `[*B, A, *shape]` for a single one.
    Raises:
      ConfigError: for an unknown name, or no name at all.
    """
    return Observation.of(names, max_map_size=max_map_size)


def get_all_agent_obs(feature_fn: Observation, state: EnvState, n_agents: int) -> Shaped[Array, "..."]:
    """Make the observations of all agents.

    Args:
      feature_fn: what `build_feature_fn` returned, or any feature.
      state: any state, batched or not.
      n_agents: how many agents the state has.
    Returns:
      `[*B, A, ...]`.
    Raises:
      ConfigError: when the state has another number of agents.
    """
    if n_agents != state.n_agents:
        raise ConfigError(f"The state has {state.n_agents} agents, not {n_agents}.")
    return feature_fn(state)


build_feature_fn_jax = build_feature_fn
get_all_agent_obs_jax = get_all_agent_obs
