"""Our environments in Gymnasium's registry, for its `make` and `make_vec`: one agent among partners.

from cogrid.interop.gymnasium import register_all

register_all()
env = gymnasium.make("cogrid/Overcooked-CrampedRoom-V0")
"""

from __future__ import annotations

from typing import Any

import gymnasium

from cogrid.envs.registry import Partners, make_single_agent, make_single_agent_vec, registered_ids
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


def single_agent(id: str, partners: Partners = "random", **settings: Any) -> SingleAgentEnv:
    """What Gymnasium's `make` calls.

    Args:
      id: the id of an environment.
      partners: as in `cogrid.make_single_agent`.
      settings: what else `cogrid.make_single_agent` takes.
    """
    return make_single_agent(id, partners=partners, **settings)


def single_agent_vec(id: str, num_envs: int, partners: Partners = "random", **settings: Any) -> SingleAgentVectorEnv:
    """What Gymnasium's `make_vec` calls.

    Args:
      id: the id of an environment.
      num_envs: how many environments.
      partners: as in `cogrid.make_single_agent_vec`.
      settings: what else `cogrid.make_single_agent_vec` takes.
    """
    return make_single_agent_vec(id, num_envs, partners=partners, **settings)
