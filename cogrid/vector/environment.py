"""`CoGridVectorEnv`: many environments of one kind, stepped together, on either backend."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from jaxtyping import Bool, Float, Int, Shaped

from cogrid.backend._dispatch import Backend
from cogrid.backend.namespaces import Array
from cogrid.backend.threefry import seed_words
from cogrid.cogrid_env import AgentID, CoGridEnv
from cogrid.core.config import EnvConfig
from cogrid.core.layout_set import layout_indices
from cogrid.core.tables import Tables
from cogrid.errors import ActionError, ConfigError, EpisodeError, did_you_mean
from cogrid.vector.auto_reset import BatchStep
from cogrid.vector.engine import VectorEngine, make_vector_engine

Infos = dict[str, Any]


class CoGridVectorEnv:
    """Many environments of one kind, with Gymnasium's conventions for batches and an agent axis behind the batch axis.

    Observations are `[B, A, ...]`; actions, rewards, terminations and truncations `[B, A]`; of NumPy arrays under
    NumPy, of JAX arrays under JAX. Environment i plays the episodes of `CoGridEnv.reset(seed + i)`, bit for bit, and
    after each of them the one that `reset()` without a seed would start.

    Attributes:
      num_envs: how many environments, B.
      config: the settings of each; `config["num_agents"]` reads one.
      backend: "numpy" or "jax".
      tables: the compiled world.
      possible_agents: the agents' names in the order of the agent axis.
      single_observation_space, single_action_space: one agent's, in one environment.
      autoreset_mode: what happens to an environment whose episode is over (see `step`).
      event_names: names of the bits of `EnvState.events`.
      layout_names: the names of the layouts of the set, in order; empty in a world that plays no set.
    """

    def __init__(
        self,
        config: EnvConfig | Mapping[str, Any],
        num_envs: int,
        backend: str = "numpy",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
        leader: int | None = None,
    ) -> None:
        """Build the environments.

        Args:
          config: the settings of each.
          num_envs: how many.
          backend: "numpy" or "jax".
          autoreset_mode: NEXT_STEP, SAME_STEP or DISABLED, or their values as strings.
          copy: whether each step returns observations in an array of its own. If not, the next step takes
            the array's memory: under NumPy the array then shows what is observed next, under JAX it is deleted, and
            reading it is an error. In a large batch fresh memory costs more than the step.
          leader: an agent's index: the episode is over for all when that agent has terminated. None: when all have.
        Raises:
          ConfigError: for a bad setting, number or mode.
        """
        if isinstance(num_envs, bool) or not isinstance(num_envs, (int, np.integer)) or num_envs < 1:
            raise ConfigError(f"num_envs is an integer of at least 1, not {num_envs!r}.")
        if not isinstance(copy, bool):
            raise ConfigError(f"copy is True or False, not {copy!r}.")
        self.autoreset_mode: AutoresetMode = _read_mode(autoreset_mode)
        env = CoGridEnv(config, backend=backend)
        self.config: EnvConfig = env.config
        self.backend: Backend = env.backend
        self.tables: Tables = env.tables
        self.num_envs: int = int(num_envs)
        self.possible_agents: list[AgentID] = env.possible_agents
        self.event_names: tuple[str, ...] = env.event_names
        self.layout_names: tuple[str, ...] = env.layout_names
        self.single_observation_space: spaces.Box = env.observation_space(self.possible_agents[0])
        self.single_action_space: spaces.Discrete = env.action_space(self.possible_agents[0])
        if leader is not None and not 0 <= leader < self.num_agents:
            raise ConfigError(f"There is no agent {leader}: there are {self.num_agents}, counted from 0.")
        self._action_shape = (self.num_envs, self.num_agents)
        self.metadata: dict[str, Any] = {**env.metadata, "autoreset_mode": self.autoreset_mode}
        self._engine: VectorEngine = make_vector_engine(env, self.num_envs, self.autoreset_mode, copy, leader)
        self._was_reset = False

    @functools.cached_property
    def observation_space(self) -> spaces.Space[Any]:
        """The space of the whole batch's observations; made when first asked for, as it is larger than a batch."""
        return batch_space(batch_space(self.single_observation_space, self.num_agents), self.num_envs)

    @functools.cached_property
    def action_space(self) -> spaces.MultiDiscrete:
        """The space of the whole batch's actions."""
        return spaces.MultiDiscrete(np.full(self._action_shape, self.single_action_space.n))

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Shaped[Array, "..."], Infos]:
        """Start an episode in every environment, or in some.

        Args:
          seed: environment i starts from seed + i, modulo 2**32. Without one each goes on from its last key, or from
            the system's entropy if there was none.
          options: `reset_mask`, `[B]` bool: only these are reset, the others stay as they are. `layout`, in a world
            that plays a set of layouts: the index or the name of the one to play, or one for each environment, instead
            of drawn ones; it holds for this reset, later ones draw again. Other options are ignored.
        Returns:
          Observations `[B, A, ...]`, and infos.
        Raises:
          SeedError: for a seed that is none.
          LayoutError: for a layout that the set does not have, or in a world that plays no set.
          ConfigError: for a mask of another shape or dtype.
          EpisodeError: for a mask before the first full reset.
        """
        options = options or {}
        mask, layout = self._read_mask(options.get("reset_mask")), options.get("layout")
        layout_idx = None if layout is None else layout_indices(layout, self.layout_names, self.num_envs)
        if seed is not None:
            seed_words(seed)
        obs = self._engine.reset(seed, mask, layout_idx)
        self._was_reset = True
        return obs, {}

    def _read_mask(self, mask: Any) -> Bool[np.ndarray, "B"] | None:
        if mask is None:
            return None
        mask = np.asarray(mask)
        if mask.shape != (self.num_envs,) or mask.dtype != np.bool_:
            raise ConfigError(f"reset_mask is bool of shape ({self.num_envs},), not {mask.dtype} of {mask.shape}.")
        if not self._was_reset:
            raise EpisodeError("The first reset must be one of all environments: call reset() without a reset_mask.")
        return mask

    def step(
        self, actions: Int[Array, "B A"]
    ) -> tuple[Shaped[Array, "..."], Float[Array, "B A"], Bool[Array, "B A"], Bool[Array, "B A"], Infos]:
        """Make one step in every environment.

        What happens where an episode is over depends on `autoreset_mode`. NEXT_STEP: the next call starts the next
        episode there, ignores its actions and pays nothing. SAME_STEP: this call starts it; the last observations and
        infos of the episode that ended are in `infos["final_obs"]` and `infos["final_info"]`, `[B, A, ...]`, where
        `infos["_final_obs"]`, `[B]`. DISABLED: nothing; the world plays on and its ends stay set, until
        `reset(options={"reset_mask": ...})`.

        Args:
          actions: `[B, A]` integer.
        Returns:
          Observations `[B, A, ...]`, rewards `[B, A]` float32, terminations and truncations `[B, A]` bool, and infos.
          An agent's termination stays set while the others go on. Where an episode has just ended
          (`infos["_episode"]`, `[B]`), `infos["episode"]` has its return `r`, `[B, A]`, and length `l`, `[B]`.
        Raises:
          EpisodeError: before `reset`.
          ActionError: for a wrong shape or dtype, or (under NumPy) an action out of range.
        """
        if not self._was_reset:
            raise EpisodeError("step was called before reset: call reset() first.")
        actions = self._read_actions(actions)
        made, returns, lengths, has_ended = self._engine.step(actions)
        return made.obs, made.reward, made.terminated, made.truncated, self._infos(made, returns, lengths, has_ended)

    def _read_actions(self, actions: Any) -> Int[Array, "B A"]:
        if self.backend == "numpy" or not isinstance(getattr(actions, "dtype", None), np.dtype):
            actions = np.asarray(actions)
        if actions.shape != self._action_shape or not np.issubdtype(actions.dtype, np.integer):
            raise ActionError(
                f"Actions are integers of shape {self._action_shape}, not {actions.dtype} of {tuple(actions.shape)}."
            )
        if self.backend == "numpy" and (actions.min() < 0 or actions.max() >= self.single_action_space.n):
            self._refuse_actions(actions)
        return actions

    def _refuse_actions(self, actions: Int[np.ndarray, "B A"]) -> None:
        env, agent = np.argwhere((actions < 0) | (actions >= self.single_action_space.n))[0]
        who = f"{self.possible_agents[agent]!r} in environment {env}"
        names = ", ".join(f"{number} {name}" for number, name in enumerate(self.tables.action_set.names))
        raise ActionError(f"The action {actions[env, agent]} of {who} is out of range: {names}.")

    def _infos(self, made: BatchStep, returns: Array, lengths: Array, has_ended: Bool[Array, "B"]) -> Infos:
        infos: Infos = {"episode": {"r": returns, "l": lengths}, "_episode": has_ended}
        if self.autoreset_mode == AutoresetMode.SAME_STEP:
            infos |= {
                "final_obs": made.final_obs,
                "_final_obs": has_ended,
                "final_info": {"episode": infos["episode"], "_episode": has_ended},
                "_final_info": has_ended,
            }
        return infos

    @property
    def unwrapped(self) -> CoGridVectorEnv:
        """Itself."""
        return self

    @functools.cached_property
    def num_agents(self) -> int:
        """How many agents play in each environment."""
        return len(self.possible_agents)

    def get_state(self) -> Any:
        """The batched `EnvState`; a snapshot that later steps do not touch."""
        if not self._was_reset:
            raise EpisodeError("There is no state before reset: call reset() first.")
        return self._engine.state

    def close(self) -> None:
        """Nothing is held open."""

    def __repr__(self) -> str:
        return f"<CoGridVectorEnv {self.num_envs} x {self.config.name!r}, backend {self.backend!r}>"


def _read_mode(mode: AutoresetMode | str) -> AutoresetMode:
    if isinstance(mode, AutoresetMode):
        return mode
    by_name = {name.value: name for name in AutoresetMode} | {name.name: name for name in AutoresetMode}
    if mode not in by_name:
        raise ConfigError(f"There is no autoreset_mode {mode!r}. {did_you_mean(mode, by_name)}")
    return by_name[mode]
