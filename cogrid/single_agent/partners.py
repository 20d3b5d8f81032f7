"""Who plays beside a learner: the check that single-agent views of a world share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, can_be_called
from cogrid.feature_space.observation import Observation
from cogrid.policy import Policy


def read_partners(
    partners: Policy | Sequence[Policy], n_agents: int, controlled_agent: Any
) -> tuple[int, tuple[tuple[int, Policy], ...]]:
    """Read which agent the learner controls, and who plays the others.

    Args:
      partners: the other agents' policies in the order of the agents, or one for all of them.
      n_agents: how many agents there are, the learner's included.
      controlled_agent: index of the learner's agent.
    Returns:
      That index, and each other agent's index and policy, in order.
    Raises:
      ConfigError: for an agent that does not exist, another number of partners than there are other agents, or a
        partner that is no function.
    """
    is_index = isinstance(controlled_agent, (int, np.integer)) and not isinstance(controlled_agent, bool)
    if not is_index or not 0 <= controlled_agent < n_agents:
        raise ConfigError(f"controlled_agent is an agent's index, 0 to {n_agents - 1}, not {controlled_agent!r}.")
    others = [idx for idx in range(n_agents) if idx != controlled_agent]
    if not callable(partners) and not isinstance(partners, Sequence):
        raise ConfigError(f"partners is a function (obs, key) -> actions, or a list of them, not {partners!r}.")
    policies = [partners] * len(others) if callable(partners) else list(partners)
    if len(policies) != len(others):
        raise ConfigError(
            f"{len(others)} agents beside agent_{controlled_agent} need a partner each, and {len(policies)} are given: "
            "partners=policy, or one for each of them."
        )
    for policy in policies:
        if not callable(policy) or not can_be_called(policy, None, None):
            raise ConfigError(f"A partner is a function (obs, key) -> actions, not {policy!r}.")
    return int(controlled_agent), tuple(zip(others, policies, strict=True))


def check_observations(observations: Iterable[Observation | None], tables: Tables) -> None:
    """Refuse what partners observe themselves where it cannot show a world.

    Raises:
      ConfigError: for a feature of another family of worlds, say.
    """
    for observation in observations:
        if observation is not None:
            observation.bounds(tables)
