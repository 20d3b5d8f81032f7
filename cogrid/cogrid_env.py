"""`CoGridEnv`: a world as a PettingZoo `ParallelEnv`, on either backend."""

from __future__ import annotations

import copy
import functools
import os
import pathlib
import secrets
import sys
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from gymnasium import spaces
from jaxtyping import Int, UInt
from pettingzoo import ParallelEnv

from cogrid.backend.env_state import EnvState
from cogrid.backend.threefry import seed_words
from cogrid.core.actions import refuse_traced
from cogrid.core.config import EnvConfig
from cogrid.core.draws import Purpose
from cogrid.core.events import EventNames
from cogrid.core.jax_step import StepTuple
from cogrid.core.layout_set import layout_index
from cogrid.core.reward import TotalReward
from cogrid.core.state_builder import build_state, check_state
from cogrid.engine import Engine, IntegerEngine, JaxEngine
from cogrid.errors import ActionError, EpisodeError, MissingDependencyError, did_you_mean
from cogrid.feature_space import Observation
from cogrid.game import StepResult
from cogrid.game_environment import (
    RENDER_MODES,
    TILE_SIZE,
    GameEnvironment,
    check_options,
    check_render_mode,
    draw,
    refuse_setting,
)
from cogrid.integer.draws import draw_words, next_episode_key
from cogrid.recording.archive import (
    check_environment,
    environment_header,
    read_archive,
    state_from_leaves,
    state_leaves,
    write_archive,
)

AgentID = str
StepDicts = tuple[
    dict[AgentID, np.ndarray],
    dict[AgentID, float],
    dict[AgentID, bool],
    dict[AgentID, bool],
    dict[AgentID, dict[str, Any]],
]


class CoGridEnv(GameEnvironment, ParallelEnv[AgentID, np.ndarray, Any]):
    """A grid world with several agents.

    Dicts of NumPy values in and out, whatever the backend. The same world as pure functions on states is `jax_reset`
    and `jax_step`.

    Attributes:
      config: the settings; `config["num_agents"]` reads one, and `env.max_steps` too.
      backend: "numpy" or "jax".
      game: what is played: the compiled world, its observation and rewards.
      tables: the compiled world.
      possible_agents: `agent_0`, `agent_1`, ...
      agents: those whose episode goes on; empty before `reset` and after the end.
      event_names: names of the bits of `EnvState.events`.
      observation: what agents observe, a function of a state, batched or not.
      reward: what agents are paid, a function of the previous state, the state and the actions, batched or not.
      jax_reset: `key -> (state, obs)`, pure; jitted under JAX, the same on NumPy arrays under NumPy. A second argument
        names the layout of a set, as for `reset_to_layout`.
      jax_step: `(state, actions) -> (state, obs, reward, done, info)`, likewise; no auto-reset.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - PettingZoo's own declaration
        "name": "cogrid",
        "render_modes": list(RENDER_MODES),
        "render_fps": 8,
        "is_parallelizable": True,
    }

    def __init__(
        self,
        config: EnvConfig | Mapping[str, Any] | GameEnvironment,
        backend: str = "numpy",
        render_mode: str | None = None,
    ) -> None:
        """Build a world.

        Args:
          config: the settings, or an environment whose settings and game are taken.
          backend: "numpy" or "jax".
          render_mode: "ansi", "rgb_array", "human" or None.
        Raises:
          ConfigError: for a setting, a name or a render mode that does not exist; LayoutError for a bad layout;
            RuleError for rules that cannot be compiled; BackendError for an unknown backend.
        """
        super().__init__(config, backend)
        self.render_mode: str | None = check_render_mode(render_mode)
        self._window: Any = None
        self._has_no_window = False
        self.metadata = {**type(self).metadata, "name": self.config.name}
        self.observation: Observation = self.game.observation
        self.reward: TotalReward = self.game.reward
        self.observation_spaces: dict[AgentID, spaces.Space[Any]] = {}
        self.action_spaces: dict[AgentID, spaces.Space[Any]] = {}
        seen, taken = self._spaces()
        for agent in self.possible_agents:  # Copies draw samples of their own; the bounds of a large map are shared.
            self.observation_spaces[agent], self.action_spaces[agent] = copy.copy(seen), copy.copy(taken)
        self._engine: Engine = JaxEngine(self.game) if self.backend == "jax" else IntegerEngine(self.game)
        self.jax_reset: Callable[..., tuple[EnvState, Any]] = self._engine.reset_fn
        self.jax_step: Callable[[EnvState, Any], StepTuple] = self._engine.step_fn
        self._key: tuple[int, int] | None = None
        self._was_reset = False
        self._np_random: np.random.Generator | None = None
        self._np_seed: int | None = None
        self.agents: list[AgentID] = []
        self._indices: dict[AgentID, int] = {}
        self._names_of_mask: dict[int, EventNames] = {}
        self._noop = self.tables.action_set.noop
        self._has_masks = self.tables.rules.takes is not None
        self._n_actions = len(self.tables.action_set)
        self._start_counting(0)

    @property
    def num_agents(self) -> int:
        """How many agents are in `agents`; `config.num_agents` is how many there are in all."""
        return len(self.agents)

    @num_agents.setter
    def num_agents(self, value: Any) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        refuse_setting("num_agents", value)

    def observation_space(self, agent: AgentID) -> spaces.Box:
        """The space of an agent's observations; the same object at every call."""
        return cast(spaces.Box, self.observation_spaces[agent])

    def action_space(self, agent: AgentID) -> spaces.Discrete:
        """The space of an agent's actions; the same object at every call."""
        return cast(spaces.Discrete, self.action_spaces[agent])

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[AgentID, np.ndarray], dict[AgentID, dict[str, Any]]]:
        """Start an episode.

        Args:
          seed: 0 to 2**32 - 1. Without one, the episode goes on from the last one's key, or from the system's entropy
            if there was none.
          options: `layout`, in a world that plays a set of layouts: the index or the name of the one to play, instead
            of a drawn one. Other options are ignored.
        Returns:
          Observations and infos by agent.
        Raises:
          SeedError: for a seed out of range, or not an integer.
          LayoutError: for a layout that the set does not have, or in a world that plays no set.
          ConfigError: for a misspelt option.
        """
        layout = check_options(options, ("layout",)).get("layout")
        layout_idx = None if layout is None else layout_index(layout, self.layout_names)
        if seed is not None:
            key = seed_words(seed)
            self._np_random, self._np_seed = None, key[1]
        elif self._key is not None:
            key = next_episode_key(self._key)
        else:
            key = seed_words(secrets.randbits(32))
        observations = self._engine.reset(key, layout_idx)
        self._key = key
        self._was_reset = True
        self._start_counting(0)
        self._set_agents([False] * self.tables.n_agents, False)
        infos: dict[AgentID, dict[str, Any]] = {agent: {} for agent in self.agents}
        self._tell_masks(infos)
        return dict(zip(self.agents, observations, strict=True)), infos

    @property
    def np_random(self) -> np.random.Generator:
        """A generator for wrappers that draw, how many frames to skip say; no draw of an episode comes from it.

        It starts anew from the seed of each `reset` that has one, and from the system's entropy before the first.
        """
        if self._np_random is None:
            self._np_random = np.random.default_rng(self._np_seed)
        return self._np_random

    def reset_to_layout(self, key: Any, layout_idx: Any) -> tuple[EnvState, Any]:
        """Start an episode on a layout of the set, for curricula: pure, jitted under JAX, may be vmapped.

        Args:
          key: a threefry key, typed or raw, as for `jax_reset`.
          layout_idx: which layout, by name or number; traced or in an array, a number that is out of range counts
            modulo their number.
        Returns:
          The first state and its observations, as `jax_reset` returns them.
        Raises:
          LayoutError: in a world that plays no set of layouts, for a name or a plain integer that is not in it, and
            for an array of another shape or dtype.
        """
        if isinstance(layout_idx, (str, int, np.integer)) or not self.tables.map.is_set:
            layout_idx = np.int32(layout_index(layout_idx, self.layout_names))
        return self.jax_reset(key, layout_idx)

    def step(self, actions: Mapping[AgentID, Any]) -> StepDicts:
        """Make one step.

        Args:
          actions: an action number for each agent in `agents`. Agents that have terminated need none.
        Returns:
          Observations, rewards, terminations, truncations and infos, for each agent that was in `agents`. An info has
          `events`, the names of what happened to the agent in this step (as an array, a mask over `event_names`); where
          the setting `shaped_rewards` is given `shaped_reward`, which is not paid; where agents do not take every
          action, `action_mask`, `[K]` int8, 1 for what this one takes now (infos of `reset` have it, too); and in the
          agent's last step `episode`, with its return `r` and length `l` since the reset.
        Raises:
          EpisodeError: before `reset`, or after the episode's end.
          ActionError: for an action that is missing, of an unknown agent, not an integer, or out of range.
        """
        live = self._indices
        if not live:
            self._refuse_step()
        made = self._engine.step(self._read_actions(actions))
        observations, rewards, terminated, truncated = made.obs, made.reward, made.terminated, made.truncated
        self._time += 1
        infos = self._infos(made)
        if made.done or True in terminated:
            self._set_agents(terminated, made.done)
        return (
            {agent: observations[idx] for agent, idx in live.items()},
            {agent: rewards[idx] for agent, idx in live.items()},
            {agent: terminated[idx] for agent, idx in live.items()},
            {agent: truncated[idx] for agent, idx in live.items()},
            infos,
        )

    def _infos(self, made: StepResult) -> dict[AgentID, dict[str, Any]]:
        """The infos of a step; returns are counted here."""
        infos: dict[AgentID, dict[str, Any]] = {}
        rewards, shaped, terminated, is_done = made.reward, made.shaped_reward, made.terminated, made.done
        events, spelt, returns = self._engine.events, self._names_of_mask, self._returns
        for agent, idx in self._indices.items():
            info = infos[agent] = {"events": spelt.get(events[idx]) or self._event_names(events[idx])}
            if shaped is not None:
                info["shaped_reward"] = shaped[idx]
            returns[idx] += float(rewards[idx])
            if is_done or terminated[idx]:
                info["episode"] = {"r": returns[idx], "l": self._time - self._start_time}
        if self._has_masks:
            self._tell_masks(infos)
        return infos

    def _tell_masks(self, infos: dict[AgentID, dict[str, Any]]) -> None:
        """Add to infos which actions each agent takes, in a world where some do not take all."""
        if self._has_masks:
            masks = self._engine.action_mask.astype(np.int8)
            for agent, info in infos.items():
                info["action_mask"] = masks[self.possible_agents.index(agent)]

    def _event_names(self, mask: int) -> EventNames:
        """The names of the bits of an event mask; each mask is spelt once."""
        if mask not in self._names_of_mask:
            self._names_of_mask[mask] = EventNames(self.event_names, mask)
        return self._names_of_mask[mask]

    def _start_counting(self, time: int) -> None:
        """An episode's return and length count from a time on."""
        self._returns = [0.0] * self.tables.n_agents
        self._time = self._start_time = time
        self._policy_words: list[int] = []

    def _refuse_step(self) -> None:
        if not self._was_reset:
            raise EpisodeError("step was called before reset: call env.reset() first.")
        raise EpisodeError("The episode is over (env.agents is empty): call env.reset() to start another.")

    def _set_agents(self, terminated: list[bool], is_done: bool) -> None:
        self._indices = {
            agent: idx for idx, agent in enumerate(self.possible_agents) if not (is_done or terminated[idx])
        }
        self.agents = list(self._indices)

    def _read_actions(self, actions: Mapping[AgentID, Any]) -> list[int]:
        joint = [self._noop] * self.tables.n_agents
        for agent, idx in self._indices.items():
            try:
                action = actions[agent]
            except KeyError:
                hint = f" Agents go by their names: {{{agent!r}: ...}}, not {{{idx}: ...}}." if idx in actions else ""
                raise ActionError(
                    f"There is no action for {agent!r}; every agent in env.agents needs one.{hint}"
                ) from None
            except (IndexError, TypeError):
                raise ActionError(
                    f"step takes a mapping of an action for each agent, {{{agent!r}: ...}}, not {actions!r}."
                ) from None
            if type(action) is not int:
                action = _as_integer(agent, action)
            if not 0 <= action < self._n_actions:
                self.tables.action_set.check_number(action, repr(agent))
            joint[idx] = action
        if len(actions) > len(self._indices):
            for agent in actions:
                if agent not in self.possible_agents:
                    raise ActionError(f"There is no agent {agent!r}. {did_you_mean(agent, self.possible_agents)}")
        return joint

    def policy_key(self, agent: AgentID) -> UInt[np.ndarray, "2"]:
        """The raw key from which an agent's policy can draw its next action: `[2]` uint32 (see `cogrid.policy`).

        It follows from the episode's seed, the time and the agent, so that a seeded episode has the same actions again.
        """
        if self._key is None:
            raise EpisodeError("There is no key before reset: call env.reset() first.")
        if not self._policy_words:
            self._policy_words = draw_words(*self._key, Purpose.POLICY, 0, 2 * self.tables.n_agents)
        idx = self.possible_agents.index(agent)
        first, second = self._policy_words[2 * idx : 2 * idx + 2]
        return np.array([(first + self._time) % 2**32, second], dtype=np.uint32)

    def get_state(self) -> EnvState:
        """A snapshot of the world, which later steps do not touch; leaves of the environment's backend.

        Raises:
          EpisodeError: before any `reset` or `set_state`.
        """
        if not self._was_reset:
            raise EpisodeError("There is no state before reset: call env.reset() or env.set_state() first.")
        return self._engine.get_state()

    def set_state(self, state: EnvState) -> None:
        """Go on from a state, of either backend; possible before any `reset` too. `agents` is made anew.

        Raises:
          StateError: when this world can never be in that state; says why.
        """
        checked = check_state(self.tables, state)
        self._engine.set_state(checked)
        self._key = (int(checked.rng_key[0]), int(checked.rng_key[1]))
        self._was_reset = True
        self._start_counting(int(checked.time))
        self._set_agents(checked.terminated.tolist(), bool(checked.is_time_up))

    def save(self, path: str | os.PathLike[str]) -> pathlib.Path:
        """Write the state to a file, from which an equal environment goes on bit for bit (`load`).

        Args:
          path: where to; ".npz" is added if it is missing. The format is in `cogrid.recording.archive`.
        Returns:
          Where the file is.
        Raises:
          EpisodeError: before any `reset` or `set_state`.
        """
        return write_archive(
            path, "state", environment_header(self.tables, self.config.name), state_leaves(self.get_state())
        )

    def load(self, path: str | os.PathLike[str]) -> None:
        """Go on from a state in a file, written on either backend; possible before any `reset` too.

        Args:
          path: the file. No code in it is run.
        Raises:
          StateError: for anything that is not such a file, and for one of other rules, another map or other settings,
            or of an impossible state.
        """
        header, arrays = read_archive(path, "state")
        check_environment(path, header, self.tables, self.config.name)
        self.set_state(state_from_leaves(self.tables, arrays))

    def __copy__(self) -> CoGridEnv:
        """An environment of its own in the same state; what is compiled is shared."""
        twin = CoGridEnv(self, self.backend, self.render_mode)
        twin.action_spaces = copy.deepcopy(self.action_spaces)
        twin._np_random, twin._np_seed = copy.deepcopy(self._np_random), self._np_seed
        twin.observation_spaces = copy.deepcopy(self.observation_spaces)
        if self._was_reset:
            twin.set_state(self.get_state())
            twin._returns, twin._start_time = self._returns.copy(), self._start_time
        return twin

    def state_from_arrays(self, **arrays: Any) -> EnvState:
        """Build a state of this world from named arrays (see `EnvState` for the names); leaves of the backend.

        What is left out is the start's: time 0, key 0, nobody terminated, the layout's objects. At pots `pot_contents`
        (a row's entries in any order) and `pot_timer` decide, and `object_state_map` is not looked at.

        Raises:
          StateError: for an unknown name, a wrong shape, or a state that this world can never be in.
        """
        state = build_state(self.tables, arrays)
        return state if self.backend == "numpy" else _jax_leaves(state)

    def state(self) -> Int[np.ndarray, "S"]:
        """The whole world as one vector, for a centralised critic.

        Returns:
          `[S]` int32: `object_type_map`, `object_state_map`, then for each agent row, column, direction, item in hand
          (-1 for none) and whether it has terminated, then the time.
        """
        state = check_state(self.tables, self.get_state())
        agents = np.concatenate(
            [state.agent_pos, state.agent_dir[:, None], state.agent_inv, state.terminated[:, None].astype(np.int32)],
            axis=1,
        )
        parts = [state.object_type_map, state.object_state_map, agents, state.time]
        return np.concatenate([part.reshape(-1) for part in parts]).astype(np.int32)

    @functools.cached_property
    def state_space(self) -> spaces.Box:
        """The space of `state()`."""
        size = 2 * self.tables.n_cells + 5 * self.tables.n_agents + 1
        limits = np.iinfo(np.int32)
        return spaces.Box(limits.min, limits.max, (size,), np.int32)

    def render(self, tile_size: int = TILE_SIZE) -> str | np.ndarray | None:
        """Draw the world as it is now.

        Args:
          tile_size: edge of a cell in pixels, of an image or in a window.
        Returns:
          Under "ansi" text, one line a row; under "rgb_array" an image, `[height, width, 3]` uint8; None under "human",
          which shows the image in a window, or prints the text and how to get a window, and without a render mode.
        Raises:
          EpisodeError: before any `reset` or `set_state`.
        """
        states = [check_state(self.tables, self.get_state())] if self.render_mode else []
        if self.render_mode == "human" and self._open_window():
            for image in draw(states, "rgb_array", tile_size) or ():
                self._window.show(image)
            return None
        drawn = draw(states, self.render_mode, tile_size)
        return None if drawn is None else drawn[0]

    def _open_window(self) -> bool:
        """Whether there is a window for the render mode "human"; the first time that there is none, it is said why."""
        if self._window is None and not self._has_no_window:
            from cogrid.rendering.window import Window

            try:
                self._window = Window(self.config.name, int(self.metadata["render_fps"]))
            except MissingDependencyError as error:
                self._has_no_window = True
                print(error, file=sys.stderr)
        return self._window is not None

    def close(self) -> None:
        """Close the window, if one is open."""
        if self._window is not None:
            self._window.close()
            self._window = None

    def __repr__(self) -> str:
        return f"<CoGridEnv {self.config.name!r}, backend {self.backend!r}, {self.tables!r}>"


def _as_integer(agent: AgentID, action: Any) -> int:
    refuse_traced(action, f"The action of {agent!r}")
    dtype = getattr(action, "dtype", None)
    if not isinstance(dtype, np.dtype) or dtype.kind not in "iu" or np.shape(action) != ():
        raise ActionError(f"The action of {agent!r} is an integer, not {action!r} ({type(action).__name__}).")
    return int(action)


def _jax_leaves(state: EnvState) -> EnvState:
    import jax
    import jax.numpy as jnp

    return jax.tree.map(jnp.asarray, state)
