"""`ScriptedPolicy`: scripted partners as policies `(obs, key) -> actions`, by name."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped, UInt

from cogrid.backend.array_ops import lookup
from cogrid.backend.namespaces import Array, is_numpy, is_traced, namespace
from cogrid.backend.threefry import raw_key
from cogrid.core.draws import Purpose, words
from cogrid.core.tables import Tables
from cogrid.envs.scripts.errands import ROLES
from cogrid.envs.scripts.script import Script, plan_of
from cogrid.errors import ConfigError, did_you_mean

SCRIPT_NAMES = ("random", "stay", *ROLES)
"""The scripted partners by name; `name@share` replaces that share of their actions by random ones."""


@dataclasses.dataclass(frozen=True)
class ScriptedPolicy:
    """A scripted partner, a policy of one agent (see `cogrid.policy`), under NumPy and JAX alike.

    Attributes:
      name: one of `SCRIPT_NAMES`.
      actions: the numbers of the actions that it draws among at random.
      noop: the number of the action that does nothing.
      random_share: how much of what it does is drawn at random, 0 to 1.
    """

    name: str
    actions: tuple[int, ...]
    noop: int
    random_share: float = 0.0

    @property
    def features(self) -> tuple[Script, ...] | None:
        """What it observes; None if it looks at nothing."""
        return (Script(self.name),) if self.name in ROLES else None

    def __call__(self, obs: Shaped[Array, "..."] | None, key: UInt[Array, "*B 2"]) -> Int[Array, "*B"]:
        """Choose actions.

        Args:
          obs: `[*B, 2]`, what `features` show of the agent; anything where it looks at nothing.
          key: `[*B, 2]` uint32.
        Returns:
          `[*B]` int32.
        """
        key = raw_key(key)
        if is_numpy(key) or is_traced(key):
            return self._choose(obs, key)
        return _jitted(self)(obs, key)

    def _choose(self, obs: Shaped[Array, "..."] | None, key: UInt[Array, "*B 2"]) -> Int[Array, "*B"]:
        """The actions, on arrays of either kind."""
        xp = namespace(key)
        drawn = words(key, Purpose.POLICY, xp.zeros(key.shape[:-1], dtype=np.int32), 3)
        number = (drawn[..., 0] % np.uint32(len(self.actions))).astype(np.int32)
        at_random = lookup(np.array(self.actions, dtype=np.int32), number)
        if self.name == "random":
            return at_random
        chosen = xp.full_like(at_random, self.noop)
        if obs is not None and self.name in ROLES:
            is_moved = (drawn[..., 1] % np.uint32(256)).astype(np.int32) < obs[..., 1].astype(np.int32)
            chosen = xp.where(is_moved, at_random, obs[..., 0].astype(np.int32))
        if not self.random_share:
            return chosen
        is_random = (drawn[..., 2] >> 8).astype(np.int32) < int(self.random_share * 2**24)
        return xp.where(is_random, at_random, chosen)


@functools.cache
def _jitted(policy: ScriptedPolicy) -> Callable[[Any, Any], Any]:
    import jax

    return jax.jit(policy._choose)


def scripted_policy(name: str, world: Any) -> ScriptedPolicy:
    """A scripted partner of a name, for a world.

    Args:
      name: one of `SCRIPT_NAMES`; with `@0.3` behind it that share of its actions is random.
      world: an environment of any kind, or its tables.
    Raises:
      ConfigError: for a name that does not exist, a share that is none, and a cook for a world that is no kitchen.
    """
    tables: Tables = getattr(world, "tables", world)
    plain, _, share = name.partition("@")
    if plain not in SCRIPT_NAMES:
        raise ConfigError(f"There is no scripted partner {plain!r}. {did_you_mean(plain, SCRIPT_NAMES)}")
    if plain in ROLES:
        plan_of(tables, plain)
    actions = tables.action_set
    walks = ("MoveRight", "MoveDown", "MoveLeft", "MoveUp", "Forward", "RotateLeft", "RotateRight")
    numbers = [idx for idx, action in enumerate(actions.names) if plain == "random" or action in walks]
    return ScriptedPolicy(plain, tuple(numbers), actions.noop, _read_share(name, share))


def _read_share(name: str, share: str) -> float:
    try:
        number = float(share or 0)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise ConfigError(f"The share of random actions is a number from 0 to 1, as in 'greedy@0.3', not {name!r}.")
    return number
