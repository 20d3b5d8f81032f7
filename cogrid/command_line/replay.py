"""`cogrid replay`: an episode from a file, in the browser or as a picture that moves."""

from __future__ import annotations

import argparse
import copy
import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.command import Command, Exit, add_settings, make_world
from cogrid.command_line.movies import add_movies, asked_for, check_movies, movie_lines, write_movies
from cogrid.command_line.output import count
from cogrid.command_line.play import serve
from cogrid.errors import ConfigError
from cogrid.recording.trajectory import Trajectory

if TYPE_CHECKING:
    from cogrid.learning.policy_file import LearnedPolicy


def run(options: argparse.Namespace) -> int:
    """Show the episode, or write it, and say whether it is what the rules make of its actions."""
    check_movies(options)
    if options.html is not None and options.html.suffix.lower() != ".html":
        raise ConfigError(f"--html writes a .html, not {options.html.name!r}.")
    is_page = options.html is not None or not asked_for(options)
    if is_page and len(options.files) > 1:
        raise ConfigError(
            f"A page shows one episode, and here are {len(options.files)}: --gif and --mp4 show several side by side."
        )
    episodes = [_read(options, file) for file in options.files]
    status = max(_check(trajectory, env) for trajectory, env in episodes)
    _write_movies(options, episodes)
    if is_page:
        _show(options, *episodes[0])
    return status


def _write_movies(options: argparse.Namespace, episodes: Sequence[tuple[Trajectory, CoGridEnv]]) -> None:
    """Write the moving pictures that are asked for."""
    from cogrid.page.replay import replay_states

    if asked_for(options):
        write_movies(options, [replay_states(trajectory, env) for trajectory, env in episodes])
        print("\n".join(movie_lines(options)))


def _show(options: argparse.Namespace, trajectory: Trajectory, env: CoGridEnv) -> None:
    """Write the page, or serve it."""
    from cogrid.page.replay import replay_text

    page = replay_text(trajectory, env, _policies(options))
    if options.html is None:
        serve(page, "", options)
        return
    options.html.write_text(page, encoding="utf-8")
    print(f"page: {options.html}")


def _policies(options: argparse.Namespace) -> dict[str, LearnedPolicy]:
    """The policies whose probabilities are shown."""
    if not options.policies:
        return {}
    from cogrid.page.policies import load_policies

    return load_policies(options.policies)


def _read(options: argparse.Namespace, file: pathlib.Path) -> tuple[Trajectory, CoGridEnv]:
    """An episode and its world: the one that the file names, with the settings that are given."""
    trajectory = Trajectory.load(file)
    one = copy.copy(options)
    one.id = options.id or trajectory.environment.get("environment")
    return trajectory, make_world(one)


def _check(trajectory: Trajectory, env: CoGridEnv) -> Exit:
    """Say whether the rules give the same episode."""
    found = trajectory.check(env)
    about = f"{env.config.name}, {count(trajectory.n_steps, 'step')}"
    if not found:
        print(f"{about}: what the rules make of its actions")
        return Exit.OK
    print(f"{about}: NOT what the rules make of its actions; {found[0].what} of step {found[0].step} differ first")
    return Exit.PROBLEM


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=pathlib.Path, metavar="FILE", help="a trajectory (.npz)")
    parser.add_argument("--id", metavar="ID", help="its world (the one that the file names)")
    add_movies(parser, instead=" instead; several episodes are shown side by side")
    parser.add_argument("--html", type=pathlib.Path, metavar="FILE", help="write one page, to be mailed, instead")
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="print the address, open nothing")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="of this machine (a free one)")
    parser.add_argument(
        "--policies", nargs="+", default=[], metavar="FILE", help="show how likely these would take each action"
    )
    add_settings(parser)


REPLAY = Command(
    name="replay",
    summary="look at an episode",
    about="Look at an episode step by step, forth and back, with what each agent observed. Its world is made by\n"
    "the name in the file, so settings that it was played with are given again.",
    examples=(
        ("cogrid replay episode.npz", "in the browser"),
        ("cogrid replay episode.npz --html episode.html", "one file that shows it anywhere"),
        ("cogrid replay episode.npz --gif episode.gif --set max_steps=400", "played with another clock"),
        ("cogrid replay one.npz two.npz three.npz --mp4 three.mp4", "a video of three episodes side by side"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
