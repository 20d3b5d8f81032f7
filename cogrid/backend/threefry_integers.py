"""threefry2x32 on plain integers, for few words, where arrays take longer. Source: see `cogrid.backend.threefry`."""

from __future__ import annotations

import functools
import sys
from array import array
from collections.abc import Sequence

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
