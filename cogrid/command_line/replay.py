"""`cogrid replay`: an episode from a file, in the browser or as a picture that moves."""

from __future__ import annotations

import argparse
import pathlib
from typing import TYPE_CHECKING

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.command import Command, Exit, add_settings, make_world
from cogrid.command_line.output import count
from cogrid.command_line.play import serve
from cogrid.command_line.progress import track
from cogrid.errors import ConfigError
from cogrid.recording.trajectory import Trajectory
from cogrid.rendering import render_rgb, write_gif

if TYPE_CHECKING:
    from cogrid.learning.policy_file import LearnedPolicy

TILE_SIZE = 64


def run(options: argparse.Namespace) -> int:
    """Show the episode, or write it, and say whether it is what the rules make of its actions."""
    from cogrid.page.replay import replay_states, replay_text

    for option, suffix in (("gif", ".gif"), ("html", ".html")):
        file = getattr(options, option)
        if file is not None and file.suffix.lower() != suffix:
            raise ConfigError(f"--{option} writes a {suffix}, not {file.name!r}.")
    trajectory = Trajectory.load(options.file)
    env = _world(options, trajectory)
    status = _check(trajectory, env)
    if options.gif is not None:
        states = replay_states(trajectory, env)
        write_gif((render_rgb(state, TILE_SIZE) for state in track(states, len(states), "drawing")), options.gif)
        print(f"moving picture: {options.gif}")
    if options.html is not None:
        options.html.write_text(replay_text(trajectory, env, _policies(options)), encoding="utf-8")
        print(f"page: {options.html}")
    if options.gif is None and options.html is None:
        serve(replay_text(trajectory, env, _policies(options)), "", options)
    return status


def _policies(options: argparse.Namespace) -> dict[str, LearnedPolicy]:
    """The policies whose probabilities are shown."""
    if not options.policies:
        return {}
    from cogrid.page.policies import load_policies

    return load_policies(options.policies)


def _world(options: argparse.Namespace, trajectory: Trajectory) -> CoGridEnv:
    """The episode's world: the one that the file names, with the settings that are given."""
    options.id = options.id or trajectory.environment.get("environment")
    return make_world(options)


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
    parser.add_argument("file", type=pathlib.Path, metavar="FILE", help="a trajectory (.npz)")
    parser.add_argument("--id", metavar="ID", help="its world (the one that the file names)")
    parser.add_argument("--gif", type=pathlib.Path, metavar="FILE", help="write a moving picture instead")
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
    ),
    add_arguments=_add_arguments,
    run=run,
)
