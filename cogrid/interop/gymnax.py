"""Our environments as gymnax's: `GymnaxEnv`, one agent among partners, for its wrappers and training scripts.

from cogrid.interop.gymnax import GymnaxEnv

env = GymnaxEnv("Overcooked-CrampedRoom-V0", partners=lambda obs, key: 6)
obs, state = env.reset(key)
obs, state, reward, terminated, truncated, info = env.step(key, state, action)

`PureJaxRLEnv` is the same with one `done`, for code that was written for gymnax before 1.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from gymnax.environments import environment, spaces  # pyright: ignore[reportMissingImports]
from jaxtyping import Bool, Int, Shaped, UInt8

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.state_builder import check_state
from cogrid.game import jitted_advance
from cogrid.interop.jax_worlds import jax_env, joint_action
from cogrid.policy import Policy, own_observation
from cogrid.rendering import render_rgb
from cogrid.single_agent.partners import read_partners

NEVER = np.iinfo(np.int32).max
"""The number of steps that stands for no limit."""


class GymnaxState(NamedTuple):
    """The state of a world, with what the partners act on next, so that no step observes twice.

    Attributes:
      env_state: the state.
      observations: `[A, ...]`, what every agent observes of it; None where the learner is alone.
    """

    env_state: EnvState
    observations: Shaped[Array, "A ..."] | None

    @property
    def time(self) -> Int[Array, ""]:
        """Steps made."""
        return self.env_state.time


class GymnaxEnv(environment.Environment):
    """One agent's view of a world as gymnax knows them; the other agents are played by given policies.

    The episode ends for the learner when its own agent terminates (terminated), or when time is up (truncated), never
    both. `step` then resets by itself, with gymnax's own code, and `info["final_observation"]` has the true last
    observation. Where the environment's setting `shaped_rewards` is given, `info["shaped_reward"]` tells it; where
    agents do not take every action, `info["action_mask"]` tells which ones the learner's agent takes, `[K]` bool. The
    key of a step is for the partners and for that reset: all other chance comes from the key of the episode's reset.

    Attributes:
      env: the environment behind it.
      controlled_agent: index of the learner's agent.
    """

    def __init__(
        self,
        env: str | CoGridEnv,
        partners: Policy | Sequence[Policy] = (),
        controlled_agent: int = 0,
        **overrides: Any,
    ) -> None:
        """Take control of an agent.

        Args:
          env: the id of an environment, or one whose backend is "jax".
          partners: the other agents' policies in the order of the agents, or one for all of them:
            `(obs, key) -> action`, see `cogrid.policy`, pure functions that JAX can trace. Each gets a key of its own.
          controlled_agent: index of the learner's agent.
          overrides: with an id, settings to change, as for `cogrid.make`.
        Raises:
          ConfigError: for an environment of another backend, a bad setting, an agent that does not exist, or another
            number of partners than there are other agents.
        """
        self.env = jax_env(env, overrides)
        self.controlled_agent, self._partners = read_partners(partners, self.env.tables.n_agents, controlled_agent)
        self._advance = jitted_advance(self.env.game)

    @property
    def default_params(self) -> environment.EnvParams:
        """The number of steps after which an episode is truncated: the environment's own."""
        max_steps = self.env.tables.max_steps
        return environment.EnvParams(max_steps_in_episode=NEVER if max_steps is None else max_steps)

    def reset_env(self, key: Any, params: Any = None) -> tuple[Shaped[Array, "..."], GymnaxState]:
        """Start an episode.

        Args:
          key: a threefry key, typed or raw.
          params: not used.
        Returns:
          The learner's observation, and the state.
        """
        state, obs = self.env.jax_reset(key)
        return obs[self.controlled_agent], self._state(state, obs)

    def step_env(
        self, key: Any, state: GymnaxState, action: Any, params: Any = None
    ) -> tuple[Shaped[Array, "..."], GymnaxState, Any, Bool[Array, ""], dict[str, Any]]:
        """Make a step with the learner's action and the partners', without auto-reset.

        Args:
          key: for the partners.
          state: the state before.
          action: the learner's action number.
          params: not used.
        Returns:
          The learner's observation, the new state, its reward, whether it terminated, and its info.
        """
        made = self._advance(state.env_state, self._joint_action(key, state, action))
        after = self._state(made.state, made.obs)
        me = self.controlled_agent
        info = {"discount": self.discount(after, params)}
        if made.shaped_reward is not None:
            info["shaped_reward"] = made.shaped_reward[me]
        if self.env.tables.rules.takes is not None:
            info["action_mask"] = made.state.action_mask[me]
        return made.obs[me], after, made.reward[me], self.is_terminated(after, params), info

    def observe(self, key: Any, state: GymnaxState, action: Any = None, params: Any = None) -> Shaped[Array, "..."]:
        """What the learner observes of a state."""
        obs = self.env.observation(state.env_state) if state.observations is None else state.observations
        return obs[self.controlled_agent]

    def is_terminated(self, state: GymnaxState, params: Any = None) -> Bool[Array, ""]:
        """Whether the learner's agent has terminated."""
        return state.env_state.terminated[self.controlled_agent]

    def is_truncated(self, state: GymnaxState, params: Any) -> Bool[Array, ""]:
        """Whether time is up for a learner that has not terminated.

        `params.max_steps_in_episode` decides; an observation that shows the time left goes by the environment's own
        `max_steps`.
        """
        return (state.time >= params.max_steps_in_episode) & ~self.is_terminated(state)

    def render(self, state: GymnaxState, params: Any = None) -> UInt8[np.ndarray, "height width 3"]:
        """Draw a state, as an image."""
        return render_rgb(check_state(self.env.tables, state.env_state))

    @property
    def name(self) -> str:
        """What the environment is called."""
        return self.env.config.name

    @property
    def num_actions(self) -> int:
        """How many actions there are."""
        return len(self.env.tables.action_set)

    def action_space(self, params: Any = None) -> spaces.Discrete:
        """The space of the learner's actions."""
        return spaces.Discrete(self.num_actions)

    def observation_space(self, params: Any = None) -> spaces.Box:
        """The space of the learner's observations."""
        space = self.env.observation_space(self.env.possible_agents[self.controlled_agent])
        return spaces.Box(float(space.low.min()), float(space.high.max()), space.shape, space.dtype)

    def _state(self, env_state: EnvState, obs: Shaped[Array, "A ..."]) -> GymnaxState:
        return GymnaxState(env_state, obs if self._partners else None)

    def _joint_action(self, key: Any, state: GymnaxState, action: Any) -> Int[Array, "A"]:
        columns = {self.controlled_agent: action}
        if state.observations is not None:
            keys = jax.random.split(key, len(self._partners))
            for own_key, (idx, policy) in zip(keys, self._partners, strict=True):
                own = own_observation(policy)
                seen = state.observations if own is None else own(state.env_state)
                columns[idx] = policy(seen[idx], own_key)
        return joint_action(columns[idx] for idx in sorted(columns))


class PureJaxRLEnv(GymnaxEnv):
    """The same with one `done` instead of terminated and truncated, as gymnax had it before 1.0.

    For training code that is written like PureJaxRL's: `obs, state, reward, done, info = env.step(key, state, action,
    params)`, in the wrappers of such code too. `info["truncated"]` tells an end by the clock, `info["terminated"]` one
    by the rules.
    """

    def step(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, key: Any, state: GymnaxState, action: Any, params: Any = None
    ) -> tuple[Shaped[Array, "..."], GymnaxState, Any, Bool[Array, ""], dict[str, Any]]:
        """Make a step, and start the next episode where this one is over.

        Args:
          key: for the partners and the next episode's start.
          state: the state before.
          action: the learner's action number.
          params: `default_params` if left out.
        Returns:
          The learner's observation, the new state, its reward, whether the episode is over, and its info.
        """
        obs, after, reward, terminated, truncated, info = super().step(key, state, action, params)
        return obs, after, reward, terminated | truncated, info | {"terminated": terminated, "truncated": truncated}
