"""MAPPO (Yu et al., 2022): PPO whose critic sees what all agents see, while each agent still acts on its own view.

The critic is there in training only, so a policy's file is like that of independent PPO. Everything else is `IPPO`'s.
"""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array, Shaped

from cogrid.game import Game
from cogrid.learning.ippo import IPPO, PPOSettings


class MAPPO(IPPO):
    """PPO with a central critic."""

    def __init__(self, game: Game, settings: PPOSettings, n_updates: int) -> None:
        """Make ready; see `IPPO`."""
        super().__init__(game, settings, n_updates, central=joint_view)


def joint_view(obs: Shaped[Array, "B A ..."]) -> Shaped[Array, "B A ..."]:
    """What the central critic sees for each agent: all observations, joined along the last axis, its own first.

    The others follow in the order of their indices, from the agent's own on and around, so that one critic can tell
    whose value is asked for.

    Args:
      obs: `[B, A, ..., C]`.
    Returns:
      `[B, A, ..., A * C]`.
    """
    return jnp.concatenate([jnp.roll(obs, -shift, axis=1) for shift in range(obs.shape[1])], axis=-1)
