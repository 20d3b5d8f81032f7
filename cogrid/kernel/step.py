"""The kernels that play: worlds of a batch, one after the other, so that threads can take parts of a batch.

A kernel has the memory of one world, `[at.N_PLACES]` int64. Each world of the batch is read into it, played, and
written back, so that all other functions take two arrays, whatever dtype the cells of a state have.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cogrid.kernel import places as at
from cogrid.kernel.acts import interact
from cogrid.kernel.compiled import compiled, inner, pointer
from cogrid.kernel.guards import keep_start
from cogrid.kernel.moves import move
from cogrid.kernel.payments import note_attempts, pay_all
from cogrid.kernel.starts import start_next, start_world
from cogrid.kernel.ticks import tick

PLAYS_ON, STARTS_NEXT, STARTS_AT_ONCE = range(3)
"""What happens where an episode is over: nothing; the next one starts in the next step; it starts after this step."""

PLAY, FINISH = 1, 2
"""The two halves of a step: the stages; then the clock, what is paid, and what is over."""

LEFT_ALONE, NEXT_EPISODE, GIVEN_KEY = range(3)
"""What `start_worlds` makes of a world: nothing, the episode that follows, or the one of the key that is there."""


@compiled
def step_worlds(
    game_row: Any,
    sums: Any,
    memory: Any,
    first: int,
    last: int,
    mode: int,
    leader: int,
    halves: int,
    all_cells: Any,
    all_numbers: Any,
    actions: Any,
    attempts: Any,
    is_over: Any,
    returns: Any,
    lengths: Any,
    rewards: Any,
    shaped_rewards: Any,
    terminated: Any,
    truncated: Any,
    has_ended: Any,
) -> int:
    """Make one step in some worlds of a batch, in place. All arrays are flat, and hold one world after the other.

    Args:
      game_row, sums: `GameData`.
      memory: `[at.N_PLACES]` int64, for one world.
      first, last: the worlds from this one on, before that one.
      mode: what happens where an episode is over; of `STARTS_AT_ONCE` the caller starts the next one (`start_worlds`).
      leader: the agent whose end is the end for all; -1 for none.
      halves: `PLAY`, `FINISH`, or their sum; for two calls, with a hook between them.
      all_cells, all_numbers: `[B * N]` unsigned and `[B * K]` int32, the two leaves of a state.
      actions: `[B * A]` int32; numbers that are no action, or that an agent does not take, become Noop.
      attempts: `[B * A]` int32, what is noted before the step.
      is_over, returns, lengths: `[B]` bool, `[B * A]` float32, `[B]` int32, where the episodes are.
      rewards, shaped_rewards: `[B * A]` float32, to be written; the second one is empty if nothing shapes.
      terminated, truncated: `[B * A]` bool, to be written.
      has_ended: `[B]` bool, to be written: where this step has ended an episode.
    Returns:
      In how many of these worlds this step has ended an episode.
    """
    game, world, cells, numbers = pointer(game_row), pointer(memory), pointer(all_cells), pointer(all_numbers)
    n_agents, n_ended = game[at.N_AGENTS], 0
    for idx in range(first, last):
        act = idx * n_agents
        read_world(game, world, cells, numbers, idx)
        for agent in range(n_agents):
            world[game[at.ACTIONS] + agent] = actions[act + agent]
            world[game[at.ATTEMPTS] + agent] = attempts[act + agent]
        is_new = mode == STARTS_NEXT and is_over[idx]
        if halves == PLAY or (halves & PLAY and not is_new):
            play(game, world)
        if halves & FINISH:
            if is_new:
                start_next(game, world)
                pay_nothing(game, rewards, shaped_rewards, act)
            else:
                world[game[at.TIME]] += 1
                pay(game, sums, world, rewards, shaped_rewards, act)
            is_done = note_ends(game, world, terminated, truncated, act, leader)
            begins = mode != PLAYS_ON and is_over[idx]
            for agent in range(n_agents):
                before = np.float32(0) if begins else returns[act + agent]
                returns[act + agent] = before + rewards[act + agent]
            lengths[idx] = (0 if begins else lengths[idx]) + (not is_new)
            has_ended[idx] = is_done and not (mode == PLAYS_ON and is_over[idx])
            is_over[idx] = is_done
            n_ended += has_ended[idx]
        for agent in range(n_agents):
            actions[act + agent] = world[game[at.ACTIONS] + agent]
            attempts[act + agent] = world[game[at.ATTEMPTS] + agent]
        write_world(game, world, cells, numbers, idx)
    return n_ended


@compiled
def start_worlds(
    game_row: Any,
    memory: Any,
    first: int,
    last: int,
    all_cells: Any,
    all_numbers: Any,
    is_chosen: Any,
    layouts: Any,
) -> None:
    """Start episodes in some worlds of a batch, in place.

    Args:
      game_row: `GameData.game`.
      memory: `[at.N_PLACES]` int64, for one world.
      first, last: the worlds from this one on, before that one.
      all_cells, all_numbers: as in `step_worlds`.
      is_chosen: `[B]` int32, for each world `LEFT_ALONE`, `NEXT_EPISODE` or `GIVEN_KEY`.
      layouts: `[B]` int32, the layout of each; -1 for one that is drawn.
    """
    game, world, cells, numbers = pointer(game_row), pointer(memory), pointer(all_cells), pointer(all_numbers)
    for idx in range(first, last):
        if is_chosen[idx] == LEFT_ALONE:
            continue
        read_world(game, world, cells, numbers, idx)
        if is_chosen[idx] == NEXT_EPISODE:
            start_next(game, world)
        else:
            start_world(game, world, np.int64(layouts[idx]))
        write_world(game, world, cells, numbers, idx)


@inner
def read_world(game: Any, world: Any, cells: Any, numbers: Any, idx: int) -> None:
    """Read one world of a batch into memory."""
    n_numbers, n_cells, first = game[at.N_NUMBERS], game[at.N_CELLS], game[at.CELLS]
    for place in range(n_numbers):
        world[place] = numbers[idx * n_numbers + place]
    for cell in range(n_cells):
        world[first + cell] = cells[idx * n_cells + cell]


@inner
def write_world(game: Any, world: Any, cells: Any, numbers: Any, idx: int) -> None:
    """Write a world back to where it was read."""
    n_numbers, n_cells, first = game[at.N_NUMBERS], game[at.N_CELLS], game[at.CELLS]
    for place in range(n_numbers):
        numbers[idx * n_numbers + place] = world[place]
    for cell in range(n_cells):
        cells[idx * n_cells + cell] = world[first + cell]


@inner
def play(game: Any, world: Any) -> None:
    """Run the stages of a step."""
    n_agents = game[at.N_AGENTS]
    for agent in range(n_agents):
        world[game[at.EVENTS] + agent] = 0
        world[game[at.ACTIONS] + agent] = action_that_counts(game, world, agent)
    for place in range(game[at.AMOUNTS], game[at.AMOUNTS] + n_agents * game[at.N_AMOUNTS]):
        world[place] = 0
    note_attempts(game, world)
    if game[at.N_GUARD_SUMS]:
        keep_start(game, world)
    for idx in range(3):
        stage = game[game[at.STAGES] + idx]
        if stage == at.TICK_STAGE:
            tick(game, world)
        elif stage == at.MOVE_STAGE:
            move(game, world)
        else:
            interact(game, world)


@inner
def action_that_counts(game: Any, world: Any, agent: int) -> int:
    """An agent's action; Noop for a number that is none, for one that it does not take, and if it has terminated."""
    action, n_actions = world[game[at.ACTIONS] + agent], game[at.N_ACTIONS]
    if action < 0 or action >= n_actions or world[game[at.TERMINATED] + agent]:
        return game[at.NOOP]
    if game[at.TAKES] >= 0 and not game[game[at.TAKES] + world[game[at.VALUE] + agent] * n_actions + action]:
        return game[at.NOOP]
    return action


@inner
def pay(game: Any, sums: Any, world: Any, rewards: Any, shaped_rewards: Any, act: int) -> None:
    """Write what each agent is paid for the step just made."""
    pay_all(game, sums, world, rewards, act, game[at.REWARDS], game[at.N_REWARDS])
    if len(shaped_rewards):
        pay_all(game, sums, world, shaped_rewards, act, game[at.SHAPED_REWARDS], game[at.N_SHAPED_REWARDS])


@inner
def pay_nothing(game: Any, rewards: Any, shaped_rewards: Any, act: int) -> None:
    """Pay nobody."""
    for agent in range(game[at.N_AGENTS]):
        rewards[act + agent] = 0
        if len(shaped_rewards):
            shaped_rewards[act + agent] = 0


@inner
def note_ends(game: Any, world: Any, terminated: Any, truncated: Any, act: int, leader: int) -> bool:
    """Write whose episode has ended by the rules and whose by the clock; whether the world's is over."""
    are_all, is_leader_gone = True, False
    is_time_up = game[at.MAX_STEPS] >= 0 and world[game[at.TIME]] >= game[at.MAX_STEPS]
    for agent in range(game[at.N_AGENTS]):
        has_ended = world[game[at.TERMINATED] + agent] != 0
        terminated[act + agent] = has_ended
        truncated[act + agent] = is_time_up and not has_ended
        are_all = are_all and has_ended
        is_leader_gone = is_leader_gone or (has_ended and agent == leader)
    return is_time_up or are_all or is_leader_gone
