"""PPO among partners: one agent learns, and policies that stay as they are play the others.

Who the partners are makes the method, and the trainer is the same for all:

- a best response (one partner), which bounds what anybody can come to beside that partner;
- fictitious co-play (Strouse et al., 2021, arXiv 2110.08176): a population of self-play runs with their checkpoints;
- PPO_BC (Carroll et al., 2019, arXiv 1910.05789): a human proxy, with self-play at first (`self_play`);
- the mixture partner of E3T (Yan et al., NeurIPS 2023): the learner's own policy ("self") with a share of random
  actions (`noise`). Differs: E3T's network that predicts the partner's next action is not here.

Every environment has a partner and a seat for the learner of its own for the whole run, one after the other, so each
partner plays as often as any other, in each seat.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int, UInt

from cogrid.core.draws import Purpose, words
from cogrid.errors import ConfigError
from cogrid.feature_space import Observation
from cogrid.game import Game
from cogrid.learning.ippo import IPPO, PPOSettings, Runner
from cogrid.learning.players import Player
from cogrid.learning.seats import chooser, memory_of, stacked_params
from cogrid.policy import policy_key


@dataclasses.dataclass(frozen=True, kw_only=True)
class BestResponseSettings(PPOSettings):
    """The settings of PPO, and of who plays beside the learner.

    Attributes:
      self_play: the part of the training in which the environments of self-play go from all to none, 0..1. All agents
        learn there.
      noise: the share of a partner's actions that are drawn uniformly instead, 0..1.
    """

    self_play: float = 0.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("self_play", "noise"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} is a number from 0 to 1, not {getattr(self, name)!r}.")
        if not self.share_parameters:
            raise ConfigError(
                "One agent learns among partners, and there is nobody to share with: share_parameters=True."
            )


class BestResponse(IPPO):
    """PPO of one agent among partners, which takes each seat in turn."""

    Settings = BestResponseSettings

    def __init__(
        self, game: Game, settings: BestResponseSettings, n_updates: int, partners: Sequence[Player | None]
    ) -> None:
        """Make ready; see `IPPO`.

        Args:
          game, settings, n_updates: see `IPPO`.
          partners: who plays beside the learner; None stands for the learner's own policy.
        Raises:
          ConfigError: without partners, for a world of one agent, and for too few environments.
        """
        super().__init__(game, settings, n_updates)
        n_envs, n_agents = settings.n_envs, self.n_agents
        _check(settings, n_agents, len(partners), 1 if self.actor.has_memory else settings.n_steps)
        self._seat: Int[np.ndarray, "B"] = np.arange(n_envs) // len(partners) % n_agents
        self._is_own_seat: Bool[np.ndarray, "B A"] = self._seat[:, None] == np.arange(n_agents)
        self._groups: list[_Group] = _groups(partners, n_envs)
        self._self_play: float = settings.self_play
        self._noise: float = settings.noise

    def start(self, key: UInt[Array, "2"]) -> Runner:
        """The beginning of a run; see `IPPO`."""
        runner = super().start(key)
        return runner._replace(
            memory={**runner.memory, "partners": [group.memory(self.n_agents) for group in self._groups]}
        )

    def _beside(self, runner: Runner, actions: Int[Array, "B A"]) -> tuple[Int[Array, "B A"], dict[str, Any]]:
        """The learner's actions in its own seats, and everywhere in self-play; the partners' in the others."""
        state = runner.progress.state
        raw, is_first = policy_key(state), state.time == 0
        drawn = words(raw, Purpose.POLICY, jnp.zeros_like(state.time), self.n_agents)
        mask = None if self.takes_all else state.action_mask
        observations = {player.game.observation for group in self._groups for player in group.players}
        seen = {own: runner.obs if own == self.functions.game.observation else own(state) for own in observations}
        given = drawn, raw, is_first, mask
        others, memories = actions, []
        for group, before in zip(self._groups, runner.memory["partners"], strict=True):
            others, after = group.play(others, before, seen[group.observation], *given)
            memories.append(after)
        others = self._disturbed(others, raw)
        return jnp.where(self._learns(runner.n_updates), actions, others), {"partners": memories}

    def _disturbed(self, actions: Int[Array, "B A"], raw: UInt[Array, "B 2"]) -> Int[Array, "B A"]:
        """The actions, a share of them drawn uniformly instead."""
        if not self._noise:
            return actions
        drawn = words(raw, Purpose.POLICY, jnp.full(len(raw), 2, jnp.int32), 2 * self.n_agents)
        chance = (drawn[:, : self.n_agents] >> 8).astype(jnp.float32) * jnp.float32(2**-24)
        at_random = (drawn[:, self.n_agents :] % np.uint32(self.actor.n_outputs)).astype(jnp.int32)
        return jnp.where(chance < self._noise, at_random, actions)

    def _is_self_play(self, n_updates: Int[Array, ""]) -> Bool[Array, "B"]:
        """Which environments are played by the learner alone: fewer and fewer, from the last one on."""
        n_envs = len(self._seat)
        if not self._self_play:
            return jnp.zeros(n_envs, bool)
        elapsed = n_updates.astype(jnp.float32) / self.n_updates
        share = jnp.maximum(0.0, 1 - elapsed / self._self_play)
        return jnp.arange(n_envs) >= jnp.round((1 - share) * n_envs).astype(jnp.int32)

    def _learns(self, n_updates: Int[Array, ""]) -> Bool[Array, "B A"]:
        return jnp.asarray(self._is_own_seat) | self._is_self_play(n_updates)[:, None]

    def _learn(
        self, runner: Runner, memory: dict[str, Any], played: dict[str, Array], elapsed: Array
    ) -> tuple[Any, Any, dict[str, Array]]:
        """As `IPPO` does, from the steps of the learner alone."""
        is_self_play = self._is_self_play(runner.n_updates)
        with_partners = _own_return(played, self._is_own_seat, ~is_self_play)
        if self._self_play:
            played = {**played, "alive": played["alive"] & self._learns(runner.n_updates)[None]}
        else:
            rows = np.arange(len(self._seat))
            names = ("obs", "is_first", "action", "log_prob", "advantage", "target", "alive", "mask")
            played = {name: played[name][:, rows, self._seat][:, :, None] for name in names if name in played}
            memory = {name: self._own_memory(memory[name]) for name in ("actor", "critic")}
        params, optimizer, losses = super()._learn(runner, memory, played, elapsed)
        return params, optimizer, {"with_partners": with_partners, **losses}

    def _own_memory(self, memory: Array) -> Array:
        """What is remembered in the learner's seats, of `[B * A, 1, H]`."""
        by_seat = memory.reshape(len(self._seat), self.n_agents, *memory.shape[1:])
        return by_seat[np.arange(len(self._seat)), self._seat]


@dataclasses.dataclass(frozen=True, eq=False)
class _Group:
    """Partners of one kind, which one function plays with the parameters of each.

    Attributes:
      players: P partners.
      envs: `[P, E]`, the environments that each plays in; where there are fewer than E the first is named again.
      place: `[B]`, where in `envs` each environment is first named; none of the group's where `is_here` is False.
      is_here: `[B]`.
    """

    players: tuple[Player, ...]
    envs: Int[np.ndarray, "P E"]
    place: Int[np.ndarray, "B"]
    is_here: Bool[np.ndarray, "B"]

    @property
    def observation(self) -> Observation:
        """What they observe."""
        return self.players[0].game.observation

    def memory(self, n_agents: int) -> list[Any]:
        """What they remember at the start, by seat: `[P, E, ...]` each."""
        n_players, n_envs = self.envs.shape
        one = memory_of(self.players[0].policy, n_envs)
        return [jax.tree.map(lambda leaf: jnp.stack([leaf] * n_players), one) for _ in range(n_agents)]

    def play(
        self,
        actions: Int[Array, "B A"],
        memory: list[Any],
        obs: Array,
        drawn: UInt[Array, "B A"],
        key: UInt[Array, "B 2"],
        is_first: Bool[Array, "B"],
        mask: Bool[Array, "B A n"] | None,
    ) -> tuple[Int[Array, "B A"], list[Any]]:
        """Put the group's actions in the place of others, in their environments and in all seats."""
        columns, memories = [], []
        for seat, before in enumerate(memory):
            given = [obs[:, seat][self.envs], before, drawn[:, seat][self.envs], key[self.envs], is_first[self.envs]]
            given.append(None if mask is None else mask[:, seat][self.envs])
            chosen, after = self._choose(seat, given)
            columns.append(chosen.reshape(-1)[self.place])
            memories.append(after)
        return jnp.where(self.is_here[:, None], jnp.stack(columns, axis=-1), actions), memories

    def _choose(self, seat: int, given: list[Any]) -> tuple[Int[Array, "P E"], Any]:
        """What they do in one seat; a function of the user's is called as it is."""
        if len(self.players) == 1:
            params = jax.tree.map(lambda leaf: leaf[0], stacked_params(self.players))
            found = chooser(self.players[0], seat, params)(*jax.tree.map(lambda leaf: leaf[0], given))
            return jax.tree.map(lambda leaf: leaf[None], found)
        params = jax.tree.map(jnp.asarray, stacked_params(self.players))
        return jax.vmap(lambda own, given: chooser(self.players[0], seat, own)(*given))(params, given)


def _groups(partners: Sequence[Player | None], n_envs: int) -> list[_Group]:
    """The partners that are not the learner itself by kind; partner k of K plays in the environments k, K + k, ..."""
    by_kind: dict[Any, list[int]] = {}
    for idx, player in enumerate(partners):
        if player is not None:
            by_kind.setdefault(player.kind, []).append(idx)
    groups = []
    for indices in by_kind.values():
        own = [np.arange(idx, n_envs, len(partners)) for idx in indices]
        most = max(map(len, own))
        envs = np.array([np.append(row, np.full(most - len(row), row[0])) for row in own])
        place, is_here = np.zeros(n_envs, np.int64), np.zeros(n_envs, bool)
        named, first = np.unique(envs, return_index=True)
        place[named], is_here[named] = first, True
        groups.append(_Group(tuple(p for idx in indices if (p := partners[idx]) is not None), envs, place, is_here))
    return groups


def _own_return(played: dict[str, Array], is_own: Bool[np.ndarray, "B A"], is_counted: Bool[Array, "B"]) -> Array:
    """The mean return of the learner's seat in some environments, over the episodes that ended; NaN if none did."""
    ended = (played["ended"] & is_counted[None]).astype(jnp.float32)
    own = jnp.where(is_own[None], played["episode_return"], 0.0).sum(axis=-1)
    return (ended * own).sum() / ended.sum()


def _check(settings: BestResponseSettings, n_agents: int, n_partners: int, n_steps: int) -> None:
    if not n_partners:
        raise ConfigError("best_response learns beside partners, and none are given: --partners WHO ...")
    if n_agents < 2:
        raise ConfigError("There is one agent in this world, and no seat for a partner: num_agents=2.")
    if settings.n_envs < n_partners * n_agents:
        raise ConfigError(
            f"{n_partners} partners with a learner in each of {n_agents} seats need as many environments, not n_envs="
            f"{settings.n_envs}: n_envs={n_partners * n_agents} or more."
        )
    n_rows = settings.n_envs * n_steps
    if n_rows % settings.n_minibatches:
        raise ConfigError(f"n_minibatches is {settings.n_minibatches}, which does not divide {n_rows} rows.")
