"""A world as an image: a tile for each cell, drawn large, made small, and kept."""

from __future__ import annotations

import functools
import weakref

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from cogrid.backend.env_state import EnvState
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, StateError
from cogrid.rendering.canvas import ImageCanvas
from cogrid.rendering.looks import Looks

OVERSAMPLING = 4
"""A tile is drawn this many times larger than it is shown, so that edges come out smooth."""

MAX_TILES = 4096
"""Tiles that are kept per world and size."""


def render_rgb(state: EnvState, tile_size: int = 32) -> UInt8[np.ndarray, "height width 3"]:
    """Draw a world.

    Objects and items are drawn by the pictures of the rule set (`Rules.pictures`: a class or an item to a function
    `(tile, thing)` that draws on a `Tile`); what has no picture is drawn in its color, with its symbol.

    Args:
      state: one state, not a batch.
      tile_size: edge of a cell in pixels.
    Returns:
      `[H * tile_size, W * tile_size, 3]` uint8, a new array at each call.
    Raises:
      ConfigError: when tile_size is not an integer of at least 1.
      StateError: for a batch of states.
    """
    if isinstance(tile_size, bool) or not isinstance(tile_size, (int, np.integer)) or tile_size < 1:
        raise ConfigError(f"tile_size is a number of pixels, at least 1, not {tile_size!r}.")
    if np.ndim(state.time) != 0:
        raise StateError(f"A batch of {np.shape(state.time)} states cannot be drawn: take one of them first.")
    artist = _artist(state.tables, int(tile_size))
    cells = np.asarray(state.cells).tolist()
    world = None if state.world_value is None else int(state.world_value)
    image = np.stack([artist.tile(value_id, None, world) for value_id in cells])
    places = np.asarray(state.agent_pos).tolist()
    looks = np.stack([np.asarray(state.agent_dir), np.asarray(state.agent_value)], axis=-1).tolist()
    for agent_idx, ((row, column), (direction, agent_id)) in enumerate(zip(places, looks, strict=True)):
        cell = row * state.width + column
        image[cell] = artist.tile(cells[cell], (agent_idx, direction, agent_id), world)
    grid = image.reshape(state.height, state.width, tile_size, tile_size, 3)
    return np.ascontiguousarray(grid.swapaxes(1, 2)).reshape(state.height * tile_size, state.width * tile_size, 3)


class _Artist:
    """Draws the tiles of a world at one size, each once."""

    def __init__(self, tables: Tables, tile_size: int) -> None:
        self._looks = Looks(tables)
        self._tile_size = tile_size
        self.tile = functools.lru_cache(maxsize=MAX_TILES)(self._draw)

    def _draw(
        self, value_id: int, look: tuple[int, int, int] | None = None, world_id: int | None = None
    ) -> UInt8[np.ndarray, "size size 3"]:
        """A cell, and the agent in it, given as index, direction and agent value id; under a world value."""
        edge = self._tile_size * OVERSAMPLING
        image = Image.new("RGB", (edge, edge))
        tile = self._looks.tile(ImageCanvas(image), edge, world_id)
        self._looks.draw_cell(tile, value_id)
        if look is not None:
            self._looks.draw_agent(tile, *look)
        pixels = np.asarray(image.reduce(OVERSAMPLING))
        pixels.flags.writeable = False
        return pixels


_ARTISTS: weakref.WeakKeyDictionary[Tables, dict[int, _Artist]] = weakref.WeakKeyDictionary()


def _artist(tables: Tables, tile_size: int) -> _Artist:
    by_size = _ARTISTS.setdefault(tables, {})
    if tile_size not in by_size:
        by_size[tile_size] = _Artist(tables, tile_size)
    return by_size[tile_size]
