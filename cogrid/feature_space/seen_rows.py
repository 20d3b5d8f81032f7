"""What all agents see of a grid, when every cell is shown by a row of one table: the fast way for each backend.

All viewers see the same rows but one each, that of its own cell. What a batch of them costs is decided by how these
bytes are moved; `docs/measurements.md` says what was tried.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Int, Shaped, UInt8

from cogrid.backend.array_ops import lookup_rows, put_all
from cogrid.backend.namespaces import Array, is_numpy, namespace
from cogrid.backend.xla import bytes_of_words, compute_first, compute_once, on_cpu, single_or_batched

MAX_SHARED_BYTES = 2**25
"""Up to so many bytes are looked up once for all viewers, before each gets its copy. The allocator takes a larger block
from the system each time, empty, and to fill such a block for the first time costs more than all the rest."""


def rows_seen(
    table: Shaped[np.ndarray, "R C"],
    numbers: Int[Array, "*B N"],
    agent_cell: Int[Array, "*B A"],
    own: Int[Array, "*B A"],
) -> Shaped[Array, "*B A N C"]:
    """For each viewer the row of every cell, its own cell's row being another than the one that the others see.

    Args:
      table: `[R, C]`, any dtype, the looks that a cell can have.
      numbers: `[*B, N]` int32, which row shows each cell, agents in their cells as others see them.
      agent_cell: `[*B, A]` int32, the cell that each viewer stands in.
      own: `[*B, A]` int32, the row of that cell as the viewer itself sees it.
    Returns:
      `[*B, A, N, C]`, the table's dtype.
    """
    if is_numpy(numbers):
        return _look_up_all(table, numbers, agent_cell, own)

    def one(numbers: Array, agent_cell: Array, own: Array) -> Array:
        return _look_up_all(table, numbers, agent_cell, own)

    def many(numbers: Array, agent_cell: Array, own: Array) -> Array:
        return _look_up_batch(table, numbers, agent_cell, own)

    if numbers.ndim == 1:
        return single_or_batched(one, many)(numbers, agent_cell, own)
    batch = numbers.shape[:-1]
    seen = many(*(values.reshape(-1, values.shape[-1]) for values in (numbers, agent_cell, own)))
    return seen.reshape(*batch, *seen.shape[1:])


def _look_up_all(
    table: Shaped[np.ndarray, "R C"],
    numbers: Int[Array, "*B N"],
    agent_cell: Int[Array, "*B A"],
    own: Int[Array, "*B A"],
) -> Shaped[Array, "*B A N C"]:
    """`rows_seen` by one look-up of every row of every viewer: nothing but the result is stored."""
    by_viewer = namespace(numbers).broadcast_to(numbers[..., None, :], (*own.shape, numbers.shape[-1]))
    by_viewer = put_all(by_viewer, agent_cell[..., None], own[..., None])
    return lookup_rows(table, compute_once(by_viewer, len(table)))


def _look_up_batch(
    table: Shaped[np.ndarray, "R C"], numbers: Int[Array, "B N"], agent_cell: Int[Array, "B A"], own: Int[Array, "B A"]
) -> Shaped[Array, "B A N C"]:
    """`rows_seen` for a batch under JAX."""
    words = _as_words(table)
    n_bytes = math.prod(numbers.shape) * table.shape[1]
    if words is None or n_bytes > MAX_SHARED_BYTES:
        return _look_up_all(table, numbers, agent_cell, own)

    def elsewhere(*arrays: Array) -> Array:
        return _look_up_all(table, *arrays)

    def shared(numbers: Array, agent_cell: Array, own: Array) -> Array:
        return _share_words(words, numbers, agent_cell, own)[..., : table.shape[1]]

    return on_cpu(shared, elsewhere)(numbers, agent_cell, own)


def _share_words(
    words: Shaped[np.ndarray, "R K"], numbers: Int[Array, "B N"], agent_cell: Int[Array, "B A"], own: Int[Array, "B A"]
) -> UInt8[Array, "B A N C"]:
    """Look the rows that all viewers share up once, as words; then make bytes of them for each viewer.

    XLA places bytes one by one: a row of 24 bytes takes 2.6 ns, of 6 words 1.0 ns. Turning words into bytes is a copy,
    if the words are there already. So the row numbers are made first (else XLA makes them in the loop over all words),
    then the words, then the bytes.
    """
    xp = namespace(numbers)
    numbers, own = compute_first((numbers, own), agent_cell)
    shared, mine = lookup_rows(words, numbers), lookup_rows(words, own)
    is_mine = xp.arange(numbers.shape[-1], dtype=np.int32)[None, None] == agent_cell[..., None]
    return bytes_of_words(xp.where(is_mine[..., None], mine[..., None, :], shared[..., None, :, :]))


def _as_words(table: Shaped[np.ndarray, "R C"]) -> Shaped[np.ndarray, "R K"] | None:
    """A table of bytes as one of 32-bit words, its rows filled up with zeros; None for a table of something else."""
    if table.dtype != np.uint8:
        return None
    fill = -table.shape[1] % 4
    return np.ascontiguousarray(np.pad(table, ((0, 0), (0, fill)))).view(np.uint32)
