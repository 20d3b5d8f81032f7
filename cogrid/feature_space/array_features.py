"""The features of the classic observation: 443 numbers per agent, of small integers.

`CLASSIC_FEATURES` in this order: own position (2), direction (4), a map of 12 x 12 x 3, free neighbours (4), item in
hand (1).

Source: the functional path of CoGrid's revision of February 2026 (before 0.1.0). Differs: type ids are numbered by the
rule set, an agent's codes on the map are never an object's, and the map shows each object's state as it is now.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Shaped

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.plain_state import read_state
from cogrid.core.rule_tables import RuleTables
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space.blocks import AgentBlock, CellBlock, Relation, cell_positions
from cogrid.feature_space.feature import Feature, TableFeature, register_feature
from cogrid.feature_space.observation import Observation


@dataclasses.dataclass(frozen=True)
class AgentPosition(TableFeature):
    """Own row and column."""

    def blocks(self, tables: Tables) -> tuple[AgentBlock]:
        """A row for each cell."""
        return (AgentBlock(rows=cell_positions(tables), strides={"cell": 1}),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the two numbers."""
        return ("row", "column")


@dataclasses.dataclass(frozen=True)
class AgentDir(TableFeature):
    """Own direction, one number of four set: right, down, left, up."""

    def blocks(self, tables: Tables) -> tuple[AgentBlock]:
        """A row for each direction."""
        return (AgentBlock(rows=np.eye(4, dtype=np.int64), strides={"direction": 1}),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the four numbers."""
        return tuple(f"facing_{name}" for name in DIRECTION_NAMES)


@dataclasses.dataclass(frozen=True)
class FullMapEncoding(TableFeature):
    """The whole map, three numbers a cell, padded with zeros; the same for all agents.

    At a cell without an agent: type id, 0, object state. At an agent's cell: the number of types plus its direction,
    0, the type id of the item in hand or 0.

    Attributes:
      max_map_size: (rows, columns) of the padded map.
    """

    max_map_size: tuple[int, int] = (12, 12)

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """A row for each cell value, for each agent value and direction, and zeros around the map.

        Raises:
          ConfigError: for a larger layout.
        """
        rows, columns = self.max_map_size
        if tables.height > rows or tables.width > columns:
            raise ConfigError(
                f"full_map_encoding shows maps up to {rows} x {columns}, and this layout is "
                f"{tables.height} x {tables.width}: set max_map_size="
                f"({max(rows, tables.height)}, {max(columns, tables.width)}), or choose other features."
            )
        declared, n_values = tables.declared, tables.rules.n_cell_values
        n_types = len(declared.type_names)
        cells = [declared.object_type, np.zeros_like(declared.object_type), declared.object_state]
        code = n_types + np.tile(np.arange(4), tables.rules.n_agent_values)
        agents = [code, np.zeros_like(code), np.repeat(np.maximum(declared.item_type, 0), 4)]
        looks = np.concatenate([np.stack(cells, axis=-1), np.stack(agents, axis=-1), np.zeros((1, 3), dtype=np.int64)])
        shown = np.full((rows, columns), tables.n_cells, dtype=np.int32)
        shown[: tables.height, : tables.width] = np.arange(tables.n_cells).reshape(tables.height, tables.width)
        block = CellBlock(
            rows=looks,
            shape=(rows * columns * 3,),
            shown=shown.reshape(1, -1),
            blank=len(looks) - 1,
            first_occupied=np.full(n_values, n_values, dtype=np.int32),
            by_value=4,
            by_direction=1,
            low=np.array([0, 0, min(0, int(declared.object_state.min()))]),
            high=np.array([n_types + 3, 0, max(n_types - 1, int(declared.object_state.max()))]),
        )
        return (block,)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the numbers, cell by cell."""
        rows, columns = self.max_map_size
        return tuple(
            f"map[{row},{column}].{name}"
            for row in range(rows)
            for column in range(columns)
            for name in ("type", "zero", "state")
        )


@dataclasses.dataclass(frozen=True)
class CanMoveDirection(TableFeature):
    """Whether the neighbouring cell can be moved into, other agents aside: right, left, down, up."""

    ORDER = (0, 2, 1, 3)
    """Directions in the order that the four numbers come in."""

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """Of each cell value whether the viewer can move into it, for the four cells around each cell."""
        ahead = tables.map.front.reshape(-1, 4)[:, self.ORDER]
        is_outside = ahead == np.arange(tables.n_cells)[:, None]
        rules = tables.rules
        rows = np.append(rules.passable, False)
        if rules.passable_by is not None:  # Rows for cells that are closed to the viewer, then for those that are open.
            rows = np.repeat([False, True], len(rows))
        block = CellBlock(
            rows=rows[:, None].astype(np.int64),
            shape=(4,),
            shown=np.where(is_outside, tables.n_cells, ahead).astype(np.int32),
            blank=tables.rules.n_cell_values,
            low=np.zeros(1, dtype=np.int64),
            high=np.ones(1, dtype=np.int64),
            relation=None if rules.passable_by is None else _to_viewer(rules, rules.passable_by),
        )
        return (block,)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Names of the four numbers."""
        return tuple(f"can_move_{DIRECTION_NAMES[direction]}" for direction in self.ORDER)


def _to_viewer(rules: RuleTables, passable_by: Bool[np.ndarray, "P"]) -> Relation:
    """Whether each cell value is open to a viewer of each value."""
    is_open = passable_by.reshape(1, rules.n_agent_values, rules.n_cell_values)
    numbers = np.repeat(is_open, rules.n_world_values, axis=0).astype(np.int64)
    return Relation(stride=rules.n_cell_values + 1, numbers=numbers)


@dataclasses.dataclass(frozen=True)
class Inventory(TableFeature):
    """The item in hand: its type id plus 1, 0 for an empty hand."""

    def blocks(self, tables: Tables) -> tuple[AgentBlock]:
        """A row for each agent value."""
        rows = (tables.declared.item_type + 1)[:, None]
        high = np.array([len(tables.declared.type_names)])
        return (AgentBlock(rows=rows, strides={"value": 1}, low=np.zeros_like(high), high=high),)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """Name of the number."""
        return ("held",)


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


def get_all_agent_obs(
    feature_fn: Callable[..., Shaped[Array, "..."]], state: EnvState | Mapping[str, Any], n_agents: int
) -> Shaped[Array, "..."]:
    """Make the observations of all agents.

    Args:
      feature_fn: what `build_feature_fn` returned, or any feature.
      state: any state, batched or not; or a plain dict of one's arrays (`envstate_to_dict`).
      n_agents: how many agents the state has.
    Returns:
      `[*B, A, ...]`.
    Raises:
      ConfigError: when the state has another number of agents.
    """
    whole = read_state(state)
    if n_agents != whole.n_agents:
        raise ConfigError(f"The state has {whole.n_agents} agents, not {n_agents}.")
    return feature_fn(whole)


build_feature_fn_jax = build_feature_fn
get_all_agent_obs_jax = get_all_agent_obs
agent_position_feature_jax = agent_position
agent_dir_feature_jax = agent_dir
full_map_encoding_feature_jax = full_map_encoding
can_move_direction_feature_jax = can_move_direction
inventory_feature_jax = inventory
