"""The rule set of JaxMARL's Overcooked: order of stages, collisions, and when a plate is useful."""

from __future__ import annotations

import functools

from jaxtyping import Bool, Int

from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array
from cogrid.core.guards import declare_sums
from cogrid.core.rules import Rules
from cogrid.envs.jaxmarl_overcooked.objects import ITEMS, Pot
from cogrid.envs.jaxmarl_overcooked.pictures import PICTURES
from cogrid.envs.kitchen.objects import Counter, OnionStack, PlateStack
from cogrid.envs.kitchen.plates import is_plate_wanted, plate_sums
from cogrid.envs.kitchen.soups import DeliveryZone


def is_plate_useful(prev_state: EnvState, state: EnvState, agent_idx: int | Int[Array, ""]) -> Bool[Array, "*B"]:
    """Whether JaxMARL means to pay for taking a plate from the stack: all as it is at the agent's turn.

    Source: `Overcooked.process_interact` of JaxMARL 0.2.0. Exact.

    Args:
      prev_state: the state at the start of the step.
      state: the state at the agent's turn.
      agent_idx: whose turn it is.
    Returns:
      `[*B]` bool.
    """
    return is_plate_wanted(counters=state, holders=state, pots=state)


declare_sums(is_plate_useful, functools.partial(plate_sums, holders="agents", pots="cells"))


JAXMARL_OVERCOOKED_RULES = Rules(
    name="jaxmarl_overcooked",
    objects=(Counter, Pot, DeliveryZone, OnionStack, PlateStack),
    items=ITEMS,
    guards={"useful_plate_taken": is_plate_useful},
    stages=("move", "interact", "tick"),
    collisions="all_stay",
    items_on_floor=False,
    pictures=PICTURES,
)
"""The rules of JaxMARL's Overcooked.

In a step, agents move first: if both would end up in one cell, or change places, both stay. Then they interact, one
after the other; then the pots cook. Nothing can be put on the floor. Agents start on their marks and look in directions
that are drawn at each reset.

Source: `Overcooked.step_agents` of JaxMARL 0.2.0 (Rutherford et al., 2023, arXiv 2311.10090). Exact for two agents, and
there are no more there.
"""
