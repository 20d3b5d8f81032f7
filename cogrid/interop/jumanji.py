"""Our environments as jumanji's: `JumanjiEnv`, an `Environment` for its wrappers and training loops.

from cogrid.interop.jumanji import JumanjiEnv

env = JumanjiEnv("Overcooked-CrampedRoom-V0")
state, timestep = env.reset(key)
state, timestep = env.step(state, actions)
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Int, Shaped, UInt8
from jumanji.env import Environment  # pyright: ignore[reportMissingImports]
from jumanji.specs import Array as ArraySpec  # pyright: ignore[reportMissingImports]
from jumanji.specs import BoundedArray, MultiDiscreteArray, Spec  # pyright: ignore[reportMissingImports]
from jumanji.types import StepType, TimeStep, restart  # pyright: ignore[reportMissingImports]

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.state_builder import check_state
from cogrid.game import jitted_advance
from cogrid.interop.jax_worlds import jax_env
from cogrid.rendering import render_rgb


class Observation(NamedTuple):
    """What the agents observe, by the names that jumanji's environments with several agents use.

    Attributes:
      agents_view: `[A, ...]`, each agent's observation.
      action_mask: `[A, actions]` bool, which actions each agent takes; another one does nothing.
      step_count: `[]` int32, steps made.
    """

    agents_view: Shaped[Array, "A ..."]
    action_mask: Bool[Array, "A actions"]
    step_count: Int[Array, ""]


class JumanjiState(NamedTuple):
    """The state of a world, with the key that jumanji's wrappers ask for.

    Attributes:
      env_state: the state.
    """

    env_state: EnvState

    @property
    def key(self) -> Any:
        """The typed key of the episode, from which an automatic reset derives the next one's."""
        return jax.random.wrap_key_data(self.env_state.rng_key, impl="threefry2x32")


class JumanjiEnv(Environment):
    """A world of ours as jumanji knows them: actions, rewards and discounts `[A]`, one time step for all agents.

    A time step is LAST when the episode is over for all. An agent's discount is 0 once it has terminated and 1 until
    then, so that an end by the clock (truncation) keeps the discount 1, as in `jumanji.types`. Where the environment's
    setting `shaped_rewards` is given, `extras["shaped_reward"]` tells it, `[A]`.

    Attributes:
      env: the environment behind it.
      num_agents: how many agents there are.
      time_limit: steps until an episode is truncated; None for never.
    """

    def __init__(self, env: str | CoGridEnv, **overrides: Any) -> None:
        """Wrap an environment.

        Args:
          env: the id of an environment, or one whose backend is "jax".
          overrides: with an id, settings to change, as for `cogrid.make`.
        Raises:
          ConfigError: for an environment of another backend, or a bad setting.
        """
        self.env = jax_env(env, overrides)
        self.num_agents = self.env.tables.n_agents
        self.time_limit = self.env.tables.max_steps
        self._n_actions = len(self.env.tables.action_set)
        self._advance = jitted_advance(self.env.game)
        super().__init__()

    def reset(self, key: Any) -> tuple[JumanjiState, TimeStep[Observation]]:
        """Start an episode.

        Args:
          key: a threefry key, typed or raw.
        Returns:
          The state, and the first time step.
        """
        state, obs = self.env.jax_reset(key)
        nothing = jnp.zeros((self.num_agents,), dtype=jnp.float32)
        timestep = restart(self._observation(state, obs), self._extras(nothing), self.num_agents, jnp.float32)
        return JumanjiState(state), timestep

    def step(self, state: JumanjiState, action: Int[Array, "A"]) -> tuple[JumanjiState, TimeStep[Observation]]:
        """Make a step, without auto-reset.

        Args:
          state: the state before.
          action: `[A]` integer, an action number for each agent.
        Returns:
          The state after, and its time step.
        """
        made = self._advance(state.env_state, jnp.asarray(action))
        timestep = TimeStep(
            step_type=jnp.where(made.done, StepType.LAST, StepType.MID),
            reward=made.reward,
            discount=jnp.where(made.terminated, jnp.float32(0), jnp.float32(1)),
            observation=self._observation(made.state, made.obs),
            extras=self._extras(made.shaped_reward),
        )
        return JumanjiState(made.state), timestep

    def render(self, state: JumanjiState) -> UInt8[np.ndarray, "height width 3"]:
        """Draw a state, as an image."""
        return render_rgb(check_state(self.env.tables, state.env_state))

    @cached_property
    def observation_spec(self) -> Spec[Observation]:
        """The spec of an `Observation`."""
        space = self.env.observation_space(self.env.possible_agents[0])
        most = np.iinfo(np.int32).max if self.time_limit is None else self.time_limit
        shapes = {"agents_view": (self.num_agents, *space.shape), "action_mask": (self.num_agents, self._n_actions)}
        return Spec(
            Observation,
            "ObservationSpec",
            agents_view=BoundedArray(shapes["agents_view"], space.dtype, space.low, space.high, "agents_view"),
            action_mask=BoundedArray(shapes["action_mask"], bool, False, True, "action_mask"),
            step_count=BoundedArray((), jnp.int32, 0, most, "step_count"),
        )

    @cached_property
    def action_spec(self) -> MultiDiscreteArray:
        """An action number for each agent."""
        return MultiDiscreteArray(jnp.full((self.num_agents,), self._n_actions, jnp.int32), name="action")

    @cached_property
    def reward_spec(self) -> ArraySpec:
        """A reward for each agent."""
        return ArraySpec((self.num_agents,), jnp.float32, "reward")

    @cached_property
    def discount_spec(self) -> BoundedArray:
        """A discount for each agent, 0 or 1."""
        return BoundedArray((self.num_agents,), jnp.float32, 0.0, 1.0, "discount")

    def __repr__(self) -> str:
        return f"JumanjiEnv({self.env!r})"

    def _observation(self, state: EnvState, obs: Shaped[Array, "A ..."]) -> Observation:
        return Observation(obs, state.action_mask, state.time)

    def _extras(self, shaped_reward: Any) -> dict[str, Any]:
        return {} if self.env.game.shaped_reward is None else {"shaped_reward": shaped_reward}
