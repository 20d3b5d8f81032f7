"""The rules of Clean Up, and how often waste comes and apples grow, against the published probabilities."""

from __future__ import annotations

import numpy as np
import pytest

import cogrid
from cogrid import ConfigError, LayoutSet
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.clean_up.config import clean_up_config, river_size
from cogrid.envs.clean_up.objects import APPLE_PROBABILITY, DEPLETION, WASTE_PROBABILITY, River, Tree
from cogrid.tests.engines import play_everywhere
from cogrid.tests.frequencies import assert_frequencies

N_EPISODES = 600


def step_with_waste(share: float) -> dict[str, int]:
    """What one step draws in many worlds, in which a share of the river is waste, and no tree has an apple."""
    env = cogrid.make("CleanUp-River-V0", num_agents=1)
    n_river = river_size("clean_up/River")
    values = env.tables.rules.compiled.cell_values
    clean, waste = (values.index(River(is_waste=is_waste, n_river=n_river)) for is_waste in (False, True))
    bare = values.index(Tree(n_river=n_river))
    state, _ = env.game.reset(np.array([[0, seed] for seed in range(N_EPISODES)], dtype=np.uint32))
    is_river = np.isin(state.cells, (clean, waste))
    rank = np.cumsum(is_river, axis=-1)
    cells = np.where(is_river, np.where(rank <= round(share * n_river), waste, clean), state.cells)
    state = state.replace(cells=cells)
    after = env.game.advance(state, np.zeros((N_EPISODES, 1), dtype=np.int32)).state.cells
    return {
        "n_river": n_river,
        "n_waste": round(share * n_river),
        "new_waste": int(((after == waste) & (cells == clean)).sum()),
        "n_clean": int((cells == clean).sum()),
        "new_apples": int(((after != bare) & (cells == bare)).sum()),
        "n_bare": int((cells == bare).sum()),
    }


@pytest.mark.parametrize("share", [0, 0.2])
def test_waste_comes_and_apples_grow_as_often_as_published(share: float) -> None:
    drawn = step_with_waste(share)

    share_of_cells = 0.5 * N_EPISODES / drawn["n_clean"]
    assert_frequencies(
        [drawn["new_waste"], drawn["n_clean"] - drawn["new_waste"]], [share_of_cells, 1 - share_of_cells]
    )
    growth = 0.05 * (1 - drawn["n_waste"] / drawn["n_river"] / 0.4)
    assert_frequencies([drawn["new_apples"], drawn["n_bare"] - drawn["new_apples"]], [growth, 1 - growth])


def test_by_a_river_that_is_two_fifths_waste_nothing_grows_and_no_more_waste_comes() -> None:
    drawn = step_with_waste(0.41)

    assert drawn["new_waste"] == drawn["new_apples"] == 0


def test_the_constants_are_the_published_ones() -> None:
    assert (float(DEPLETION), float(WASTE_PROBABILITY), float(APPLE_PROBABILITY)) == (0.4, 0.5, 0.05)


def test_a_beam_cleans_the_first_waste_on_each_of_its_three_lines() -> None:
    layout = ["#######", "# ~ww #", "#+ ~w #", "#~   w#", "#wwwww#", "#######"]
    config = clean_up_config(layout, num_agents=1)
    start = {"agent_pos": [[2, 1]], "agent_dir": [0]}
    episode = play_everywhere(config, [["Clean"]], start=start, with_jax=False)
    waste = [
        [(row, column) for row in (1, 2, 3) for column in range(1, 6) if state["object_state_map"][row, column]]
        for state in episode.states
    ]

    assert waste[0] == [(1, 3), (1, 4), (2, 4), (3, 5)]
    assert waste[1][:1] == [(1, 4)]
    assert (2, 4) not in waste[1]
    assert (3, 5) not in waste[1]
    assert episode.happened(CoGridEnv(config))[0] == [{"cleaned"}]


def test_a_map_has_a_river_and_the_maps_of_a_set_rivers_of_one_size() -> None:
    with pytest.raises(ConfigError, match="has a river"):
        clean_up_config(["+a"])
    with pytest.raises(ConfigError, match="one size"):
        clean_up_config(LayoutSet([["+a~"], ["+~~"]]))
    assert river_size(LayoutSet([["+a~"], ["+w "]])) == 1
