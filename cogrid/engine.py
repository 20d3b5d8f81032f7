"""The two engines behind `CoGridEnv`: one world on plain integers, or one world in JAX, stepped in place.

Both have the same methods. A step's result has a list with an entry for each agent instead of each array, and no state;
what happened to each agent in it is in `events`, as a bit mask.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.threefry import raw_key
from cogrid.core.actions import as_numpy
from cogrid.core.jax_step import StepTuple, jax_step, make_jitted_reset, make_jitted_step
from cogrid.game import Game, StepResult
from cogrid.integer.payments import IntegerPayments
from cogrid.integer.views import integer_view
from cogrid.integer.world import IntegerWorld

ResetFn = Callable[..., tuple[EnvState, Any]]
"""`key -> (state, obs)`, or `(key, layout_idx) -> (state, obs)` in a world that plays a set of layouts."""

StepFn = Callable[[EnvState, Any], StepTuple]
"""`(state, actions) -> (state, obs, reward, done, info)`."""


class IntegerEngine:
    """A world on plain integers; observations and rewards from tables, or from arrays where they need them."""

    def __init__(self, game: Game) -> None:
        tables, observation, shaped = game.tables, game.observation, game.shaped_reward
        self._game = game
        self._tables = tables
        self._payer = IntegerPayments(game.reward, tables)
        self._shaper = None if shaped is None else IntegerPayments(shaped, tables)
        self._needs_state = self._payer.needs_state or (self._shaper is not None and self._shaper.needs_state)
        self._world = IntegerWorld(tables)
        self._world.notes_attempts = any(
            each is not None and each.needs_attempts for each in (self._payer, self._shaper)
        )
        self._dtype = observation.dtype(tables)
        self._view = integer_view(observation.blocks(tables), tables, self._dtype)
        self._shape = observation.bounds(tables)[0].shape
        self.reset_fn: ResetFn = functools.partial(_numpy_reset, game)
        self.step_fn: StepFn = functools.partial(_numpy_step, game)

    @property
    def events(self) -> list[int]:
        """What happened to each agent in the last step, as a bit mask."""
        return self._world.events

    @property
    def action_mask(self) -> Bool[np.ndarray, "A K"]:
        """Which actions each agent takes."""
        takes, n_actions = self._tables.rules.takes, len(self._tables.action_set)
        if takes is None:
            return np.ones((self._tables.n_agents, n_actions), dtype=np.bool_)
        return takes.reshape(-1, n_actions)[self._world.agent_value]

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> list[np.ndarray]:
        """Start an episode from a key, on a layout of the set if one is named; each agent's observation."""
        self._world.reset(key, layout_idx)
        return self._observe()

    def step(self, actions: list[int]) -> StepResult:
        """Make a step; actions are one per agent, in range, Noop for a terminated agent."""
        world = self._world
        was_terminated = world.terminated.copy()
        before = world.to_state() if self._needs_state else None
        world.step(actions)
        rewards = self._payer.pay(world, actions, before, was_terminated)
        shaped = None if self._shaper is None else self._shaper.pay(world, actions, before, was_terminated)
        is_time_up = self._tables.max_steps is not None and world.time >= self._tables.max_steps
        terminated = world.terminated.copy()
        truncated = [is_time_up and not ended for ended in terminated]
        return StepResult(None, self._observe(), rewards, shaped, terminated, truncated, is_time_up or all(terminated))

    def get_state(self) -> EnvState:
        """A snapshot that later steps do not touch."""
        return self._world.to_state()

    def set_state(self, state: EnvState) -> None:
        """Go on from a checked state with NumPy leaves."""
        self._world.load(state)

    def _observe(self) -> list[np.ndarray]:
        if self._game.check:
            self._game.check_state(self._world.to_state())
        rows = self._view(self._world)
        self._world.forget_changes()
        return [np.ndarray(self._shape, self._dtype, row) for row in rows]


def _numpy_reset(game: Game, key: Any, layout_idx: Any = None) -> tuple[EnvState, Any]:
    """The functional reset, on NumPy arrays."""
    return game.reset(np.asarray(raw_key(key)), None if layout_idx is None else np.asarray(layout_idx))


def _numpy_step(game: Game, state: EnvState, actions: Any) -> StepTuple:
    """The functional step, on NumPy arrays."""
    made = jax_step(state, as_numpy(actions, "Actions"), game.observation, game.reward)
    game.check_state(made[0])
    return made


class JaxEngine:
    """A world in JAX: the jitted functions, one call and one transfer a step."""

    def __init__(self, game: Game) -> None:
        import jax

        self._tables = game.tables
        self._device_get = jax.device_get
        self.reset_fn: ResetFn = make_jitted_reset(game.tables, game.observation)
        self.step_fn: StepFn = make_jitted_step(game.observation, game.reward)
        self._step = self._step_unshaped if game.shaped_reward is None else _jitted_step(game)
        self.events: list[int] = []
        self._state: EnvState

    @property
    def action_mask(self) -> Bool[np.ndarray, "A K"]:
        """Which actions each agent takes."""
        return np.asarray(self._device_get(self._state.action_mask))

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> list[np.ndarray]:
        """Start an episode from a key, on a layout of the set if one is named; each agent's observation."""
        layout = () if layout_idx is None else (np.array(layout_idx, dtype=np.int32),)
        self._state, obs = self.reset_fn(np.array(key, dtype=np.uint32), *layout)
        return _writable_rows(self._device_get(obs))

    def step(self, actions: list[int]) -> StepResult:
        """Make a step; actions are one per agent, in range, Noop for a terminated agent."""
        self._state, *results = self._step(self._state, np.array(actions, dtype=np.int32))
        obs, rewards, shaped, done, numbers = self._device_get((*results, self._state.numbers))
        fetched = EnvState(cells=self._state.cells, numbers=numbers, tables=self._tables)
        self.events = fetched.events.tolist()
        shaped = None if shaped is None else list(shaped)
        terminated, truncated = fetched.terminated.tolist(), fetched.truncated.tolist()
        return StepResult(None, _writable_rows(obs), list(rewards), shaped, terminated, truncated, bool(done))

    def _step_unshaped(self, state: EnvState, actions: Any) -> tuple[EnvState, Any, Any, None, Any]:
        """The step of `step_fn`, so that both are compiled once."""
        after, obs, reward, done, _ = self.step_fn(state, actions)
        return after, obs, reward, None, done

    def get_state(self) -> EnvState:
        """A snapshot; JAX arrays never change."""
        return self._state

    def set_state(self, state: EnvState) -> None:
        """Go on from a checked state with NumPy leaves."""
        import jax
        import jax.numpy as jnp

        self._state = jax.tree.map(jnp.asarray, state)


@functools.lru_cache(maxsize=256)
def _jitted_step(game: Game) -> Callable[[EnvState, Any], tuple[EnvState, Any, Any, Any, Any]]:
    """`(state, actions) -> (state, obs, reward, shaped_reward, done)`, compiled at its first call."""
    import jax

    def step(state: EnvState, actions: Any) -> tuple[EnvState, Any, Any, Any, Any]:
        made = game.advance(state, actions)
        return made.state, made.obs, made.reward, made.shaped_reward, made.done

    return jax.jit(step)


def _writable_rows(values: Int[np.ndarray, "A ..."]) -> list[np.ndarray]:
    """Each agent's part as an array of its own."""
    return [row.copy() for row in values]


Engine = IntegerEngine | JaxEngine
