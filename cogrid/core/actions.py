"""The action sets: what each action number does."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

from cogrid.backend.namespaces import Array, is_traced
from cogrid.core.acts import ITSELF, LIBRARY_ACTS, Act
from cogrid.errors import ActionError, ConfigError, RuleError, did_you_mean


@dataclasses.dataclass(frozen=True)
class ActionSet:
    """A set of actions; an action's number is its place in `names`.

    Attributes:
      name: what a setting calls the set; of a rule set's own actions, the rule set's name.
      names: the actions' names.
      own_acts: the acts among them that a rule set has named.
    """

    name: str
    names: tuple[str, ...]
    own_acts: tuple[Act, ...] = ()

    @classmethod
    def of_rules(cls, name: str, actions: Sequence[str | Act]) -> ActionSet:
        """The actions of a rule set.

        Args:
          name: the rule set's name.
          actions: names of the library's actions, and acts, in the order of their numbers.
        Raises:
          RuleError: for a name that the library does not have, or that two actions have, and where there is no Noop.
        """
        owner = f"Rules {name!r}: actions"
        names = tuple(action.name if isinstance(action, Act) else action for action in actions)
        for action in actions:
            if isinstance(action, Act) and action.name in LIBRARY_ACTIONS:
                raise RuleError(f"{owner}: {action.name!r} is an action of the library; give the Act another name.")
            if not isinstance(action, Act) and action not in LIBRARY_ACTIONS:
                raise RuleError(
                    f"{owner}: the library has no action {action!r}. {did_you_mean(action, LIBRARY_ACTIONS)} An "
                    f"action of your own is an Act: Act({action!r})."
                )
        for action, count in Counter(names).items():
            if count > 1:
                raise RuleError(f"{owner}: {action!r} is listed {count} times; list it once.")
        if "Noop" not in names:
            raise RuleError(f"{owner}: there is no 'Noop', what agents do whose episode has ended; add it.")
        own = tuple(action for action in actions if isinstance(action, Act))
        for act in own:
            if act.moves and act.moves not in (*_TURNS, *_GOES):
                raise RuleError(
                    f"{owner}: Act {act.name!r} moves as {act.moves!r}, which is no action of the library that turns "
                    f"or goes. {did_you_mean(act.moves, (*_TURNS, *_GOES))}"
                )
        for act in own:
            if any((act.reach is ITSELF) != (other.reach is ITSELF) for other in own if other.calls == act.calls):
                raise RuleError(
                    f"{owner}: some of those that call {act.calls!r} fall on the agent itself, and some on others; "
                    "let them call different methods."
                )
        return cls(name, names, own)

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
        return np.stack([_TURNS.get(name, lambda before: before)(direction) for name in self._moves]).astype(np.int32)

    def go_table(self) -> Int[np.ndarray, "K 4"]:
        """`[K, 4]` int32, where an action goes, for each direction after its turn: that direction or another, or -1."""
        goes = np.full((len(self.names), 4), -1, dtype=np.int32)
        for number, name in enumerate(self._moves):
            if name in _GOES:
                goes[number] = (np.arange(4) + _GOES[name]) % 4
        return goes

    @property
    def _moves(self) -> tuple[str, ...]:
        """The names of the actions, of the acts that turn or go those of the library's that they do."""
        moves = {act.name: act.moves for act in self.own_acts if act.moves}
        return tuple(moves.get(name, name) for name in self.names)

    def interaction_table(self) -> Int[np.ndarray, "K"]:
        """`[K]` int32, the number of the act that each action is, its place in `acts` and one more; 0 for none."""
        numbers = {act.name: number for number, act in enumerate(self.acts, start=1)}
        return np.array([numbers.get(name, 0) for name in self.names], dtype=np.int32)

    @property
    def acts(self) -> tuple[Act, ...]:
        """The acts in the order of their numbers: those of the library, listed or not, then those of the rule set."""
        return (*LIBRARY_ACTS, *self.own_acts)

    @property
    def listed_acts(self) -> tuple[Act, ...]:
        """The acts that the set has."""
        return tuple(act for act in self.acts if act.name in self.names)


_TURNS = {
    "MoveRight": lambda before: np.full_like(before, 0),
    "MoveDown": lambda before: np.full_like(before, 1),
    "MoveLeft": lambda before: np.full_like(before, 2),
    "MoveUp": lambda before: np.full_like(before, 3),
    "RotateLeft": lambda before: (before - 1) % 4,
    "RotateRight": lambda before: (before + 1) % 4,
}
"""The direction after an action, for those that turn the agent."""

_GOES = {"MoveRight": 0, "MoveDown": 0, "MoveLeft": 0, "MoveUp": 0, "Forward": 0}
_GOES |= {"StepRight": 1, "Backward": 2, "StepLeft": 3}
"""How many quarter turns to the right of where the agent looks then it goes, for those that go."""

LIBRARY_ACTIONS = tuple(dict.fromkeys(("Noop", *_TURNS, *_GOES, *(act.name for act in LIBRARY_ACTS))))
"""The names of the library's actions."""

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
