"""Starts that are drawn from the room that an agent's mark is in."""

from __future__ import annotations

import numpy as np
import pytest

from cogrid.cogrid_env import CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource
from cogrid.core.layout_set import LayoutSet
from cogrid.core.rules import Rules
from cogrid.errors import LayoutError
from cogrid.tests.engines import needs_jax

ROOMS = ("#######", "#  #+ #", "# 1#  #", "#######", "#2   ##", "#######")
OTHER_ROOMS = ("######", "#1#  #", "# #2+#", "# #  #", "######")
RULES = Rules(name="rooms", start_in_room=True, start_direction=0)
KEYS = np.stack([np.zeros(200), np.arange(200)], axis=-1).astype(np.uint32)


def make(layout: LayoutSource | LayoutSet, num_agents: int = 3, backend: str = "numpy") -> CoGridEnv:
    return CoGridEnv(EnvConfig(rules=RULES, layout=layout, num_agents=num_agents), backend=backend)


def cells_of(env: CoGridEnv, agent_idx: int) -> set[tuple[int, int]]:
    return {tuple(cell) for cell in env.jax_reset(KEYS)[0].agent_pos[:, agent_idx].tolist()}


def test_every_agent_starts_somewhere_in_its_own_room() -> None:
    env = make(ROOMS)

    assert cells_of(env, 0) == {(1, 1), (1, 2), (2, 1), (2, 2)}
    assert cells_of(env, 1) == {(4, 1), (4, 2), (4, 3), (4, 4)}
    assert cells_of(env, 2) == {(1, 4), (1, 5), (2, 4), (2, 5)}


def test_agents_of_one_room_start_in_different_cells() -> None:
    places = make(OTHER_ROOMS).jax_reset(KEYS)[0].agent_pos

    assert (places[:, 1] != places[:, 2]).any(axis=-1).all()
    assert len(np.unique(places[:, 2], axis=0)) == 6


@pytest.mark.parametrize("layout", [ROOMS, LayoutSet([ROOMS, OTHER_ROOMS])], ids=["one", "set"])
def test_plain_integers_draw_the_same_starts(layout: LayoutSource | LayoutSet) -> None:
    env = make(layout)
    drawn = env.jax_reset(KEYS)[0]

    for seed in range(0, 200, 5):
        env.reset(seed=seed)
        np.testing.assert_array_equal(env.get_state().agent_pos, drawn.agent_pos[seed])


@needs_jax
@pytest.mark.parametrize("layout", [ROOMS, LayoutSet([ROOMS, OTHER_ROOMS])], ids=["one", "set"])
def test_jax_draws_the_same_starts(layout: LayoutSource | LayoutSet) -> None:
    import jax

    drawn = jax.vmap(make(layout, backend="jax").jax_reset)(KEYS)[0]

    np.testing.assert_array_equal(drawn.agent_pos, make(layout).jax_reset(KEYS)[0].agent_pos)


def test_an_agent_without_a_mark_is_refused() -> None:
    with pytest.raises(LayoutError, match="agent_3 has no mark"):
        make(ROOMS, num_agents=4)
