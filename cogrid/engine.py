"""The two engines behind `CoGridEnv`: one world on plain integers, or one world in JAX."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from jaxtyping import Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.threefry import raw_key
from cogrid.core.jax_step import (
    StepResult,
    jax_reset,
    jax_step,
    make_jitted_reset,
    make_jitted_reset_to_layout,
    make_jitted_step,
)
from cogrid.core.reward import TotalReward
from cogrid.core.tables import Tables
from cogrid.feature_space.observation import Observation
from cogrid.integer.payments import IntegerPayments
from cogrid.integer.world import IntegerWorld

ResetFn = Callable[[Any], tuple[EnvState, Any]]
"""`key -> (state, obs)`."""

ResetToLayoutFn = Callable[[Any, Any], tuple[EnvState, Any]]
"""`(key, layout_idx) -> (state, obs)`."""

StepFn = Callable[[EnvState, Any], StepResult]
"""`(state, actions) -> (state, obs, reward, done, info)`."""


class EngineStep(NamedTuple):
    """What a step gives.

    Attributes:
      observations, rewards, terminated, events: one entry per agent; events as a bit mask.
      is_done: whether the episode is over.
      shaped: per agent, what is told and not paid; None in a world that tells nothing.
    """

    observations: list[np.ndarray]
    rewards: list[np.float32]
    terminated: list[bool]
    events: list[int]
    is_done: bool
    shaped: list[np.float32] | None


class Engine(Protocol):
    """One world that is stepped in place."""

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> list[np.ndarray]:
        """Start an episode from a key, on a layout of the set if one is named; each agent's observation."""
        ...

    def step(self, actions: list[int]) -> EngineStep:
        """Make a step; actions are one per agent, in range, Noop for a terminated agent."""
        ...

    def get_state(self) -> EnvState:
        """A snapshot that later steps do not touch."""
        ...

    def set_state(self, state: EnvState) -> None:
        """Go on from a checked state with NumPy leaves."""
        ...

    @property
    def reset_fn(self) -> ResetFn:
        """The functional reset; the same object at every access."""
        ...

    @property
    def reset_to_layout_fn(self) -> ResetToLayoutFn:
        """The functional reset to a layout of the set; the same object at every access."""
        ...

    @property
    def step_fn(self) -> StepFn:
        """The functional step; the same object at every access."""
        ...


class IntegerEngine:
    """A world on plain integers; observations and rewards from tables, or from arrays where they need them."""

    def __init__(
        self, tables: Tables, observation: Observation, reward: TotalReward, shaped: TotalReward | None = None
    ) -> None:
        self._tables = tables
        self._observation = observation
        self._payer = IntegerPayments(reward, tables)
        self._shaper = None if shaped is None else IntegerPayments(shaped, tables)
        self._needs_state = self._payer.needs_state or (self._shaper is not None and self._shaper.needs_state)
        self._world = IntegerWorld(tables)
        self._view = observation.integer_view(tables)
        self._dtype = observation.dtype(tables)
        self._shape = observation.bounds(tables)[0].shape
        self.reset_fn: ResetFn = functools.partial(_numpy_reset, tables, observation)
        self.reset_to_layout_fn: ResetToLayoutFn = functools.partial(_numpy_reset_to_layout, tables, observation)
        self.step_fn: StepFn = functools.partial(_numpy_step, observation, reward)

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> list[np.ndarray]:
        """Start an episode from a key, on a layout of the set if one is named; each agent's observation."""
        self._world.reset(key, layout_idx)
        return self._observe()

    def step(self, actions: list[int]) -> EngineStep:
        """Make a step."""
        world = self._world
        was_terminated = world.terminated.copy()
        before = world.to_state() if self._needs_state else None
        world.step(actions)
        rewards = self._payer.pay(world, actions, before, was_terminated)
        shaped = None if self._shaper is None else self._shaper.pay(world, actions, before, was_terminated)
        is_time_up = self._tables.max_steps is not None and world.time >= self._tables.max_steps
        is_done = is_time_up or all(world.terminated)
        return EngineStep(self._observe(), rewards, world.terminated.copy(), world.events, is_done, shaped)

    def get_state(self) -> EnvState:
        """A snapshot that later steps do not touch."""
        return self._world.to_state()

    def set_state(self, state: EnvState) -> None:
        """Go on from a checked state with NumPy leaves."""
        self._world.load(state)

    def _observe(self) -> list[np.ndarray]:
        if self._view is None:
            self._world.changed_cells.clear()
            return [row.copy() for row in self._observation(self._world.to_state())]
        rows = self._view(self._world)
        self._world.changed_cells.clear()
        return [np.ndarray(self._shape, self._dtype, bytearray(row)) for row in rows]


def _numpy_reset(tables: Tables, observation: Observation, key: Any) -> tuple[EnvState, Any]:
    """The functional reset, on NumPy arrays."""
    return jax_reset(np.asarray(raw_key(key)), tables, observation)


def _numpy_reset_to_layout(tables: Tables, observation: Observation, key: Any, layout_idx: Any) -> tuple[EnvState, Any]:
    """The functional reset to a layout of the set, on NumPy arrays."""
    return jax_reset(np.asarray(raw_key(key)), tables, observation, np.asarray(layout_idx))


def _numpy_step(observation: Observation, reward: TotalReward, state: EnvState, actions: Any) -> StepResult:
    """The functional step, on NumPy arrays."""
    return jax_step(state, np.asarray(actions), observation, reward)


class JaxEngine:
    """A world in JAX: the jitted functions, one call and one transfer a step."""

    def __init__(
        self, tables: Tables, observation: Observation, reward: TotalReward, shaped: TotalReward | None = None
    ) -> None:
        import jax

        self._shape_fn = None if shaped is None else jax.jit(functools.partial(_live_reward, shaped))
        self._device_get = jax.device_get
        self.reset_fn: ResetFn = make_jitted_reset(tables, observation)
        self.reset_to_layout_fn: ResetToLayoutFn = make_jitted_reset_to_layout(tables, observation)
        self.step_fn: StepFn = make_jitted_step(observation, reward)
        self._tables = tables
        self._state: EnvState

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> list[np.ndarray]:
        """Start an episode from a key, on a layout of the set if one is named; each agent's observation."""
        raw = np.array(key, dtype=np.uint32)
        if layout_idx is None:
            self._state, obs = self.reset_fn(raw)
        else:
            self._state, obs = self.reset_to_layout_fn(raw, np.array(layout_idx, dtype=np.int32))
        return _writable_rows(self._device_get(obs))

    def step(self, actions: list[int]) -> EngineStep:
        """Make a step."""
        before, joint = self._state, np.array(actions, dtype=np.int32)
        self._state, *results, _ = self.step_fn(before, joint)
        shaped = None if self._shape_fn is None else self._shape_fn(before, self._state, joint)
        obs, rewards, done, numbers, shaped = self._device_get((*results, self._state.numbers, shaped))
        after = EnvState(cells=self._state.cells, numbers=numbers, tables=self._tables)
        shaped = None if shaped is None else list(shaped)
        return EngineStep(
            _writable_rows(obs), list(rewards), after.terminated.tolist(), after.events.tolist(), bool(done), shaped
        )

    def get_state(self) -> EnvState:
        """A snapshot; JAX arrays never change."""
        return self._state

    def set_state(self, state: EnvState) -> None:
        """Go on from a checked state with NumPy leaves."""
        import jax
        import jax.numpy as jnp

        self._state = jax.tree.map(jnp.asarray, state)


def _live_reward(reward: TotalReward, before: EnvState, after: EnvState, actions: Any) -> Any:
    """A reward, 0 for agents that had terminated before the step."""
    import jax.numpy as jnp

    return jnp.where(before.terminated, jnp.float32(0), reward(before, after, actions))


def _writable_rows(values: Int[np.ndarray, "A ..."]) -> list[np.ndarray]:
    """Each agent's part as an array of its own."""
    return [row.copy() for row in values]
