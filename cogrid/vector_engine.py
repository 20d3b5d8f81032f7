"""What steps the batch behind `CoGridVectorEnv`: the array step, plain under NumPy and jitted under JAX."""

from __future__ import annotations

import dataclasses
import functools
import secrets
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from jaxtyping import Bool, Float, Int, Shaped, UInt

from cogrid.backend.array_ops import Array, namespace, replace_where
from cogrid.backend.env_state import EnvState, register_pytree
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.auto_reset import BatchStep, next_episode, step_disabled, step_next_step, step_same_step
from cogrid.core.jax_step import ObserveFn, RewardFn, start_state
from cogrid.core.tables import Tables


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a batch of environments is, and what its running episodes have brought so far.

    Attributes:
      state: the batched state.
      is_over: `[B]` bool, where the last step ended the episode.
      returns: `[B, A]` float32, reward of the running episode so far.
      lengths: `[B]` int32, steps of the running episode so far.
    """

    state: EnvState
    is_over: Bool[Array, "B"]
    returns: Float[Array, "B A"]
    lengths: Int[Array, "B"]


@dataclasses.dataclass(frozen=True)
class VectorFunctions:
    """The pure functions of a vector environment; hashable, so that equal ones share what JAX compiles.

    Attributes:
      tables: the world.
      observe: state to observations.
      reward: previous state, state and actions to rewards.
      mode: what happens where an episode is over.
    """

    tables: Tables
    observe: ObserveFn
    reward: RewardFn
    mode: AutoresetMode

    def start(self, key: UInt[Array, "B 2"]) -> tuple[Progress, Shaped[Array, "..."]]:
        """Start an episode in every environment.

        Args:
          key: `[B, 2]` uint32, each environment's key.
        """
        state = start_state(key, self.tables)
        return self._fresh(state), self.observe(state)

    def restart(self, progress: Progress, mask: Bool[Array, "B"]) -> tuple[Progress, Shaped[Array, "..."]]:
        """Start the next episode in some environments.

        Args:
          progress: where the environments are.
          mask: `[B]` bool, which ones.
        """
        xp = namespace(mask)
        (state,) = replace_where(mask, lambda state: (next_episode(state),), (progress.state,))
        zero = xp.asarray(0, dtype=np.float32)
        begun = Progress(
            state,
            progress.is_over & ~mask,
            xp.where(mask[:, None], zero, progress.returns),
            xp.where(mask, 0, progress.lengths).astype(np.int32),
        )
        return begun, self.observe(state)

    def step(
        self, progress: Progress, actions: Int[Array, "B A"]
    ) -> tuple[Progress, BatchStep, Float[Array, "B A"], Int[Array, "B"], Bool[Array, "B"]]:
        """Make one step in every environment.

        Args:
          progress: where the environments are.
          actions: `[B, A]` integer.
        Returns:
          Where they are now; the step; return and length of each running or just ended episode; where one has just
          ended.
        """
        xp = namespace(progress.is_over)
        if self.mode == AutoresetMode.NEXT_STEP:
            made = step_next_step(progress.state, progress.is_over, actions, self.observe, self.reward)
            was_fresh = progress.is_over
        else:
            step = step_same_step if self.mode == AutoresetMode.SAME_STEP else step_disabled
            made = step(progress.state, actions, self.observe, self.reward)
            was_fresh = xp.zeros_like(progress.is_over)
        is_forgotten = was_fresh if self.mode == AutoresetMode.NEXT_STEP else self._ended_before(progress)
        zero = xp.asarray(0, dtype=np.float32)
        returns = xp.where(is_forgotten[:, None], zero, progress.returns) + made.reward
        lengths = xp.where(was_fresh, 0, xp.where(is_forgotten, 0, progress.lengths) + 1).astype(np.int32)
        has_ended = made.done & ~(progress.is_over & (self.mode == AutoresetMode.DISABLED))
        return Progress(made.state, made.done, returns, lengths), made, returns, lengths, has_ended

    def _ended_before(self, progress: Progress) -> Bool[Array, "B"]:
        """Where the statistics of the last step were those of an episode that is over and done with."""
        if self.mode == AutoresetMode.SAME_STEP:
            return progress.is_over
        return namespace(progress.is_over).zeros_like(progress.is_over)

    def _fresh(self, state: EnvState) -> Progress:
        xp = namespace(state.cells)
        batch, n_agents = state.cells.shape[:-1], self.tables.n_agents
        return Progress(
            state,
            xp.zeros(batch, dtype=np.bool_),
            xp.zeros((*batch, n_agents), dtype=np.float32),
            xp.zeros(batch, dtype=np.int32),
        )


class VectorEngine:
    """A batch of environments, stepped in place.

    Attributes:
      progress: where the environments are.
    """

    def __init__(self, functions: VectorFunctions, is_jax: bool, copy: bool) -> None:
        self._is_jax = is_jax
        self._copy = copy
        self.progress: Progress
        self._start, self._restart, self._step = (
            _jitted(functions) if is_jax else (functions.start, functions.restart, functions.step)
        )

    @property
    def state(self) -> EnvState:
        """The batched state."""
        return self.progress.state

    def reset(self, num_envs: int, seed: int | None, mask: Bool[np.ndarray, "B"] | None) -> Shaped[Array, "..."]:
        """Start episodes; see `CoGridVectorEnv.reset`."""
        if mask is not None:
            self.progress, obs = self._restart(self.progress, self._array(mask))
            return obs
        if seed is None and hasattr(self, "progress"):
            self.progress, obs = self._restart(self.progress, self._array(np.ones(num_envs, dtype=np.bool_)))
            return obs
        first = secrets.randbits(32) if seed is None else int(seed)
        numbers = (np.arange(num_envs, dtype=np.uint64) + first).astype(np.uint32)
        key = np.stack([np.zeros_like(numbers), numbers], axis=-1)
        self.progress, obs = self._start(self._array(key))
        return obs

    def step(
        self, actions: Int[Array, "B A"]
    ) -> tuple[BatchStep, Float[Array, "B A"], Int[Array, "B"], Bool[Array, "B"]]:
        """Make one step in every environment; see `VectorFunctions.step`."""
        self.progress, made, returns, lengths, has_ended = self._step(self.progress, self._array(actions))
        return made, returns, lengths, has_ended

    def _array(self, values: Any) -> Array:
        if not self._is_jax:
            return np.asarray(values)
        import jax.numpy as jnp

        return jnp.asarray(values)


def make_vector_engine(env: CoGridEnv, mode: AutoresetMode, copy: bool) -> VectorEngine:
    """The engine of a vector environment made of copies of an environment."""
    functions = VectorFunctions(env.tables, env.observation, env.reward, mode)
    return VectorEngine(functions, env.backend == "jax", copy)


@functools.lru_cache(maxsize=256)
def _jitted(functions: VectorFunctions) -> tuple[Any, Any, Any]:
    import jax

    register_progress()
    return jax.jit(functions.start), jax.jit(functions.restart), jax.jit(functions.step)


@functools.cache
def register_progress() -> None:
    """Make `EnvState` and `Progress` JAX pytrees."""
    import jax

    register_pytree()
    jax.tree_util.register_dataclass(Progress, data_fields=["state", "is_over", "returns", "lengths"], meta_fields=[])
