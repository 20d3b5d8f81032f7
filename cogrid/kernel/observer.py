"""Observations of a batch of NumPy states, made by compiled code, and on arrays where only array functions show it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import Bool, Int32, Shaped, UInt, UInt8

from cogrid.backend.env_state import EnvState
from cogrid.feature_space.array_view import show
from cogrid.feature_space.blocks import ArrayBlock
from cogrid.game import Game
from cogrid.kernel.compiled import make_ready
from cogrid.kernel.memory import ReusedMemory
from cogrid.kernel.view_tables import AGENT, HEADER, KIND, LISTED_AGENTS, LISTED_CELLS, MAP, RECORD, WINDOW, pack_view
from cogrid.kernel.views import show_agents, show_lists, show_maps, show_windows

KERNELS = {
    AGENT: show_agents,
    MAP: show_maps,
    WINDOW: show_windows,
    LISTED_CELLS: show_lists,
    LISTED_AGENTS: show_lists,
}
"""What shows each kind of block."""

CHUNK_BYTES = 2**20
"""So many bytes of observations are made block by block: they stay in the cache until they are complete."""


class KernelObserver:
    """Observes a whole batch of NumPy states, over and over; equal to the game's observation bit for bit.

    Every call writes the whole observation: an array that was returned may be written into, and with `copy` it is never
    touched again while anybody has it.
    """

    def __init__(self, game: Game, num_envs: int, copy: bool) -> None:
        """Make room, and compile what is needed.

        Args:
          game: whose observation.
          num_envs: how many environments, B.
          copy: whether each call returns an array of its own; if not, all return the same one.
        """
        observation, tables = game.observation, game.tables
        self._shape = (num_envs, tables.n_agents, *observation.bounds(tables)[0].shape)
        self._dtype = observation.dtype(tables)
        blocks = observation.blocks(tables)
        packed = pack_view(blocks, tables, self._dtype)
        self._view, self._rows = packed.numbers, packed.rows
        places = [HEADER + idx * RECORD for idx in range(len(blocks))]
        self._kernels = [(KERNELS[kind], at) for at in places if (kind := int(self._view[at + KIND])) in KERNELS]
        stops = np.cumsum([math.prod(block.shape) for block in blocks]).tolist()
        parts = [slice(start, stop) for start, stop in zip([0, *stops], stops, strict=False)]
        self._functions = [(b, part) for b, part in zip(blocks, parts, strict=True) if isinstance(b, ArrayBlock)]
        bytes_of_world = max(1, math.prod(self._shape[1:]) * self._dtype.itemsize)
        self._chunk = max(1, CHUNK_BYTES // bytes_of_world) if len(self._kernels) > 1 else num_envs
        self._memory = ReusedMemory(self._shape, self._dtype)
        self._array = None if copy else np.zeros(self._shape, self._dtype)
        self._compile(tables.rules.cell_dtype)

    def __call__(self, state: EnvState) -> Shaped[np.ndarray, "..."]:
        """What each agent observes: `[B, A, ...]`."""
        out = self.begin()
        self.write(*flat_state(state), 0, len(out), out)
        return self.finish(state, out)

    def begin(self) -> Shaped[np.ndarray, "..."]:
        """An array for the next observations, filled with anything."""
        return self._memory.take() if self._array is None else self._array

    def write(
        self,
        cells: UInt[np.ndarray, "BN"],
        numbers: Int32[np.ndarray, "BK"],
        first: int,
        last: int,
        out: Shaped[np.ndarray, "..."],
    ) -> None:
        """Write what blocks of data show of some worlds. May be called for other worlds at the same time.

        Args:
          cells, numbers: the two arrays of a batched state, each flat and contiguous.
          first, last: which worlds.
          out: what `begin` gave.
        """
        out_bytes = _as_bytes(out)
        for start in range(first, last, self._chunk):
            stop = min(start + self._chunk, last)
            for kernel, at in self._kernels:
                kernel(self._view, at, self._rows, start, stop, cells, numbers, out_bytes)

    def finish(self, state: EnvState, out: Shaped[np.ndarray, "..."]) -> Shaped[np.ndarray, "..."]:
        """Add what only array functions show; the same array."""
        seen = out.reshape(*self._shape[:2], -1)
        for block, part in self._functions:
            seen[..., part] = show([block], state, self._dtype).reshape(*self._shape[:2], -1)
        return out

    def replace(
        self, obs: Shaped[np.ndarray, "..."], state: EnvState, mask: Bool[np.ndarray, "B"]
    ) -> Shaped[np.ndarray, "..."]:
        """A copy of observations in which some worlds are observed anew.

        Args:
          obs: the observations of all.
          state: the states of all.
          mask: `[B]` bool, which worlds.
        """
        changed = obs.copy()
        if self._functions:  # They take whole batches.
            changed[mask] = self(state)[mask] if self._array is None else _observed_anew(self, state)[mask]
            return changed
        cells, numbers = flat_state(state)
        for world in np.flatnonzero(mask).tolist():
            self.write(cells, numbers, world, world + 1, changed)
        return changed

    def _compile(self, cell_dtype: Any) -> None:
        cells, numbers = np.zeros(1, dtype=cell_dtype), np.zeros(1, dtype=np.int32)
        for kernel, at in self._kernels:
            make_ready(kernel, self._view, at, self._rows, 0, 0, cells, numbers, np.zeros(1, dtype=np.uint8))


def flat_state(state: EnvState) -> tuple[UInt[np.ndarray, "BN"], Int32[np.ndarray, "BK"]]:
    """The two arrays of a batched NumPy state, each flat and contiguous."""
    return np.ascontiguousarray(state.cells).reshape(-1), np.ascontiguousarray(state.numbers).reshape(-1)


def _observed_anew(observer: KernelObserver, state: EnvState) -> Shaped[np.ndarray, "..."]:
    """Observations in an array of its own, whatever the observer returns else."""
    out = np.empty(observer._shape, observer._dtype)
    observer.write(*flat_state(state), 0, len(out), out)
    return observer.finish(state, out)


def _as_bytes(array: Shaped[np.ndarray, "..."]) -> UInt8[np.ndarray, "Y"]:
    return array.reshape(-1).view(np.uint8)
