"""Policies: what plays an agent, the same kind of function wherever the library asks for one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped, UInt

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.draws import Purpose, derived_key, words
from cogrid.feature_space.observation import Observation

Policy = Callable[[Any, Any], Any]
"""`(obs, key) -> actions`: observations of any number of agents to an action number for each, and a key for chance.

The axes of `obs` in front of an agent's own observation are those of the actions: a partner in `SingleAgentEnv`, and
whoever plays in `cogrid run`, gets one observation and returns one number; a partner in `SingleAgentVectorEnv` gets
`[B, ...]` and returns `[B]`; the policy of a `rollout` gets `[B, A, ...]` and returns `[B, A]`. The key is raw, `[2]`
or `[B, 2]` uint32, another one at every step: `numpy.random.default_rng(key)` takes it, and so does
`jax.random.wrap_key_data(key, impl="threefry2x32")`. A policy must not write into what it gets.

A policy may have an attribute `features`, as the setting of `make`: what it observes itself, instead of what the world
shows. So a partner that looks at the whole state, or one that was trained on other planes, plays beside any learner.

A policy that remembers what was before has a method `begin`, which gives the function that plays one agent for one
episode, and keeps what it remembers. `SingleAgentEnv` asks for one at every reset.
"""


def own_observation(policy: Policy) -> Observation | None:
    """What a policy observes itself; None for what the world shows.

    Raises:
      ConfigError: for features that do not exist.
    """
    features = getattr(policy, "features", None)
    return None if features is None else Observation.of(features)


def begun(policy: Policy) -> Policy:
    """What plays one agent for an episode that starts now: the policy itself, unless it has a method `begin`."""
    begin = getattr(policy, "begin", None)
    return policy if begin is None else begin()


def policy_key(state: EnvState) -> UInt[Array, "*B 2"]:
    """The raw keys from which a policy that plays all agents can draw its next actions."""
    return derived_key(state.rng_key, Purpose.POLICY, state.time)


def policy_keys(state: EnvState) -> UInt[Array, "*B A 2"]:
    """The raw keys from which each agent's own policy can draw its next action."""
    return keys_at(episode_keys(state.rng_key, state.n_agents), state.time)


def episode_keys(key: UInt[Array, "*B 2"], n_agents: int) -> UInt[Array, "*B A 2"]:
    """The keys of each agent's own policy at time 0; those of later steps count on from them (`keys_at`).

    Args:
      key: `[*B, 2]` uint32, the episodes' keys.
      n_agents: how many agents play.
    """
    time = namespace(key).zeros(key.shape[:-1], dtype=np.int32)
    return words(key, Purpose.POLICY, time, 2 * n_agents).reshape(*key.shape[:-1], n_agents, 2)


def keys_at(first: UInt[Array, "*B A 2"], time: Int[Array, "*B"]) -> UInt[Array, "*B A 2"]:
    """The keys of a later time: the first word counts up, so that a step draws nothing that no policy may need."""
    steps = time.astype(np.uint32)[..., None]
    return namespace(first).stack([first[..., 0] + steps, first[..., 1]], axis=-1)


def random_policy(n_actions: int, n_agents: int) -> Policy:
    """A policy for `rollout` that draws each agent's action uniformly.

    Args:
      n_actions: how many actions there are.
      n_agents: how many agents play.
    """
    return _random_policy(n_actions, n_agents)


@functools.cache
def _random_policy(n_actions: int, n_agents: int) -> Policy:
    def policy(obs: Shaped[Array, "..."], key: UInt[Array, "B 2"]) -> Int[Array, "B A"]:
        time = namespace(key).zeros(key.shape[:-1], dtype=np.int32)
        return (words(key, Purpose.POLICY, time, n_agents) % n_actions).astype(np.int32)

    return policy
