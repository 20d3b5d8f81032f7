"""`cogrid page`: worlds as a folder that a browser plays."""

from __future__ import annotations

import argparse
import copy
import pathlib
from typing import TYPE_CHECKING

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.command import Command, Exit, add_settings, make_world
from cogrid.command_line.output import count

if TYPE_CHECKING:
    from cogrid.page.policies import PolicyShelf


def make_worlds(options: argparse.Namespace) -> list[CoGridEnv]:
    """The worlds that are asked for, each with the settings that are given.

    Args:
      options: `ids`, and what `add_settings` declares.
    """
    worlds: list[CoGridEnv] = []
    for env_id in options.ids:
        one = copy.copy(options)
        one.id = env_id
        worlds.append(make_world(one))
    return worlds


def add_policies(parser: argparse.ArgumentParser) -> None:
    """Declare the trained policies that play in a page."""
    parser.add_argument(
        "--policies",
        nargs="+",
        default=[],
        metavar="FILE",
        help="trained policies to play with: files (.safetensors), or folders that `cogrid train` has made",
    )
    parser.add_argument("--greedy", action="store_true", help="they take their likeliest actions, and draw none")


def make_shelf(options: argparse.Namespace) -> PolicyShelf | None:
    """The policies that are asked for; None if there are none.

    Args:
      options: what `add_policies` declares.
    """
    if not options.policies:
        return None
    from cogrid.page.policies import PolicyShelf, load_policies

    return PolicyShelf(load_policies(options.policies, options.greedy))


def run(options: argparse.Namespace) -> int:
    """Write the page, or the plugin."""
    from cogrid.page.export import write_page
    from cogrid.page.study import write_plugin

    envs, shelf = make_worlds(options), make_shelf(options)
    if options.plugin:
        file, remedy = write_plugin(envs, options.out, shelf), "Load it behind jsPsych, as jsPsychCogrid."
    else:
        file, remedy = write_page(envs, options.out, options.title, shelf), "Open it in a browser."
    print(f"{file}: {count(len(options.ids), 'world')}, {file.stat().st_size / 1000:,.0f} kB. {remedy}")
    return Exit.OK


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", help="the worlds; the page opens with the first one")
    parser.add_argument("--out", type=pathlib.Path, required=True, metavar="FOLDER", help="where to write it")
    parser.add_argument("--title", default="CoGrid", metavar="TEXT", help="what the browser calls it (%(default)s)")
    parser.add_argument("--plugin", action="store_true", help="write a plugin for jsPsych 8 instead of a page")
    add_policies(parser)
    add_settings(parser)


PAGE = Command(
    name="page",
    summary="write a page on which people play",
    about="Write a folder with a page on which people play in a browser, alone, together or with agents. A double\n"
    "click opens it, any web server serves it, and it sends nothing anywhere.",
    examples=(
        ("cogrid page Overcooked-CrampedRoom-V0 --out kitchen", "then open kitchen/index.html"),
        ("cogrid page Overcooked-CrampedRoom-V0 GoalSeeking-Random-V0 --out worlds", "a choice of worlds"),
        ("cogrid page Overcooked-CrampedRoom-V0 --out kitchen --policies runs/cooks", "with a trained partner"),
        (
            "cogrid page Overcooked-CrampedRoom-V0 --layout my_kitchen.txt --set max_steps=400 --out mine",
            "your own map",
        ),
        ("cogrid page Overcooked-CrampedRoom-V0 --plugin --out study", "study/plugin-cogrid.js, for jsPsych"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
