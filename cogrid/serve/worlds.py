"""A world while people play it: on plain integers, as in their browsers, with a hash of every state."""

from __future__ import annotations

import dataclasses
import pathlib
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.scripts import SCRIPT_NAMES
from cogrid.errors import ActionError, ConfigError, did_you_mean
from cogrid.feature_space import Observation
from cogrid.integer.payments import IntegerPayments
from cogrid.integer.world import IntegerWorld
from cogrid.learning.players import is_function, read_players
from cogrid.page.game_data import check_playable, guarded_mask
from cogrid.policy import Policy, policy_keys
from cogrid.serve.settings import EpisodeSettings


@dataclasses.dataclass(frozen=True, eq=False)
class StudyWorld:
    """A world of a study, made once.

    Attributes:
      name: how the page calls it: the id, and a number behind it where an id stands in the study with several settings.
      env: the world.
      unread_events: the bits of the events that the page does not report.
    """

    name: str
    env: CoGridEnv
    unread_events: int

    @property
    def n_agents(self) -> int:
        """How many agents play."""
        return self.env.tables.n_agents

    @property
    def n_actions(self) -> int:
        """How many actions there are."""
        return len(self.env.tables.action_set)

    @property
    def noop(self) -> int:
        """The action of somebody who does nothing."""
        return self.env.tables.action_set.noop


def make_worlds(episodes: Sequence[EpisodeSettings]) -> list[StudyWorld]:
    """The world of each kind of episode; equal settings share one.

    Args:
      episodes: the settings.
    Raises:
      ConfigError: for a world that the page cannot play, or without an end; what `cogrid.make` raises.
    """
    made: list[tuple[tuple[str, str], StudyWorld]] = []
    worlds = []
    for episode in episodes:
        key = episode.world, repr(sorted(episode.settings.items()))
        world = next((world for other, world in made if other == key), None)
        if world is None:
            n_before = sum(other[0] == episode.world for other, _ in made)
            world = _make_world(episode, f"{episode.world}#{n_before + 1}" if n_before else episode.world)
            made.append((key, world))
        worlds.append(world)
    return worlds


def _make_world(episode: EpisodeSettings, name: str) -> StudyWorld:
    env = cogrid.make(episode.world, **episode.settings)
    if env.config.max_steps is None:
        raise ConfigError(f"{episode.world} has no end: give it one with settings = {{ max_steps = 400 }}.")
    header = env.game.to_arrays()[0]
    check_playable(episode.world, header)
    return StudyWorld(name, env, guarded_mask(header))


class LiveWorld:
    """An episode of a world as it is played.

    Attributes:
      world: the world.
      seed: what it was reset with.
      returns: what each agent has earned so far.
    """

    def __init__(self, world: StudyWorld, seed: int) -> None:
        self.world = world
        self.seed = seed
        self._state = IntegerWorld(world.env.tables)
        self._state.reset((0, seed))
        self._payments = IntegerPayments(world.env.game.reward, world.env.tables)
        self._max_steps = world.env.tables.max_steps
        self.returns: list[float] = [0.0] * world.n_agents

    @property
    def time(self) -> int:
        """Steps made."""
        return self._state.time

    @property
    def is_over(self) -> bool:
        """Whether the episode has ended."""
        return self._state.time == self._max_steps or all(self._state.terminated)

    def step(self, actions: Sequence[int]) -> list[int]:
        """Make a step.

        Args:
          actions: one for each agent, in range.
        Returns:
          The actions that were made: Noop of an agent that had terminated, or that does not take such an action.
        """
        world, gone = self._state, self._state.terminated.copy()
        made = [self.world.noop if over else action for over, action in zip(gone, actions, strict=True)]
        before = world.to_state() if self._payments.needs_state else None
        world.step(made)
        paid = self._payments.pay(world, made, before, gone)
        self.returns = [total + float(more) for total, more in zip(self.returns, paid, strict=True)]
        return made

    def hash(self) -> int:
        """A checksum of everything that the next steps and payments depend on; `app/live.js` has the same."""
        state, unread = self._state, self.world.unread_events
        numbers = (
            *state.cells,
            *state.agent_cell,
            *state.agent_dir,
            *state.agent_value,
            *map(int, state.terminated),
            *(bits & ~unread for bits in state.events),
            state.time,
            state.world_value,
            state.layout_idx,
        )
        return zlib.crc32(struct.pack(f"<{len(numbers)}i", *numbers))

    def snapshot(self) -> dict[str, Any]:
        """The state as the page keeps it (`Snapshot` in `engine/world.js`), as JSON values."""
        state = self._state
        n_amounts = len(self.world.env.tables.rules.amount_names)
        return {
            "key": list(state.key),
            "time": state.time,
            "worldValue": state.world_value,
            "layoutIdx": state.layout_idx,
            "cells": list(state.cells),
            "agentCell": list(state.agent_cell),
            "agentDir": list(state.agent_dir),
            "agentValue": list(state.agent_value),
            "terminated": list(state.terminated),
            "events": [bits & ~self.world.unread_events for bits in state.events],
            "amounts": [list(row) for row in state.amounts] or [[0] * n_amounts for _ in state.events],
        }

    def observed_by(self, partner: Partner, agent_idx: int) -> tuple[Any, Any]:
        """What a partner in a seat is asked with: its observation, and its key for chance."""
        state = self._state.to_state()
        seen = partner.observation(state)
        return np.asarray(seen)[agent_idx], np.asarray(policy_keys(state))[agent_idx]


class Partner:
    """A policy that plays a seat from the server.

    Args:
      name: as in the settings of the study: a scripted policy, a file, or "module:function".
      world: where it plays.
      folder: where relative files count from.
    Raises:
      ConfigError: for a name that stands for nothing, or a policy with a memory; CheckpointError for a file that
        cannot be read, or that is of another world.
    """

    def __init__(self, name: str, world: StudyWorld, folder: pathlib.Path = pathlib.Path()) -> None:
        self.name = name
        source = name if is_function(name) else str(folder / name)
        if not is_function(name) and not pathlib.Path(source).exists():
            told = did_you_mean(name, SCRIPT_NAMES)
            raise ConfigError(f"The partner {name!r} is no scripted policy, and there is no such file. {told}")
        _, (player, *_) = read_players([source], world=world.env)
        if getattr(player.policy, "has_memory", False):
            raise ConfigError(f"The partner {name!r} has a memory, and a study plays policies without one only.")
        self._policy: Policy = player.policy
        self._n_actions = world.n_actions
        self.observation: Observation = player.game.observation

    def act(self, observation: Any, key: Any) -> int:
        """Choose an action; this may take a while, and is called in a thread.

        Args:
          observation: of one agent.
          key: `[2]` uint32.
        Raises:
          ActionError: if the policy chooses what is no action of the world.
        """
        action = int(np.asarray(self._policy(observation, key)))
        if not 0 <= action < self._n_actions:
            raise ActionError(f"The partner {self.name!r} has chosen {action}, which is no action of the world.")
        return action
