"""What is drawn at random, on plain integers; equal to `cogrid.core.draws`, word for word.

Source of the generator: see `cogrid.backend.threefry`.
"""

from __future__ import annotations

import functools
import sys
from array import array
from collections.abc import Sequence

from cogrid.core.draws import PURPOSE_SHIFT, Purpose

MASK = 0xFFFFFFFF
"""Keeps an integer to 32 bits, as words of 32 bits wrap by themselves."""

PARITY = 0x1BD11BDA


def threefry(key0: int, key1: int, counter0: int, counter1: int) -> tuple[int, int]:
    """Turn a counter into two random words.

    Args:
      key0, key1: the key's two words, 0..2**32-1.
      counter0, counter1: the counter's two words, 0..2**32-1.
    Returns:
      Two words, 0..2**32-1.
    """
    return _mix(counter0, counter1, key0, key1, key0 ^ key1 ^ PARITY, 1, MASK)


def threefry_of_many(
    key0: int, key1: int, counters: Sequence[int], counter1: int
) -> tuple[Sequence[int], Sequence[int]]:
    """Turn several counters into two random words each: `threefry` for each of them, in the time of one or two.

    Each counter has 64 bits of one long integer to itself, in which sums and shifts of 32 bits have room. Python works
    on the whole of it at once.

    Args:
      key0, key1: the key's two words.
      counters: the counters' first words.
      counter1: their second word.
    Returns:
      The first words, and the second ones.
    """
    n = len(counters)
    ones, mask = _lanes(n)
    key2 = key0 ^ key1 ^ PARITY
    packed = int.from_bytes(array("Q", counters).tobytes(), sys.byteorder)
    both = _mix(packed, counter1 * ones, key0 * ones, key1 * ones, key2 * ones, ones, mask)
    first, second = (array("Q", words.to_bytes(8 * n, sys.byteorder)) for words in both)
    return first, second


@functools.lru_cache(maxsize=1024)
def _lanes(n: int) -> tuple[int, int]:
    """1 in each of n stretches of 64 bits, and the largest word of 32 bits in each."""
    ones = sum(1 << 64 * lane for lane in range(n))
    return ones, ones * MASK


def _mix(x0: int, x1: int, key0: int, key1: int, key2: int, one: int, mask: int) -> tuple[int, int]:
    """The twenty rounds of threefry2x32, on words that have 64 bits to themselves; written out, which is faster."""
    x0, x1 = (x0 + key0) & mask, (x1 + key1) & mask
    for number in range(5):
        if number % 2:
            x0 = (x0 + x1) & mask
            x1 = (x1 << 17 | x1 >> 15) & mask ^ x0
            x0 = (x0 + x1) & mask
            x1 = (x1 << 29 | x1 >> 3) & mask ^ x0
            x0 = (x0 + x1) & mask
            x1 = (x1 << 16 | x1 >> 16) & mask ^ x0
            x0 = (x0 + x1) & mask
            x1 = (x1 << 24 | x1 >> 8) & mask ^ x0
        else:
            x0 = (x0 + x1) & mask
            x1 = (x1 << 13 | x1 >> 19) & mask ^ x0
            x0 = (x0 + x1) & mask
            x1 = (x1 << 15 | x1 >> 17) & mask ^ x0
            x0 = (x0 + x1) & mask
            x1 = (x1 << 26 | x1 >> 6) & mask ^ x0
            x0 = (x0 + x1) & mask
            x1 = (x1 << 6 | x1 >> 26) & mask ^ x0
        key0, key1, key2 = key1, key2, key0
        x0, x1 = (x0 + key0) & mask, (x1 + key1 + one * (number + 1)) & mask
    return x0, x1


def draw_words(key0: int, key1: int, purpose: int, time: int, n: int) -> list[int]:
    """Draw n words for one purpose at one time; equal to `cogrid.core.draws.words`.

    Args:
      key0, key1: the episode's key.
      purpose: what for, a `Purpose`.
      time: the step.
      n: how many; two words cost one block.
    """
    first = purpose << PURPOSE_SHIFT
    if n <= 2:
        return list(threefry(key0, key1, first, time))[:n]
    drawn = [0] * (n + n % 2)
    drawn[::2], drawn[1::2] = threefry_of_many(key0, key1, range(first, first + (n + 1) // 2), time)
    return drawn[:n]


def draw_some_words(key: tuple[int, int], purpose: Purpose, time: int, numbers: Sequence[int]) -> list[int]:
    """Some of the words of a purpose at one time; equal to `cogrid.core.draws.words_at`.

    Args:
      key: the episode's key.
      purpose: what for.
      time: the step.
      numbers: which words.
    """
    if len(numbers) <= 1:
        return [draw_word(*key, purpose, time, number) for number in numbers]
    first = purpose << PURPOSE_SHIFT
    both = threefry_of_many(*key, [first + number // 2 for number in numbers], time)
    return [both[number % 2][place] for place, number in enumerate(numbers)]


def draw_word(key0: int, key1: int, purpose: int, time: int, number: int) -> int:
    """Draw one of the words of a purpose at one time: `draw_words(..., number + 1)[number]`."""
    return threefry(key0, key1, (purpose << PURPOSE_SHIFT) + number // 2, time)[number % 2]


def next_episode_key(key: tuple[int, int]) -> tuple[int, int]:
    """The key of the episode that follows when no seed is given."""
    word0, word1 = draw_words(*key, Purpose.NEXT_EPISODE, 0, 2)
    return word0, word1


def move_order(key0: int, key1: int, time: int, n_agents: int) -> list[int]:
    """The agents in the order of their `cogrid.core.draws.move_ranks`."""
    return sort_agents(draw_words(key0, key1, Purpose.MOVE_ORDER, time, n_agents))


def sort_agents(scores: Sequence[int]) -> list[int]:
    """The agents by their scores, the lowest first; the agent's index breaks a tie."""
    order = list(range(len(scores)))
    for end in range(1, len(scores)):
        agent_idx, place = order[end], end
        while place > 0 and scores[order[place - 1]] > scores[agent_idx]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = agent_idx
    return order
