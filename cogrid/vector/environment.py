"""`CoGridVectorEnv`: many environments of one kind, stepped together, on either backend."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space
from jaxtyping import Bool, Float, Int, Shaped, UInt, UInt8

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.backend.threefry import seed_words
from cogrid.core.actions import read_actions
from cogrid.core.config import EnvConfig
from cogrid.core.layout_set import layout_indices
from cogrid.core.state_builder import check_state
from cogrid.errors import ConfigError, EpisodeError, SeedError, check_integer, did_you_mean
from cogrid.game import StepResult
from cogrid.game_environment import (
    RENDER_MODES,
    TILE_SIZE,
    GameEnvironment,
    check_options,
    check_render_mode,
    draw,
)
from cogrid.vector.auto_reset import AutoReset
from cogrid.vector.engine import VectorEngine

Infos = dict[str, Any]


class CoGridVectorEnv(GameEnvironment):
    """Many environments of one kind, with Gymnasium's conventions for batches and an agent axis behind the batch axis.

    Observations are `[B, A, ...]`; actions, rewards, terminations and truncations `[B, A]`; of NumPy arrays under
    NumPy, of JAX arrays under JAX. Environment i plays the episodes of `CoGridEnv.reset(seed + i)`, bit for bit, and
    after each of them the one that `reset()` without a seed would start.

    Attributes:
      num_envs: how many environments, B.
      config: the settings of each; `config["num_agents"]` reads one, and so does `num_agents`.
      backend: "numpy" or "jax".
      engine: what steps the batch: "compiled" kernels, or "arrays", the array step.
      game: what is played: the compiled world, its observation and rewards.
      possible_agents: the agents' names in the order of the agent axis.
      single_observation_space, single_action_space: one agent's, in one environment.
      autoreset_mode: what happens to an environment whose episode is over (see `step`).
      event_names: names of the bits of `EnvState.events`.
      layout_names: the names of the layouts of the set, in order; empty in a world that plays no set.
    """

    def __init__(
        self,
        config: EnvConfig | Mapping[str, Any] | GameEnvironment,
        num_envs: int,
        backend: str = "numpy",
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
        leader: int | None = None,
        render_mode: str | None = None,
        engine: str | None = None,
        threads: int | None = None,
    ) -> None:
        """Build the environments.

        Args:
          config: the settings of each, or an environment that has them.
          num_envs: how many.
          backend: "numpy" or "jax".
          autoreset_mode: NEXT_STEP, SAME_STEP or DISABLED, or their values as strings.
          copy: whether each step returns observations in an array of its own. If not, the next step takes
            the array's memory: under NumPy the array then shows what is observed next, under JAX it is deleted, and
            reading it is an error. In a large batch fresh memory costs more than the step.
          leader: an agent's index: the episode is over for all when that agent has terminated. None: when all have.
          render_mode: "ansi", "rgb_array", "human" or None; see `render`.
          engine: what steps the batch under NumPy: "compiled" kernels, which Numba makes, or "arrays", the array step;
            both give the same bits. By default kernels, where Numba is installed and they can play the world.
          threads: over how many threads kernels may spread a large batch, where that is faster at the moment. Left out:
            what the environment variable COGRID_THREADS says, or else as many as there are cores, 8 at most.
        Raises:
          ConfigError: for a bad setting, number, mode, engine or number of threads.
          MissingDependencyError: for compiled kernels without Numba.
        """
        check_integer("num_envs", num_envs, 1)
        if not isinstance(copy, bool):
            raise ConfigError(f"copy is True or False, not {copy!r}.")
        self.autoreset_mode: AutoresetMode = _read_mode(autoreset_mode)
        super().__init__(config, backend)
        self.num_envs: int = int(num_envs)
        self.single_observation_space: spaces.Box
        self.single_action_space: spaces.Discrete
        self.single_observation_space, self.single_action_space = self._spaces()
        if leader is not None and not 0 <= leader < self.num_agents:
            raise ConfigError(f"There is no agent {leader}: there are {self.num_agents}, counted from 0.")
        self._action_shape = (self.num_envs, self.num_agents)
        self.render_mode: str | None = check_render_mode(render_mode)
        self.metadata: dict[str, Any] = {
            "name": self.config.name,
            "autoreset_mode": self.autoreset_mode,
            "render_modes": list(RENDER_MODES),
            "render_fps": 8,
        }
        self._copy, self._leader, self._threads = copy, leader, threads
        functions = AutoReset(self.game, self.autoreset_mode, leader)
        self._engine = VectorEngine(functions, self.num_envs, self.backend, copy, engine, threads)
        self.engine: str = self._engine.name

    def __copy__(self) -> CoGridVectorEnv:
        """Environments of their own in the same states; what is compiled is shared."""
        settings = (self.backend, self.autoreset_mode, self._copy, self._leader, self.render_mode)
        twin = CoGridVectorEnv(self, self.num_envs, *settings, self.engine, self._threads)
        twin._engine.go_on_from(self._engine)
        return twin

    @functools.cached_property
    def observation_space(self) -> spaces.Space[Any]:
        """The space of the whole batch's observations; made when first asked for, as it is larger than a batch."""
        return batch_space(batch_space(self.single_observation_space, self.num_agents), self.num_envs)

    @functools.cached_property
    def action_space(self) -> spaces.MultiDiscrete:
        """The space of the whole batch's actions."""
        return spaces.MultiDiscrete(np.full(self._action_shape, self.single_action_space.n))

    def reset(
        self, *, seed: int | Sequence[int] | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Shaped[Array, "..."], Infos]:
        """Start an episode in every environment, or in some.

        Args:
          seed: environment i starts from seed + i, modulo 2**32; or a list with a seed for each environment. Without
            one each goes on from its last key, or from the system's entropy if there was none.
          options: `reset_mask`, `[B]` bool: only these are reset, the others stay as they are. `layout`, in a world
            that plays a set of layouts: the index or the name of the one to play, or one for each environment, instead
            of drawn ones; it holds for this reset, later ones draw again. Other options are ignored.
        Returns:
          Observations `[B, A, ...]`, and infos.
        Raises:
          SeedError: for anything that is not a seed, or another number of seeds than of environments.
          LayoutError: for a layout that the set does not have, or in a world that plays no set.
          ConfigError: for a mask of another shape or dtype, and for a misspelt option.
          EpisodeError: for a mask before the first full reset.
        """
        options = check_options(options, ("reset_mask", "layout"))
        mask, layout = self._read_mask(options.get("reset_mask")), options.get("layout")
        layout_idx = None if layout is None else layout_indices(layout, self.layout_names, self.num_envs)
        obs = self._engine.reset(self._read_seed(seed), mask, layout_idx)
        return obs, self.action_masks()

    def _read_seed(self, seed: int | Sequence[int] | None) -> int | Sequence[int] | None:
        if isinstance(seed, (list, tuple, np.ndarray)):
            if len(seed) != self.num_envs:
                raise SeedError(f"There are {self.num_envs} environments and {len(seed)} seeds: give one for each.")
            seed = list(seed)
        for one in seed if isinstance(seed, list) else [] if seed is None else [seed]:
            seed_words(one)
        return seed

    def _read_mask(self, mask: Any) -> Bool[np.ndarray, "B"] | None:
        if mask is None:
            return None
        mask = np.asarray(mask)
        if mask.shape != (self.num_envs,) or mask.dtype != np.bool_:
            raise ConfigError(f"reset_mask is bool of shape ({self.num_envs},), not {mask.dtype} of {mask.shape}.")
        if not self._engine.is_running:
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
          (`infos["_episode"]`, `[B]`), `infos["episode"]` has its return `r`, `[B, A]`, and length `l`, `[B]`. Where
          the setting `shaped_rewards` is given, `infos["shaped_reward"]` is `[B, A]` float32, which is not paid. Where
          agents do not take every action, `infos["action_mask"]` is `[B, A, K]` bool, what each takes now; infos of
          `reset` have it, too.
        Raises:
          EpisodeError: before `reset`.
          ActionError: for a wrong shape or dtype, and for a number that is no action (of an array on a device, whose
            numbers are not at hand, where the setting `check` asks for it; else it counts as Noop).
        """
        made = self.advance(self.read_actions(actions))
        return made.obs, made.reward, made.terminated, made.truncated, self._infos(made)

    def advance(self, actions: Int[Array, "B A"]) -> StepResult:
        """Make a step with actions that `read_actions` has checked; its result without the state."""
        self._check_running()
        return self._engine.step(actions)

    def read_actions(
        self, actions: Any, agent_idx: int | None = None, whose: str = "Actions"
    ) -> Int[Array, "B A"] | Int[Array, "B"]:
        """Check actions for all environments.

        Args:
          actions: `[B, A]` integer; of one agent `[B]`.
          agent_idx: that agent's index, if they are one agent's.
          whose: what a message calls them.
        Raises:
          ActionError: see `step`.
        """
        shape = self._action_shape if agent_idx is None else (self.num_envs,)
        agents = self.possible_agents if agent_idx is None else [self.possible_agents[agent_idx]]
        must_read = self.backend == "numpy" or self.config.check
        return read_actions(actions, shape, self.tables.action_set, agents, must_read=must_read, whose=whose)

    def _infos(self, made: StepResult) -> Infos:
        has_ended = made.has_ended
        infos: Infos = {"episode": {"r": made.episode_return, "l": made.episode_length}, "_episode": has_ended}
        if made.shaped_reward is not None:
            infos["shaped_reward"] = made.shaped_reward
        infos |= self.action_masks()
        if self.autoreset_mode == AutoresetMode.SAME_STEP:
            infos |= {
                "final_obs": made.final_obs,
                "_final_obs": has_ended,
                "final_info": {"episode": infos["episode"], "_episode": has_ended},
                "_final_info": has_ended,
            }
        return infos

    def action_masks(self) -> Infos:
        """Infos of which actions each agent takes now, `[B, A, K]` bool; none in a world where all take all."""
        if self.tables.rules.takes is None:
            return {}
        return {"action_mask": self._engine.progress.state.action_mask}

    @property
    def unwrapped(self) -> Self:
        """Itself."""
        return self

    def get_state(self) -> Any:
        """The batched `EnvState`; a snapshot that later steps do not touch, and that may be written into."""
        self._check_running()
        return self._engine.copy_state()

    def render(
        self, tile_size: int = TILE_SIZE
    ) -> tuple[str, ...] | tuple[UInt8[np.ndarray, "height width 3"], ...] | None:
        """Draw each environment as it is now.

        Args:
          tile_size: edge of a cell in pixels, of an image.
        Returns:
          Under "ansi" a text for each, under "rgb_array" an image for each, `[height, width, 3]` uint8; None under
          "human", which prints the texts, and without a render mode.
        Raises:
          EpisodeError: before `reset`.
        """
        self._check_running()
        drawn = draw(self._single_states() if self.render_mode else [], self.render_mode, tile_size)
        return None if drawn is None else tuple(cast(Any, drawn))

    def _single_states(self) -> list[EnvState]:
        """Each environment's state, with NumPy leaves."""
        whole = self._engine.progress.state.map_arrays(np.asarray)
        each = [whole.map_arrays(operator.itemgetter(idx)) for idx in range(self.num_envs)]
        return [check_state(self.tables, state) for state in each]

    def running_state(self) -> EnvState:
        """The batched state itself, which must not be written into; `get_state` gives a snapshot."""
        self._check_running()
        return self._engine.progress.state

    def policy_keys(self) -> UInt[Array, "B A 2"]:
        """The raw keys from which each agent's policy can draw its next action (see `cogrid.policy`): `[B, A, 2]`."""
        self._check_running()
        return self._engine.policy_keys()

    def _check_running(self) -> None:
        if not self._engine.is_running:
            raise EpisodeError("There was no reset yet: call reset() first.")

    def close(self) -> None:
        """Nothing is held open."""

    def __repr__(self) -> str:
        return f"<CoGridVectorEnv {self.num_envs} x {self.config.name!r}, backend {self.backend!r}, {self.engine}>"


def _read_mode(mode: AutoresetMode | str) -> AutoresetMode:
    if isinstance(mode, AutoresetMode):
        return mode
    by_name = {name.value: name for name in AutoresetMode} | {name.name: name for name in AutoresetMode}
    if mode not in by_name:
        raise ConfigError(f"There is no autoreset_mode {mode!r}. {did_you_mean(mode, by_name)}")
    return by_name[mode]
