"""Who can take a seat: policies from files, whole runs, and policies by name."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.scripts import scripted_policy
from cogrid.errors import ConfigError
from cogrid.game import Game
from cogrid.learning.policy_file import LearnedPolicy, is_script, policy_files, read_policy
from cogrid.learning.tensor_file import SUFFIX
from cogrid.learning.world import import_here
from cogrid.policy import Policy, own_observation


@dataclasses.dataclass(frozen=True, eq=False)
class Player:
    """Who can take a seat.

    Attributes:
      name: how it is called in tables.
      policy: what chooses its actions: a policy from a file, or any function `(obs [B, ...], key [B, 2]) -> [B]`.
      game: the world with what this player observes.
    """

    name: str
    policy: LearnedPolicy | Policy
    game: Game

    @property
    def kind(self) -> Any:
        """Equal for players that one compiled function can play with their parameters handed in."""
        if isinstance(self.policy, LearnedPolicy):
            own = self.policy
            return own.network, own.unsticking, own.n_groups, own.is_greedy, self.game.observation
        return id(self.policy)


def read_players(
    sources: Sequence[str], *, world: CoGridEnv | None = None, is_greedy: bool = False
) -> tuple[CoGridEnv, list[Player]]:
    """The players that are named, and the world that they are for.

    Args:
      sources: files of policies; folders of runs, which stand for all their seeds; names of `cogrid.envs.scripts`,
        such as "random" and "greedy"; or "module:function".
      world: where they play; the world of the first policy from a file by default.
      is_greedy: whether policies from files take their likeliest actions.
    Returns:
      The world, and the players in order.
    Raises:
      ConfigError: for names that are none of these, or that name no world; CheckpointError for what cannot be read.
    """
    files = {source: [] if is_function(source) else policy_files(source) for source in sources}
    env = _world_of([path for paths in files.values() for path in paths]) if world is None else world
    players: list[Player] = []
    for source in sources:
        if not files[source]:
            players.append(_player(source, _function(source, env), env.game))
        learned = [(str(path), read_policy(path, env, is_greedy=is_greedy)) for path in files[source]]
        players.extend(_player(_name(path), policy, env.game) for path, policy in learned)
    return env, players


def _world_of(files: Sequence[pathlib.Path]) -> CoGridEnv:
    """The world of the first policy.

    Raises:
      ConfigError: where there is none.
    """
    if not files:
        raise ConfigError("Nobody of these says which world they play: name a policy from a file, or give --world ID.")
    return read_policy(files[0]).world.make()


def is_function(source: str) -> bool:
    """Whether a name stands for a function, scripted or of a module, rather than for a file."""
    return is_script(source) or (":" in source and not source.endswith(SUFFIX))


def _player(name: str, policy: LearnedPolicy | Policy, game: Game) -> Player:
    """A player in a game, in which it observes what its policy asks for."""
    observation = own_observation(policy)
    return Player(name, policy, game if observation is None else dataclasses.replace(game, observation=observation))


def _name(path: str) -> str:
    """A file's name for tables: its folder and its stem."""
    return "/".join(path.removesuffix(SUFFIX).split("/")[-2:])


def _function(source: str, env: CoGridEnv) -> Policy:
    if is_script(source):
        return scripted_policy(source, env)
    module, _, name = source.partition(":")
    function = getattr(import_here(module), name, None)
    if not callable(function):
        raise ConfigError(f"The module {module!r} has no function {name!r}.")
    return function
