"""`LocalView`: partial observation, the part of the grid around each agent."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from jaxtyping import Int, Integer, Shaped

from cogrid.backend.array_ops import gather, lookup_rows
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import DIRECTION_NAMES
from cogrid.core.plain_state import read_state
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError
from cogrid.feature_space import object_planes, symbolic  # noqa: F401 - registers the names that a view may be of
from cogrid.feature_space.blocks import Bounds, CellBlock
from cogrid.feature_space.feature import (
    Feature,
    TableFeature,
    blocks_of,
    get_feature,
    of_agent,
    register_feature,
    smallest_dtype,
    turned_channels,
)

OUTSIDE = "outside"
"""The channel that tells cells off the grid from free floor."""

UP = DIRECTION_NAMES.index("up")


@dataclasses.dataclass(frozen=True)
class LocalView(TableFeature):
    """What is around each agent, `[2 * radius + 1, 2 * radius + 1, C + 1]`, the agent itself in the middle.

    Shows any feature of shape `[H, W, C]`, row by row even where one that is data is column by column.
    In one more channel, `outside`, it has 1 for a cell off the grid, where all others are 0. Nothing is hidden behind
    anything.

    Attributes:
      radius: how far the agent sees in each direction, in cells; at least 1.
      of: the feature to show, by name or as it is.
      rotate: whether the view turns with the agent, so that what is ahead of it is always above the middle. Channels
        of directions turn too (see `TableFeature.turned_rows`): the agent's own is always up.
    """

    radius: int = 2
    of: str | Feature = "object_planes"
    rotate: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.radius, bool) or not isinstance(self.radius, int) or self.radius < 1:
            raise ConfigError(f"The radius of a view is an integer of at least 1, not {self.radius!r}.")
        shown = get_feature(self.of) if isinstance(self.of, str) else self.of
        if not isinstance(shown, Feature):
            raise ConfigError(f"A view is of a registered feature or a Feature, not of {self.of!r}.")
        object.__setattr__(self, "of", shown)

    @property
    def shown(self) -> Feature:
        """The feature that the view is of."""
        return cast(Feature, self.of)

    @property
    def is_data(self) -> bool:
        """Whether the feature that it shows is data."""
        return self.shown.is_data

    def blocks(self, tables: Tables) -> tuple[CellBlock]:
        """The feature's rows with the channel `outside`, and one row for what is off the grid.

        If the view turns, all of that once for each direction of the viewer.

        Raises:
          ConfigError: for a feature that does not have a place for each cell.
        """
        low, high = self.bounds(tables)
        feature, shown = cast(TableFeature, self.shown), cast(CellBlock, blocks_of(self.shown, tables)[0])
        turns = feature.turned_rows(tables, shown.rows) if self.rotate else shown.rows[None]
        n_turns, n_rows, n_channels = turns.shape
        rows = np.zeros((n_turns, n_rows + 1, n_channels + 1), dtype=np.int64)
        rows[:, :n_rows, :n_channels] = turns
        rows[:, n_rows, n_channels] = 1
        block = dataclasses.replace(
            shown,
            rows=rows.reshape(-1, n_channels + 1),
            shape=low.shape,
            shown=view_windows(tables.height, tables.width, self.radius, self.rotate),
            blank=n_rows,
            turn_stride=n_rows + 1 if self.rotate else 0,
            low=low[0, 0],
            high=high[0, 0],
        )
        return (block,)

    def __call__(
        self, state: EnvState | Mapping[str, Any], agent_idx: int | Integer[Array, ""] | None = None
    ) -> Shaped[Array, "..."]:
        """What is around each agent, or around one agent."""
        if self.is_data:
            return super().__call__(state, agent_idx)
        whole = read_state(state)
        seen = self._crop(whole)
        return seen if agent_idx is None else of_agent(seen, whole, agent_idx)

    def bounds(self, tables: Tables) -> Bounds:
        """The feature's bounds at every cell of the view, and 0, which stands for what is off the grid."""
        low, high = self.shown.bounds(tables)
        if not self._can_show(tables, low.shape):
            raise ConfigError(
                f"A view is of a feature with a place for each cell, ({tables.height}, {tables.width}, C), and "
                f"{self.shown!r} has the shape {low.shape}."
            )
        order = turned_channels(self.shown.channels(tables)) if self.rotate else np.arange(low.shape[-1])[None]
        least = np.minimum(low.min(axis=(0, 1))[order].min(axis=0), 0)
        greatest = np.maximum(high.max(axis=(0, 1))[order].max(axis=0), 0)
        shape = (2 * self.radius + 1, 2 * self.radius + 1, low.shape[-1] + 1)
        return np.broadcast_to(np.append(least, 0), shape).copy(), np.broadcast_to(np.append(greatest, 1), shape).copy()

    def _can_show(self, tables: Tables, shape: tuple[int, ...]) -> bool:
        """Whether the feature has a place for each cell: row by row, or of any order if it is data."""
        if not self.is_data:
            return len(shape) == 3 and shape[:2] == (tables.height, tables.width)
        block = blocks_of(self.shown, tables)[0]
        return len(shape) == 3 and isinstance(block, CellBlock) and not block.is_window

    def check(self, state: EnvState) -> None:
        """Check the feature that the view is of."""
        self.shown.check(state)

    def channels(self, tables: Tables) -> tuple[str, ...]:
        """The feature's channels, and `outside`."""
        return (*self.shown.channels(tables), OUTSIDE)

    def window(self, state: EnvState) -> Int[Array, "*B A S2"]:
        """The cells around each agent.

        Args:
          state: any state, batched or not.
        Returns:
          `[*B, A, S2]` int32, flat cells, row by row of the view; the number of cells for those off the grid.
        """
        tables = state.tables
        windows = view_windows(tables.height, tables.width, self.radius, self.rotate)
        is_by_pose = len(windows) > tables.n_cells
        return lookup_rows(windows, state.agent_cell * 4 + state.agent_dir if is_by_pose else state.agent_cell)

    def _crop(self, state: EnvState) -> Shaped[Array, "*B A S S C"]:
        """The view of any feature: its numbers at the view's cells."""
        tables = state.tables
        xp = namespace(state.cells)
        whole = self.shown(state).astype(smallest_dtype(*self.bounds(tables)))
        n_channels = whole.shape[-1]
        flat = whole.reshape(*whole.shape[:-3], -1)
        flat = xp.concat([flat, xp.zeros((*flat.shape[:-1], n_channels), dtype=flat.dtype)], axis=-1)
        window = self.window(state)
        order = turned_channels(self.shown.channels(tables)) if self.rotate else np.arange(n_channels)[None]
        channel = lookup_rows(order.astype(np.int32), state.agent_dir if self.rotate else state.agent_dir * 0)
        places = window[..., :, None] * n_channels + channel[..., None, :]
        seen = gather(flat, places.reshape(*places.shape[:-2], -1)).reshape(places.shape)
        is_outside = (window == tables.n_cells)[..., None].astype(seen.dtype)
        seen = xp.concat([seen, is_outside], axis=-1)
        size = 2 * self.radius + 1
        return seen.reshape(*seen.shape[:-2], size, size, seen.shape[-1])


@functools.lru_cache(maxsize=256)
def view_windows(height: int, width: int, radius: int, rotate: bool) -> Int[np.ndarray, "P S2"]:
    """The cells that are seen from each cell, or from each cell in each direction.

    Args:
      height, width: the grid's sizes.
      radius: how far one sees.
      rotate: whether what is ahead is above the middle; else up is.
    Returns:
      `[P, S2]` int32, for each cell (and direction, if the view turns), flat cells, row by row of the view; N for those
      off the grid.
    """
    size, n_cells = 2 * radius + 1, height * width
    padded = np.full((height + 2 * radius, width + 2 * radius), n_cells, dtype=np.int32)
    padded[radius : radius + height, radius : radius + width] = np.arange(n_cells).reshape(height, width)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size)).reshape(n_cells, -1)
    if not rotate and n_cells > 1:  # A single row would mean that all viewers see the same cells.
        return windows
    places = np.arange(size * size).reshape(size, size)
    turned = [np.rot90(places, direction - UP if rotate else 0).reshape(-1) for direction in range(4)]
    return np.concatenate([windows[:, order] for order in turned], axis=1).reshape(n_cells * 4, -1)


def local_view(radius: int = 2, of: str | Feature = "object_planes", rotate: bool = False) -> LocalView:
    """A view of the cells around each agent, for the setting `features`.

    Args:
      radius: how far the agent sees in each direction, in cells.
      of: the feature to show, by name or as it is.
      rotate: whether the view turns with the agent.
    Raises:
      ConfigError: for a radius below 1, or an unknown feature.
    """
    return LocalView(radius, of, rotate)


for _radius in (1, 2, 3):
    register_feature(f"local_view_{_radius}", LocalView(_radius))
    register_feature(f"ego_view_{_radius}", LocalView(_radius, rotate=True))
