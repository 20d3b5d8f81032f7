"""What steps the batch behind `CoGridVectorEnv`: the array step, plain under NumPy and jitted under JAX."""

from __future__ import annotations

import dataclasses
import functools
import secrets
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from jaxtyping import Bool, Float, Int, Shaped, UInt

from cogrid.backend.control_flow import replace_where
from cogrid.backend.env_state import EnvState, register_pytree
from cogrid.backend.namespaces import Array, namespace
from cogrid.backend.threefry import seed_words
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.jax_step import ObserveFn, RewardFn, is_done, start_state
from cogrid.core.tables import Tables
from cogrid.feature_space import Observation
from cogrid.vector.auto_reset import BatchStep, next_keys, step_disabled, step_next_step, step_same_step


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
      leader: an agent's index: the episode is over for all when that agent has terminated. None: when all have.
      observe_start: what `step_same_step` observes states that begin with; see there.
    """

    tables: Tables
    observe: ObserveFn
    reward: RewardFn
    mode: AutoresetMode
    leader: int | None = None
    observe_start: ObserveFn | None = None

    def start(
        self, key: UInt[Array, "B 2"], layout_idx: Int[Array, "B"] | None = None
    ) -> tuple[Progress, Shaped[Array, "..."]]:
        """Start an episode in every environment.

        Args:
          key: `[B, 2]` uint32, each environment's key.
          layout_idx: `[B]` int32, which layout of the set each plays; drawn if left out.
        """
        state = start_state(key, self.tables, layout_idx)
        return self._fresh(state), self.observe(state)

    def restart(
        self,
        progress: Progress,
        mask: Bool[Array, "B"],
        key: UInt[Array, "B 2"] | None = None,
        layout_idx: Int[Array, "B"] | None = None,
    ) -> tuple[Progress, Shaped[Array, "..."]]:
        """Start an episode in some environments.

        Args:
          progress: where the environments are.
          mask: `[B]` bool, which ones.
          key: `[B, 2]` uint32, their episodes' keys; the episode that follows the last one, if left out.
          layout_idx: `[B]` int32, which layout of the set each plays; drawn if left out.
        """
        xp = namespace(mask)

        def begin(_: EnvState, *given: Array) -> tuple[Any, ...]:
            return start_state(given[0], self.tables, *given[1:]), *given

        given = (next_keys(progress.state) if key is None else key, *([] if layout_idx is None else [layout_idx]))
        state = replace_where(mask, begin, (progress.state, *given))[0]
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
        made = self._advance(progress, actions)
        was_over = progress.is_over
        if self.mode == AutoresetMode.DISABLED:  # No episode begins, and every step counts.
            returns, lengths = progress.returns + made.reward, progress.lengths + np.int32(1)
            return Progress(made.state, made.done, returns, lengths), made, returns, lengths, made.done & ~was_over
        n_steps = ~was_over if self.mode == AutoresetMode.NEXT_STEP else xp.ones_like(was_over)
        returns = xp.where(was_over[:, None], xp.asarray(0, dtype=np.float32), progress.returns) + made.reward
        lengths = xp.where(was_over, xp.asarray(0, dtype=np.int32), progress.lengths) + n_steps.astype(np.int32)
        return Progress(made.state, made.done, returns, lengths), made, returns, lengths, made.done

    def is_over(self, state: EnvState) -> Bool[Array, "B"]:
        """Where the episode is over."""
        if self.leader is None:
            return is_done(state)
        return is_done(state) | state.terminated[..., self.leader]

    def _advance(self, progress: Progress, actions: Int[Array, "B A"]) -> BatchStep:
        state, what = progress.state, (actions, self.observe, self.reward, self.is_over)
        if self.mode == AutoresetMode.NEXT_STEP:
            return step_next_step(state, progress.is_over, *what)
        if self.mode == AutoresetMode.SAME_STEP:
            return step_same_step(state, *what, observe_start=self.observe_start)
        return step_disabled(state, *what)

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

    def __init__(self, functions: VectorFunctions, num_envs: int, is_jax: bool, copy: bool = True) -> None:
        """Make ready; `reset` comes first.

        Args:
          functions: what to run.
          num_envs: how many environments.
          is_jax: whether to compile them with JAX.
          copy: under JAX, whether observations stay as they are; if not, the next step takes their memory.
        """
        self._num_envs = num_envs
        self._is_jax = is_jax
        self._takes_memory = is_jax and not copy
        self._obs: Array = None
        self.progress: Progress
        if is_jax:
            self._start, self._restart, self._step, self._step_in_place = _jitted(functions)
        else:
            self._start, self._restart, self._step = functions.start, functions.restart, functions.step

    @property
    def state(self) -> EnvState:
        """The batched state."""
        return self.progress.state

    def reset(
        self,
        seed: int | None,
        mask: Bool[np.ndarray, "B"] | None,
        layout_idx: Int[np.ndarray, "B"] | None = None,
    ) -> Shaped[Array, "..."]:
        """Start episodes; see `CoGridVectorEnv.reset`."""
        layouts = None if layout_idx is None else self._array(layout_idx)
        is_running = hasattr(self, "progress")
        if mask is None and seed is None and is_running:
            mask = np.ones(self._num_envs, dtype=np.bool_)
        if mask is None:
            self.progress, obs = self._start(self._keys(secrets.randbits(32) if seed is None else seed), layouts)
        else:
            key = None if seed is None else self._keys(seed)
            self.progress, obs = self._restart(self.progress, self._array(mask), key, layouts)
        self._obs = obs if self._takes_memory else None
        return obs

    def step(
        self, actions: Int[Array, "B A"]
    ) -> tuple[BatchStep, Float[Array, "B A"], Int[Array, "B"], Bool[Array, "B"]]:
        """Make one step in every environment; see `VectorFunctions.step`."""
        actions = self._array(actions, np.int32)
        if self._takes_memory:
            self.progress, made, *statistics = self._step_in_place(self.progress, self._obs, actions)
            self._obs = made.obs
        else:
            self.progress, made, *statistics = self._step(self.progress, actions)
        returns, lengths, has_ended = statistics
        if not self._is_jax:  # What is given back may be written into, and the next step goes on from these.
            made = made._replace(terminated=made.terminated.copy())
            returns, lengths, has_ended = returns.copy(), lengths.copy(), has_ended.copy()
        return made, returns, lengths, has_ended

    def _keys(self, seed: int) -> UInt[Array, "B 2"]:
        """The keys of the seeds from this one on."""
        numbers = (np.arange(self._num_envs, dtype=np.uint64) + seed_words(seed)[1]).astype(np.uint32)
        return self._array(np.stack([np.zeros_like(numbers), numbers], axis=-1))

    def _array(self, values: Any, dtype: Any = None) -> Array:
        if not self._is_jax:
            return np.asarray(values, dtype=dtype)
        import jax.numpy as jnp

        return jnp.asarray(values, dtype=dtype)


class BatchObserver:
    """Observes a whole batch of NumPy states, over and over."""

    def __init__(self, observation: Observation, tables: Tables, num_envs: int, copy: bool) -> None:
        """Make room.

        Args:
          observation: what to observe.
          tables: the world.
          num_envs: how many environments.
          copy: whether each call returns a new array; if not, all return the same one.
        """
        self._write = observation.batch_view(tables, num_envs)
        self._shape = (num_envs, tables.n_agents, *observation.bounds(tables)[0].shape)
        self._dtype = observation.dtype(tables)
        self._array = None if copy else np.zeros(self._shape, self._dtype)

    def __call__(self, state: EnvState) -> Shaped[np.ndarray, "..."]:
        """What each agent observes."""
        out = np.empty(self._shape, self._dtype) if self._array is None else self._array
        self._write(state, out)
        return out


def make_vector_engine(
    env: CoGridEnv, num_envs: int, mode: AutoresetMode, copy: bool, leader: int | None = None
) -> VectorEngine:
    """The engine of a vector environment made of copies of an environment.

    Args:
      env: the environment.
      num_envs: how many copies.
      mode: what happens where an episode is over.
      copy: whether observations are in a new array at every step.
      leader: an agent's index: the episode is over for all when that agent has terminated. None: when all have.
    """
    functions = VectorFunctions(env.tables, env.observation, env.reward, mode, leader)
    if env.backend == "jax":
        return VectorEngine(functions, num_envs, is_jax=True, copy=copy)
    observer = BatchObserver(env.observation, env.tables, num_envs, copy)
    functions = dataclasses.replace(functions, observe=observer, observe_start=env.observation)
    return VectorEngine(functions, num_envs, is_jax=False)


@functools.lru_cache(maxsize=256)
def _jitted(functions: VectorFunctions) -> tuple[Any, Any, Any, Any]:
    """Start, restart, step, and the step that takes the memory of the observations that it is given."""
    import jax

    register_progress()

    def step(progress: Progress, actions: Array) -> Any:
        after, made, *statistics = functions.step(progress, actions)
        if functions.mode != AutoresetMode.SAME_STEP:  # Else JAX would hand the same observations out twice.
            made = made._replace(final_obs=None)
        return after, made, *statistics

    def step_in_place(progress: Progress, obs: Array, actions: Array) -> Any:
        return step(progress, actions)

    in_place = jax.jit(step_in_place, donate_argnums=1, keep_unused=True)
    return jax.jit(functions.start), jax.jit(functions.restart), jax.jit(step), in_place


@functools.cache
def register_progress() -> None:
    """Make `EnvState` and `Progress` JAX pytrees."""
    import jax

    register_pytree()
    jax.tree_util.register_dataclass(Progress, data_fields=["state", "is_over", "returns", "lengths"], meta_fields=[])
