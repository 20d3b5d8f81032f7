"""`SingleAgentVectorEnv`: many environments as one learner sees them, a Gymnasium `VectorEnv`."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from jaxtyping import Bool, Float, Int, Shaped

from cogrid.backend.namespaces import Array, namespace
from cogrid.core.config import EnvConfig
from cogrid.errors import EpisodeError
from cogrid.game import StepResult
from cogrid.game_environment import TILE_SIZE, GameEnvironment
from cogrid.policy import Policy, own_observation
from cogrid.single_agent.partners import check_observations, read_partners
from cogrid.vector.environment import CoGridVectorEnv


class SingleAgentVectorEnv(GameEnvironment, gymnasium.vector.VectorEnv[Any, Any, Any]):
    """One agent of many environments; the other agents, if there are any, are played by given partners.

    Observations are `[B, ...]`; actions, rewards, terminations and truncations `[B]`: no agent axis. The learner's
    episode ends when its own agent terminates, also where partners could go on, and then the environment is reset as
    `autoreset_mode` says. When a partner terminates, the learner plays on beside it.

    Attributes:
      num_envs: how many environments, B.
      controlled_agent: index of the learner's agent.
      single_observation_space, single_action_space: of one environment.
      autoreset_mode: what happens to an environment whose episode is over; also in `metadata`.
    """

    def __init__(
        self,
        config: EnvConfig | Mapping[str, Any] | GameEnvironment,
        num_envs: int,
        backend: str = "numpy",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
        partners: Policy | Sequence[Policy] = (),
        controlled_agent: int = 0,
        render_mode: str | None = None,
        engine: str | None = None,
        threads: int | None = None,
    ) -> None:
        """Build the environments.

        Args:
          config: the settings of each, or an environment that has them.
          num_envs: how many.
          backend: "numpy" or "jax"; JAX arrays come out of the latter.
          autoreset_mode: NEXT_STEP, SAME_STEP or DISABLED, or their values as strings.
          copy: whether each step returns observations in an array of its own; if not, the next step may take its memory
            (see `CoGridVectorEnv`).
          partners: the other agents' policies in the order of the agents, or one for all of them:
            `(obs [B, ...], key [B, 2]) -> actions [B]`, see `cogrid.policy`.
          controlled_agent: index of the learner's agent.
          render_mode: "ansi", "rgb_array", "human" or None; see `CoGridVectorEnv.render`.
          engine, threads: what steps the batch under NumPy, and over how many threads; see `CoGridVectorEnv`.
        Raises:
          ConfigError: for a bad setting, number or mode, an agent that does not exist, or another number of partners.
        """
        super().__init__(config, backend)
        self.controlled_agent: int
        self.controlled_agent, self._policies = read_partners(partners, self.tables.n_agents, controlled_agent)
        leader = self.controlled_agent
        settings = (backend, autoreset_mode, copy, leader, render_mode, engine, threads)
        self._envs = envs = CoGridVectorEnv(self, num_envs, *settings)
        self.render_mode: str | None = envs.render_mode
        is_jax = envs.backend == "jax"
        self._own_observations_of = {agent: own_observation(policy) for agent, policy in self._policies}
        check_observations(self._own_observations_of.values(), self.tables)
        self._split = _jitted(_split_agents) if is_jax else _split_agents
        self._join = _jitted(_join_agents) if is_jax else _join_agents
        self._seen: tuple[Array, ...] = ()
        self._must_copy = copy and envs.backend == "numpy" and envs.num_agents > 1
        self.num_envs: int = envs.num_envs
        self.single_observation_space: spaces.Space[Any] = envs.single_observation_space
        self.single_action_space: spaces.Space[Any] = envs.single_action_space
        self.autoreset_mode: AutoresetMode = envs.autoreset_mode
        self.metadata: dict[str, Any] = envs.metadata

    def __copy__(self) -> Self:
        """Environments of their own in the same states, with the same partners."""
        twin = object.__new__(type(self))
        twin.__dict__ |= {**self.__dict__, "_envs": copy.copy(self._envs)}
        return twin

    @functools.cached_property
    def observation_space(self) -> spaces.Space[Any]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The space of a batch of observations; made when first asked for, as it is larger than a batch."""
        return batch_space(self.single_observation_space, self.num_envs)

    @functools.cached_property
    def action_space(self) -> spaces.Space[Any]:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The space of a batch of actions."""
        return batch_space(self.single_action_space, self.num_envs)

    def reset(
        self, *, seed: Any = None, options: dict[str, Any] | None = None
    ) -> tuple[Shaped[Array, "..."], dict[str, Any]]:
        """Start an episode in every environment, or in some.

        Args:
          seed: environment i starts from seed + i, modulo 2**32; or a list with a seed for each environment. Without
            one each goes on from its last key, or from the system's entropy if there was none.
          options: `reset_mask` and `layout`, as in `CoGridVectorEnv.reset`. Other options are ignored.
        Returns:
          Observations `[B, ...]`, and infos.
        Raises:
          SeedError, LayoutError, ConfigError, EpisodeError: as `CoGridVectorEnv.reset`.
        """
        obs, infos = self._envs.reset(seed=seed, options=options)
        gymnasium.vector.VectorEnv.reset(self, seed=int(seed) if isinstance(seed, (int, np.integer)) else None)
        self._seen = self._split(obs)
        return self._own_observations(), self._own_mask(infos)

    def step(
        self, actions: Int[Array, "B"]
    ) -> tuple[Shaped[Array, "..."], Float[Array, "B"], Bool[Array, "B"], Bool[Array, "B"], dict[str, Any]]:
        """Make one step in every environment; the partners choose their actions first.

        What happens where an episode is over is what `autoreset_mode` says, by Gymnasium's conventions. SAME_STEP:
        `infos["final_obs"]` has the last observations of the episodes that ended, where `infos["_final_obs"]`; under
        NumPy it is an array of objects, None elsewhere, and there in steps that end an episode only; under JAX, where
        looking whether one has ended would mean to wait for it, it is an array `[B, ...]` at every step.

        Args:
          actions: `[B]` integer, the learner's.
        Returns:
          Observations `[B, ...]`, rewards `[B]` float32, terminations and truncations `[B]` bool, and infos.
        Raises:
          EpisodeError: before `reset`.
          ActionError: for wrong actions, of the learner or of a partner, as `CoGridVectorEnv.step`.
        """
        if not self._seen:
            raise EpisodeError("step was called before reset: call reset() first.")
        me, envs = self.controlled_agent, self._envs
        columns = {me: envs.read_actions(actions, me, "The learner's actions")}
        if self._policies:
            keys = self._split(envs.policy_keys())
            for agent, policy in self._policies:
                chosen = policy(self._seen_by(agent), keys[agent])
                columns[agent] = envs.read_actions(chosen, agent, f"The actions of the partner agent_{agent}")
        made = envs.advance(self._join(*(columns[agent] for agent in sorted(columns))))
        self._seen = self._split(made.obs)
        own = [self._split(values)[me] for values in (made.reward, made.terminated, made.truncated)]
        return self._own_observations(), own[0], own[1], own[2], self._own_infos(made)

    def _seen_by(self, agent: int) -> Shaped[Array, "..."]:
        """What a partner acts on: what the world shows it, or what it observes itself."""
        observation = self._own_observations_of[agent]
        if observation is None:
            return self._seen[agent]
        show = _jitted(observation) if self._envs.backend == "jax" else observation
        return show(self._envs.running_state())[:, agent]

    def get_state(self) -> Any:
        """The batched `EnvState`; a snapshot that later steps do not touch."""
        return self._envs.get_state()

    def render(self, tile_size: int = TILE_SIZE) -> Any:
        """Draw each environment as it is now; see `CoGridVectorEnv.render`."""
        return self._envs.render(tile_size)

    def _own_observations(self) -> Shaped[Array, "..."]:
        """The learner's observations; with `copy` and other agents, without these in the same memory."""
        own = self._seen[self.controlled_agent]
        return own.copy() if self._must_copy else own

    def _own_mask(self, infos: dict[str, Any]) -> dict[str, Any]:
        """Infos with the learner's action mask in place of everybody's, where there are masks."""
        if "action_mask" in infos:
            infos["action_mask"] = infos["action_mask"][:, self.controlled_agent]
        return infos

    def _own_infos(self, made: StepResult) -> dict[str, Any]:
        """Gymnasium's infos: statistics are `RecordEpisodeStatistics`' affair, and it wants their place to be free."""
        me, infos, has_ended = self.controlled_agent, {}, made.has_ended
        if made.shaped_reward is not None:
            infos["shaped_reward"] = self._split(made.shaped_reward)[me]
        infos |= self._own_mask(self._envs.action_masks())
        if self.autoreset_mode != AutoresetMode.SAME_STEP:
            return infos
        if self._envs.backend == "jax":
            final_obs: Any = self._split(made.final_obs)[me]
        elif has_ended.any():
            final_obs = np.full(self.num_envs, None, dtype=object)
            for env in np.flatnonzero(has_ended):
                final_obs[env] = made.final_obs[env, me].copy()
        else:
            return infos
        return infos | {"final_obs": final_obs, "_final_obs": has_ended, "final_info": {}, "_final_info": has_ended}


def _split_agents(values: Shaped[Array, "..."]) -> tuple[Shaped[Array, "..."], ...]:
    """Each agent's part of an array with an agent axis."""
    return tuple(values[:, idx] for idx in range(values.shape[1]))


def _join_agents(*columns: Int[Array, "B"]) -> Int[Array, "B A"]:
    """Actions by agent as one array."""
    return namespace(columns[0]).stack(columns, axis=-1)


@functools.cache
def _jitted(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    return jax.jit(function)
