"""Auto-reset for batches: environments whose episode is over start the next one, the others go on.

These functions take whole batches (leading axes, no `vmap`), so that under JAX a step in which no episode ends does not
pay for a reset.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from gymnasium.vector import AutoresetMode
from jaxtyping import Bool, Float, Int, Shaped, UInt

from cogrid.backend.control_flow import replace_where
from cogrid.backend.env_state import EnvState, register_pytree
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.draws import Purpose, derived_key
from cogrid.core.jax_step import ObserveFn, is_done, start_state
from cogrid.game import Game, StepResult


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where a batch of environments is, and what its running episodes have brought so far.

    Attributes:
      state: the batched state.
      is_over: `[*B]` bool, where the last step ended the episode.
      returns: `[*B, A]` float32, reward of the running episode so far.
      lengths: `[*B]` int32, steps of the running episode so far.
    """

    state: EnvState
    is_over: Bool[Array, "*B"]
    returns: Float[Array, "*B A"]
    lengths: Int[Array, "*B"]


@dataclasses.dataclass(frozen=True)
class AutoReset:
    """A game in many environments whose episodes follow each other; hashable: equal ones share what JAX compiles.

    Attributes:
      game: what is played.
      mode: what happens where an episode is over.
      leader: an agent's index: the episode is over for all when that agent has terminated. None: when all have.
      observe: what observes the whole batch, and may write into an array that it returned before; by default the
        game's observation.
    """

    game: Game
    mode: AutoresetMode
    leader: int | None = None
    observe: ObserveFn | None = None

    def start(
        self, key: UInt[Array, "*B 2"], layout_idx: Int[Array, "*B"] | None = None
    ) -> tuple[Progress, Shaped[Array, "..."]]:
        """Start an episode in every environment.

        Args:
          key: `[*B, 2]` uint32, each environment's key.
          layout_idx: `[*B]` int32, which layout of the set each plays; drawn if left out.
        Returns:
          Where the environments are, and the observations.
        """
        state = start_state(key, self.game.tables, layout_idx)
        xp, batch = namespace(key), key.shape[:-1]
        returns = xp.zeros((*batch, self.game.tables.n_agents), dtype=np.float32)
        begun = Progress(state, xp.zeros(batch, dtype=np.bool_), returns, xp.zeros(batch, dtype=np.int32))
        return begun, self._observe(state)

    def restart(
        self,
        progress: Progress,
        mask: Bool[Array, "*B"],
        key: UInt[Array, "*B 2"] | None = None,
        layout_idx: Int[Array, "*B"] | None = None,
    ) -> tuple[Progress, Shaped[Array, "..."]]:
        """Start an episode in some environments.

        Args:
          progress: where the environments are.
          mask: `[*B]` bool, which ones.
          key: `[*B, 2]` uint32, their episodes' keys; the episode that follows the last one, if left out.
          layout_idx: `[*B]` int32, which layout of the set each plays; drawn if left out.
        Returns:
          Where the environments are, and the observations.
        """
        xp = namespace(mask)

        def begin(_: EnvState, *given: Array) -> tuple[EnvState, *tuple[Array, ...]]:
            return start_state(given[0], self.game.tables, *given[1:]), *given

        given = (next_keys(progress.state) if key is None else key, *([] if layout_idx is None else [layout_idx]))
        state = replace_where(mask, begin, (progress.state, *given))[0]
        begun = Progress(
            state,
            progress.is_over & ~mask,
            xp.where(mask[..., None], xp.asarray(0, dtype=np.float32), progress.returns),
            xp.where(mask, xp.asarray(0, dtype=np.int32), progress.lengths),
        )
        return begun, self._observe(state)

    def step(self, progress: Progress, actions: Int[Array, "*B A"]) -> tuple[Progress, StepResult]:
        """Make one step in every environment, and reset as the mode says.

        NEXT_STEP: where the last step ended the episode, the next one starts, the action is ignored, and nothing is
        paid. SAME_STEP: where this step ends the episode the next one starts at once; `obs` is then its first
        observation, and `final_obs` the last of the episode that ended. DISABLED: an episode that is over plays on.

        Args:
          progress: where the environments are.
          actions: `[*B, A]` integer.
        """
        xp, was_over = namespace(progress.is_over), progress.is_over
        if self.mode == AutoresetMode.DISABLED:  # No episode begins, and every step counts.
            made = self._play_on(progress, actions)
            returns, lengths, has_ended = progress.returns, progress.lengths + np.int32(1), made.done & ~was_over
        else:
            if self.mode == AutoresetMode.NEXT_STEP:
                made, n_steps = self._play_or_start(progress, actions), ~was_over
            else:
                made, n_steps = self._start_where_done(self._play_on(progress, actions)), xp.ones_like(was_over)
            returns = xp.where(was_over[..., None], xp.asarray(0, dtype=np.float32), progress.returns)
            lengths = xp.where(was_over, xp.asarray(0, dtype=np.int32), progress.lengths) + n_steps.astype(np.int32)
            has_ended = made.done
        returns = returns + made.reward
        made = made._replace(episode_return=returns, episode_length=lengths, has_ended=has_ended)
        return Progress(made.state, made.done, returns, lengths), made

    def _play_on(self, progress: Progress, actions: Int[Array, "*B A"]) -> StepResult:
        """The plain step."""
        after, reward, shaped_reward = self.game.play(progress.state, actions)
        obs = self._observe(after)
        return self._result(after, obs, reward, shaped_reward)

    def _start_where_done(self, made: StepResult) -> StepResult:
        def start_next(state: EnvState, _: Array) -> tuple[EnvState, Array]:
            started = next_episode(state)
            self.game.check_state(started)
            return started, self.game.observation(started)

        state, obs = replace_where(made.done, start_next, (made.state, made.obs))
        return made._replace(state=state, obs=obs)

    def _play_or_start(self, progress: Progress, actions: Int[Array, "*B A"]) -> StepResult:
        """The plain step, and the start of the next episode where the last step ended one."""
        after, *paid = self.game.play(progress.state, actions)
        xp, was_over = namespace(after.cells), progress.is_over
        nothing = xp.asarray(0, dtype=np.float32)
        paid = [None if part is None else xp.where(was_over[..., None], nothing, part) for part in paid]
        (state,) = replace_where(was_over, lambda state: (next_episode(state),), (after,))
        return self._result(state, self._observe(state), *paid)

    def _result(self, state: EnvState, obs: Array, reward: Array, shaped_reward: Array | None) -> StepResult:
        terminated, done = state.terminated, is_done(state)
        if self.leader is not None:
            done = done | terminated[..., self.leader]
        return StepResult(state, obs, reward, shaped_reward, terminated, state.truncated, done, obs)

    def _observe(self, state: EnvState) -> Shaped[Array, "..."]:
        self.game.check_state(state)
        return (self.observe or self.game.observation)(state)


def next_episode(state: EnvState) -> EnvState:
    """The first state of the episode that follows, as a `reset` without a seed starts it."""
    return start_state(next_keys(state), state.tables)


def next_keys(state: EnvState) -> UInt[Array, "*B 2"]:
    """The keys of the episodes that follow, `[*B, 2]` uint32."""
    return derived_key(state.rng_key, Purpose.NEXT_EPISODE, namespace(state.time).zeros_like(state.time))


@functools.cache
def register_progress() -> None:
    """Make `EnvState` and `Progress` JAX pytrees."""
    import jax

    register_pytree()
    jax.tree_util.register_dataclass(Progress, data_fields=["state", "is_over", "returns", "lengths"], meta_fields=[])
