"""`Unsticking`: an agent that has stood still for some steps tries something else than what it has just done."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Shaped

from cogrid.errors import ConfigError


class Stillness(NamedTuple):
    """What an agent remembers of how it stood.

    Attributes:
      pose: `[B, C]` int32, how it stood at the last step.
      n_still: `[B]` int32, for how many steps it has stood so.
      tried: `[B, n]` bool, the actions that it has tried meanwhile.
    """

    pose: Int[Array, "B C"]
    n_still: Int[Array, "B"]
    tried: Bool[Array, "B n"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Unsticking:
    """When an agent counts as stuck.

    Source: the stuck check of the human models of Carroll et al. (2019), arXiv 1910.05789: an agent that was in one
    place, facing one way, for three steps takes none of the actions that it took there.

    Attributes:
      after: steps in one pose after which the actions that were tried there are left out.
      channels: the entries of its observation that are its pose, place and direction.
    """

    after: int
    channels: tuple[int, ...]

    @classmethod
    def of_channels(cls, names: Sequence[str], after: int = 3) -> Unsticking:
        """Find the pose in an observation by its channels' names.

        Args:
          names: of the entries of the observation's last axis.
          after: see the class.
        Raises:
          ConfigError: for an observation that does not tell place and direction.
        """
        wanted = [*(f"self_facing_{name}" for name in ("up", "down", "left", "right")), "x", "y"]
        missing = [name for name in wanted if name not in names]
        if missing:
            raise ConfigError(
                f"An agent knows that it is stuck by its own place and direction, and its observation has no "
                f"{missing[0]!r}: clone with features=['overcooked_ai_features']."
            )
        return cls(after=after, channels=tuple(names.index(name) for name in wanted))

    def start(self, batch: int, n_actions: int) -> Stillness:
        """What is remembered at an episode's start: nothing, not even a pose."""
        pose = jnp.full((batch, len(self.channels)), np.iinfo(np.int32).min, jnp.int32)
        return Stillness(pose, jnp.zeros(batch, jnp.int32), jnp.zeros((batch, n_actions), bool))

    def look(self, memory: Stillness, obs: Shaped[Array, "B F"], is_first: Bool[Array, "B"]) -> Stillness:
        """What is remembered once the next observation is there; nothing of before where an episode begins."""
        pose = obs[:, np.array(self.channels)].astype(jnp.int32)
        is_same = (pose == memory.pose).all(axis=-1) & ~is_first
        n_still = jnp.where(is_same, memory.n_still + 1, 0)
        return Stillness(pose, n_still, memory.tried & is_same[:, None])

    def mask(self, memory: Stillness, logits: Float[Array, "B n"]) -> Float[Array, "B n"]:
        """Leave out what was tried, where an agent is stuck; nothing where all was tried."""
        is_stuck = (memory.n_still >= self.after) & ~memory.tried.all(axis=-1)
        return jnp.where(is_stuck[:, None] & memory.tried, jnp.float32(-np.inf), logits)

    def note(self, memory: Stillness, actions: Int[Array, "B"]) -> Stillness:
        """What is remembered once an action was taken."""
        done = jax.nn.one_hot(actions, memory.tried.shape[-1], dtype=jnp.float32) > 0
        return memory._replace(tried=memory.tried | done)

    def to_json(self) -> dict[str, Any]:
        """The description as JSON has it; `from_json` reads it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Unsticking:
        """Read what `to_json` wrote."""
        return cls(after=int(given["after"]), channels=tuple(given["channels"]))
