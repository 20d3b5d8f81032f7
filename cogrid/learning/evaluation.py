"""Policies play whole episodes together: alone with themselves, and every one with every other one."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from cogrid.backend.env_state import EnvState, register_pytree
from cogrid.backend.namespaces import Array
from cogrid.backend.threefry import seed_words
from cogrid.core.draws import Purpose, split_key, words
from cogrid.core.jax_step import is_done
from cogrid.errors import ConfigError, check_integer
from cogrid.game import Game
from cogrid.learning.players import Player
from cogrid.learning.statistics import Estimate, bootstrapped_iqm
from cogrid.policy import policy_key
from cogrid.recording.fingerprint import fingerprint

ENVS_AT_ONCE = 4096
"""About how many environments are stepped together; more take more memory and no less time."""


def play_teams(
    players: Sequence[Player], teams: Sequence[Sequence[int]], n_episodes: int, seed: int = 0
) -> Float[np.ndarray, "P E A"]:
    """Play whole episodes in one compiled program; every team plays the same episodes.

    Args:
      players: who can take a seat.
      teams: the player in each agent's seat, by its index.
      n_episodes: how many episodes each team plays.
      seed: of the episodes; the results depend on nothing else.
    Returns:
      Each agent's return.
    Raises:
      ConfigError: for a world without an end, players of different worlds, or teams of another size than the world's.
    """
    check_integer("n_episodes", n_episodes, 1)
    game = _check(players, teams)
    import jax
    import jax.numpy as jnp

    from cogrid.learning.seats import stacked_params

    register_pytree()
    by_kind: dict[tuple[Any, ...], list[int]] = {}
    for idx, team in enumerate(teams):
        by_kind.setdefault(tuple(players[member].kind for member in team), []).append(idx)
    groups = [(tuple(players[member] for member in teams[which[0]]), which) for which in by_kind.values()]
    members = [
        [stacked_params([players[teams[idx][seat]] for idx in which]) for seat in range(len(teams[0]))]
        for _, which in groups
    ]

    def run(keys: Array, members: Any) -> list[Array]:
        return [
            jax.lax.map(
                functools.partial(_play, game, seats, keys),
                params,
                batch_size=min(max(1, ENVS_AT_ONCE // n_episodes), len(which)),
            )
            for (seats, which), params in zip(groups, members, strict=True)
        ]

    keys = split_key(np.array(seed_words(seed), np.uint32), n_episodes)
    found = jax.jit(run)(jnp.asarray(keys), members)
    returns = np.zeros((len(teams), n_episodes, game.tables.n_agents), np.float32)
    for (_, which), part in zip(groups, found, strict=True):
        returns[which] = np.asarray(part)
    return returns


def _check(players: Sequence[Player], teams: Sequence[Sequence[int]]) -> Game:
    game = players[0].game
    settings = game.tables.settings
    if settings.max_steps is None:
        raise ConfigError("An episode of this world has no end, so no return: set max_steps.")
    for player in players:
        if fingerprint(player.game.tables) != fingerprint(game.tables):
            raise ConfigError(
                f"{player.name!r} is of another world than {players[0].name!r}: only policies of one world, with the "
                "same map and settings, can play together."
            )
    for team in teams:
        if len(team) != game.tables.n_agents:
            raise ConfigError(f"A team has {game.tables.n_agents} seats in this world, not {len(team)}: {tuple(team)}.")
    return game


def _play(game: Game, seats: tuple[Player, ...], keys: Array, params: Sequence[Any]) -> Array:
    """One team's returns, `[E, A]`."""
    import jax

    step, start = _team(game, seats, keys, params)
    return jax.lax.scan(step, start, None, game.tables.settings.max_steps)[0][2]


def play_episode(players: Sequence[Player], seed: int = 0) -> tuple[list[EnvState], Float[np.ndarray, "A"]]:
    """Play the first of the episodes that `play_teams` plays, and keep how the world looked.

    Args:
      players: who takes each agent's seat.
      seed: of the episodes.
    Returns:
      The states from the start to the episode's end, as NumPy arrays, and each agent's return.
    Raises:
      ConfigError: as `play_teams` does.
    """
    game = _check(players, [range(len(players))])
    import jax
    import jax.numpy as jnp

    from cogrid.learning.seats import stacked_params

    register_pytree()

    def run(keys: Array, params: Any) -> tuple[Array, EnvState, EnvState]:
        step, start = _team(game, tuple(players), keys, params)

        def keep(carry: Any, _: None) -> tuple[Any, EnvState]:
            carry, _ = step(carry, None)
            return carry, carry[0]

        end, states = jax.lax.scan(keep, start, None, game.tables.settings.max_steps)
        return end[2], start[0], states

    params = [jax.tree.map(lambda leaf: leaf[0], stacked_params([player])) for player in players]
    keys = jnp.asarray(split_key(np.array(seed_words(seed), np.uint32), 1))
    returns, first, later = jax.tree.map(np.asarray, jax.jit(run)(keys, params))
    states = [first.map_arrays(lambda leaf: leaf[0])]
    for idx in range(len(later.time)):
        states.append(later.map_arrays(lambda leaf, idx=idx: leaf[idx, 0]))
        if is_done(states[-1]):
            break
    return states, returns[0]


def _team(game: Game, seats: tuple[Player, ...], keys: Array, params: Sequence[Any]) -> tuple[Any, Any]:
    """A step of one team in all episodes, and what it starts from: the states, memories and returns."""
    import jax.numpy as jnp

    from cogrid.learning.seats import chooser, memory_of

    n_agents, takes_all = game.tables.n_agents, game.tables.rules.takes is None
    choosers = [chooser(player, seat, own) for seat, (player, own) in enumerate(zip(seats, params, strict=True))]
    observations = {player.game.observation for player in seats}

    def step(carry: tuple[Any, list[Any], Array], _: None) -> tuple[tuple[Any, list[Any], Array], None]:
        state, memories, returns = carry
        raw, is_first = policy_key(state), state.time == 0
        drawn = words(raw, Purpose.POLICY, jnp.zeros_like(state.time), n_agents)
        seen = {observation: observation(state) for observation in observations}
        mask = None if takes_all else state.action_mask
        chosen = [
            choose(
                seen[player.game.observation][:, seat],
                memory,
                drawn[:, seat],
                raw,
                is_first,
                None if mask is None else mask[:, seat],
            )
            for seat, (player, choose, memory) in enumerate(zip(seats, choosers, memories, strict=True))
        ]
        state, reward, _ = game.play(state, jnp.stack([actions for actions, _ in chosen], axis=-1))
        return (state, [memory for _, memory in chosen], returns + reward), None

    memories = [memory_of(player.policy, len(keys)) for player in seats]
    return step, (game.reset(keys)[0], memories, jnp.zeros((len(keys), n_agents), jnp.float32))


@dataclasses.dataclass(frozen=True)
class CrossPlay:
    """What came out when every player played with every other.

    Attributes:
      names: of the players.
      matrix: `[N, N]`, the mean return of agent 0 by the row's player with the other agents by the column's.
      by_seat: `[N, N, 2]`, the same for the mean return of agent 0, and that of the others.
      n_episodes: of each pair.
      self_play: the interquartile mean of the players with themselves.
      cross_play: the same with the others, each player's mean in both seats.
      gap: the difference of the two means.
    """

    names: tuple[str, ...]
    matrix: Float[np.ndarray, "N N"]
    by_seat: Float[np.ndarray, "N N 2"]
    n_episodes: int
    self_play: Estimate
    cross_play: Estimate | None
    gap: float | None

    def to_json(self) -> Mapping[str, Any]:
        """Everything, as JSON has it."""
        found = dataclasses.asdict(self)
        return {**found, "matrix": self.matrix.tolist(), "by_seat": self.by_seat.tolist()}


def cross_play(players: Sequence[Player], n_episodes: int, seed: int = 0) -> CrossPlay:
    """Play every pair, in both orders, and every player with itself.

    Args:
      players: in the order of the matrix.
      n_episodes: of each pair.
      seed: of the episodes.
    """
    n_players, n_agents = len(players), players[0].game.tables.n_agents
    teams = [(row, *[column] * (n_agents - 1)) for row in range(n_players) for column in range(n_players)]
    returns = play_teams(players, teams, n_episodes, seed).astype(np.float64).mean(axis=1)
    returns = returns.reshape(n_players, n_players, n_agents)
    others = returns[..., 1:].mean(axis=-1) if n_agents > 1 else returns[..., 0]
    matrix = returns.mean(axis=-1)
    own = np.diag(matrix)
    alone = bootstrapped_iqm(own[:, None], seed)
    together, gap = None, None
    if n_players > 1:
        mixed = (matrix + matrix.T).sum(axis=1) - 2 * own
        scores = mixed / (2 * (n_players - 1))
        together, gap = bootstrapped_iqm(scores[:, None], seed), float(own.mean() - scores.mean())
    by_seat = np.stack([returns[..., 0], others], axis=-1)
    return CrossPlay(tuple(player.name for player in players), matrix, by_seat, n_episodes, alone, together, gap)


def self_play(players: Sequence[Player], n_episodes: int, seed: int = 0) -> Float[np.ndarray, "N E A"]:
    """Every player in all seats: each agent's return in each episode."""
    n_agents = players[0].game.tables.n_agents
    return play_teams(players, [(idx,) * n_agents for idx in range(len(players))], n_episodes, seed)
