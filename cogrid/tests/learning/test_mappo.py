"""What MAPPO's critic sees."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("optax")

import jax.numpy as jnp

from cogrid.learning.mappo import joint_view


def test_the_critic_sees_all_agents_its_own_first_and_the_others_in_turn() -> None:
    obs = jnp.asarray(np.array([[[1, 10], [2, 20], [3, 30]]], np.uint8))

    assert joint_view(obs).tolist() == [[[1, 10, 2, 20, 3, 30], [2, 20, 3, 30, 1, 10], [3, 30, 1, 10, 2, 20]]]
    assert joint_view(obs).dtype == np.uint8
