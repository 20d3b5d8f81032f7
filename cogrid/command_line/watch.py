"""`cogrid watch`: an episode that policies play, as a moving picture."""

from __future__ import annotations

import argparse

from cogrid.command_line.command import Command, Exit, add_json
from cogrid.command_line.evaluate import add_who, players_of
from cogrid.command_line.movies import add_movies, check_movies, movie_lines, movie_names, write_movies
from cogrid.command_line.output import count, print_json
from cogrid.learning.evaluation import play_episode
from cogrid.learning.players import is_function
from cogrid.learning.policy_file import policy_files
from cogrid.rendering import render_ansi


def run(options: argparse.Namespace) -> int:
    """Play an episode, draw it, and say what came out."""
    check_movies(options)
    options.policies = [str(source if is_function(source) else policy_files(source)[0]) for source in options.policies]
    env, players = players_of(options)
    players = players * env.tables.n_agents if len(players) == 1 else players
    states, returns = play_episode(players, options.seed)
    write_movies(options, [states])
    by_agent = dict(zip(env.possible_agents, returns.tolist(), strict=True))
    if options.json:
        about = {"id": env.config.name, "players": [player.name for player in players]}
        print_json({**about, "steps": len(states) - 1, "returns": by_agent, **movie_names(options)})
        return Exit.OK
    print(f"{env.config.name}, seed {options.seed}: {count(len(states) - 1, 'step')}")
    for player, (agent, total) in zip(players, by_agent.items(), strict=True):
        print(f"  {agent} by {player.name}: return {total:g}")
    print("\n".join(movie_lines(options) or ["", render_ansi(states[-1])]))
    return Exit.OK


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_who(parser)
    add_movies(parser)
    add_json(parser)


WATCH = Command(
    name="watch",
    summary="see how policies play",
    about="Play one episode, and show its end, or all of it as a moving picture. One name plays all agents; otherwise\n"
    "there is one for each agent. Of a run its first seed plays. Needs the extra `learn`: see `cogrid doctor`.",
    examples=(
        ("cogrid watch runs/x --gif cooks.gif", "a run's first seed"),
        ("cogrid watch runs/x --seed 3 --greedy", "another episode, always the likeliest action"),
        ("cogrid watch runs/x/seed_0.safetensors random --gif two.gif", "with a random partner"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
