"""Generalised advantage estimation (Schulman et al., 2016), which tells an end by the rules from one by the clock."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float


def advantages(
    rewards: Float[Array, "T *B"],
    values: Float[Array, "T *B"],
    next_values: Float[Array, "T *B"],
    is_terminal: Bool[Array, "T *B"],
    is_last: Bool[Array, "T *B"],
    discount: float,
    trace: float,
) -> Float[Array, "T *B"]:
    """How much better each action was than the value of where it was made.

    After a terminal step nothing more is earned, so nothing is added for it. An episode that the clock ended would have
    gone on: the value of its last observation stands for what was cut off, and only the trace ends there.

    Args:
      rewards: of each step.
      values: of what was observed before each step.
      next_values: of what was observed after each step, before any reset.
      is_terminal: where the step ended the episode by the rules.
      is_last: where the step was the episode's last, for whatever reason.
      discount: gamma.
      trace: lambda.
    Returns:
      `[T, *B]`; added to the values they are the targets of the critic.
    """
    going_on = jnp.where(is_terminal, jnp.float32(0), jnp.float32(discount))
    errors = rewards + going_on * next_values - values
    decay = jnp.where(is_terminal | is_last, jnp.float32(0), jnp.float32(discount * trace))

    def step(later: Array, given: tuple[Array, Array]) -> tuple[Array, Array]:
        error, decay = given
        now = error + decay * later
        return now, now

    _, found = jax.lax.scan(step, jnp.zeros_like(values[0]), (errors, decay), reverse=True)
    return found
