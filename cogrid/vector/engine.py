"""What steps the batch behind `CoGridVectorEnv`: the array step, plain under NumPy and jitted under JAX."""

from __future__ import annotations

import copy
import dataclasses
import functools
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from gymnasium.vector import AutoresetMode
from jaxtyping import Bool, Int, Shaped, UInt

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.backend.threefry import seed_words
from cogrid.game import Game, StepResult
from cogrid.kernel.choice import COMPILED, choose_engine
from cogrid.kernel.threads import n_threads
from cogrid.policy import episode_keys, keys_at, policy_keys
from cogrid.vector.auto_reset import AutoReset, Progress, register_progress

if TYPE_CHECKING:  # It imports Numba.
    from cogrid.vector.compiled_reset import CompiledReset


class VectorEngine:
    """A batch of environments, stepped in place.

    Attributes:
      progress: where the environments are.
      name: what steps it, "compiled" or "arrays".
    """

    def __init__(
        self,
        functions: AutoReset,
        num_envs: int,
        backend: str,
        copy: bool,
        engine: str | None = None,
        threads: int | None = None,
    ) -> None:
        """Make ready; `reset` comes first.

        Args:
          functions: what to run.
          num_envs: how many environments.
          backend: "numpy" or "jax".
          copy: whether observations stay as they are; if not, the next step takes their memory.
          engine: "compiled" or "arrays"; see `choose_engine`.
          threads: how many threads kernels may use; see `cogrid.kernel.threads.n_threads`.
        """
        n_used = n_threads(threads)
        self.name: str = choose_engine(functions.game, backend, engine)
        self._num_envs = num_envs
        self._is_jax = backend == "jax"
        self._takes_memory = self._is_jax and not copy
        self._obs: Array = None
        self._episode_keys: tuple[Array, Array] | None = None
        self.progress: Progress
        if self._is_jax:
            self._start, self._restart, self._step, self._step_in_place = _jitted(functions)
        else:
            is_compiled = self.name == COMPILED
            settings = (functions, num_envs, copy)
            played = _compiled_functions(*settings, n_used) if is_compiled else _array_functions(*settings)
            self._start, self._restart, self._step = played.start, played.restart, played.step

    @property
    def is_running(self) -> bool:
        """Whether there has been a reset."""
        return hasattr(self, "progress")

    def copy_state(self) -> EnvState:
        """The batched state, in memory of its own."""
        return self.progress.state.map_arrays(copy.copy)

    def policy_keys(self) -> UInt[Array, "B A 2"]:
        """The keys from which each agent's policy can draw its next action; drawn anew where an episode has begun."""
        state = self.progress.state
        if self._is_jax:
            return _jitted_policy_keys()(state)
        if self._episode_keys is None or not np.array_equal(self._episode_keys[0], state.rng_key):
            self._episode_keys = state.rng_key, episode_keys(state.rng_key, state.n_agents)
        return keys_at(self._episode_keys[1], state.time)

    def go_on_from(self, other: Self) -> None:
        """Go on where another engine of the same environments is."""
        if other.is_running:  # No array of a progress is ever written to, and JAX gives away the observations only.
            self.progress, self._obs = other.progress, copy.copy(other._obs)

    def reset(
        self,
        seed: int | Sequence[int] | None,
        mask: Bool[np.ndarray, "B"] | None,
        layout_idx: Int[np.ndarray, "B"] | None = None,
    ) -> Shaped[Array, "..."]:
        """Start episodes; see `CoGridVectorEnv.reset`."""
        layouts = None if layout_idx is None else self._array(layout_idx)
        if mask is None and seed is None and self.is_running:
            mask = np.ones(self._num_envs, dtype=np.bool_)
        if mask is None:
            self.progress, obs = self._start(self._keys(secrets.randbits(32) if seed is None else seed), layouts)
        else:
            key = None if seed is None else self._keys(seed)
            self.progress, obs = self._restart(self.progress, self._array(mask), key, layouts)
        self._obs = obs if self._takes_memory else None
        return obs

    def step(self, actions: Int[Array, "B A"]) -> StepResult:
        """Make one step in every environment; the result without the state, which the engine keeps."""
        actions = self._array(actions, np.int32)
        if self._takes_memory:
            self.progress, made = self._step_in_place(self.progress, self._obs, actions)
            self._obs = made.obs
        else:
            self.progress, made = self._step(self.progress, actions)
        if self._is_jax:
            where = self.progress
            return made._replace(done=where.is_over, episode_return=where.returns, episode_length=where.lengths)
        # What is given back may be written into, and the next step goes on from these.
        shared = ("terminated", "episode_return", "episode_length", "has_ended")
        return made._replace(**{name: getattr(made, name).copy() for name in shared})

    def _keys(self, seed: int | Sequence[int]) -> UInt[Array, "B 2"]:
        """The keys of the seeds from this one on, or of each of these."""
        if isinstance(seed, Sequence):
            return self._array(np.array([seed_words(one) for one in seed], dtype=np.uint32))
        numbers = (np.arange(self._num_envs, dtype=np.uint64) + seed_words(seed)[1]).astype(np.uint32)
        return self._array(np.stack([np.zeros_like(numbers), numbers], axis=-1))

    def _array(self, values: Any, dtype: Any = None) -> Array:
        if not self._is_jax:
            return np.asarray(values, dtype=dtype)
        import jax.numpy as jnp

        return jnp.asarray(values, dtype=dtype)


def _array_functions(functions: AutoReset, num_envs: int, copy: bool) -> AutoReset:
    """The same, with observations in one array if they need not be copied."""
    return functions if copy else dataclasses.replace(functions, observe=BatchObserver(functions.game, num_envs))


def _compiled_functions(functions: AutoReset, num_envs: int, copy: bool, threads: int) -> CompiledReset:
    """The same in compiled kernels."""
    from cogrid.vector.compiled_reset import CompiledReset

    return CompiledReset(functions, num_envs, copy, threads)


class BatchObserver:
    """Observes a whole batch of NumPy states, always in the same array."""

    def __init__(self, game: Game, num_envs: int) -> None:
        """Make room.

        Args:
          game: whose observation.
          num_envs: how many environments.
        """
        observation, tables = game.observation, game.tables
        self._observe = observation
        shape = (num_envs, tables.n_agents, *observation.bounds(tables)[0].shape)
        self._array = np.zeros(shape, observation.dtype(tables))

    def __call__(self, state: EnvState) -> Shaped[np.ndarray, "..."]:
        """What each agent observes."""
        self._array[...] = self._observe(state)
        return self._array


@functools.lru_cache(maxsize=256)
def _jitted(functions: AutoReset) -> tuple[Any, Any, Any, Any]:
    """Start, restart, step, and the step that takes the memory of the observations that it is given.

    The steps return nothing twice: what is in the progress too is left out of the result, and the last observations
    where they are the observations.
    """
    import jax

    register_progress()

    def step(progress: Progress, actions: Array) -> tuple[Progress, StepResult]:
        after, made = functions.step(progress, actions)
        twice = dict.fromkeys(("state", "done", "episode_return", "episode_length"))
        final_obs = made.final_obs if functions.mode == AutoresetMode.SAME_STEP else None
        return after, made._replace(**twice, final_obs=final_obs)

    def step_in_place(progress: Progress, obs: Array, actions: Array) -> tuple[Progress, StepResult]:
        return step(progress, actions)

    in_place = jax.jit(step_in_place, donate_argnums=1, keep_unused=True)
    return jax.jit(functions.start), jax.jit(functions.restart), jax.jit(step), in_place


@functools.cache
def _jitted_policy_keys() -> Any:
    import jax

    return jax.jit(policy_keys)
