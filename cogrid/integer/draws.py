"""What is drawn at random, on plain integers; equal to `cogrid.core.draws`, word for word.

Source of the generator: see `cogrid.backend.threefry`.
"""

from __future__ import annotations

from collections.abc import Sequence

from cogrid.core.draws import PURPOSE_SHIFT, Purpose

MASK = 0xFFFFFFFF
"""Keeps an integer to 32 bits, as words of 32 bits wrap by themselves."""

PARITY = 0x1BD11BDA
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def threefry(key0: int, key1: int, counter0: int, counter1: int) -> tuple[int, int]:
    """Turn a counter into two random words.

    Args:
      key0, key1: the key's two words, 0..2**32-1.
      counter0, counter1: the counter's two words, 0..2**32-1.
    Returns:
      Two words, 0..2**32-1.
    """
    keys = (key0, key1, key0 ^ key1 ^ PARITY)
    x0 = (counter0 + key0) & MASK
    x1 = (counter1 + key1) & MASK
    for group in range(5):
        for bits in ROTATIONS[group % 2]:
            x0 = (x0 + x1) & MASK
            x1 = ((x1 << bits) & MASK | x1 >> (32 - bits)) ^ x0
        x0 = (x0 + keys[(group + 1) % 3]) & MASK
        x1 = (x1 + keys[(group + 2) % 3] + group + 1) & MASK
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
    drawn = [0] * n
    for idx in range(0, n, 2):
        drawn[idx], word = threefry(key0, key1, first + idx // 2, time)
        if idx + 1 < n:
            drawn[idx + 1] = word
    return drawn


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
