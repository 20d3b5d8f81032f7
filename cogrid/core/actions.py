"""The action sets: what each action number does."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Shaped

from cogrid.backend.namespaces import Array, is_traced
from cogrid.errors import ActionError, ConfigError, did_you_mean


class Interaction(enum.IntEnum):
    """Which rule of the faced cell an action calls."""

    NONE = 0
    PICKUP_DROP = 1
    TOGGLE = 2


@dataclasses.dataclass(frozen=True)
class ActionSet:
    """A set of actions; an action's number is its place in `names`.

    Attributes:
      name: what a setting calls the set.
      names: the actions' names.
    """

    name: str
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def index(self, action: str) -> int:
        """The number of a named action."""
        return self.names.index(action)

    @property
    def noop(self) -> int:
        """The number of the action that does nothing."""
        return self.index("Noop")

    @property
    def pickup_drop(self) -> int:
        """The number of the action that calls `pickup_drop` rules."""
        return self.index("PickupDrop")

    @property
    def toggle(self) -> int:
        """The number of the action that calls `toggle` rules."""
        return self.index("Toggle")

    def check_number(self, action: int, whose: str) -> None:
        """Raise ActionError for a number that is not an action."""
        if not 0 <= action < len(self.names):
            names = ", ".join(f"{number} {name}" for number, name in enumerate(self.names))
            raise ActionError(f"The action {action} of {whose} is out of range: {names}.")

    def turn_table(self) -> Int[np.ndarray, "K 4"]:
        """`[K, 4]` int32, the direction after each action, for each direction before."""
        direction = np.arange(4, dtype=np.int32)
        return np.stack([_TURNS.get(name, lambda before: before)(direction) for name in self.names]).astype(np.int32)

    def proposal_table(self) -> Bool[np.ndarray, "K"]:
        """`[K]` bool, whether an action proposes to move to the cell in front."""
        return np.array([name == "Forward" or name.startswith("Move") for name in self.names])

    def interaction_table(self) -> Int[np.ndarray, "K"]:
        """`[K]` int32, the `Interaction` of each action."""
        kinds = {"PickupDrop": Interaction.PICKUP_DROP, "Toggle": Interaction.TOGGLE}
        return np.array([kinds.get(name, Interaction.NONE) for name in self.names], dtype=np.int32)


_TURNS = {
    "MoveRight": lambda before: np.full_like(before, 0),
    "MoveDown": lambda before: np.full_like(before, 1),
    "MoveLeft": lambda before: np.full_like(before, 2),
    "MoveUp": lambda before: np.full_like(before, 3),
    "RotateLeft": lambda before: (before - 1) % 4,
    "RotateRight": lambda before: (before + 1) % 4,
}

CARDINAL = ActionSet("cardinal", ("MoveUp", "MoveDown", "MoveLeft", "MoveRight", "PickupDrop", "Toggle", "Noop"))
ROTATION = ActionSet("rotation", ("Forward", "PickupDrop", "Toggle", "Noop", "RotateLeft", "RotateRight"))
CARDINAL_NO_TOGGLE = ActionSet(
    "cardinal_no_toggle", ("MoveUp", "MoveDown", "MoveLeft", "MoveRight", "PickupDrop", "Noop")
)
ACTION_SETS = {action_set.name: action_set for action_set in (CARDINAL, ROTATION, CARDINAL_NO_TOGGLE)}


def get_action_set(name: str) -> ActionSet:
    """The action set of a name: "cardinal", "rotation", or "cardinal_no_toggle", which has six actions.

    Raises:
      ConfigError: for any other name.
    """
    if name not in ACTION_SETS:
        raise ConfigError(f"There is no action set {name!r}. {did_you_mean(name, ACTION_SETS)}")
    return ACTION_SETS[name]


def check_actions(actions: Any, shape: Sequence[int], whose: str = "Actions") -> None:
    """Raise ActionError unless actions are an array of integers of a shape; works inside a trace too.

    Args:
      actions: what is given.
      shape: the shape that it must have.
      whose: what the message calls them.
    """
    dtype, given_shape = getattr(actions, "dtype", None), getattr(actions, "shape", None)
    if not isinstance(dtype, np.dtype) or given_shape is None:
        given = f"a {type(actions).__name__}" if isinstance(actions, (list, tuple, dict)) else repr(actions)
        raise ActionError(f"{whose} are an integer array of shape {tuple(shape)}, not {given}.")
    if tuple(given_shape) != tuple(shape) or dtype.kind not in "iu":
        raise ActionError(f"{whose} are integers of shape {tuple(shape)}, not {dtype} of {tuple(given_shape)}.")


def refuse_traced(given: Any, whose: str) -> None:
    """Raise ActionError for actions of an environment that keeps its state, inside a function that JAX transforms."""
    if is_traced(given):
        raise ActionError(
            f"{whose} cannot be traced: an environment that keeps its state is not stepped inside jit, vmap or scan. "
            "Use env.jax_step or rollout there."
        )


def as_numpy(given: Any, whose: str) -> Shaped[np.ndarray, "..."]:
    """Actions as a NumPy array, whatever holds them; ActionError for ragged lists."""
    try:
        return np.asarray(given)
    except ValueError as error:
        raise ActionError(f"{whose} are an array of integers, not {given!r}.") from error


def read_actions(
    given: Any, shape: Sequence[int], action_set: ActionSet, agents: Sequence[str], *, must_read: bool, whose: str
) -> Array:
    """Read the actions of a batch, and check them.

    Shape and dtype are checked always; the range where reading the numbers waits for no device, or where asked for.

    Args:
      given: an array of either backend, or nested lists.
      shape: `(B, A)`, or `(B,)` for one agent's.
      action_set: what the numbers stand for.
      agents: the agents' names along the last axis; of one agent, its name.
      must_read: whether the numbers of an array on a device are read too.
      whose: what a message calls them.
    Raises:
      ActionError: for another shape or dtype, and for a number that is not an action.
    """
    refuse_traced(given, whose)
    if must_read or not isinstance(getattr(given, "dtype", None), np.dtype):
        given = as_numpy(given, whose)
    check_actions(given, shape, whose)
    if isinstance(given, np.ndarray) and (given.min() < 0 or given.max() >= len(action_set)):
        env, *agent = np.argwhere((given < 0) | (given >= len(action_set)))[0]
        name = agents[agent[0] if agent else 0]
        action_set.check_number(int(given[(env, *agent)]), f"{name!r} in environment {env}")
    return given
