"""Generalised advantage estimation, by hand."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("optax")

import jax.numpy as jnp

from cogrid.learning.advantages import advantages


def found(is_terminal: list[bool], is_last: list[bool]) -> list[float]:
    """Advantages of three steps that are paid 1, with values 2, next values 4, gamma 0.5 and lambda 0.5."""
    result = advantages(
        jnp.ones(3), jnp.full(3, 2.0), jnp.full(3, 4.0), jnp.array(is_terminal), jnp.array(is_last), 0.5, 0.5
    )
    return np.asarray(result).tolist()


def test_errors_of_later_steps_count_less_and_less() -> None:
    # Each step's error is 1 + 0.5 * 4 - 2 = 1; a quarter of what follows is added.
    assert found([False] * 3, [False] * 3) == [1.3125, 1.25, 1.0]


def test_nothing_is_earned_after_an_end_by_the_rules() -> None:
    # The second step's error is 1 - 2 = -1, and nothing of the third is added to it.
    assert found([False, True, False], [False, True, False]) == [0.75, -1.0, 1.0]


def test_an_end_by_the_clock_keeps_the_value_of_what_would_have_followed() -> None:
    assert found([False] * 3, [False, True, False]) == [1.25, 1.0, 1.0]


def test_an_agent_whose_episode_has_ended_gets_nothing_from_the_others_going_on() -> None:
    assert found([False, True, False], [False, False, False]) == [0.75, -1.0, 1.0]
