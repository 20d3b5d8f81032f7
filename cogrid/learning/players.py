"""Who can take a seat: policies from files, whole runs, and policies by name."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.scripts import SCRIPT_NAMES, scripted_policy
from cogrid.errors import ConfigError
from cogrid.game import Game
from cogrid.learning.policy_file import LearnedPolicy, load_policy, policy_files
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
            return self.policy.network, self.policy.n_groups, self.policy.is_greedy, self.game.observation
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
    files = [(source, [] if is_function(source) else policy_files(source)) for source in sources]
    loaded = {path: load_policy(path, is_greedy=is_greedy) for _, paths in files for path in paths}
    envs: dict[Any, CoGridEnv] = {}
    players: list[Player] = []
    for policy in loaded.values():
        envs.setdefault(str(policy.world), policy.world.make())
    env = world or next(iter(envs.values()), None)
    if env is None:
        raise ConfigError("Nobody of these says which world they play: name a policy from a file, or give --world ID.")
    for source, paths in files:
        if not paths:
            policy = _function(source, env)
            seen = own_observation(policy)
            game = env.game if seen is None else dataclasses.replace(env.game, observation=seen)
            players.append(Player(source, policy, game))
        for path in paths:
            policy = loaded[path]
            own = envs[str(policy.world)]
            load_policy(path, own)  # Refuses a file whose world has changed since.
            players.append(Player(_name(str(path)), policy, own.game))
    return env, players


def is_function(source: str) -> bool:
    """Whether a name stands for a function rather than for a file."""
    return source.partition("@")[0] in SCRIPT_NAMES or (":" in source and not source.endswith(".safetensors"))


def _name(path: str) -> str:
    """A file's name for tables: its folder and its stem."""
    return "/".join(path.removesuffix(".safetensors").split("/")[-2:])


def _function(source: str, env: CoGridEnv) -> Policy:
    if source.partition("@")[0] in SCRIPT_NAMES:
        return scripted_policy(source, env)
    module, _, name = source.partition(":")
    function = getattr(import_here(module), name, None)
    if not callable(function):
        raise ConfigError(f"The module {module!r} has no function {name!r}.")
    return function
