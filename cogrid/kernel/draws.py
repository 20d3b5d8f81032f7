"""Random words, one at a time; equal to `cogrid.core.draws`, word for word.

Source of the generator: see `cogrid.backend.threefry`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner

PARITY = 0x1BD11BDA
ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)


@inner
def draw_block(game: Any, world: Any, first: int, time: int, block: int) -> Any:
    """The two words of one block of one purpose at one time, from 0 to 2**32 - 1.

    Args:
      first: the first block of the purpose, such as `game[at.TICK_WORDS]`.
      time: the step.
      block: which of the purpose's blocks.
    """
    key = game[at.KEY]
    key0, key1 = np.uint32(world[key]), np.uint32(world[key + 1])
    keys = (key0, key1, np.uint32(key0 ^ key1 ^ np.uint32(PARITY)))
    x0, x1 = np.uint32(np.uint32(first + block) + key0), np.uint32(np.uint32(time) + key1)
    for group in range(5):
        for idx in range(4):
            bits = ROTATIONS[group % 2 * 4 + idx]
            x0 = np.uint32(x0 + x1)
            turned = np.uint32(x1 << np.uint32(bits)) | np.uint32(x1 >> np.uint32(32 - bits))
            x1 = np.uint32(turned ^ x0)
        x0 = np.uint32(x0 + keys[(group + 1) % 3])
        x1 = np.uint32(x1 + keys[(group + 2) % 3] + np.uint32(group + 1))
    return np.int64(x0), np.int64(x1)


@inner
def draw_word(game: Any, world: Any, first: int, time: int, number: int) -> int:
    """One of the words of a purpose at one time; arguments as in `draw_block`."""
    even, odd = draw_block(game, world, first, time, number // 2)
    return odd if number % 2 else even


@inner
def draw_order(game: Any, world: Any) -> None:
    """Write to `SETTLED` the agents by their move ranks, the lowest first; the agent's index breaks a tie."""
    order, scores, time = game[at.SETTLED], game[at.SCORES], world[game[at.TIME]]
    for agent in range(game[at.N_AGENTS]):
        score = draw_word(game, world, game[at.MOVE_ORDER_WORDS], time, agent)
        place = agent
        while place > 0 and world[scores + place - 1] > score:
            world[order + place] = world[order + place - 1]
            world[scores + place] = world[scores + place - 1]
            place -= 1
        world[order + place] = agent
        world[scores + place] = score
