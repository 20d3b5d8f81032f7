"""What agents are paid for a step on plain integers: the reader of `Payment` for one world.

The array form of the same data is in `cogrid.core.reward`. A reward that is an array function is called on arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.core.reward import CountedReward, Payment, Reward, TotalReward, payment_of
from cogrid.core.tables import Tables
from cogrid.integer.counts import IntegerCount
from cogrid.integer.tables import integer_tables

if TYPE_CHECKING:
    from cogrid.integer.world import IntegerWorld

Payer = Callable[["IntegerWorld", list[int], "EnvState | None"], "Sequence[np.float32] | None"]
"""World after the step, actions, state before the step where one is asked for: what each is paid; None for nothing."""


class IntegerPayments:
    """A world's rewards, added in order, for each step of a world on plain integers.

    Attributes:
      needs_state: whether it asks for the state before the step.
      needs_attempts: whether it asks for the attempts of the step.
    """

    def __init__(self, reward: TotalReward, tables: Tables) -> None:
        self._payers = [_payer(part, tables) for part in reward.rewards]
        self._nothing = [np.float32(0)] * tables.n_agents
        counted = [part for part in reward.rewards if isinstance(part, CountedReward)]
        self.needs_state: bool = len(counted) < len(reward.rewards)
        self.needs_attempts: bool = any(payment_of(part, tables).attempts is not None for part in counted)

    def pay(
        self, world: IntegerWorld, actions: list[int], before: EnvState | None, was_terminated: list[bool]
    ) -> list[np.float32]:
        """What each agent is paid for the step just made; nothing for one that had terminated before."""
        rewards = self._nothing
        if not self.needs_state and max(world.attempts) < 0 and not any(world.events):
            return rewards
        for payer in self._payers:
            paid = payer(world, actions, before)
            if paid is not None:
                rewards = [sum_before + more for sum_before, more in zip(rewards, paid, strict=True)]
        if any(was_terminated):
            rewards = [np.float32(0) if gone else paid for gone, paid in zip(was_terminated, rewards, strict=True)]
        return rewards


def earners_of_events(events: Sequence[int], mask: int) -> list[bool]:
    """To whom one of some events happened."""
    return [bits & mask != 0 for bits in events]


def earners_of_attempts(
    attempts: Sequence[int], actions: Sequence[int], action: int, is_paid: Sequence[bool]
) -> list[bool]:
    """Whose attempt counts.

    Args:
      attempts: for each agent, the pair of its agent value and the faced cell's value; -1 for none.
      actions: what each agent did.
      action: the action that counts.
      is_paid: for each pair, whether it counts.
    """
    return [pair >= 0 and done == action and is_paid[pair] for pair, done in zip(attempts, actions, strict=True)]


def _payer(reward: Reward, tables: Tables) -> Payer:
    if not isinstance(reward, CountedReward):
        return lambda world, actions, before: reward.calculate_reward(
            before,  # type: ignore[arg-type]
            world.to_state(),
            np.array(actions, dtype=np.int32),
        )
    payment = payment_of(reward, tables)
    count, sums, is_common = _counter(payment), list(payment.sums), payment.is_common
    if not payment.is_plain:
        return _payer_by_table(payment, tables)

    def pay(world: IntegerWorld, actions: list[int], before: EnvState | None) -> Sequence[np.float32] | None:
        earners = count(world, actions)
        if True not in earners:
            return None
        return [sums[sum(earners)]] * len(earners) if is_common else [sums[earned] for earned in earners]

    return pay


def amounts_of(earners: Sequence[bool], amounts: Sequence[int], payment: Payment) -> list[int]:
    """0 for nobody, else one more than the amount: each earner's own, or that of all of them."""
    carried = [amount * earned for amount, earned in zip(amounts, earners, strict=True)]
    if payment.is_common:
        return [1 + min(sum(carried), payment.largest_amount)] * len(earners)
    return [earned * (1 + min(amount, payment.largest_amount)) for amount, earned in zip(carried, earners, strict=True)]


def _payer_by_table(payment: Payment, tables: Tables) -> Payer:
    """A payment that depends on a count, or on the time."""
    earners_of, sums, is_common = _counter(payment), list(payment.sums), payment.is_common
    last, counts = payment.n_times - 1, None
    if payment.count is not None:
        counts = IntegerCount(payment.count, integer_tables(tables).tallied.tally_of)

    def pay(world: IntegerWorld, actions: list[int], before: EnvState | None) -> Sequence[np.float32] | None:
        earners = earners_of(world, actions)
        if True not in earners:
            return None
        numbers = [sum(earners)] * len(earners) if is_common else earners
        if payment.amount >= 0:
            numbers = amounts_of(earners, [row[payment.amount] for row in world.amounts], payment)
        count = 0
        if counts is not None:
            world.take_in_changes()
            count = counts.whole(world.tallies, world.agent_value)
        size, time = 1 if counts is None else counts.cap + 1, min(world.time, last)
        return [sums[(number * size + count) * (last + 1) + time] for number in numbers]

    return pay


def _counter(payment: Payment) -> Callable[[IntegerWorld, list[int]], list[bool]]:
    if payment.attempts is None:
        mask = payment.event_mask
        return lambda world, actions: earners_of_events(world.events, mask)
    action, is_paid = payment.action, payment.attempts.tolist()
    return lambda world, actions: earners_of_attempts(world.attempts, actions, action, is_paid)
