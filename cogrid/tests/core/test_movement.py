"""How moves are settled: properties with their liveness twin, a direct interpretation, both backends alike."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogrid import EnvConfig, Rules
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.collisions import resolve_moves
from cogrid.core.draws import move_ranks
from cogrid.core.movement import move_agents_jax
from cogrid.integer.draws import move_order
from cogrid.tests.engines import needs_jax

HEIGHT, WIDTH = 5, 6
N_CELLS = HEIGHT * WIDTH


@dataclasses.dataclass(frozen=True)
class Boards:
    """A batch of boards with agents on them that want to move: arrays `[B, A]` int32, as `resolve_moves` takes them."""

    pos: np.ndarray
    target: np.ndarray
    rank: np.ndarray

    @property
    def n_agents(self) -> int:
        return self.pos.shape[-1]

    @property
    def hindered(self) -> np.ndarray:
        """`[B, A]` bool, whether somebody else stands in the wanted cell, or wants it too."""
        others = ~np.eye(self.n_agents, dtype=bool)
        wanted = self.target[..., :, None]
        is_in_use = (wanted == self.pos[..., None, :]) | (wanted == self.target[..., None, :])
        return (is_in_use & others).any(axis=-1)

    def resolved(self) -> np.ndarray:
        return resolve_moves(self.pos, self.target, self.rank)


def neighbours(cell: int) -> list[int]:
    """The cell itself, which is to stay, and those next to it."""
    row, column = divmod(cell, WIDTH)
    beside = [(row, column + 1), (row + 1, column), (row, column - 1), (row - 1, column)]
    return [cell, *(r * WIDTH + c for r, c in beside if 0 <= r < HEIGHT and 0 <= c < WIDTH)]


@st.composite
def boards(draw: st.DrawFn) -> Boards:
    """Up to three boards with the same number of agents, 1 to 20."""
    n_agents = draw(st.integers(1, 20))
    batch = []
    for _ in range(draw(st.integers(1, 3))):
        pos = draw(st.lists(st.integers(0, N_CELLS - 1), min_size=n_agents, max_size=n_agents, unique=True))
        target = [draw(st.sampled_from(neighbours(cell))) for cell in pos]
        batch.append((pos, target, draw(st.permutations(range(n_agents)))))
    pos, target, rank = (np.array(part, dtype=np.int32) for part in zip(*batch, strict=True))
    return Boards(pos, target, rank)


def crowded_boards(n_agents: int, n_boards: int = 16) -> Boards:
    """Many boards on which agents want to go everywhere, drawn from a seed."""
    random = np.random.default_rng(n_agents)
    pos = np.stack([random.permutation(N_CELLS)[:n_agents] for _ in range(n_boards)])
    target = np.vectorize(lambda cell: random.choice(neighbours(cell)))(pos)
    rank = np.stack([random.permutation(n_agents) for _ in range(n_boards)])
    return Boards(pos.astype(np.int32), target.astype(np.int32), rank.astype(np.int32))


def settle_one_by_one(pos: list[int], target: list[int], rank: list[int]) -> list[int]:
    """The rule as it is told: who stays is settled first, then the others, lowest rank first."""
    settled = {agent: cell for agent, cell in enumerate(pos) if target[agent] == cell}
    movers = sorted((agent for agent in range(len(pos)) if agent not in settled), key=rank.__getitem__)
    for turn, agent in enumerate(movers):
        unsettled = [pos[other] for other in movers[turn + 1 :]]
        is_free = target[agent] not in settled.values() and target[agent] not in unsettled
        settled[agent] = target[agent] if is_free else pos[agent]
    return [settled[agent] for agent in range(len(pos))]


@given(boards())
def test_agents_stay_apart_and_the_unhindered_ones_move(board: Boards) -> None:
    after = board.resolved()

    assert all(len(set(cells)) == board.n_agents for cells in after.tolist())
    np.testing.assert_array_equal(after[~board.hindered], board.target[~board.hindered])


@given(boards())
def test_every_agent_is_where_it_was_or_where_it_wanted_to_be(board: Boards) -> None:
    after = board.resolved()

    assert ((after == board.pos) | (after == board.target)).all()


@given(boards())
def test_two_agents_never_swap(board: Boards) -> None:
    after = board.resolved()
    others = ~np.eye(board.n_agents, dtype=bool)

    is_in_the_others_place = after[..., :, None] == board.pos[..., None, :]
    swapped = is_in_the_others_place & np.swapaxes(is_in_the_others_place, -1, -2) & others

    assert not swapped.any()


@given(boards())
def test_an_agent_follows_only_one_that_was_settled_before_it_and_left(board: Boards) -> None:
    after = board.resolved()

    for cells, pos, rank in zip(after.tolist(), board.pos.tolist(), board.rank.tolist(), strict=True):
        for agent, cell in enumerate(cells):
            if cell in pos and pos.index(cell) != agent:
                leader = pos.index(cell)
                assert cells[leader] != cell
                assert rank[leader] < rank[agent]


@given(boards())
def test_whoever_was_stopped_was_stopped_by_somebody_who_stands_or_stood_there(board: Boards) -> None:
    after = board.resolved()

    for cells, pos, target, rank in zip(
        after.tolist(), board.pos.tolist(), board.target.tolist(), board.rank.tolist(), strict=True
    ):
        for agent in range(board.n_agents):
            if cells[agent] != target[agent]:
                stands_there = target[agent] in cells
                left_too_late = target[agent] in pos and rank[pos.index(target[agent])] > rank[agent]
                assert stands_there or left_too_late


@given(boards())
def test_moves_are_settled_as_the_rule_is_told(board: Boards) -> None:
    told = [
        settle_one_by_one(*one)
        for one in zip(board.pos.tolist(), board.target.tolist(), board.rank.tolist(), strict=True)
    ]

    np.testing.assert_array_equal(board.resolved(), told)


@given(boards())
def test_settling_moves_leaves_its_arguments_as_they_were(board: Boards) -> None:
    before = [array.copy() for array in (board.pos, board.target, board.rank)]

    after = board.resolved()

    assert after.dtype == np.int32
    for array, copy in zip((board.pos, board.target, board.rank), before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_a_follower_goes_along_if_its_leader_is_settled_first() -> None:
    pos, target = np.array([0, 1], dtype=np.int32), np.array([1, 2], dtype=np.int32)

    leader_first = resolve_moves(pos, target, np.array([1, 0], dtype=np.int32))
    follower_first = resolve_moves(pos, target, np.array([0, 1], dtype=np.int32))

    assert leader_first.tolist() == [1, 2]
    assert follower_first.tolist() == [0, 2]


def test_of_two_that_want_one_cell_the_lower_rank_gets_it() -> None:
    pos, target = np.array([0, 2], dtype=np.int32), np.array([1, 1], dtype=np.int32)

    assert resolve_moves(pos, target, np.array([0, 1], dtype=np.int32)).tolist() == [1, 2]
    assert resolve_moves(pos, target, np.array([1, 0], dtype=np.int32)).tolist() == [0, 1]


def test_a_ring_of_agents_that_all_want_to_go_round_stays() -> None:
    pos = np.array([0, 1, WIDTH + 1, WIDTH], dtype=np.int32)

    after = resolve_moves(pos, np.roll(pos, -1), np.arange(4, dtype=np.int32))

    np.testing.assert_array_equal(after, pos)


@functools.cache
def jitted_resolve_moves() -> Callable[..., Any]:
    import jax

    return jax.jit(resolve_moves)


@needs_jax
@pytest.mark.parametrize("n_agents", [1, 2, 3, 8, 9, 20])
def test_both_backends_eager_and_jitted_settle_moves_alike(n_agents: int) -> None:
    import jax.numpy as jnp

    board = crowded_boards(n_agents)
    arrays = [jnp.asarray(array) for array in (board.pos, board.target, board.rank)]
    expected = board.resolved()

    assert (expected != board.pos).any()
    np.testing.assert_array_equal(resolve_moves(*arrays), expected)
    np.testing.assert_array_equal(jitted_resolve_moves()(*arrays), expected)


@pytest.mark.parametrize("n_agents", [1, 2, 5, 9, 20])
def test_move_ranks_are_a_permutation_and_the_same_on_plain_integers(n_agents: int) -> None:
    for seed in range(20):
        key = np.array([0, seed], dtype=np.uint32)
        ranks = move_ranks(key, np.array(seed * 7, dtype=np.int32), n_agents).tolist()

        assert sorted(ranks) == list(range(n_agents))
        order = move_order(*(0, seed), seed * 7, n_agents)
        assert [ranks[agent] for agent in order] == list(range(n_agents))


@pytest.mark.parametrize("n_agents", [2, 3, 12])
def test_every_agent_comes_first_about_as_often(n_agents: int) -> None:
    n_draws = 400 * n_agents
    first = [move_order(*(0, 3), time, n_agents)[0] for time in range(n_draws)]

    counts = np.bincount(first, minlength=n_agents)

    assert counts.min() > 300
    assert counts.max() < 500


FREE_FIELD = EnvConfig(
    rules=Rules(name="test_movement"), layout=[" " * WIDTH] * HEIGHT, num_agents=12, features=("agent_position",)
)


def test_the_stage_of_movement_settles_by_the_order_drawn_for_the_step() -> None:
    env = CoGridEnv(FREE_FIELD)
    random = np.random.default_rng(2)
    state, _ = env.jax_reset(np.array([0, 2], dtype=np.uint32))

    for time in range(30):
        actions = random.integers(0, 4, size=12, dtype=np.int32)
        after = move_agents_jax(state, actions)
        direction = np.array([3, 1, 2, 0], dtype=np.int32)[actions]
        ahead = state.agent_pos + np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])[direction]
        is_inside = ((ahead >= 0) & (ahead < [HEIGHT, WIDTH])).all(axis=-1, keepdims=True)
        target = np.where(is_inside, ahead, state.agent_pos) @ np.array([WIDTH, 1])
        rank = np.argsort(move_order(*(0, 2), time, 12)).tolist()
        told = settle_one_by_one((state.agent_pos @ np.array([WIDTH, 1])).tolist(), target.tolist(), rank)

        np.testing.assert_array_equal(after.agent_dir, direction)
        np.testing.assert_array_equal(after.agent_pos @ np.array([WIDTH, 1]), told)
        state, *_ = env.jax_step(state, actions)
        np.testing.assert_array_equal(state.agent_pos, after.agent_pos)


@pytest.mark.long
@needs_jax
def test_the_stage_of_movement_is_the_same_on_both_backends_eager_and_jitted() -> None:
    import jax

    jitted = jax.jit(move_agents_jax)
    on_numpy, on_jax = CoGridEnv(FREE_FIELD), CoGridEnv(FREE_FIELD, backend="jax")
    random = np.random.default_rng(3)
    key = np.array([0, 3], dtype=np.uint32)
    expected, (actual, _) = on_numpy.jax_reset(key)[0], on_jax.jax_reset(key)

    for _ in range(5):
        actions = random.integers(0, 7, size=12, dtype=np.int32)
        told = move_agents_jax(expected, actions)
        for after in (move_agents_jax(actual, jax.numpy.asarray(actions)), jitted(actual, actions)):
            np.testing.assert_array_equal(after.agent_pos, told.agent_pos)
            np.testing.assert_array_equal(after.agent_dir, told.agent_dir)
        expected, actual = on_numpy.jax_step(expected, actions)[0], on_jax.jax_step(actual, actions)[0]
