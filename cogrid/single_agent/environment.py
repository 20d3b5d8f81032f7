"""`SingleAgentEnv`: one agent among given partners, as a Gymnasium `Env`."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Self

import gymnasium
import numpy as np
from gymnasium import spaces

from cogrid.cogrid_env import AgentID, CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.game_environment import TILE_SIZE, GameEnvironment
from cogrid.policy import Policy, begun, own_observation
from cogrid.single_agent.partners import check_observations, read_partners


class SingleAgentEnv(GameEnvironment, gymnasium.Env[np.ndarray, Any]):
    """One agent's view of a world; the other agents are played by given policies.

    The episode ends for the learner when its own agent terminates. What happened to it is in the info, as in
    `CoGridEnv.step`, but for `episode`: statistics are the affair of Gymnasium's `RecordEpisodeStatistics`, which wants
    their place to be free.

    Attributes:
      env: the world.
      controlled_agent: the name of the learner's agent.
    """

    def __init__(
        self,
        env: CoGridEnv | EnvConfig | Mapping[str, Any],
        partners: Policy | Sequence[Policy] = (),
        controlled_agent: int = 0,
        render_mode: str | None = None,
    ) -> None:
        """Take control of an agent.

        Args:
          env: an environment, or the settings of one.
          partners: the other agents' policies in the order of the agents, or one for all of them: `(obs, key) ->
            action`, see `cogrid.policy`.
          controlled_agent: index of the learner's agent.
          render_mode: "ansi", "rgb_array", "human" or None, where settings are given.
        Raises:
          ConfigError: for an agent that does not exist, or another number of partners than there are other agents.
        """
        self.env: CoGridEnv = env if isinstance(env, CoGridEnv) else CoGridEnv(env, render_mode=render_mode)
        super().__init__(self.env, self.env.backend)
        names = self.possible_agents
        own_idx, others = read_partners(partners, len(names), controlled_agent)
        self.controlled_agent: AgentID = names[own_idx]
        self._policies = {names[idx]: policy for idx, policy in others}
        self._partners = dict(self._policies)
        self._own_observations = {names[idx]: own_observation(policy) for idx, policy in others}
        check_observations(self._own_observations.values(), self.tables)
        self._seen: dict[AgentID, np.ndarray] = {}
        self.render_mode: str | None = self.env.render_mode
        self.metadata: dict[str, Any] = self.env.metadata
        self.observation_space: spaces.Space[Any]
        self.action_space: spaces.Space[Any]
        self.observation_space, self.action_space = self._spaces()

    def __copy__(self) -> Self:
        """An environment of its own in the same state, with the same partners, who remember the same."""
        twin = object.__new__(type(self))
        partners = {
            name: partner if partner is self._policies[name] else copy.copy(partner)
            for name, partner in self._partners.items()
        }
        twin.__dict__ |= {**self.__dict__, "env": copy.copy(self.env), "_seen": dict(self._seen), "_partners": partners}
        return twin

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode; see `CoGridEnv.reset`."""
        super().reset(seed=seed)
        self._seen, infos = self.env.reset(seed=seed, options=options)
        self._partners = {name: begun(policy) for name, policy in self._policies.items()}
        return self._seen[self.controlled_agent], infos[self.controlled_agent]

    def step(self, action: Any) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Make a step with the learner's action and the partners'.

        Args:
          action: an action number.
        Returns:
          The learner's observation, reward, whether it terminated, whether the episode was truncated, and its info.
        Raises:
          EpisodeError: before `reset`, or after the end.
          ActionError: for an action, of the learner or of a partner, that is no action's number.
        """
        actions = {self.controlled_agent: action}
        for name, policy in self._partners.items():
            if name in self.env.agents:
                actions[name] = policy(self._seen_by(name), self.env.policy_key(name))
        seen, rewards, terminations, truncations, infos = self.env.step(actions)
        self._seen = seen
        me = self.controlled_agent
        infos[me].pop("episode", None)
        return seen[me], float(rewards[me]), terminations[me], truncations[me], infos[me]

    def _seen_by(self, name: AgentID) -> Any:
        """What a partner acts on: what the world shows it, or what it observes itself."""
        observation = self._own_observations[name]
        if observation is None:
            return self._seen[name]
        state = self.env.get_state()
        state = state if self.backend == "numpy" else state.map_arrays(np.asarray)
        return observation(state, self.possible_agents.index(name))

    def render(self, tile_size: int = TILE_SIZE) -> Any:
        """Draw the world as it is now; see `CoGridEnv.render`."""
        return self.env.render(tile_size)

    def close(self) -> None:
        """Nothing is held open."""
