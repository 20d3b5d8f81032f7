"""What agents are paid for a step; equal to `cogrid.core.reward`."""

from __future__ import annotations

from typing import Any

from cogrid.kernel import places as at
from cogrid.kernel.compiled import inner
from cogrid.kernel.counts import count_values
from cogrid.kernel.grid import faced_cell

NO_ATTEMPT = -1
HAD_TERMINATED = -2
"""What is noted before a step of an agent that does not try anything, and of one that is paid nothing."""


@inner
def note_attempts(game: Any, world: Any) -> None:
    """Note for each agent the pair of its value and the faced cell's, if it acts and faces a cell on the grid.

    Of attempts that no payment asks for only the agents that had terminated are noted.
    """
    for agent in range(game[at.N_AGENTS]):
        attempt = NO_ATTEMPT
        if world[game[at.TERMINATED] + agent]:
            attempt = HAD_TERMINATED
        elif game[at.PAYS_ATTEMPTS] and game[game[at.INTERACTION] + world[game[at.ACTIONS] + agent]]:
            ahead = faced_cell(game, world, agent)
            if ahead != world[agent]:
                value = world[game[at.VALUE] + agent]
                attempt = value * game[at.N_CELL_VALUES] + world[game[at.CELLS] + ahead]
        world[game[at.ATTEMPTS] + agent] = attempt


@inner
def pay_all(game: Any, sums: Any, world: Any, rewards: Any, act: int, first: int, n_payments: int) -> None:
    """Write what each agent is paid for the step just made: some payments, added in order.

    Args:
      rewards: float32, where to write it.
      act: the place of the world's first agent in it.
      first, n_payments: the place of the first payment's record, and how many there are.
    """
    n_agents = game[at.N_AGENTS]
    for agent in range(n_agents):
        rewards[act + agent] = 0
    for idx in range(n_payments):
        payment = first + idx * at.PAYMENT_SIZE
        if not note_earners(game, world, payment):
            continue  # The sums for nobody are all 0.
        for agent in range(n_agents):
            number = number_of_sum(game, world, payment, earned_number(game, world, payment, agent))
            rewards[act + agent] += sums[game[payment + at.SUMS] + number]
    for agent in range(n_agents):
        if world[game[at.ATTEMPTS] + agent] == HAD_TERMINATED:
            rewards[act + agent] = 0


@inner
def note_earners(game: Any, world: Any, payment: int) -> bool:
    """Write to `FLAGS` who has earned a payment; whether anybody has."""
    is_anybody = False
    for agent in range(game[at.N_AGENTS]):
        pair = world[game[at.ATTEMPTS] + agent]
        if game[payment + at.PAID_ATTEMPTS] < 0:
            has_earned = world[game[at.EVENTS] + agent] & game[payment + at.PAID_MASK]
        elif pair >= 0 and world[game[at.ACTIONS] + agent] == game[payment + at.PAID_ACTION]:
            has_earned = game[game[payment + at.PAID_ATTEMPTS] + pair]
        else:
            has_earned = 0
        world[game[at.FLAGS] + agent] = has_earned != 0
        is_anybody |= has_earned != 0
    return is_anybody


@inner
def earned_number(game: Any, world: Any, payment: int, agent: int) -> int:
    """The number of earners that an agent is paid for; or 0 for none, else one more than the amount that counts."""
    n_earners, total, amount = 0, 0, game[payment + at.PAID_AMOUNT]
    for other in range(game[at.N_AGENTS]):
        if world[game[at.FLAGS] + other] and (other == agent or game[payment + at.IS_COMMON]):
            n_earners += 1
            if amount >= 0:
                total += world[game[at.AMOUNTS] + other * game[at.N_AMOUNTS] + amount]
    if amount < 0 or n_earners == 0:
        return n_earners
    return 1 + min(total, game[payment + at.LARGEST_AMOUNT])


@inner
def number_of_sum(game: Any, world: Any, payment: int, number: int) -> int:
    """Which of a payment's sums is paid for a number, by the count and the time that it depends on."""
    record = game[payment + at.PAID_COUNT]
    if record >= 0:
        if game[record + at.OVER] == at.OVER_MAP:
            count = count_values(game, world, record, game[at.CELLS], game[at.N_CELLS])
        else:
            count = count_values(game, world, record, game[at.VALUE], game[at.N_AGENTS])
        number = number * (game[record + at.CAP] + 1) + count
    n_times = game[payment + at.N_TIMES]
    return number * n_times + min(world[game[at.TIME]], n_times - 1)
