"""A world that is learnt in seconds: each agent stands before a lamp, and the team is paid for every toggle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

import cogrid
from cogrid import EventReward, GridObject, Outcome, config_factory
from cogrid.core.agent import Agent
from cogrid.envs import registry
from cogrid.learning.training import Training
from cogrid.learning.world import World

LAMPS = "TestLamps-V0"

N_STEPS = 16
"""Of an episode: a team of two can be paid for 32 toggles."""

QUICK = {"n_envs": 32, "n_steps": N_STEPS, "n_minibatches": 4, "width": 16, "learning_rate": 0.01, "shaping": 0.0}


@dataclass(frozen=True)
class Lamp(GridObject, symbol="L"):
    """Goes on and off at a toggle."""

    is_lit: bool = False

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(replace(self, is_lit=not self.is_lit), agent, events=("toggled",))


CONFIG = cogrid.EnvConfig(
    rules=cogrid.Rules(name="lamps", objects=(Lamp,), start_direction=2),
    layout=["#L+#", "####", "#L+#"],
    rewards=[EventReward(event="toggled", common_reward=True)],
    max_steps=N_STEPS,
)


@pytest.fixture
def lamps(monkeypatch: pytest.MonkeyPatch) -> str:
    """The world's id, which is registered while a test runs."""
    monkeypatch.setitem(registry._FACTORIES, LAMPS, config_factory(CONFIG))
    return LAMPS


def training(n_updates: int = 4, seeds: int = 1, **settings: Any) -> Training:
    """A short training in this world."""
    steps = n_updates * QUICK["n_envs"] * N_STEPS
    return Training(world=World(id=LAMPS), steps=int(steps), seeds=seeds, keep=2, settings={**QUICK, **settings})
