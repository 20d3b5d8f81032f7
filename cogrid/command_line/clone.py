"""`cogrid clone`: human proxies, which imitate the people of the recorded trials."""

from __future__ import annotations

import argparse
import dataclasses
import pathlib

from cogrid.backend._dispatch import has_jax
from cogrid.command_line.command import Command, Exit, add_json, positive_integer
from cogrid.command_line.output import count, print_json, table
from cogrid.command_line.progress import track
from cogrid.envs.overcooked_ai.human_trials import layouts_of_2019
from cogrid.learning.tensor_file import missing_extra


def run(options: argparse.Namespace) -> int:
    """Imitate people, and say how well."""
    if not has_jax():
        raise missing_extra("JAX")
    from cogrid.learning.cloning import Cloning, clone

    layouts = layouts_of_2019() if options.layout == "all" else [options.layout]
    wanted = [
        Cloning(layout=layout, half=half, epochs=options.epochs, seed=options.seed)
        for layout in layouts
        for half in ((0, 1) if options.half is None else (options.half,))
    ]
    made = [
        clone(cloning, options.out / f"{cloning.layout}_half_{cloning.half}.safetensors")
        for cloning in track(wanted, len(wanted), "cloning")
    ]
    if options.json:
        print_json([{**dataclasses.asdict(one), "path": str(one.path)} for one in made])
        return Exit.OK
    rows = [
        [one.path, count(len(one.trials), "trial"), f"{one.accuracy:.3f}", f"{one.accuracy_on_others:.3f}"]
        for one in made
    ]
    print(table(["policy", "of", "accuracy", "on the other half"], rows))
    return Exit.OK


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("layout", metavar="KITCHEN", help="by the original's name, such as cramped_room; or all")
    parser.add_argument("--half", type=int, choices=(0, 1), help="which half of the people (both)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("proxies"), metavar="FOLDER", help="(proxies)")
    parser.add_argument(
        "--epochs", type=positive_integer, default=100, metavar="N", help="how often each step counts (100)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the weights (0)")
    add_json(parser)


CLONE = Command(
    name="clone",
    summary="make human proxies from recorded play",
    about="Make human proxies: policies that imitate the people of the trials that come with the library (behaviour\n"
    "cloning). The people are divided into two halves; train with a proxy of one, and judge with one of the other.\n"
    "Needs the extra `learn`: see `cogrid doctor`.",
    examples=(
        ("cogrid clone cramped_room", "both halves of a kitchen's people, into the folder proxies"),
        ("cogrid clone all --out humans", "all five kitchens"),
        ("cogrid clone coordination_ring --half 1 --seed 3", "another proxy of the second half"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
