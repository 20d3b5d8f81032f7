"""A state never changes, becomes a row of numbers where it is asked to, and is mapped over."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.backend.env_state import NUMBER_NAMES, EnvState
from cogrid.errors import StateError
from cogrid.tests.engines import needs_jax

IDS = ["Overcooked-CrampedRoom-V0", "OvercookedV2-CrampedRoom-V0"]


def first_state(env_id: str = IDS[0]) -> EnvState:
    return cogrid.make(env_id).jax_reset(np.array([0, 3], dtype=np.uint32))[0]


@pytest.mark.parametrize("env_id", IDS)
def test_a_state_of_single_numbers_and_one_of_their_row_read_the_same(env_id: str) -> None:
    single = first_state(env_id)
    packed = EnvState(cells=single.cells, numbers=single.numbers, tables=single.tables)

    for name in NUMBER_NAMES:
        ours, theirs = getattr(single, name), getattr(packed, name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_array_equal(ours, theirs, strict=True)
    np.testing.assert_array_equal(packed.numbers, single.numbers, strict=True)


def test_a_state_cannot_be_written_to_and_says_what_to_do() -> None:
    state: Any = first_state()

    with pytest.raises(dataclasses.FrozenInstanceError, match=r"state\.replace\(time=\.\.\.\)"):
        state.time = 3
    assert state.replace(time=np.int32(3)).time == 3


def test_a_name_that_is_not_stored_cannot_be_replaced() -> None:
    with pytest.raises(StateError, match=r"no 'agent_dirs'.*'agent_dir'"):
        first_state().replace(agent_dirs=np.zeros(2, dtype=np.int32))


def test_a_function_is_applied_to_every_stored_array_of_several_states() -> None:
    one, other = first_state(), first_state().replace(time=np.int32(7))
    both = one.map_arrays(lambda *arrays: np.stack(arrays), other)

    assert both.time.tolist() == [0, 7]
    assert both.cells.shape == (2, one.tables.n_cells)
    assert both.world_value is None


@needs_jax
def test_a_state_is_a_tree_of_two_leaves_of_any_kind() -> None:
    import jax

    state = first_state()

    assert [np.shape(leaf) for leaf in jax.tree.leaves(state)] == [state.cells.shape, state.numbers.shape]
    assert jax.tree.leaves(jax.tree.map(lambda leaf: leaf is None, state)) == [False, False]
