"""What a vector environment must give back: many `CoGridEnv`s, played one by one and reset by hand."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from cogrid import Agent, EnvConfig, GridObject, Outcome, Rules, make
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.reward import EventReward

TOGGLE, NOOP = 5, 6


def needs_gymnasium(*version: int) -> pytest.MarkDecorator:
    """Marks a test that an older Gymnasium fails by a fault of its own, mended in this version."""
    installed = tuple(int(number) for number in re.findall(r"\d+", gymnasium.__version__)[:3])
    return pytest.mark.skipif(installed < version, reason=f"mended in Gymnasium {version}")


@dataclass(frozen=True)
class Gate(GridObject, symbol="E"):
    """Ends the episode of whoever toggles it, and pays for it."""

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(self, agent, events=("left",), ends=True)


@dataclass(frozen=True)
class Lamp(GridObject, symbol="S"):
    """Goes on and off at a toggle, and pays everybody."""

    is_on: bool = False

    def toggle(self, agent: Agent) -> Outcome:
        return Outcome(Lamp(not self.is_on), agent, events=("flipped",))

    def object_state(self) -> int:
        return int(self.is_on)


GATES = EnvConfig(
    rules=Rules(name="test_vector", objects=(Gate, Lamp)),
    layout="E  \n  S",
    num_agents=2,
    features=("object_planes",),
    rewards=(EventReward(event="left", coefficient=5.0), EventReward(event="flipped", common_reward=True)),
    max_steps=12,
)
"""Agents start anywhere, leave through a gate, and sometimes time is up first."""

KITCHEN = dataclasses.replace(
    make("Overcooked-CrampedRoom-V0").config,
    num_agents=3,
    max_steps=9,
    layout="#######\n#CU@C=#\n#O++ C#\n#CCCCC#\n#######",
)
"""Three cooks in each other's way, with the 443 numbers."""

WORLDS = {"gates": GATES, "kitchen": KITCHEN}


def random_actions(config: EnvConfig, num_envs: int, num_steps: int, seed: int = 0) -> np.ndarray:
    """`[T, B, A]` int32, a toggle every other time."""
    generator = np.random.default_rng(seed)
    shape = (num_steps, num_envs, config.num_agents)
    drawn = generator.integers(0, 7, shape)
    return np.where(generator.random(shape) < 0.5, TOGGLE, drawn).astype(np.int32)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one environment gives back after a step.

    Attributes:
      obs, reward, terminated, truncated: `[A, ...]`.
      final_obs: `[A, ...]`, before any reset in this step.
      has_ended: whether the step ended an episode.
      episode_return: `[A]`, of the episode so far.
      length: steps of the episode so far.
    """

    obs: np.ndarray
    reward: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    final_obs: np.ndarray
    has_ended: bool
    episode_return: np.ndarray
    length: int


class Reference:
    """One `CoGridEnv` with an auto-reset of its own, written out."""

    def __init__(self, config: EnvConfig, mode: AutoresetMode, seed: int, leader: int | None = None) -> None:
        self.env = CoGridEnv(config)
        self.mode = mode
        self.leader = leader
        self.is_over = False
        self.reset(seed)

    def reset(self, seed: int | None = None) -> None:
        """Start an episode."""
        self.env.reset(seed=seed)
        self.episode_return = np.zeros(len(self.env.possible_agents), dtype=np.float32)
        self.length = 0
        self.is_over = False

    def observe(self) -> np.ndarray:
        """What all agents observe now, those that have terminated too."""
        return np.array(self.env.observation(self.env.get_state()))

    def step(self, actions: Sequence[int]) -> Told:
        """Make a step, or start the episode that is due."""
        if self.is_over and self.mode == AutoresetMode.NEXT_STEP:
            self.reset()
            return self._tell(np.zeros_like(self.episode_return), self.observe())
        numbered = dict(zip(self.env.possible_agents, map(int, actions), strict=True))
        _, paid, *_ = self.env.step({agent: numbered[agent] for agent in self.env.agents})
        reward = np.array([paid.get(agent, 0) for agent in self.env.possible_agents], dtype=np.float32)
        self.episode_return = self.episode_return + reward
        self.length += 1
        self.is_over = not self.env.agents or (self.leader is not None and self._terminated[self.leader])
        told = self._tell(reward, self.observe())
        if self.is_over and self.mode == AutoresetMode.SAME_STEP:
            self.reset()
            told = dataclasses.replace(told, obs=self.observe())
        return told

    @property
    def _terminated(self) -> Any:
        return self.env.get_state().terminated

    def _tell(self, reward: np.ndarray, obs: np.ndarray) -> Told:
        state = self.env.get_state()
        return Told(
            obs=obs,
            reward=reward,
            terminated=np.array(state.terminated),
            truncated=np.array(state.truncated),
            final_obs=obs,
            has_ended=bool(self.is_over),
            episode_return=self.episode_return,
            length=self.length,
        )
