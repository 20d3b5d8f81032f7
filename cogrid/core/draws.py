"""What is drawn at random, each use from counters of its own.

A word is a pure function of the episode's key, a purpose, the time and a number, so the key in the state never changes,
no draw disturbs another, and a draw that nobody looks at need not be made. The same words on plain integers are in
`cogrid.integer.draws`; tests check that both give the same results.
"""

from __future__ import annotations

import enum

import numpy as np
from jaxtyping import Int, UInt

from cogrid.backend.array_ops import MAX_UNROLLED, sum_of
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.threefry import threefry2x32


class Purpose(enum.IntEnum):
    """What a word is drawn for; the upper byte of its counter."""

    START_CELL = 1
    START_DIRECTION = 2
    MOVE_ORDER = 3
    WORLD_VALUE = 4
    NEXT_EPISODE = 5
    STEP_HOOK = 6
    SPLIT = 7
    POLICY = 8
    LAYOUT = 9
    GENERATOR = 10
    START_HOOK = 11
    TICK = 12
    AGENT_TICK = 13
    ENTER = 14
    STAND = 15
    INTERACT = 16
    ROAM = 17
    DRAW = 18


PURPOSE_SHIFT = 24
"""Where the purpose begins in the first word of a counter; below it the number of the block."""


def words(key: UInt[Array, "*B 2"], purpose: Purpose, time: Int[Array, "*B"], n: int) -> UInt[Array, "*B n"]:
    """Draw n words for one purpose at one time.

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      purpose: what for.
      time: `[*B]` int32, the step.
      n: how many; two words cost one threefry block.
    Returns:
      `[*B, n]` uint32.
    """
    return _word_pairs(key, purpose, time, np.arange((n + 1) // 2))[..., :n]


def word_pair(
    key: UInt[Array, "*B 2"], purpose: Purpose, time: Int[Array, "*B"], block: int | Int[Array, ""]
) -> tuple[UInt[Array, "*B"], UInt[Array, "*B"]]:
    """The two words of one block of one purpose at one time: words 2 * block and 2 * block + 1.

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      purpose: what for.
      time: `[*B]` int32, the step.
      block: which block; inside `loop` a traced one.
    """
    xp = namespace(key)
    counter = xp.asarray(block).astype(np.uint32).reshape(1) + np.uint32(purpose << PURPOSE_SHIFT)
    x0, x1 = threefry2x32(key[..., 0:1], key[..., 1:2], counter, time[..., None].astype(np.uint32))
    return x0[..., 0], x1[..., 0]


def words_at(
    key: UInt[Array, "*B 2"], purpose: Purpose, time: Int[Array, "*B"], numbers: Int[np.ndarray, "D"]
) -> UInt[Array, "*B D"]:
    """Draw some of the words of one purpose at one time.

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      purpose: what for.
      time: `[*B]` int32, the step.
      numbers: `[D]` integer, which of `words`, in any order.
    Returns:
      `[*B, D]` uint32.
    """
    blocks = np.unique(numbers // 2)
    drawn = _word_pairs(key, purpose, time, blocks)
    place: Int[np.ndarray, "D"] = np.searchsorted(blocks, numbers // 2) * 2 + numbers % 2
    return drawn if place.tolist() == list(range(drawn.shape[-1])) else drawn[..., place]


def _word_pairs(
    key: UInt[Array, "*B 2"], purpose: Purpose, time: Int[Array, "*B"], blocks: Int[np.ndarray, "D"]
) -> UInt[Array, "*B D2"]:
    """The two words of each of some blocks."""
    xp = namespace(key)
    counter = blocks.astype(np.uint32) + np.uint32(purpose << PURPOSE_SHIFT)
    counter = counter.reshape(*[1] * time.ndim, len(blocks))
    steps = time[..., None].astype(np.uint32)
    x0, x1 = threefry2x32(key[..., 0:1], key[..., 1:2], xp.asarray(counter), steps)
    pairs = xp.stack([x0, x1], axis=-1)
    return pairs.reshape(*pairs.shape[:-2], 2 * len(blocks))


def derived_key(key: UInt[Array, "*B 2"], purpose: Purpose, time: Int[Array, "*B"]) -> UInt[Array, "*B 2"]:
    """A new key for one purpose at one time.

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      purpose: what for.
      time: `[*B]` int32, the step.
    Returns:
      `[*B, 2]` uint32.
    """
    return words(key, purpose, time, 2)


def split_key(key: UInt[Array, "2"], n: int) -> UInt[Array, "n 2"]:
    """Many keys from one; key i does not depend on how many there are.

    Args:
      key: `[2]` uint32.
      n: how many.
    Returns:
      `[n, 2]` uint32.
    """
    xp = namespace(key)
    numbers = xp.arange(n, dtype=np.int32)
    return derived_key(xp.broadcast_to(key, (n, 2)), Purpose.SPLIT, numbers)


def move_ranks(key: UInt[Array, "*B 2"], time: Int[Array, "*B"], n_agents: int) -> Int[Array, "*B A"]:
    """Draw the order in which a step's moves are settled.

    Each agent draws a 32-bit score and the lowest goes first; the agent's index breaks a tie (one in 2**32).

    Args:
      key: `[*B, 2]` uint32, the episode's key.
      time: `[*B]` int32, the step.
      n_agents: how many ranks.
    Returns:
      `[*B, A]` int32, a permutation of 0..A-1.
    """
    xp = namespace(key)
    scores = words(key, Purpose.MOVE_ORDER, time, n_agents)
    if n_agents > MAX_UNROLLED:
        mine, other = scores[..., :, None], scores[..., None, :]
        is_lower = xp.broadcast_to(np.tri(n_agents, k=-1, dtype=np.bool_), (*time.shape, n_agents, n_agents))
        return sum_of(((other < mine) | ((other == mine) & is_lower)).astype(np.int32))
    ranks = [xp.zeros(time.shape, dtype=np.int32) for _ in range(n_agents)]
    for second in range(n_agents):
        for first in range(second):
            goes_before = (scores[..., first] <= scores[..., second]).astype(np.int32)
            ranks[second] = ranks[second] + goes_before
            ranks[first] = ranks[first] + (1 - goes_before)
    return xp.stack(ranks, axis=-1)
