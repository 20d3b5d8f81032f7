"""Our environments in PettingZoo's registry, for its `make`.

from cogrid.interop.pettingzoo import register_all

register_all()
env = pettingzoo.make("parallel", "cogrid/Overcooked-CrampedRoom-V0")
"""

from __future__ import annotations

from typing import Any

import pettingzoo
from pettingzoo.utils import AECEnv, parallel_to_aec

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import make, registered_ids
from cogrid.errors import MissingDependencyError

NAMESPACE = "cogrid"
"""What stands before our ids in PettingZoo's registry."""


def register_all() -> list[str]:
    """Put every registered environment into PettingZoo's registry, for both of its kinds, "parallel" and "aec".

    May be called again, after `cogrid.register` say: what is there already stays.

    Returns:
      The ids as PettingZoo's `make` takes them.
    Raises:
      MissingDependencyError: for a release of PettingZoo that has no registry.
    """
    if not hasattr(pettingzoo, "register"):
        raise MissingDependencyError(
            f'PettingZoo {pettingzoo.__version__} has no registry: pip install "pettingzoo>=1.27", or use cogrid.make.'
        )
    names = []
    for env_id in registered_ids():
        name = f"{NAMESPACE}/{env_id}"
        if name not in pettingzoo.parallel_registry:
            pettingzoo.register("parallel", name, entry_point=parallel_env, kwargs={"id": env_id})
        if name not in pettingzoo.aec_registry:
            pettingzoo.register("aec", name, entry_point=env, kwargs={"id": env_id})
        names.append(name)
    return names


def parallel_env(id: str, max_cycles: int | None = None, **settings: Any) -> CoGridEnv:
    """What PettingZoo's `make("parallel", ...)` calls.

    Args:
      id: the id of an environment.
      max_cycles: PettingZoo's word for the setting `max_steps`; None leaves the environment's own.
      settings: what `cogrid.make` takes.
    """
    if max_cycles is not None:
        return make(id, max_steps=max_cycles, **settings)
    return make(id, **settings)


def env(id: str, max_cycles: int | None = None, **settings: Any) -> AECEnv[str, Any, Any]:
    """What PettingZoo's `make("aec", ...)` calls: the same agent by agent, through PettingZoo's converter.

    Args:
      id: the id of an environment.
      max_cycles: see `parallel_env`.
      settings: see `parallel_env`.
    """
    return parallel_to_aec(parallel_env(id, max_cycles, **settings))
