"""Our environments as JaxMARL's: `JaxMARLEnv`, a `MultiAgentEnv` for its wrappers and training scripts.

from cogrid.interop.jaxmarl import JaxMARLEnv

env = JaxMARLEnv("OvercookedAI-CrampedRoom-V0")
obs, state = env.reset(key)
obs, state, rewards, dones, info = env.step(key, state, actions)
"""

from __future__ import annotations

import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import jax.numpy as jnp
from jaxmarl.environments import spaces  # pyright: ignore[reportMissingImports]
from jaxmarl.environments.multi_agent_env import MultiAgentEnv  # pyright: ignore[reportMissingImports]
from jaxtyping import Shaped

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.state_builder import check_state
from cogrid.game import jitted_advance
from cogrid.interop.jax_worlds import jax_env, joint_action
from cogrid.rendering import render_rgb, write_gif

ByAgent = dict[str, Any]


class JaxMARLEnv(MultiAgentEnv):
    """A world of ours as JaxMARL knows them: dicts by agent in and out, keys handed in at every step.

    `step` resets by itself when `dones["__all__"]` is set, with JaxMARL's own code. The key of a step is not used: all
    chance in an episode comes from the key of its reset.

    Attributes:
      env: the environment behind it.
    """

    def __init__(self, env: str | CoGridEnv, **overrides: Any) -> None:
        """Wrap an environment.

        Args:
          env: the id of an environment, or one whose backend is "jax".
          overrides: with an id, settings to change, as for `cogrid.make`: `shaped_rewards` is what
            `info["shaped_reward"]` tells.
        Raises:
          ConfigError: for an environment of another backend, or a bad setting.
        """
        self.env = env = jax_env(env, overrides)
        super().__init__(num_agents=env.tables.n_agents)
        self._advance = jitted_advance(env.game)
        self.agents = list(env.possible_agents)
        self.observation_spaces = {agent: self._observation_space() for agent in self.agents}
        self.action_spaces = {agent: spaces.Discrete(len(env.tables.action_set)) for agent in self.agents}

    def reset(self, key: Any) -> tuple[ByAgent, EnvState]:
        """Start an episode.

        Args:
          key: a threefry key, typed or raw.
        Returns:
          Observations by agent, and the state.
        """
        state, obs = self.env.jax_reset(key)
        return self._by_agent(obs), state

    def step_env(
        self, key: Any, state: EnvState, actions: Mapping[str, Any]
    ) -> tuple[ByAgent, EnvState, ByAgent, ByAgent, dict[str, Any]]:
        """Make a step, without auto-reset.

        Args:
          key: not used.
          state: the state before.
          actions: an action number for each agent.
        Returns:
          Observations, the new state, rewards, dones with "__all__", and `shaped_reward` by agent in the info.
        """
        made = self._advance(state, joint_action(actions[agent] for agent in self.agents))
        dones = self._by_agent(made.terminated | made.done) | {"__all__": made.done}
        # JaxMARL's scripts read the entry also where no shaped rewards are set.
        shaped = jnp.zeros_like(made.reward) if made.shaped_reward is None else made.shaped_reward
        info = {"shaped_reward": self._by_agent(shaped)}
        return self._by_agent(made.obs), made.state, self._by_agent(made.reward), dones, info

    def get_obs(self, state: EnvState) -> ByAgent:
        """What each agent observes of a state."""
        return self._by_agent(self.env.observation(state))

    def animate(self, states: Iterable[EnvState], path: str | os.PathLike[str]) -> pathlib.Path:
        """Write a moving picture (GIF) of states, for JaxMARL's own visualisers draw only its own environments.

        Args:
          states: single states in the order in which they follow each other.
          path: the file.
        Returns:
          Where the file is.
        """
        where = pathlib.Path(path)
        write_gif((render_rgb(check_state(self.env.tables, state)) for state in states), where)
        return where

    def get_avail_actions(self, state: EnvState) -> ByAgent:
        """The actions that each agent takes, `[K]` uint8, 1 for one that it takes."""
        return self._by_agent(state.action_mask.astype(jnp.uint8))

    def observation_space(self, agent: str = "") -> spaces.Box:
        """The space of an agent's observations; the same for all agents."""
        return self.observation_spaces[agent or self.agents[0]]

    def action_space(self, agent: str = "") -> spaces.Discrete:
        """The space of an agent's actions; the same for all agents."""
        return self.action_spaces[agent or self.agents[0]]

    @property
    def name(self) -> str:
        """What the environment is called."""
        return self.env.config.name

    @property
    def num_actions(self) -> int:
        """How many actions there are."""
        return len(self.env.tables.action_set)

    @property
    def agent_classes(self) -> dict[str, list[str]]:
        """All agents are of one class."""
        return {"agent": self.agents}

    def _observation_space(self) -> spaces.Box:
        space = self.env.observation_space(self.env.possible_agents[0])
        return spaces.Box(float(space.low.min()), float(space.high.max()), space.shape, space.dtype)

    def _by_agent(self, values: Shaped[Any, "A ..."]) -> ByAgent:
        return {agent: values[idx] for idx, agent in enumerate(self.agents)}
