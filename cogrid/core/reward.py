"""Rewards: what an agent is paid for, written in terms of values, and kept as data (`Payment`).

A reward counts who has earned it, in integers, and reads the sum to pay from a short table, so that NumPy and every XLA
compiler agree on the last bit. A reward that is data is read by arrays here (`pay`), and on plain integers in
`cogrid.integer.payments`; an `ArrayReward` is an array function instead.
"""

from __future__ import annotations

import abc
import dataclasses
import functools
import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar, overload

import numpy as np
from jaxtyping import Bool, Float, Int

from cogrid.backend.array_ops import gather, lookup, sum_of
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import Agent
from cogrid.core.count_table import Summed
from cogrid.core.events import event_mask
from cogrid.core.grid_object import GridObject
from cogrid.core.jax_step import start_state
from cogrid.core.payment_axes import asked_axes, find_count, sums_by_axes
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean, function_name

N_REPORTS = 3
"""How often an agent can report an amount in one step, by entering, standing and acting; more of a beam are cut off."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Payment:
    """What a reward pays for, as data: who has earned it in a step, and what the earners are paid.

    It is earned by agents to whom one of some events happened, or by those whose attempt counts: who use an action on
    a cell that they face, on the grid, as both are before the step.

    Attributes:
      sums: `[A + 1]` float32, what 0, 1, ... earners are paid together.
      is_common: whether every agent is paid the sum of all earners, instead of each earner its own (`sums[1]`).
      event_mask: the bits of the events that earn it; 0 for none.
      action: the number of the action whose attempts count; -1 for none.
      attempts: `[U * V]` bool, for each pair of an agent value and a faced cell value, whether the attempt earns it;
        None where attempts do not count.
      count: what the sums depend on, too, counted over the map or the agents after the step; None for nothing. There
        are then sums for each number up to the cap, one after the other for each number of earners.
      amount: which of the state's amounts the sums depend on instead of the number of earners: those for 0 are of
        nobody, the others of one more than the amount (of all earners together, if common); -1 for none.
      largest_amount: the largest amount that is told apart.
      n_times: how many times the sums tell apart, innermost: the steps made, this one included, and later ones as the
        last; 1 for none.
    """

    sums: Float[np.ndarray, "K"]
    is_common: bool
    event_mask: int = 0
    action: int = -1
    attempts: Bool[np.ndarray, "P"] | None = None
    count: Summed | None = None
    amount: int = -1
    largest_amount: int = 0
    n_times: int = 1

    @property
    def is_plain(self) -> bool:
        """Whether it depends on nothing but who has earned it."""
        return self.count is None and self.n_times == 1 and self.amount < 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reward(abc.ABC):
    """Something that agents are paid for.

    Attributes:
      coefficient: what one earner is paid.
      common_reward: whether every agent gets the sum over all earners, instead of its own.
      about: what it pays for, in a sentence for `cogrid show`; by default what the class says of itself.
    """

    coefficient: float = 1.0
    common_reward: bool = False
    about: str = dataclasses.field(default="", repr=False, compare=False)

    may_be_infinite: ClassVar[bool] = False
    """Whether the coefficient may be infinite, as in one original."""

    def __post_init__(self) -> None:
        paid = self.coefficient
        is_number = isinstance(paid, numbers.Real) and not isinstance(paid, (bool, np.bool_)) and paid == paid
        if not is_number or not (self.may_be_infinite or abs(paid) <= float(np.finfo(np.float32).max)):
            raise ConfigError(f"The coefficient of {type(self).__name__} is a finite number, not {paid!r}.")
        if not isinstance(self.common_reward, (bool, np.bool_)):
            raise ConfigError(f"common_reward of {type(self).__name__} is True or False, not {self.common_reward!r}.")

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
    """A reward that an agent has either earned in a step, or not, and that is data."""

    @abc.abstractmethod
    def payment(self, tables: Tables) -> Payment:
        """What it pays for in a world, as data.

        Args:
          tables: the world.
        """

    def calculate_reward(
        self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]
    ) -> Float[Array, "*B A"]:
        """What each agent is paid for one step."""
        payment = payment_of(self, state.tables)
        earners = _earners(payment, prev_state, state, actions)
        if payment.is_plain:
            return pay(earners, payment.sums, payment.is_common)
        return _pay_by_table(earners, payment, state)


def _pay_by_table(earners: Bool[Array, "*B A"], payment: Payment, state: EnvState) -> Float[Array, "*B A"]:
    """Turn earners into sums that depend on a count, or on the time."""
    xp = namespace(earners)
    number = earners.astype(np.int32)
    if payment.amount >= 0 and state.amounts is not None:
        number = _amounts_of(earners, state.amounts[..., payment.amount], payment)
    elif payment.is_common:
        number = xp.broadcast_to(sum_of(number)[..., None], number.shape)
    if payment.count is not None:
        number = number * (payment.count.cap + 1) + payment.count.whole(state)[..., None]
    last = xp.asarray(payment.n_times - 1, dtype=np.int32)
    return lookup(payment.sums, number * payment.n_times + xp.minimum(state.time, last)[..., None])


def _amounts_of(earners: Bool[Array, "*B A"], amounts: Int[Array, "*B A"], payment: Payment) -> Int[Array, "*B A"]:
    """0 for nobody, else one more than the amount: each earner's own, or that of all of them."""
    xp = namespace(earners)
    amount = xp.where(earners, amounts, 0)
    if payment.is_common:
        amount = xp.broadcast_to(sum_of(amount)[..., None], amount.shape)
        earners = xp.broadcast_to((sum_of(earners.astype(np.int32)) > 0)[..., None], amount.shape)
    top = xp.asarray(payment.largest_amount, dtype=np.int32)
    return xp.where(earners, 1 + xp.minimum(amount, top), 0)


@functools.lru_cache(maxsize=1024)
def payment_of(reward: CountedReward, tables: Tables) -> Payment:
    """`CountedReward.payment`, made once for a world."""
    return reward.payment(tables)


def _earners(
    payment: Payment, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]
) -> Bool[Array, "*B A"]:
    """Who has earned a payment."""
    if payment.attempts is None:
        return (state.events & payment.event_mask) != 0
    tables: Tables = prev_state.tables
    ahead = lookup(tables.map.front, prev_state.agent_cell * 4 + prev_state.agent_dir)
    faced = gather(prev_state.cells, ahead).astype(np.int32)
    pair = prev_state.agent_value * tables.rules.n_cell_values + faced
    is_tried = (actions == payment.action) & (ahead != prev_state.agent_cell)
    return lookup(payment.attempts, pair) & is_tried


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

    def payment(self, tables: Tables) -> Payment:
        """`earns` for every pair of an agent value and a cell value."""
        compiled = tables.rules.compiled
        pairs = [bool(self.earns(agent, cell)) for agent in compiled.agent_values for cell in compiled.cell_values]
        return Payment(
            sums=pay_table(self.coefficient, tables.n_agents),
            is_common=self.common_reward,
            action=tables.action_set.index(self.action),
            attempts=np.array(pairs),
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class EventReward(CountedReward):
    """Pays for something that happened, judged by the events of the step.

    What is paid may depend on the amount that the event carries, on the time, or on one count: `table` is then a
    function of parameters `amount` (of the earner's events in the step together; of all earners' if the reward is
    common), `time` (the steps made, this one included; the world needs `max_steps`) and `count` (the number that a
    `Count` of the rule set gives after the step, over MAP or AGENTS). It is called when the world is built, for every
    amount, time and count.

        EventReward(event="arrived", table=lambda time: 1 - 0.9 * time / 100)

    Attributes:
      event: the event's name.
      is_optional: whether a world in which no rule reports the event is accepted, and pays nothing for it.
      table: what one earner is paid, times the coefficient; None for the coefficient alone.
      count: the name of the count that the table asks for.
    """

    event: str
    is_optional: bool = dataclasses.field(default=False, repr=False)
    table: Callable[..., float] | None = dataclasses.field(default=None, repr=False)
    count: str | None = dataclasses.field(default=None, repr=False)

    def check(self, tables: Tables) -> None:
        """Raise ConfigError if no rule reports the event, unless that is accepted, or if the table cannot be made."""
        self._check_event(tables)
        if self.table is not None or self.count is not None:
            payment_of(self, tables)

    def _check_event(self, tables: Tables) -> None:
        if self.is_optional:
            return
        try:
            event_mask(tables, self.event)
        except ConfigError as error:
            raise ConfigError(f"A reward pays for the event {self.event!r}. {error}") from error

    def payment(self, tables: Tables) -> Payment:
        """The event's bit; 0 for an optional event that cannot happen in this world."""
        self._check_event(tables)
        mask = event_mask(tables, self.event) if self.event in tables.rules.event_names else 0
        if self.table is None and self.count is None:
            sums = pay_table(self.coefficient, tables.n_agents)
            return Payment(sums=sums, is_common=self.common_reward, event_mask=mask)
        return self._payment_by_table(tables, mask)

    def _payment_by_table(self, tables: Tables, mask: int) -> Payment:
        what = f"The reward for {self.event!r}"
        names = () if self.table is None else asked_axes(self.table, what)
        if self.table is None or ("count" in names) != (self.count is not None):
            raise ConfigError(f"{what}: a table that asks for `count` and the name of a Count (count=...) go together.")
        if "time" in names and tables.max_steps is None:
            raise ConfigError(f"{what} depends on the time, so the world needs max_steps.")
        found = find_count(tables, self.count, what)
        cap = 0 if found is None else found[0].cap
        n_times = 1 + (tables.max_steps or 0) if "time" in names else 1
        by_amount, most = "amount" in names, tables.n_agents
        if by_amount:
            most = self._largest_amount(tables, what)
        return Payment(
            sums=sums_by_axes(self.table, self.coefficient, most, cap, n_times, what),
            amount=tables.rules.amount_names.index(self.event) if by_amount else -1,
            largest_amount=most if by_amount else 0,
            is_common=self.common_reward,
            event_mask=mask,
            count=None if found is None else found[1],
            n_times=n_times,
        )

    def _largest_amount(self, tables: Tables, what: str) -> int:
        """The largest amount that is paid for; one agent's events come in three stages of a step at most."""
        if self.event not in tables.rules.amount_names:
            raise ConfigError(f"{what} depends on the amount, and no rule reports it as an Event with one.")
        most = N_REPORTS * tables.rules.compiled.amounts[self.event]
        return most * tables.n_agents if self.common_reward else most


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArrayReward(Reward):
    """A reward made of an array function of your own.

    Attributes:
      fn: `(prev_state, state, actions) -> [*B, A]`, written against the array API standard.
    """

    fn: Callable[[EnvState, EnvState, Any], Any]

    def check(self, tables: Tables) -> None:
        """Raise ConfigError if the function does not give one number for each agent, for a first state."""
        state = start_state(np.zeros(2, dtype=np.uint32), tables)
        self.calculate_reward(state, state, np.full(tables.n_agents, tables.action_set.noop, dtype=np.int32))

    def calculate_reward(
        self, prev_state: EnvState, state: EnvState, actions: Int[Array, "*B A"]
    ) -> Float[Array, "*B A"]:
        """What the function gives, times the coefficient, summed over the agents if common.

        Raises:
          ConfigError: before tracing, for a result that is not one number for each agent.
        """
        given = self.fn(prev_state, state, actions)
        shape = getattr(given, "shape", None)
        if shape != actions.shape:
            what = f"of type {type(given).__name__}" if shape is None else f"an array of the shape {shape}"
            raise ConfigError(
                f"An ArrayReward's function gives one number for each agent, here an array of the shape "
                f"{actions.shape}; the result of {function_name(self.fn)} is {what}."
            )
        own = given.astype(np.float32) * np.float32(self.coefficient)
        if not self.common_reward:
            return own
        xp = namespace(own)
        return xp.broadcast_to(xp.sum(own, axis=-1, keepdims=True), own.shape)


def pay(earners: Bool[Array, "*B A"], sums: Float[np.ndarray, "K"], is_common: bool) -> Float[Array, "*B A"]:
    """Turn earners into sums.

    Args:
      earners: `[*B, A]` bool.
      sums: what 0, 1, ... earners are paid together; see `pay_table`.
      is_common: whether every agent gets the sum of all earners.
    Returns:
      `[*B, A]` float32.
    """
    if not is_common:
        return lookup(sums, earners.astype(np.int32))
    xp = namespace(earners)
    return xp.broadcast_to(lookup(sums, sum_of(earners.astype(np.int32)))[..., None], earners.shape)


def pay_table(coefficient: float, max_earners: int) -> Float[np.ndarray, "K"]:
    """What 0 to max_earners earners are paid, `[max_earners + 1]` float32; 0 for nobody, however much one is paid."""
    return np.array([0.0, *(count * float(coefficient) for count in range(1, max_earners + 1))], dtype=np.float32)


@dataclasses.dataclass(frozen=True)
class TotalReward:
    """What an environment pays: its rewards, added in order; nothing to agents that had terminated before the step.

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
        return xp.where(prev_state.terminated, xp.asarray(0, dtype=np.float32), total)


RewardClass = TypeVar("RewardClass", bound=type[Reward])

_REWARDS: dict[str, Reward | type[Reward]] = {}


@overload
def register_reward(name: str, reward: Reward) -> None: ...


@overload
def register_reward(name: str) -> Callable[[RewardClass], RewardClass]: ...


def register_reward(name: str, reward: Reward | None = None) -> Callable[[RewardClass], RewardClass] | None:
    """Give a reward a name that the `rewards` setting accepts; without a reward, a decorator for a reward class.

    Args:
      name: the name.
      reward: the reward; a setting that names it may change its fields.
    Raises:
      ConfigError: if another reward has that name, or this is not a reward.
    """
    if reward is not None:
        if not isinstance(reward, Reward):
            raise ConfigError(f"register_reward({name!r}, ...) takes a Reward, such as an EventReward, not {reward!r}.")
        _add(name, reward)
        return None

    def register(kind: RewardClass) -> RewardClass:
        _add(name, kind)
        return kind

    return register


def _add(name: str, entry: Reward | type[Reward]) -> None:
    if _REWARDS.get(name, entry) != entry:
        raise ConfigError(f"A reward called {name!r} exists already.")
    _REWARDS[name] = entry


def make_reward(name: str, **settings: Any) -> Reward:
    """Make a reward of a registered name.

    Args:
      name: the name.
      settings: fields to change (coefficient, common_reward, ...).
    Raises:
      ConfigError: for an unknown name or setting.
    """
    if name not in _REWARDS:
        raise ConfigError(f"There is no reward {name!r}. {did_you_mean(name, _REWARDS)}")
    entry = _REWARDS[name]
    known = [field.name for field in dataclasses.fields(entry)]
    for setting in settings:
        if setting not in known:
            raise ConfigError(f"Reward {name!r} has no setting {setting!r}. {did_you_mean(setting, known)}")
    return entry(**settings) if isinstance(entry, type) else dataclasses.replace(entry, **settings)


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
