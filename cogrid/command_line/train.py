"""`cogrid train`: agents learn a world."""

from __future__ import annotations

import argparse
import pathlib
import sys
from typing import Any

import numpy as np

from cogrid.command_line.command import (
    Command,
    Exit,
    add_json,
    add_settings,
    positive_integer,
    read_overrides,
    read_value,
)
from cogrid.command_line.output import print_json
from cogrid.learning.algorithms import ALGORITHMS, BEST_RESPONSE
from cogrid.learning.logs import told
from cogrid.learning.training import Training, TrainingResult, train
from cogrid.learning.world import World, import_here


def run(options: argparse.Namespace) -> int:
    """Train, or go on, and say what came out."""
    algorithm = options.algorithm or (BEST_RESPONSE if options.partners else "ippo")
    out = options.out or pathlib.Path("runs") / f"{options.id}-{algorithm}"
    training = Training(
        world=read_world(options),
        algorithm=algorithm,
        steps=options.steps,
        seeds=options.seeds,
        first_seed=options.seed,
        keep=options.keep,
        settings=read_settings(options),
        partners=tuple(options.partners),
    )
    tracker = None if options.track is None else import_here(options.track)
    shown = None if options.quiet else sys.stderr
    result = train(training, out, progress=shown, tracker=tracker, goal=options.goal)
    if options.json:
        print_json(as_json(result))
        return Exit.OK
    each = ", ".join(f"{value:.1f}" for value in result.returns)
    print(f"{options.id}: {told(np.array(result.returns))} after {result.steps:,} steps and {result.seconds:.0f} s")
    print(f"  each seed's: {each}")
    if options.goal is not None:
        print(f"  a return of {options.goal:g} {_when(result)}")
    print(f"  learning curve: {result.folder / 'curve.png'}")
    print(f"  policies: {', '.join(map(str, result.policies))}")
    return Exit.OK


def _when(result: TrainingResult) -> str:
    """When the goal was reached, in words."""
    if result.reached is None:
        return "was not reached"
    steps, seconds = result.reached
    return f"was reached after {steps:,} steps and {seconds:.0f} s"


def as_json(result: TrainingResult) -> dict[str, Any]:
    """What came out, for a program."""
    return {
        "folder": str(result.folder),
        "policies": [str(path) for path in result.policies],
        "returns": list(result.returns),
        "steps": result.steps,
        "seconds": result.seconds,
        "cpu_seconds": result.cpu_seconds,
        "reached": result.reached,
    }


def read_world(options: argparse.Namespace) -> World:
    """The world that is asked for, with `--features`."""
    overrides = read_overrides(options)
    if options.features:
        overrides["features"] = options.features
    return World(id=options.id, overrides=overrides, imports=tuple(options.imports))


def read_settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings of the algorithm that are given, by name."""
    settings = dict(read_value("--with", given) for given in options.settings)
    if options.network is not None:
        settings["network"] = options.network
    return settings


def steps(given: str) -> int:
    """Read a number of steps such as 3e6 or 3_000_000.

    Raises:
      ArgumentTypeError: for anything else than a whole number of at least 1.
    """
    try:
        number = float(given)
    except ValueError:
        number = 0.0
    if number < 1 or number != int(number):
        raise argparse.ArgumentTypeError(f"{given!r} is not a whole number of at least 1, such as 3e6")
    return int(number)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the world")
    parser.add_argument("--algorithm", choices=ALGORITHMS, help="how they learn (ippo; best_response with partners)")
    parser.add_argument(
        "--partners",
        nargs="+",
        default=[],
        metavar="WHO",
        help="one agent learns beside these: policies' files, folders with several, scripts, self",
    )
    parser.add_argument("--steps", type=steps, default=2_000_000, metavar="N", help="of each seed (2e6)")
    parser.add_argument("--seeds", type=positive_integer, default=1, metavar="N", help="how many runs at once (1)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first of them (0)")
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER", help="where to (runs/ID-ALGORITHM)")
    parser.add_argument("--network", metavar="KIND", help="mlp, cnn or gru (mlp)")
    parser.add_argument("--features", nargs="+", metavar="NAME", help="what agents observe (planes)")
    parser.add_argument(
        "--with",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="settings",
        help="a setting of the algorithm, such as entropy=0.02; may be given several times",
    )
    parser.add_argument("--keep", type=int, default=4, metavar="N", help="policies to keep from along the way (4)")
    parser.add_argument("--goal", type=float, metavar="RETURN", help="a return that the curve marks")
    parser.add_argument("--track", metavar="MODULE", help="tell trackio, wandb or a module like them of everything")
    parser.add_argument("--quiet", action="store_true", help="no progress line")
    add_settings(parser)
    add_json(parser)


TRAIN = Command(
    name="train",
    summary="let agents learn a world",
    about="Let agents learn a world, and write checkpoints, a log, a learning curve and the policies into a folder. A\n"
    "run that was stopped, in whatever way, goes on when the same command is given again, and comes to the same\n"
    "policies. Needs the extra `learn`: see `cogrid doctor`.",
    examples=(
        ("cogrid train JaxMARLOvercooked-CrampedRoom-V0", "one seed, a few minutes"),
        ("cogrid train GoalSeeking-Fixed-V0 --steps 1e6 --seeds 5 --out runs/goals", "five seeds in a folder"),
        ("cogrid train Overcooked-CrampedRoom-V0 --network cnn --with entropy=0.02", "convolutions, more exploration"),
        ("cogrid train Overcooked-CrampedRoom-V0 --partners runs/x runs/x/along_the_way", "beside a population"),
        ("cogrid train MyWorld-V0 --import my_world --track trackio", "a world of your own, told to a tracker"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
