"""Our environments in Gymnasium's registry, for its `make` and `make_vec`: one agent among partners.

from cogrid.interop.gymnasium import register_all

register_all()
env = gymnasium.make("cogrid/Overcooked-CrampedRoom-V0")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium

from cogrid.envs.registry import make, make_single_agent, make_single_agent_vec, registered_ids
from cogrid.policy import Policy, random_policy
from cogrid.single_agent.environment import SingleAgentEnv
from cogrid.vector.single_agent import SingleAgentVectorEnv

NAMESPACE = "cogrid"
"""What stands before our ids in Gymnasium's registry."""


def register_all() -> list[str]:
    """Put every registered environment into Gymnasium's registry.

    May be called again, after `cogrid.register` say: what is there already stays.

    Returns:
      The ids as Gymnasium's `make` and `make_vec` take them.
    """
    names = [f"{NAMESPACE}/{env_id}" for env_id in registered_ids()]
    for name, env_id in zip(names, registered_ids(), strict=True):
        if name not in gymnasium.registry:
            gymnasium.register(
                name,
                entry_point=f"{__name__}:single_agent",
                vector_entry_point=f"{__name__}:single_agent_vec",
                kwargs={"id": env_id},
            )
    return names


def single_agent(id: str, partners: Policy | Sequence[Policy] | None = None, **settings: Any) -> SingleAgentEnv:
    """What Gymnasium's `make` calls.

    Args:
      id: the id of an environment.
      partners: as in `cogrid.make_single_agent`; None for partners that act at random.
      settings: what else `cogrid.make_single_agent` takes.
    """
    if partners is None:
        partners = _random_partners(id, settings)
    return make_single_agent(id, partners=partners, **settings)


def single_agent_vec(
    id: str, num_envs: int, partners: Policy | Sequence[Policy] | None = None, **settings: Any
) -> SingleAgentVectorEnv:
    """What Gymnasium's `make_vec` calls.

    Args:
      id: the id of an environment.
      num_envs: how many environments.
      partners: as in `cogrid.make_single_agent_vec`; None for partners that act at random.
      settings: what else `cogrid.make_single_agent_vec` takes.
    """
    if partners is None:
        partners = _random_partners(id, settings)
    return make_single_agent_vec(id, num_envs, partners=partners, **settings)


def _random_partners(id: str, settings: dict[str, Any]) -> list[Policy]:
    """A policy that acts at random for each agent but the learner's."""
    of_world = {name: value for name, value in settings.items() if name not in _NOT_OF_THE_WORLD}
    tables = make(id, **of_world).tables
    policy = random_policy(len(tables.action_set), 1)
    return [lambda obs, key: policy(obs, key)[..., 0]] * (tables.n_agents - 1)


_NOT_OF_THE_WORLD = ("backend", "render_mode", "autoreset_mode", "copy", "controlled_agent")
"""What the functions that make environments take beside settings of the world."""
