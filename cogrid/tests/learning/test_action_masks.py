"""Agents that do not take every action are trained and played with those that they take."""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import numpy as np
import pytest

pytest.importorskip("optax")

import jax
import jax.numpy as jnp

from cogrid import config_factory
from cogrid.core.agent import Agent
from cogrid.envs import registry
from cogrid.game import Game
from cogrid.learning.evaluation import self_play
from cogrid.learning.ippo import IPPO, PPOSettings
from cogrid.learning.players import Player
from cogrid.learning.world import World
from cogrid.tests.learning.lamps import CONFIG, N_STEPS
from cogrid.tests.learning.test_policy_file import write

TOGGLE, NOOP = 5, 6


@dataclasses.dataclass(frozen=True)
class Lighter(Agent):
    """Stands still, and looks where it looks."""

    def takes(self, action: str) -> bool:
        return action in ("Toggle", "Noop")


CONFIG_OF_LIGHTERS = dataclasses.replace(CONFIG, rules=dataclasses.replace(CONFIG.rules, agents=(Lighter(),)))


@pytest.mark.long
def test_ppo_draws_and_learns_from_actions_that_are_taken_alone() -> None:
    algorithm = IPPO(Game.of(CONFIG_OF_LIGHTERS), PPOSettings(n_envs=4, n_steps=8, n_minibatches=2, width=8), 2)
    runner = algorithm.start(jnp.zeros(2, jnp.uint32))

    _, played = jax.jit(lambda runner: jax.lax.scan(algorithm._step, runner, None, 8))(runner)
    _, logged = jax.jit(algorithm.update)(runner)

    assert set(np.unique(played["action"])) == {TOGGLE, NOOP}
    assert 0 < float(logged["entropy"]) <= np.log(2) + 1e-6
    assert np.isfinite(float(logged["policy_loss"]))


def test_policies_play_actions_that_are_taken_alone(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    returns: dict[str, Any] = {}
    for name, config in (("all", CONFIG), ("some", CONFIG_OF_LIGHTERS)):
        monkeypatch.setitem(registry._FACTORIES, f"Test-{name}-V0", config_factory(config))
        policy = write(tmp_path / f"{name}.safetensors", World(id=f"Test-{name}-V0"))
        returns[name] = self_play([Player(name, policy, policy.world.make().game)], 50).mean()

    assert 2 * N_STEPS >= returns["some"] > 1.5 * returns["all"]
