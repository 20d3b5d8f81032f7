"""`cogrid xplay`: every policy plays with every other one."""

from __future__ import annotations

import argparse
import json
import pathlib
from collections.abc import Iterator

from cogrid.command_line.command import Command, Exit, add_json
from cogrid.command_line.evaluate import add_episodes, add_who, players_of
from cogrid.command_line.output import print_json, table
from cogrid.learning.charts import draw_heat_map
from cogrid.learning.evaluation import CrossPlay, cross_play
from cogrid.learning.tensor_file import write_whole


def run(options: argparse.Namespace) -> int:
    """Play all pairs, and say what came out."""
    env, players = players_of(options)
    found = cross_play(players, options.episodes, options.seed)
    result = {"id": env.config.name, "seed": options.seed, **found.to_json()}
    title = f"{env.config.name}: mean return, agent_0 by the row's policy"
    if options.out is not None:
        write_whole(options.out / "xplay.json", (json.dumps(result, indent=2) + "\n").encode())
        draw_heat_map(options.out / "xplay.png", title, found.names, found.matrix)
    if options.json:
        print_json(result)
        return Exit.OK
    print(f"{title} (columns play the other agents); {found.n_episodes:,} episodes each")
    print("\n".join(_lines(found)))
    if options.out is not None:
        print(f"matrix: {options.out / 'xplay.json'}, {options.out / 'xplay.png'}")
    return Exit.OK


def _lines(found: CrossPlay) -> Iterator[str]:
    numbers = [str(idx) for idx in range(len(found.names))]
    rows = [
        [f"{idx} {name}", *(f"{value:.1f}" for value in row)]
        for idx, (name, row) in enumerate(zip(found.names, found.matrix, strict=True))
    ]
    yield table(["", *numbers], rows)
    yield f"self-play, interquartile mean with its 95 % interval: {found.self_play}"
    if found.cross_play is not None:
        yield f"cross-play, the same: {found.cross_play}"
        yield f"gap between the means: {found.gap:.1f}"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_who(parser)
    add_episodes(parser)
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER", help="write xplay.json and a heat map there")
    add_json(parser)


XPLAY = Command(
    name="xplay",
    summary="cross-play: every policy with every other one",
    about="Let every policy play with every other one, in both orders, and with itself: the row's policy plays\n"
    "agent_0, the column's all other agents. All pairs play the same episodes, in one compiled program. Tells how\n"
    "policies do with partners that they were not trained with (cross-play) beside those that they were (self-play).\n"
    "Needs the extra `learn`: see `cogrid doctor`.",
    examples=(
        ("cogrid xplay runs/x --episodes 500", "all seeds of a run"),
        ("cogrid xplay runs/*/seed_0.safetensors --json", "the first seeds of many runs, for a program"),
        ("cogrid xplay runs/x runs/y random --out crossed", "two runs and random play; JSON and a heat map"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
