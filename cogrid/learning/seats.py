"""How a player takes its seat in many episodes at once: what it remembers, and how it chooses its actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from cogrid.core.draws import Purpose, words
from cogrid.learning.networks import NOT_TAKEN
from cogrid.learning.players import Player
from cogrid.learning.policy_file import LearnedPolicy
from cogrid.policy import Policy

Choose = Callable[..., tuple[Array, Any]]
"""`(obs [E, ...], memory, drawn [E], key [E, 2], is_first [E], mask [E, n] or None) -> (actions [E], memory)`.

Of E episodes at one time: what the seat's agent observes, a random word and the raw key of the step, whether it is the
first one, and which actions the agent takes (None for all)."""


def stacked_params(players: Sequence[Player]) -> Any:
    """The parameters of players of one kind, with an axis in front; of functions a number that nobody reads."""
    learned = [player.policy.params for player in players if isinstance(player.policy, LearnedPolicy)]
    if learned:
        return jax.tree.map(lambda *leaves: np.stack(leaves), *learned)
    return np.zeros(len(players), np.int32)


def memory_of(policy: LearnedPolicy | Policy, n_episodes: int) -> Any:
    """What a player's policy remembers at the start: of its network, and of how it stood."""
    if not isinstance(policy, LearnedPolicy):
        return ()
    unsticking, n_actions = policy.unsticking, policy.network.n_outputs
    stillness = () if unsticking is None else unsticking.start(n_episodes, n_actions)
    return policy.network.memory(n_episodes), stillness


def chooser(player: Player, seat: int, params: Any) -> Choose:
    """What chooses a seat's actions.

    Args:
      player: who takes it.
      seat: the agent's index.
      params: the player's parameters; those of a function are not looked at.
    """
    policy = player.policy
    if not isinstance(policy, LearnedPolicy):
        n_agents = player.game.tables.n_agents

        def ask(obs: Array, memory: Any, drawn: Array, key: Array, is_first: Array, mask: Any) -> tuple[Array, Any]:
            own = words(key, Purpose.POLICY, jnp.ones(len(key), jnp.int32), 2 * n_agents)[:, 2 * seat : 2 * seat + 2]
            return jnp.asarray(policy(obs, own)).astype(jnp.int32), memory

        return ask
    return learned_chooser(policy, jax.tree.map(lambda leaf: leaf[seat if policy.n_groups > 1 else 0], params))


def learned_chooser(policy: LearnedPolicy, own: Any) -> Choose:
    """What chooses the actions of an agent that a policy from a file plays.

    Args:
      policy: the policy.
      own: the parameters, without an axis for agents.
    """
    unsticking = policy.unsticking

    def choose(obs: Array, memory: Any, drawn: Array, key: Array, is_first: Array, mask: Any) -> tuple[Array, Any]:
        of_network, stillness = memory
        outputs, of_network = policy.network.unroll(own, of_network, obs[:, None], is_first[:, None])
        outputs = outputs[:, 0] if mask is None else jnp.where(mask, outputs[:, 0], jnp.float32(NOT_TAKEN))
        if unsticking is None:
            return policy.choose(outputs, drawn), (of_network, stillness)
        stillness = unsticking.look(stillness, obs, is_first)
        actions = policy.choose(unsticking.mask(stillness, outputs), drawn)
        return actions, (of_network, unsticking.note(stillness, actions))

    return choose
