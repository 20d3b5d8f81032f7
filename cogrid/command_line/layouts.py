"""`cogrid layouts`: lists the registered layouts, and draws them."""

from __future__ import annotations

import argparse

from cogrid.command_line.command import Command, Exit, add_json
from cogrid.command_line.list_worlds import matching
from cogrid.command_line.output import print_json, table
from cogrid.core.layout import layout_names, read_drawing


def run(options: argparse.Namespace) -> int:
    """List the layouts, or draw those that are asked for."""
    is_exact = options.text in layout_names()
    names = [options.text] if is_exact else matching(options.text, layout_names(), "layout")
    drawings = {name: read_drawing(name) for name in names}
    sizes = {name: (len(rows), max(map(len, rows))) for name, rows in drawings.items()}
    if options.json:
        print_json(
            [
                {"name": name, "rows": sizes[name][0], "columns": sizes[name][1], "drawing": rows}
                for name, rows in drawings.items()
            ]
        )
    elif is_exact:
        print("\n".join(drawings[options.text]))
    elif options.text is None and not options.draw:
        print(table(("layout", "rows", "columns"), [(name, *size) for name, size in sizes.items()]))
    else:
        print(
            "\n\n".join(
                "\n".join([f"{name} ({sizes[name][0]} x {sizes[name][1]})", *rows]) for name, rows in drawings.items()
            )
        )
    return Exit.OK


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", help="draw the layout of this name, or all whose names contain it")
    parser.add_argument("--draw", action="store_true", help="draw all of them")
    add_json(parser)


LAYOUTS = Command(
    name="layouts",
    summary="list the registered layouts, or draw them",
    about="List the names that the setting `layout` takes, with the size of each drawing, or draw them.",
    examples=(
        ("cogrid layouts", "all names"),
        ("cogrid layouts room", "draw those whose names contain it"),
        ("cogrid layouts CrampedRoom > my_kitchen.txt", "begin a layout of your own"),
        ("cogrid layouts --json", "names and drawings for a program"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
