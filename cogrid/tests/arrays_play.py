"""Play a game from its arrays alone beside the library, and see that both tell the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cogrid.game import Game
from cogrid.tests.plain_engine import PlainEngine


def assert_arrays_play_alike(game: Game, actions: Sequence[Sequence[int]], seed: int = 0) -> int:
    """Assert that the arrays of a game say everything about it.

    Events that a guard may take back are left aside.

    Args:
      game: the game.
      actions: a joint action for each step.
      seed: of the episode.
    Returns:
      In how many steps anybody was paid.
    """
    header, arrays = game.to_arrays()
    guarded = [name.removeprefix("guard of ") for name in header["functions"]]
    unguarded = ~sum(1 << header["rules"]["events"].index(event) for event in guarded)
    plain = PlainEngine(header, arrays)
    plain.reset((0, seed))
    state, obs = game.reset(np.array([0, seed], dtype=np.uint32))
    np.testing.assert_array_equal(plain.observe(), obs, strict=True)
    n_paid = 0
    for joint in actions:
        paid, made = plain.step(list(joint)), game.advance(state, np.array(joint))
        state = made.state
        assert (plain.cells, plain.agent_cell) == (state.cells.tolist(), state.agent_cell.tolist())
        assert plain.agent_value == state.agent_value.tolist()
        assert plain.terminated == state.terminated.tolist()
        assert [events & unguarded for events in plain.events] == (state.events & unguarded).tolist()
        np.testing.assert_array_equal(np.array(paid), made.reward, strict=True)
        np.testing.assert_array_equal(plain.observe(), made.obs, strict=True)
        n_paid += any(paid)
    return n_paid
