"""The rules of Harvest, and how often apples grow, against the published probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.harvest.config import harvest_config
from cogrid.envs.harvest.objects import REGROWTH, Tree
from cogrid.game import Game
from cogrid.tests.engines import play_everywhere
from cogrid.tests.frequencies import assert_frequencies

PUBLISHED = (0, 0.005, 0.02, 0.05)


def test_apples_grow_as_often_as_the_apples_nearby_say() -> None:
    env = cogrid.make("Harvest-Orchard-V0", num_agents=1)
    values, tables = env.tables.rules.compiled.cell_values, env.tables
    bare, ripe = values.index(Tree(has_apple=False)), values.index(Tree())
    random = np.random.default_rng(0)
    keys = np.array([[0, seed] for seed in range(600)], dtype=np.uint32)
    state, _ = env.game.reset(keys)
    is_tree = np.isin(state.cells, (bare, ripe))
    before = is_tree & (random.random(state.cells.shape) < 0.3)
    state = state.replace(cells=np.where(is_tree, np.where(before, ripe, bare), state.cells))
    after = env.game.advance(state, np.zeros((len(keys), 1), dtype=np.int32)).state
    has_grown = (after.cells == ripe) & ~before

    grid = np.pad(before.reshape(len(keys), tables.height, tables.width), ((0, 0), (1, 1), (1, 1))).astype(int)
    steps = [(row, column) for row in range(3) for column in range(3)]
    near = sum(grid[:, row : row + tables.height, column : column + tables.width] for row, column in steps)
    n_near = np.minimum(np.asarray(near).reshape(before.shape), 3)
    is_bare = is_tree & ~before
    assert not has_grown[is_bare & (n_near == 0)].any()
    for number, share in list(enumerate(PUBLISHED))[1:]:
        drawn = has_grown[is_bare & (n_near == number)]
        assert_frequencies([int(drawn.sum()), int((~drawn).sum())], [share, 1 - share])


def test_the_constants_are_the_published_ones() -> None:
    assert tuple(map(float, REGROWTH)) == PUBLISHED


def played(layout: list[str], actions: list[Any], **start: Any) -> tuple[CoGridEnv, Any]:
    """An episode on a map of its own, the same under the engines of NumPy."""
    config = harvest_config(layout, num_agents=sum(line.count("+") for line in layout))
    return CoGridEnv(config), play_everywhere(config, actions, start=start or None, with_jax=False)


def test_whoever_stands_on_an_apple_eats_it_once() -> None:
    start = {"agent_pos": [[1, 1]], "agent_dir": [0]}
    env, episode = played(["####", "#+a#", "####"], [["Forward"], ["Noop"]], **start)

    assert [float(reward[0]) for reward in episode.rewards] == [1.0, 0.0]
    assert episode.cell(1, 2) == [1, 0, 0]
    assert episode.happened(env)[0] == [{"apple_eaten"}]


def test_a_fine_costs_one_and_takes_fifty_from_everybody_in_its_three_lines() -> None:
    start = {"agent_pos": [[2, 1], [1, 4], [2, 5], [3, 1]], "agent_dir": [0, 0, 0, 0]}
    layout = ["########", "#  +   #", "#+    +#", "#+     #", "########"]
    _, episode = played(layout, [["Fine", "Noop", "Noop", "Noop"]] * 2, **start)

    assert [reward.tolist() for reward in episode.rewards] == [[-1.0, -50.0, -50.0, -50.0]] * 2


@pytest.mark.parametrize("column", [6, 7])
def test_a_beam_reaches_five_cells_and_stops_at_the_first_agent(column: int) -> None:
    start = {"agent_pos": [[1, 1], [1, column], [1, 8]], "agent_dir": [0, 0, 0]}
    _, episode = played(["##########", "#+     ++#", "##########"], [["Fine", "Noop", "Noop"]], **start)

    assert episode.rewards[0].tolist() == [-1.0, -50.0 if column == 6 else 0.0, 0.0]


def test_agents_see_a_window_around_them_that_turns_with_them() -> None:
    game = Game.of(harvest_config("harvest/Orchard"))
    _, obs = game.reset(np.array([0, 1], dtype=np.uint32))

    assert obs.shape[:3] == (5, 15, 15)
