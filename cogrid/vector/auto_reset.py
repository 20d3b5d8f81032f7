"""Auto-reset for batches: environments whose episode is over start the next one, the others go on.

These functions take whole batches (leading axes, no `vmap`), so that under JAX a step in which no episode ends does not
pay for a reset.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped, UInt

from cogrid.backend.control_flow import replace_where
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.draws import Purpose, derived_key
from cogrid.core.jax_step import ObserveFn, RewardFn, advance, is_done, start_state

EndFn = Callable[[EnvState], Bool[Array, "*B"]]
"""Says where an episode is over."""


class BatchStep(NamedTuple):
    """What a batch of environments gives back after a step.

    Attributes:
      state: the state to go on from.
      obs: `[*B, A, ...]`, observations of it.
      reward: `[*B, A]` float32.
      terminated: `[*B, A]` bool, whose episode has ended by the rules.
      truncated: `[*B, A]` bool, whose episode the clock has ended.
      done: `[*B]` bool, where the episode is over.
      final_obs: `[*B, A, ...]`, observations before any reset in this step: the true last ones where done.
    """

    state: EnvState
    obs: Shaped[Array, "..."]
    reward: Float[Array, "*B A"]
    terminated: Bool[Array, "*B A"]
    truncated: Bool[Array, "*B A"]
    done: Bool[Array, "*B"]
    final_obs: Shaped[Array, "..."]


def next_episode(state: EnvState) -> EnvState:
    """The first state of the episode that follows, as a `reset` without a seed starts it."""
    return start_state(next_keys(state), state.tables)


def next_keys(state: EnvState) -> UInt[Array, "*B 2"]:
    """The keys of the episodes that follow, `[*B, 2]` uint32."""
    return derived_key(state.rng_key, Purpose.NEXT_EPISODE, namespace(state.time).zeros_like(state.time))


def step_disabled(
    state: EnvState, actions: Int[Array, "*B A"], observe: ObserveFn, reward: RewardFn, ends: EndFn = is_done
) -> BatchStep:
    """Make one step in every environment, and reset none; one whose episode is over plays on.

    Args:
      state: the states before.
      actions: `[*B, A]` integer.
      observe: state to observations.
      reward: previous state, state and actions to rewards.
      ends: state to where the episode is over.
    """
    after, actions = advance(state, actions)
    xp = namespace(after.cells)
    paid = xp.where(state.terminated, xp.asarray(0, dtype=np.float32), reward(state, after, actions))
    obs = observe(after)
    return BatchStep(after, obs, paid, after.terminated, after.truncated, ends(after), obs)


def step_same_step(
    state: EnvState,
    actions: Int[Array, "*B A"],
    observe: ObserveFn,
    reward: RewardFn,
    ends: EndFn = is_done,
    observe_start: ObserveFn | None = None,
) -> BatchStep:
    """Make one step in every environment, and reset at once those whose episode is over.

    Args:
      state: the states before.
      actions: `[*B, A]` integer.
      observe: state to observations.
      reward: previous state, state and actions to rewards.
      ends: state to where the episode is over.
      observe_start: the same function as `observe`, for the states that begin, in case `observe` writes into an array
        that it returned before; `observe` itself if left out.
    Returns:
      The step; `obs` is the next episode's first where done, `final_obs` the last of the episode that ended.
    """
    made = step_disabled(state, actions, observe, reward, ends)

    def start_next(state: EnvState, obs: Array) -> tuple[EnvState, Array]:
        started = next_episode(state)
        return started, (observe_start or observe)(started)

    begun, obs = replace_where(made.done, start_next, (made.state, made.obs))
    return made._replace(state=begun, obs=obs)


def step_next_step(
    state: EnvState,
    is_over: Bool[Array, "*B"],
    actions: Int[Array, "*B A"],
    observe: ObserveFn,
    reward: RewardFn,
    ends: EndFn = is_done,
) -> BatchStep:
    """Make one step where the episode goes on; start the next episode where it was over already.

    Args:
      state: the states before.
      is_over: `[*B]` bool, where the last step ended the episode: there the action is ignored, nothing is paid.
      actions: `[*B, A]` integer.
      observe: state to observations.
      reward: previous state, state and actions to rewards.
      ends: state to where the episode is over.
    """
    after, actions = advance(state, actions)
    xp = namespace(after.cells)
    gets_nothing = state.terminated | is_over[..., None]
    paid = xp.where(gets_nothing, xp.asarray(0, dtype=np.float32), reward(state, after, actions))
    (begun,) = replace_where(is_over, lambda state: (next_episode(state),), (after,))
    obs = observe(begun)
    return BatchStep(begun, obs, paid, begun.terminated, begun.truncated, ends(begun), obs)
