"""`cogrid play`: a world in the browser, from a server on this machine."""

from __future__ import annotations

import argparse
import pathlib
import secrets
import webbrowser

from cogrid.backend.threefry import MAX_SEED
from cogrid.command_line.command import Command, Exit, add_settings
from cogrid.command_line.page import add_policies, make_shelf, make_worlds
from cogrid.command_line.policies import choose_policy
from cogrid.command_line.terminal import play_in_terminal


def run(options: argparse.Namespace) -> int:
    """Serve the page until somebody presses Ctrl-C, or play here."""
    if options.terminal:
        return _run_here(options)
    from cogrid.page.export import page_text

    worlds = make_worlds(options)
    name = worlds[0].config.name
    page = page_text(worlds, name, make_shelf(options))
    serve(page, "" if options.seed is None else f"#world={name}&seed={options.seed}", options)
    return Exit.OK


def _run_here(options: argparse.Namespace) -> int:
    """Play in the terminal."""
    env = make_worlds(options)[0]
    seed = secrets.randbelow(MAX_SEED + 1) if options.seed is None else options.seed
    trajectory = play_in_terminal(env, choose_policy(options.partner, env, seed), seed, options.agent)
    if options.save is not None:
        print(f"trajectory: {trajectory.save(options.save)}")
    return Exit.OK


def serve(page: str, choice: str, options: argparse.Namespace) -> None:
    """Serve a page on this machine until somebody presses Ctrl-C.

    Args:
      page: the page.
      choice: the end of the address, which says what to show.
      options: `port`, and whether to open the `browser`.
    """
    from cogrid.page.server import ADDRESS, page_server

    with page_server(page, options.port) as server:
        address = f"http://{ADDRESS}:{server.server_port}/{choice}"
        print(f"{address}   (Ctrl-C ends it)", flush=True)
        if options.browser:
            webbrowser.open(address)
        server.serve_forever()


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", metavar="ID", nargs="+", help="the worlds; the page opens with the first one")
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="print the address, open nothing")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="of this machine (a free one)")
    parser.add_argument("--seed", type=int, metavar="N", help="of the episode (any)")
    parser.add_argument("--terminal", action="store_true", help="play the first world here, by keys")
    parser.add_argument(
        "--partner",
        default="random",
        metavar="WHO",
        help="who plays the other agents in the terminal, as `cogrid run --policy` takes it (%(default)s)",
    )
    parser.add_argument(
        "--agent", default="agent_0", metavar="NAME", help="whom you play in the terminal (%(default)s)"
    )
    parser.add_argument(
        "--save", type=pathlib.Path, metavar="FILE", help="write what was played in the terminal (.npz)"
    )
    add_policies(parser)
    add_settings(parser)


PLAY = Command(
    name="play",
    summary="play in the browser, or in the terminal",
    about="Play a world in the browser: alone, two at one keyboard, or with agents. The page is served on this\n"
    "machine only.",
    examples=(
        ("cogrid play Overcooked-CrampedRoom-V0", "opens the browser"),
        ("cogrid play GoalSeeking-Random-V0 --no-browser --port 8000", "prints the address"),
        ("cogrid play SearchRescue-Small-V0 --terminal --partner random", "by keys, without a browser"),
        ("cogrid play Overcooked-CrampedRoom-V0 --layout my_kitchen.txt --agents 3", "your own map, three agents"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
