"""`cogrid play`: a world in the browser, from a server on this machine."""

from __future__ import annotations

import argparse
import webbrowser

from cogrid.command_line.command import Command, Exit, add_settings
from cogrid.command_line.page import add_policies, make_shelf, make_worlds


def run(options: argparse.Namespace) -> int:
    """Serve the page until somebody presses Ctrl-C."""
    from cogrid.page.export import page_text

    worlds = make_worlds(options)
    name = worlds[0].config.name
    page = page_text(worlds, name, make_shelf(options))
    serve(page, "" if options.seed is None else f"#world={name}&seed={options.seed}", options)
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
    add_policies(parser)
    add_settings(parser)


PLAY = Command(
    name="play",
    summary="play in the browser",
    about="Play a world in the browser: alone, two at one keyboard, or with agents. The page is served on this\n"
    "machine only.",
    examples=(
        ("cogrid play Overcooked-CrampedRoom-V0", "opens the browser"),
        ("cogrid play GoalSeeking-Random-V0 --no-browser --port 8000", "prints the address"),
        ("cogrid play Overcooked-CrampedRoom-V0 --layout my_kitchen.txt --agents 3", "your own map, three agents"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
