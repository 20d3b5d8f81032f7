"""The settings of the warehouse."""

from __future__ import annotations

from cogrid.core.config import EnvConfig
from cogrid.core.layout import LayoutSource, read_drawing
from cogrid.envs.warehouse.objects import Goal
from cogrid.envs.warehouse.rewards import rewards_of
from cogrid.envs.warehouse.rules import warehouse_rules
from cogrid.errors import ConfigError

HORIZON = 500
"""Steps of an episode."""


def warehouse_config(
    layout: LayoutSource, *, num_agents: int = 2, n_requests: int | None = None, reward_mode: str = "individual"
) -> EnvConfig:
    """The settings of a warehouse.

    Args:
      layout: the map: `x` racks, `g` goals, `.` where robots drive.
      num_agents: how many robots there are.
      n_requests: how many shelves are requested at one time; as many as there are robots if left out.
      reward_mode: "individual", "global" or "two_stage".
    Raises:
      ConfigError: for another mode, or a number of requests below 1.
    """
    wanted = num_agents if n_requests is None else n_requests
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 1:
        raise ConfigError(f"n_requests is a number of shelves of at least 1, or None, not {wanted!r}.")
    return EnvConfig(
        rules=warehouse_rules(wanted, max(1, "".join(read_drawing(layout)).count(Goal.symbol or "g"))),
        layout=layout,
        num_agents=num_agents,
        features=("warehouse_vector",),
        rewards=rewards_of(reward_mode),
        max_steps=HORIZON,
    )
