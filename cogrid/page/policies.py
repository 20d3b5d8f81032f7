"""Trained policies in the page: their weights, and what they observe."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ConfigError
from cogrid.learning.policy_file import LearnedPolicy, policy_files, read_policy
from cogrid.page.bundle import BundleWriter
from cogrid.page.game_data import game_data
from cogrid.recording.fingerprint import fingerprint


def load_policies(sources: Sequence[str | os.PathLike[str]], is_greedy: bool = False) -> dict[str, LearnedPolicy]:
    """Policies from files, by the names that they have in the page.

    Args:
      sources: files, or folders of runs.
      is_greedy: whether they take their likeliest action instead of drawing one.
    Raises:
      CheckpointError: for a file that is no policy; MissingDependencyError without the extra `cogrid[learn]`;
        ConfigError for a name that is given twice.
    """
    policies: dict[str, LearnedPolicy] = {}
    for source in sources:
        name = "/".join(pathlib.Path(source).with_suffix("").parts[-2:])
        if name in policies:
            raise ConfigError(f"The policy {name!r} is given twice.")
        policies[name] = policy = read_policy(policy_files(source)[0], is_greedy=is_greedy)
        if policy.unsticking is not None:
            raise ConfigError(f"{name!r} is a human proxy, which no page plays yet: `cogrid eval` and `watch` do.")
    return policies


def action_probabilities(
    policy: LearnedPolicy, env: CoGridEnv, states: Sequence[EnvState]
) -> Float[np.ndarray, "T A K"]:
    """How likely each agent of an episode would take each action, if a policy played it.

    Args:
      policy: the policy; a network with memory remembers what the agent has observed so far.
      env: the world of the episode.
      states: consecutive states, from the episode's start.
    Returns:
      `[T, A, K]` float32.
    Raises:
      ConfigError: for a policy of another world.
    """
    own = policy.world.make()
    if fingerprint(own.tables) != fingerprint(env.tables):
        raise ConfigError(
            f"The policy {policy.name!r} is for {policy.world.id!r} with {dict(policy.world.overrides)!r}, which is "
            f"not the episode's world, {env.config.name!r}."
        )
    import jax
    import jax.numpy as jnp

    obs = jnp.asarray(np.stack([np.asarray(own.observation(state)) for state in states]))
    is_first = jnp.arange(len(states))[None] == 0
    given = []
    for agent_idx in range(env.tables.n_agents):
        group = agent_idx % policy.n_groups
        params = jax.tree.map(lambda array, group=group: array[group], policy.params)
        outputs, _ = policy.network.unroll(params, policy.network.memory(1), obs[None, :, agent_idx], is_first)
        given.append(jax.nn.softmax(outputs[0], axis=-1))
    return np.stack(given, axis=1).astype(np.float32)


class PolicyShelf:
    """Gives the worlds of a page the policies that were made for them.

    Args:
      policies: by the names that they have in the page.
    """

    def __init__(self, policies: dict[str, LearnedPolicy]) -> None:
        self._policies = policies
        self._envs = {name: policy.world.make() for name, policy in policies.items()}
        self._unused = set(policies)

    def data_for(self, env: CoGridEnv, writer: BundleWriter) -> list[dict[str, Any]]:
        """The policies of a world: of those with its rules, map and settings, the network, the weights and the game.

        Args:
          env: the world.
          writer: where the arrays go.
        """
        fitting = [name for name, own in self._envs.items() if fingerprint(own.tables) == fingerprint(env.tables)]
        self._unused -= set(fitting)
        return [self._data(name, writer) for name in fitting]

    def check_used(self, names: Sequence[str]) -> None:
        """Refuse policies that no world of the page is for.

        Raises:
          ConfigError: names the policy and its world.
        """
        for name in sorted(self._unused):
            world = self._policies[name].world
            raise ConfigError(
                f"The policy {name!r} is for {world.id!r} with {dict(world.overrides)!r}, and the page has "
                f"{', '.join(names)} with other rules, maps or settings: add its world, with the same settings."
            )

    def _data(self, name: str, writer: BundleWriter) -> dict[str, Any]:
        policy = self._policies[name]
        params = {
            layer: {part: writer.add(array) for part, array in parts.items()} for layer, parts in policy.params.items()
        }
        return {
            "name": name,
            "is_greedy": policy.is_greedy,
            "network": policy.network.to_json(),
            "n_groups": policy.n_groups,
            "params": params,
            "game": game_data(name, self._envs[name].game, writer),
        }
