"""Rewards as classes: what an agent is paid for, written in terms of values, and looked up in tables.

A reward counts who has earned it, in integers, and reads the sum to pay from a short table, so that NumPy and every XLA
compiler agree on the last bit.
"""

from __future__ import annotations

import abc
import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from jaxtyping import Bool, Float, Int

from cogrid.backend.array_ops import gather, lookup, sum_of
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import Agent
from cogrid.core.events import event_mask
from cogrid.core.grid_object import GridObject
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from cogrid.core.integer_world import IntegerWorld


IntegerEarners = Callable[["IntegerWorld", list[int]], list[bool]]
"""A world that has just made a step, and the actions of the step, to who has earned a reward."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reward(abc.ABC):
    """Something that agents are paid for.

    Attributes:
      coefficient: what one earner is paid.
      common_reward: whether every agent gets the sum over all earners, instead of its own.
    """

    coefficient: float = 1.0
    common_reward: bool = False

    def check(self, tables: Tables) -> None:
        """Raise ConfigError if this world can never pay it (a misspelt event, say)."""

    @abc.abstractmethod
    def calculate_reward(
        self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]
    ) -> Float[Array, "*B A"]:
        """What each agent is paid for one step.

        Args:
          prev_state: the state before the step.
          state: the state after it.
          actions: `[*B, A]` int32.
        Returns:
          `[*B, A]` float32.
        """


@dataclasses.dataclass(frozen=True, kw_only=True)
class CountedReward(Reward):
    """A reward that an agent has either earned in a step, or not."""

    @abc.abstractmethod
    def earners(self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
        """Who has earned it.

        Returns:
          `[*B, A]` bool.
        """

    @abc.abstractmethod
    def integer_earners(self, tables: Tables) -> IntegerEarners:
        """The same on plain integers, for the NumPy environment: after a step, who has earned it."""

    def calculate_reward(
        self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]
    ) -> Float[Array, "*B A"]:
        """What each agent is paid for one step."""
        return pay(self.earners(prev_state, state, actions), self.coefficient, self.common_reward)


@dataclasses.dataclass(frozen=True, kw_only=True)
class IntentReward(CountedReward):
    """Pays for an attempt, judged by the state before the step: write `earns`.

    An agent has earned it when it uses `action` while it faces a cell, on the grid, for which `earns` holds. Whether
    the attempt succeeds does not matter.
    """

    action: ClassVar[str] = "PickupDrop"

    @abc.abstractmethod
    def earns(self, agent: Agent, cell: GridObject) -> bool:
        """Whether an agent like this that faces a cell like that earns the reward with its action."""

    def earners(self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
        """Who has earned it: `[*B, A]` bool."""
        tables: Tables = prev_state.tables
        ahead = lookup(tables.map.front, prev_state.agent_cell * 4 + prev_state.agent_dir)
        faced = gather(prev_state.cells, ahead).astype(np.int32)
        pair = prev_state.agent_value * tables.rules.n_cell_values + faced
        is_tried = (actions == tables.action_set.index(self.action)) & (ahead != prev_state.agent_cell)
        return lookup(self.table(tables), pair) & is_tried

    def integer_earners(self, tables: Tables) -> IntegerEarners:
        """Who has earned it, on plain integers."""
        table: list[bool] = self.table(tables).tolist()
        action_idx = tables.action_set.index(self.action)
        return lambda world, actions: [
            pair >= 0 and action == action_idx and table[pair]
            for pair, action in zip(world.attempts, actions, strict=True)
        ]

    def table(self, tables: Tables) -> Bool[np.ndarray, "K"]:
        """`earns` for every pair of an agent value and a cell value, flat."""
        return _intent_table(self, tables)


@functools.lru_cache(maxsize=1024)
def _intent_table(reward: IntentReward, tables: Tables) -> Bool[np.ndarray, "K"]:
    compiled = tables.rules.compiled
    return np.array(
        [bool(reward.earns(agent, cell)) for agent in compiled.agent_values for cell in compiled.cell_values]
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class EventReward(CountedReward):
    """Pays for something that happened, judged by the events of the step.

    Attributes:
      event: the event's name.
    """

    event: str

    def check(self, tables: Tables) -> None:
        """Raise ConfigError if no rule reports the event."""
        try:
            event_mask(tables, self.event)
        except ConfigError as error:
            raise ConfigError(f"A reward pays for the event {self.event!r}. {error}") from error

    def earners(self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]) -> Bool[Array, "*B A"]:
        """To whom it happened: `[*B, A]` bool."""
        return (state.events & self.mask(state.tables)) != 0

    def integer_earners(self, tables: Tables) -> IntegerEarners:
        """To whom it happened, on plain integers."""
        mask = self.mask(tables)
        return lambda world, actions: [events & mask != 0 for events in world.events]

    def mask(self, tables: Tables) -> int:
        """The event's bit in `EnvState.events`."""
        return event_mask(tables, self.event)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArrayReward(Reward):
    """A reward made of an array function of your own.

    Attributes:
      fn: `(prev_state, state, actions) -> [*B, A]`, written against the array API standard.
    """

    fn: Callable[[EnvState, EnvState, Any], Any]

    def calculate_reward(
        self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]
    ) -> Float[Array, "*B A"]:
        """What the function gives, times the coefficient, summed over the agents if common."""
        own = self.fn(prev_state, state, actions).astype(np.float32) * np.float32(self.coefficient)
        if not self.common_reward:
            return own
        xp = namespace(own)
        return xp.broadcast_to(xp.sum(own, axis=-1, keepdims=True), own.shape)


def pay(earners: Bool[Array, "*B A"], coefficient: float, common_reward: bool) -> Float[Array, "*B A"]:
    """Turn earners into sums.

    Args:
      earners: `[*B, A]` bool.
      coefficient: what one earner is paid.
      common_reward: whether every agent gets the sum over all earners.
    Returns:
      `[*B, A]` float32.
    """
    if not common_reward:
        return lookup(pay_table(coefficient, 1), earners.astype(np.int32))
    xp = namespace(earners)
    paid = lookup(pay_table(coefficient, earners.shape[-1]), sum_of(earners.astype(np.int32)))
    return xp.broadcast_to(paid[..., None], earners.shape)


def pay_table(coefficient: float, max_earners: int) -> Float[np.ndarray, "K"]:
    """What 0 to max_earners earners are paid, `[max_earners + 1]` float32; nobody is paid 0, however much one is."""
    return np.array([0.0, *(count * float(coefficient) for count in range(1, max_earners + 1))], dtype=np.float32)


@dataclasses.dataclass(frozen=True)
class TotalReward:
    """What an environment pays: its rewards, added in order.

    Attributes:
      rewards: the rewards.
    """

    rewards: tuple[Reward, ...]

    def __call__(self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]) -> Float[Array, "*B A"]:
        """What each agent is paid for one step: `[*B, A]` float32."""
        xp = namespace(state.cells)
        total = xp.zeros(actions.shape, dtype=np.float32)
        for reward in self.rewards:
            total = total + reward.calculate_reward(prev_state, state, actions)
        return total


RewardClass = TypeVar("RewardClass", bound=type[Reward])

_REWARDS: dict[str, type[Reward]] = {}


def register_reward(name: str) -> Callable[[RewardClass], RewardClass]:
    """Give a reward class a name that the `rewards` setting accepts; a decorator.

    Args:
      name: the name.
    Raises:
      ConfigError: if another class has that name.
    """

    def register(kind: RewardClass) -> RewardClass:
        if _REWARDS.get(name, kind) is not kind:
            raise ConfigError(f"A reward called {name!r} exists already.")
        _REWARDS[name] = kind
        return kind

    return register


def reward_names() -> list[str]:
    """The names of all registered rewards, sorted."""
    return sorted(_REWARDS)


def make_reward(name: str, **settings: Any) -> Reward:
    """Make a reward of a registered class.

    Args:
      name: the class's registered name.
      settings: its fields (coefficient, common_reward, ...); those left out have the class's defaults.
    Raises:
      ConfigError: for an unknown name or setting.
    """
    if name not in _REWARDS:
        raise ConfigError(f"There is no reward {name!r}. {did_you_mean(name, _REWARDS)}")
    kind = _REWARDS[name]
    known = [field.name for field in dataclasses.fields(kind)]
    for setting in settings:
        if setting not in known:
            raise ConfigError(f"Reward {name!r} has no setting {setting!r}. {did_you_mean(setting, known)}")
    return kind(**settings)


def read_rewards(entries: Sequence[Reward | str | Mapping[str, Any]]) -> tuple[Reward, ...]:
    """Read the `rewards` setting.

    Args:
      entries: rewards, registered names, or mappings of a `name` and settings.
    Raises:
      ConfigError: for an unknown name or setting, or an entry of another kind.
    """
    if isinstance(entries, (str, Mapping)):
        raise ConfigError(f"rewards is a list: rewards=[{entries!r}].")
    rewards: list[Reward] = []
    for entry in entries:
        if isinstance(entry, Reward):
            rewards.append(entry)
        elif isinstance(entry, str):
            rewards.append(make_reward(entry))
        elif isinstance(entry, Mapping) and "name" in entry:
            rewards.append(make_reward(**entry))
        else:
            raise ConfigError(f"A reward is a registered name, a mapping with a 'name', or a Reward, not {entry!r}.")
    return tuple(rewards)
