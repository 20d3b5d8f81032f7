"""Q-learning of a team."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import pytest

pytest.importorskip("optax")

import jax.numpy as jnp

from cogrid.errors import ConfigError
from cogrid.learning.algorithms import read_settings
from cogrid.learning.evaluation import self_play
from cogrid.learning.players import read_players
from cogrid.learning.training import Training, train
from cogrid.learning.vdn import _falling
from cogrid.learning.world import World
from cogrid.tests.learning.lamps import LAMPS, N_STEPS, lamps

__all__ = ["lamps"]

SMALL = {"n_envs": 32, "n_steps": N_STEPS, "n_minibatches": 4, "width": 16, "learning_rate": 0.003, "shaping": 0.0}


def learnt(folder: pathlib.Path, **settings: Any) -> Any:
    """The mean return of a team that was trained for a short while, beside random play's."""
    steps = 80 * 32 * N_STEPS
    training = Training(world=World(id=LAMPS), algorithm="vdn", steps=steps, keep=0, settings={**SMALL, **settings})
    train(training, folder)
    _, players = read_players([str(folder), "random"])
    assert players[0].policy.is_greedy  # pyright: ignore[reportFunctionMemberAccess]
    return self_play(players, 100).mean(axis=(1, 2))


@pytest.mark.long
@pytest.mark.parametrize(
    "settings", [{}, {"share_parameters": False}, {"network": "gru"}, {"network": "gru", "share_parameters": False}]
)
def test_a_team_learns_from_its_common_reward(lamps: str, tmp_path: pathlib.Path, settings: dict[str, Any]) -> None:
    returns = learnt(tmp_path, **settings)

    assert returns[0] > 0.6 * 2 * N_STEPS
    assert returns[0] > 3 * returns[1]


def test_exploration_falls_in_a_straight_line_and_stays() -> None:
    found = [float(_falling(1.0, 0.0, 0.5, jnp.float32(elapsed))) for elapsed in (0.0, 0.25, 0.5, 1.0)]

    assert found == [1.0, 0.5, 0.0, 0.0]
    assert float(_falling(1.0, 0.25, 0.0, jnp.float32(0.0))) == 0.25


def test_settings_are_those_of_the_algorithm() -> None:
    assert read_settings("vdn", {"exploration": 0.3}).exploration == 0.3
    with pytest.raises(ConfigError, match=r"vdn has no setting 'entropy'"):
        read_settings("vdn", {"entropy": 0.1})
    with pytest.raises(ConfigError, match="from 0 to 1"):
        dataclasses.replace(read_settings("vdn", {}), exploration=2.0)
