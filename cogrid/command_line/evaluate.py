"""`cogrid eval`: how well policies play with themselves."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from jaxtyping import Float

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.command import Command, Exit, add_json, positive_integer
from cogrid.command_line.output import print_json, table
from cogrid.learning.evaluation import self_play
from cogrid.learning.players import Player, read_players
from cogrid.learning.statistics import bootstrapped_iqm
from cogrid.learning.world import World


def run(options: argparse.Namespace) -> int:
    """Let each policy play all agents, and say what they came to."""
    env, players = players_of(options)
    returns = self_play(players, options.episodes, options.seed).astype(np.float64)
    if options.json:
        print_json(as_json(env, players, returns))
        return Exit.OK
    print(f"{env.config.name}: {options.episodes:,} episodes each, seed {options.seed}")
    rows = [
        [player.name, f"{mean.mean():.2f}", f"{error_of(mean):.2f}", *(f"{own:.2f}" for own in part.mean(axis=0))]
        for player, part in zip(players, returns, strict=True)
        for mean in [part.mean(axis=-1)]
    ]
    print(table(["policy", "return", "+-", *env.possible_agents], rows))
    if len(players) > 1:
        estimate = bootstrapped_iqm(returns.mean(axis=(1, 2))[:, None])
        print(f"interquartile mean over policies, and its 95 % interval: {estimate}")
    return Exit.OK


def as_json(env: CoGridEnv, players: list[Player], returns: Float[np.ndarray, "N E A"]) -> dict[str, Any]:
    """What came out, for a program."""
    return {
        "id": env.config.name,
        "episodes": returns.shape[1],
        "policies": [
            {
                "name": player.name,
                "return": part.mean(),
                "standard_error": error_of(part.mean(axis=-1)),
                "by_agent": part.mean(axis=0),
            }
            for player, part in zip(players, returns, strict=True)
        ],
        "interquartile_mean": bootstrapped_iqm(returns.mean(axis=(1, 2))[:, None]).to_json(),
    }


def error_of(returns: Float[np.ndarray, "E"]) -> float:
    """The standard error of a mean; 0 for one episode."""
    return float(returns.std(ddof=1) / len(returns) ** 0.5) if len(returns) > 1 else 0.0


def players_of(options: argparse.Namespace) -> tuple[CoGridEnv, list[Player]]:
    """The world and the players that are asked for."""
    world = None if options.world is None else World(id=options.world).make_for_learning()[1]
    return read_players(options.policies, world=world, is_greedy=options.greedy)


def add_episodes(parser: argparse.ArgumentParser) -> None:
    """Declare how often they play."""
    parser.add_argument("--episodes", type=positive_integer, default=100, metavar="N", help="of each (100)")


def add_who(parser: argparse.ArgumentParser) -> None:
    """Declare who plays, and where."""
    parser.add_argument(
        "policies",
        nargs="+",
        metavar="WHO",
        help="a policy's file, a run's folder (all its seeds), random, or module:function",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the episodes (0)")
    parser.add_argument("--world", metavar="ID", help="where, if nobody comes from a file")
    parser.add_argument("--greedy", action="store_true", help="always the likeliest action, instead of one drawn")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_who(parser)
    add_episodes(parser)
    add_json(parser)


EVAL = Command(
    name="eval",
    summary="measure how well policies play",
    about="Let each policy play all agents for many episodes, in one compiled program, and tell its mean return.\n"
    "The same seed gives the same numbers. Needs the extra `learn`: see `cogrid doctor`.",
    examples=(
        ("cogrid eval runs/x", "all seeds of a run"),
        ("cogrid eval runs/x/seed_0.safetensors random --episodes 1000", "a policy beside random play"),
        ("cogrid eval random --world JaxMARLOvercooked-CrampedRoom-V0 --json", "random play, for a program"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
