"""What is drawn is drawn fairly, and from the data of a key alone."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.draws import move_ranks
from cogrid.tests.engines import needs_jax
from cogrid.tests.states import assert_same_states

ROOM = ("######", "#COUC#", "#    #", "#=  @#", "######")


def make_env(backend: str) -> CoGridEnv:
    return cogrid.make("Overcooked-CrampedRoom-V0", backend=backend, layout=ROOM, num_agents=3)


@needs_jax
@pytest.mark.parametrize("is_partitionable", [False, True])
def test_a_key_split_either_way_starts_the_episode_of_its_data(is_partitionable: bool) -> None:
    """The flag decides which keys `jax.random.split` makes, never what a key means to us."""
    import jax

    env, numpy_env = make_env("jax"), make_env("numpy")
    with jax.threefry_partitionable(is_partitionable):
        key = jax.random.split(jax.random.key(3, impl="threefry2x32"), 4)[2]
        state, obs = env.jax_reset(key)

    expected, expected_obs = numpy_env.jax_reset(np.asarray(jax.random.key_data(key)))
    np.testing.assert_array_equal(obs, expected_obs)
    assert_same_states(state, expected)


def chi_square(counts: Counter, n_kinds: int) -> float:
    """How far counts are from equal ones, in the usual measure; about `n_kinds - 1` when they are drawn evenly."""
    expected = sum(counts.values()) / n_kinds
    missing = n_kinds - len(counts)
    return sum((count - expected) ** 2 for count in counts.values()) / expected + missing * expected


def limit(n_kinds: int) -> float:
    """A value that even counts exceed about once in a hundred thousand draws: five deviations, and some skew."""
    freedom = n_kinds - 1
    return freedom + 5 * (2 * freedom) ** 0.5 + 6


@pytest.mark.parametrize("n_agents", [2, 3, 4])
def test_every_order_of_moves_is_as_likely_as_any_other(n_agents: int) -> None:
    times = np.arange(100, dtype=np.int32)
    keys = np.stack([np.zeros(120, np.uint32), np.arange(120, dtype=np.uint32)], axis=-1)

    ranks = move_ranks(keys[:, None].repeat(len(times), axis=1), np.tile(times, (len(keys), 1)), n_agents)
    counts = Counter(map(tuple, ranks.reshape(-1, n_agents).tolist()))

    assert set(counts) == set(itertools.permutations(range(n_agents)))
    n_orders = len(list(itertools.permutations(range(n_agents))))
    assert chi_square(counts, n_orders) < limit(n_orders)


@pytest.mark.parametrize("n_agents", [8, 16, 33])
def test_every_agent_of_many_is_as_likely_at_any_turn(n_agents: int) -> None:
    n_draws = 4000
    keys = np.stack([np.arange(n_draws, dtype=np.uint32), np.full(n_draws, 5, np.uint32)], axis=-1)

    ranks = move_ranks(keys, np.full(n_draws, 17, np.int32), n_agents)

    assert (np.sort(ranks, axis=-1) == np.arange(n_agents)).all()
    for agent_idx in (0, n_agents // 2, n_agents - 1):
        assert chi_square(Counter(ranks[:, agent_idx].tolist()), n_agents) < limit(n_agents)


def test_a_conflict_is_won_by_either_agent_half_of_the_time() -> None:
    """Two agents walk into the cell between them, in 4,000 worlds: on arrays and in the order drawn for each step."""
    env = cogrid.make("Overcooked-CrampedRoom-V0", layout=("#####", "#1 2#", "#####"))
    n_worlds = 4000
    keys = np.stack([np.zeros(n_worlds, np.uint32), np.arange(n_worlds, dtype=np.uint32)], axis=-1)

    state, _ = env.jax_reset(keys)
    after = env.jax_step(state, np.tile(np.array([3, 2], dtype=np.int32), (n_worlds, 1)))[0]
    winners = Counter((after.agent_pos[:, :, 1] == 2).argmax(axis=1).tolist())

    assert (after.agent_pos[:, :, 1] == 2).sum(axis=1).tolist() == [1] * n_worlds
    assert chi_square(winners, 2) < limit(2)


@pytest.mark.parametrize("n_agents", [1, 2])
def test_every_choice_of_free_start_cells_is_as_likely_as_any_other(n_agents: int) -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0", num_agents=n_agents)
    n_worlds = 6000
    keys = np.stack([np.full(n_worlds, 9, np.uint32), np.arange(n_worlds, dtype=np.uint32)], axis=-1)

    state, _ = env.jax_reset(keys)
    places = Counter(tuple(map(tuple, world)) for world in state.agent_pos.tolist())

    free = [(row, column) for row in (2, 3) for column in (2, 3, 4)]
    choices = set(itertools.permutations(free, n_agents))
    assert set(places) == choices
    assert chi_square(places, len(choices)) < limit(len(choices))


def test_start_directions_are_even() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0")
    keys = np.stack([np.zeros(4000, np.uint32), np.arange(4000, dtype=np.uint32)], axis=-1)

    state, _ = env.jax_reset(keys)
    directions = Counter(map(tuple, state.agent_dir.tolist()))

    assert len(directions) == 16
    assert chi_square(directions, 16) < limit(16)
