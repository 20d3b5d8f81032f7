"""`AgentNetworks`: one network for all agents, or one for each, behind one interface."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Shaped, UInt

from cogrid.learning.networks import Network, Params


@dataclasses.dataclass(frozen=True)
class AgentNetworks:
    """The networks of all agents of a world.

    Parameters have an axis G in front: 1 if the agents share them, else one set for each agent. What is computed
    together is laid out in rows `[N, T, G, ...]`: agents that share are rows of their own, others lie along G.

    Attributes:
      network: what each looks like.
      n_agents: A.
      is_shared: whether all agents have the same parameters.
    """

    network: Network
    n_agents: int
    is_shared: bool

    @property
    def n_groups(self) -> int:
        """How many sets of parameters there are, G."""
        return 1 if self.is_shared else self.n_agents

    def init(self, key: UInt[Array, "2"], last_scale: float) -> Params:
        """Draw the parameters of all, each with the axis G in front."""
        return jax.vmap(lambda own: self.network.init(own, last_scale))(jax.random.split(typed(key), self.n_groups))

    def n_rows(self, n_envs: int) -> int:
        """How many rows so many environments make at one time."""
        return n_envs * self.n_agents // self.n_groups

    def memory(self, n_envs: int) -> Float[Array, "N G H"]:
        """What is remembered at the start."""
        return self.network.memory(self.n_rows(n_envs), self.n_groups)

    def now(
        self, params: Params, memory: Float[Array, "N G H"], obs: Shaped[Array, "B A ..."], is_first: Bool[Array, "B"]
    ) -> tuple[Float[Array, "B A O"], Float[Array, "N G H"]]:
        """The outputs for what all agents observe at one time, and what is remembered afterwards."""
        rows = obs.reshape(-1, 1, self.n_groups, *obs.shape[2:])
        first = for_agents(is_first, self.n_agents).reshape(-1, 1, self.n_groups)
        out, memory = self.unroll(params, memory, rows, first)
        return out.reshape(*obs.shape[:2], -1), memory

    def rows(self, values: Shaped[Array, "T B A ..."]) -> Shaped[Array, "N T G ..."]:
        """Lay out what was played for `unroll`: without memory each step is a row of its own, and T is 1."""
        grouped = values.reshape(len(values), -1, self.n_groups, *values.shape[3:])
        if self.network.has_memory:
            return grouped.swapaxes(0, 1)
        return grouped.reshape(-1, 1, *grouped.shape[2:])

    def unroll(
        self,
        params: Params,
        memory: Float[Array, "N G H"] | None,
        obs: Shaped[Array, "N T G ..."],
        is_first: Bool[Array, "N T G"],
    ) -> tuple[Float[Array, "N T G O"], Float[Array, "N G H"]]:
        """The outputs for rows, and what is remembered afterwards; `memory` None stands for that of the start."""
        before = self.network.memory(len(obs), self.n_groups) if memory is None else memory
        return jax.vmap(self.network.unroll, (0, 1, 2, 2), (2, 1))(params, before, obs, is_first)


def for_agents(values: Shaped[Array, "B"], n_agents: int) -> Shaped[Array, "B A"]:
    """What holds for each environment, for each of its agents."""
    return jnp.broadcast_to(values[:, None], (len(values), n_agents))


def typed(key: UInt[Array, "2"]) -> Array:
    """A raw key as a typed one."""
    return jax.random.wrap_key_data(key, impl="threefry2x32")
