"""The two engines behind `CoGridEnv`: one world on plain integers, or one world in JAX."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from jaxtyping import Int

from cogrid.backend.env_state import LEAF_NAMES, EnvState
from cogrid.backend.threefry import raw_key
from cogrid.core.integer_world import IntegerWorld
from cogrid.core.jax_step import (
    StepResult,
    jax_reset,
    jax_step,
    make_jitted_reset,
    make_jitted_reset_to_layout,
    make_jitted_step,
)
from cogrid.core.reward import CountedReward, TotalReward, pay_table
from cogrid.core.tables import Tables
from cogrid.feature_space.observation import Observation

EngineStep = tuple[list[np.ndarray], list[np.float32], list[bool], bool]
"""Per agent: observation, reward, terminated; and whether the episode is over."""


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
    def reset_fn(self) -> Callable[[Any], tuple[EnvState, Any]]:
        """The functional reset; the same object at every access."""
        ...

    @property
    def reset_to_layout_fn(self) -> Callable[[Any, Any], tuple[EnvState, Any]]:
        """The functional reset to a layout of the set; the same object at every access."""
        ...

    @property
    def step_fn(self) -> Callable[[EnvState, Any], StepResult]:
        """The functional step; the same object at every access."""
        ...


class IntegerEngine:
    """A world on plain integers; observations and rewards from tables, or from arrays where they need them."""

    def __init__(self, tables: Tables, observation: Observation, reward: TotalReward) -> None:
        self._tables = tables
        self._observation = observation
        self._reward = reward
        self._world = IntegerWorld(tables)
        self._view = observation.integer_view(tables)
        self._dtype = observation.dtype(tables)
        self._shape = observation.bounds(tables)[0].shape
        self._payers = _integer_payers(reward, tables)
        self._nothing = [np.float32(0)] * tables.n_agents
        self.reset_fn = functools.partial(_numpy_reset, tables, observation)
        self.reset_to_layout_fn = functools.partial(_numpy_reset_to_layout, tables, observation)
        self.step_fn = functools.partial(_numpy_step, observation, reward)

    def reset(self, key: tuple[int, int], layout_idx: int | None = None) -> list[np.ndarray]:
        """Start an episode from a key, on a layout of the set if one is named; each agent's observation."""
        self._world.reset(key, layout_idx)
        return self._observe()

    def step(self, actions: list[int]) -> EngineStep:
        """Make a step."""
        world = self._world
        was_terminated = world.terminated.copy()
        before = world.to_state() if self._payers is None else None
        world.step(actions)
        if before is None:
            rewards = self._pay(actions)
        else:
            rewards = list(self._reward(before, world.to_state(), np.array(actions, dtype=np.int32)))
        if any(was_terminated):
            rewards = [np.float32(0) if gone else paid for gone, paid in zip(was_terminated, rewards, strict=True)]
        is_time_up = self._tables.max_steps is not None and world.time >= self._tables.max_steps
        return self._observe(), rewards, world.terminated.copy(), is_time_up or all(world.terminated)

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

    def _pay(self, actions: list[int]) -> list[np.float32]:
        world = self._world
        if self._payers is None or (max(world.attempts) < 0 and not any(world.events)):
            return self._nothing
        rewards = self._nothing
        for earners_of, sums, is_common in self._payers:
            earners = earners_of(world, actions)
            if any(earners):
                paid = [sums[sum(earners)]] * len(earners) if is_common else [sums[earned] for earned in earners]
                rewards = [before + more for before, more in zip(rewards, paid, strict=True)]
        return rewards


def _numpy_reset(tables: Tables, observation: Observation, key: Any) -> tuple[EnvState, Any]:
    """The functional reset, on NumPy arrays."""
    return jax_reset(np.asarray(raw_key(key)), tables, observation)


def _numpy_reset_to_layout(tables: Tables, observation: Observation, key: Any, layout_idx: Any) -> tuple[EnvState, Any]:
    """The functional reset to a layout of the set, on NumPy arrays."""
    return jax_reset(np.asarray(raw_key(key)), tables, observation, np.asarray(layout_idx))


def _numpy_step(observation: Observation, reward: TotalReward, state: EnvState, actions: Any) -> StepResult:
    """The functional step, on NumPy arrays."""
    return jax_step(state, np.asarray(actions), observation, reward)


def _integer_payers(reward: TotalReward, tables: Tables) -> list[Any] | None:
    """For each reward: who earns it, what 0, 1, ... earners are paid, whether all are; None if one needs arrays."""
    payers = []
    for part in reward.rewards:
        if not isinstance(part, CountedReward):
            return None
        sums = list(pay_table(part.coefficient, tables.n_agents))
        payers.append((part.integer_earners(tables), sums, part.common_reward))
    return payers


class JaxEngine:
    """A world in JAX: the jitted functions, one call and one transfer a step."""

    def __init__(self, tables: Tables, observation: Observation, reward: TotalReward) -> None:
        import jax

        self._device_get = jax.device_get
        self.reset_fn = make_jitted_reset(tables, observation)
        self.reset_to_layout_fn = make_jitted_reset_to_layout(tables, observation)
        self.step_fn = make_jitted_step(observation, reward)
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
        self._state, *results, _ = self.step_fn(self._state, np.array(actions, dtype=np.int32))
        obs, rewards, done, terminated = self._device_get((*results, self._state.terminated))
        return _writable_rows(obs), list(rewards), terminated.tolist(), bool(done)

    def get_state(self) -> EnvState:
        """A snapshot; JAX arrays never change."""
        return self._state

    def set_state(self, state: EnvState) -> None:
        """Go on from a checked state with NumPy leaves."""
        import jax.numpy as jnp

        leaves = {name: getattr(state, name) for name in LEAF_NAMES}
        self._state = state.replace(
            **{name: None if leaf is None else jnp.asarray(leaf) for name, leaf in leaves.items()}
        )


def _writable_rows(values: Int[np.ndarray, "A ..."]) -> list[np.ndarray]:
    """Each agent's part as an array of its own."""
    return [row.copy() for row in values]
