"""Worlds of any size, to see what a step costs as they grow."""

from __future__ import annotations

import dataclasses
from typing import Any

from cogrid.core.agent import Agent
from cogrid.core.config import EnvConfig
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.rules import Rules
from cogrid.envs.overcooked.array_config import build_overcooked_scope_config
from cogrid.envs.overcooked.rewards import SoupDeliveryReward
from cogrid.errors import ConfigError

FURNITURE = "UO=@CT"
"""What stands in every second cell of every second row of a kitchen, in turn."""

DIALS_SIDE = 8

PUBLISHED: dict[str, tuple[str, dict[str, Any]]] = {
    "foraging": ("LevelBasedForaging-8x8-V0", {}),
    "cooperative-foraging": ("LevelBasedForaging-8x8-V0", {"is_cooperative": True}),
    "warehouse": ("Warehouse-Tiny-V0", {"num_agents": 2}),
    "small-warehouse": ("Warehouse-Small-V0", {"num_agents": 4, "n_requests": 8}),
    "minigrid-doors": ("MiniGrid-DoorKey-8x8-V0", {}),
    "minigrid-obstacles": ("MiniGrid-Dynamic-Obstacles-8x8-V0", {}),
}
"""Games that others have published: for the name by which they are compared, our id and settings."""


def kitchen_drawing(side: int) -> list[str]:
    """A square kitchen with a wall around it, whose furniture grows with its floor.

    Args:
      side: rows and columns, at least 5.
    Raises:
      ConfigError: for fewer.
    """
    if side < 5:
        raise ConfigError(f"A kitchen has at least 5 rows and columns, not {side}.")
    rows = [[" "] * (side - 2) for _ in range(side - 2)]
    places = [(row, column) for row in range(1, side - 2, 2) for column in range(1, side - 2, 2)]
    for number, (row, column) in enumerate(places):
        rows[row][column] = FURNITURE[number % len(FURNITURE)]
    wall = "#" * side
    return [wall, *(f"#{''.join(row)}#" for row in rows), wall]


def kitchen(side: int, n_agents: int, features: tuple[str, ...], max_steps: int) -> EnvConfig:
    """A square kitchen.

    Args:
      side: rows and columns.
      n_agents: how many cooks.
      features: what they observe.
      max_steps: steps until the episode ends.
    """
    return EnvConfig(
        rules=build_overcooked_scope_config(),
        layout=kitchen_drawing(side),
        num_agents=n_agents,
        features=features,
        rewards=(SoupDeliveryReward(),),
        max_steps=max_steps,
    )


def dials(n_values: int, n_agents: int, features: tuple[str, ...], max_steps: int) -> EnvConfig:
    """A room full of dials, whose tables have as many values as one likes.

    Args:
      n_values: values of a dial; at every step each dial goes to another one, and toggling moves it too.
      n_agents: how many agents.
      features: what they observe.
      max_steps: steps until the episode ends.
    Raises:
      ConfigError: for less than one value.
    """
    if n_values < 1:
        raise ConfigError(f"A dial has at least 1 value, not {n_values}.")

    @dataclasses.dataclass(frozen=True)
    class Dial(GridObject, symbol="D"):
        position: int = 0

        def tick(self) -> GridObject:
            return Dial((5 * self.position + 1) % n_values)

        def toggle(self, agent: Agent) -> Outcome:
            return Outcome(Dial((self.position + 1) % n_values), agent)

    wall = "#" * DIALS_SIDE
    rows = ["#" + ("D " * DIALS_SIDE)[: DIALS_SIDE - 2] + "#", "#" + " " * (DIALS_SIDE - 2) + "#"]
    return EnvConfig(
        rules=Rules(name=f"dials_{n_values}", objects=(Dial,)),
        layout=[wall, *(rows * DIALS_SIDE)[: DIALS_SIDE - 2], wall],
        num_agents=n_agents,
        features=features,
        max_steps=max_steps,
    )
