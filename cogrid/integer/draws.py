"""What is drawn at random, on plain integers; equal to `cogrid.core.draws`, word for word."""

from __future__ import annotations

from collections.abc import Sequence

from cogrid.backend.threefry_integers import threefry, threefry_of_many
from cogrid.core.draws import PURPOSE_SHIFT, Purpose


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
