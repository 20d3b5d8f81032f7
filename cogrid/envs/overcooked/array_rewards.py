"""What a cook is paid for: the rewards as array functions. The same by class: `rewards`.

They read states or plain dicts of arrays, of NumPy or JAX; look at the previous state only, and at the type ids that
they need only.

Source: the rewards of CoGrid's revision of February 2026 (before 0.1.0), as recorded. Exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import get_dir_vec_table
from cogrid.core.plain_state import read_array
from cogrid.core.reward import pay, pay_table
from cogrid.errors import ConfigError, did_you_mean


def delivery_reward_array(
    prev_state: Any,
    state: Any,
    actions: Int[Array, "*B A"],
    type_ids: Mapping[str, int],
    n_agents: int,
    coefficient: float = 1.0,
    common_reward: bool = True,
    action_pickup_drop_idx: int = 4,
) -> Float[Array, "*B A"]:
    """Pay for bringing an onion soup to a delivery zone.

    Args:
      prev_state: the state before the step: `agent_pos`, `agent_dir`, `agent_inv`, `object_type_map`.
      state: the state after it, not looked at.
      actions: `[*B, A]` integer.
      type_ids: the ids of `onion_soup` and `delivery_zone`.
      n_agents: how many agents.
      coefficient: what one delivery pays.
      common_reward: whether everybody gets the sum over all who deliver.
      action_pickup_drop_idx: the number of PickupDrop.
    Returns:
      `[*B, A]` float32.
    """
    faces = _Facing(prev_state)
    earns = faces.holds(type_ids["onion_soup"]) & faces.type_is(type_ids["delivery_zone"])
    is_tried = faces.array(actions) == action_pickup_drop_idx
    return pay(earns & is_tried, pay_table(coefficient, n_agents), common_reward)


def onion_in_pot_reward_array(
    prev_state: Any,
    state: Any,
    actions: Int[Array, "*B A"],
    type_ids: Mapping[str, int],
    n_agents: int,
    coefficient: float = 0.1,
    common_reward: bool = False,
    action_pickup_drop_idx: int = 4,
) -> Float[Array, "*B A"]:
    """Pay for an onion for a pot that has room and nothing but onions in it.

    Args:
      prev_state: the state before the step: as for a delivery, and `pot_positions`, `pot_contents`.
      state: the state after it, not looked at.
      actions: `[*B, A]` integer.
      type_ids: the ids of `onion` and `pot`.
      n_agents: how many agents.
      coefficient: what one onion pays.
      common_reward: whether everybody gets the sum over all earners.
      action_pickup_drop_idx: the number of PickupDrop.
    Returns:
      `[*B, A]` float32.
    """
    faces = _Facing(prev_state)
    earns = faces.holds(type_ids["onion"]) & faces.type_is(type_ids["pot"])
    contents = faces.array(read_array(prev_state, "pot_contents"))
    xp = faces.xp
    has_room = xp.any(contents == -1, axis=-1)
    is_pure = xp.all((contents == -1) | (contents == type_ids["onion"]), axis=-1)
    earns = earns & faces.any_pot(has_room & is_pure)
    is_tried = faces.array(actions) == action_pickup_drop_idx
    return pay(earns & is_tried, pay_table(coefficient, n_agents), common_reward)


def soup_in_dish_reward_array(
    prev_state: Any,
    state: Any,
    actions: Int[Array, "*B A"],
    type_ids: Mapping[str, int],
    n_agents: int,
    coefficient: float = 0.3,
    common_reward: bool = False,
    action_pickup_drop_idx: int = 4,
) -> Float[Array, "*B A"]:
    """Pay for a plate for a pot whose soup is ready.

    Args:
      prev_state: the state before the step: as for a delivery, and `pot_positions`, `pot_timer`.
      state: the state after it, not looked at.
      actions: `[*B, A]` integer.
      type_ids: the ids of `plate` and `pot`.
      n_agents: how many agents.
      coefficient: what one soup pays.
      common_reward: whether everybody gets the sum over all earners.
      action_pickup_drop_idx: the number of PickupDrop.
    Returns:
      `[*B, A]` float32.
    """
    faces = _Facing(prev_state)
    earns = faces.holds(type_ids["plate"]) & faces.type_is(type_ids["pot"])
    earns = earns & faces.any_pot(faces.array(read_array(prev_state, "pot_timer")) == 0)
    is_tried = faces.array(actions) == action_pickup_drop_idx
    return pay(earns & is_tried, pay_table(coefficient, n_agents), common_reward)


class _Facing:
    """What each agent holds and faces in a state, which may be a dict of arrays."""

    def __init__(self, state: Any) -> None:
        self._state = state
        types = read_array(state, "object_type_map")
        self.xp = namespace(types)
        step = self.array(get_dir_vec_table())[self.array(read_array(state, "agent_dir"))]
        self._position = self.array(read_array(state, "agent_pos")) + step
        height, width = types.shape[-2:]
        row, column = self._position[..., 0], self._position[..., 1]
        self._is_inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        place = self.xp.clip(row, 0, height - 1) * width + self.xp.clip(column, 0, width - 1)
        flat = types.reshape(*types.shape[:-2], height * width)
        self._type = self.xp.take_along_axis(flat, place, axis=-1)

    def array(self, values: Any) -> Array:
        """Anything array-like as an array of the state's backend."""
        return self.xp.asarray(values)

    def holds(self, type_id: int) -> Bool[Array, "*B A"]:
        """Who has an item of a type in hand."""
        return self.array(read_array(self._state, "agent_inv"))[..., 0] == type_id

    def type_is(self, type_id: int) -> Bool[Array, "*B A"]:
        """Who faces an object of a type, on the grid."""
        return self._is_inside & (self._type == type_id)

    def any_pot(self, is_so: Bool[Array, "*B K"]) -> Bool[Array, "*B A"]:
        """Who faces a pot of which something is so."""
        positions = self.array(read_array(self._state, "pot_positions"))
        if positions.shape[-2:] != (is_so.shape[-1], 2):
            positions = positions.reshape(*is_so.shape, 2)
        is_faced = self.xp.all(self._position[..., :, None, :] == positions[..., None, :, :], axis=-1)
        return self.xp.any(is_faced & is_so[..., None, :], axis=-1)


REWARD_FUNCTIONS = {
    "delivery": delivery_reward_array,
    "onion_in_pot": onion_in_pot_reward_array,
    "soup_in_dish": soup_in_dish_reward_array,
}
"""The functions by the names that `compute_rewards` knows them by."""


def compute_rewards(
    prev_state: Any, state: Any, actions: Int[Array, "*B A"], reward_config: Mapping[str, Any]
) -> Float[Array, "*B A"]:
    """Add up several rewards, in order.

    Args:
      prev_state: the state before the step, or a dict of its arrays.
      state: the state after it.
      actions: `[*B, A]` integer.
      reward_config: `type_ids`; `n_agents`; `rewards`, a list of `{fn, coefficient, common_reward}` with fn one of
        "delivery", "onion_in_pot", "soup_in_dish"; `action_pickup_drop_idx`.
    Returns:
      `[*B, A]` float32.
    Raises:
      ConfigError: before tracing, for an unknown fn.
    """
    xp = namespace(read_array(prev_state, "object_type_map"))
    total = xp.zeros(np.shape(actions), dtype=np.float32)
    for entry in reward_config["rewards"]:
        if entry["fn"] not in REWARD_FUNCTIONS:
            raise ConfigError(
                f"There is no reward function {entry['fn']!r}. {did_you_mean(entry['fn'], REWARD_FUNCTIONS)}"
            )
        settings = {name: entry[name] for name in ("coefficient", "common_reward") if name in entry}
        total = total + REWARD_FUNCTIONS[entry["fn"]](
            prev_state,
            state,
            actions,
            reward_config["type_ids"],
            reward_config["n_agents"],
            action_pickup_drop_idx=reward_config.get("action_pickup_drop_idx", 4),
            **settings,
        )
    return total


compute_rewards_jax = compute_rewards
