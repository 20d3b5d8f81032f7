"""The command `cogrid` itself: finds the subcommand, and turns errors into exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

import cogrid
from cogrid.command_line.bench import BENCH
from cogrid.command_line.check import CHECK
from cogrid.command_line.clone import CLONE
from cogrid.command_line.command import Exit
from cogrid.command_line.complete import COMPLETE, answer_shell
from cogrid.command_line.doctor import DOCTOR
from cogrid.command_line.evaluate import EVAL
from cogrid.command_line.layouts import LAYOUTS
from cogrid.command_line.list_worlds import LIST
from cogrid.command_line.page import PAGE
from cogrid.command_line.play import PLAY
from cogrid.command_line.replay import REPLAY
from cogrid.command_line.run import RUN
from cogrid.command_line.serve import SERVE
from cogrid.command_line.show import SHOW
from cogrid.command_line.train import TRAIN
from cogrid.command_line.watch import WATCH
from cogrid.command_line.xplay import XPLAY
from cogrid.errors import CoGridError
from cogrid.learning.world import import_here

LOOKING = (LIST, SHOW, PLAY, RUN, REPLAY)
LEARNING = (TRAIN, CLONE, EVAL, WATCH, XPLAY)
OTHERS = (PAGE, SERVE, LAYOUTS, CHECK, BENCH, DOCTOR, COMPLETE)
COMMANDS = {command.name: command for command in (*LOOKING, *LEARNING, *OTHERS)}

FIRST_STEPS = """\
start here:
  cogrid doctor                                             # whether all is well installed
  cogrid list                                               # every world that there is
  cogrid show Overcooked-CrampedRoom-V0                     # its picture, what agents see, its rules
  cogrid play Overcooked-CrampedRoom-V0                     # play it in the browser
  cogrid run Overcooked-CrampedRoom-V0 --policy scripted    # an episode of agents
  cogrid COMMAND --help                                     # more examples

exit status: 0 if all is well, 1 if a problem was found, 2 if the command line makes no sense"""

ALL_COMMANDS = f"all commands, each with --help: {', '.join(COMMANDS)}"


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="cogrid",
        description="Multi-agent grid worlds: look at them, play them, measure them, and check layouts.",
        epilog=FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"cogrid {cogrid.__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS.values():
        subparser = subparsers.add_parser(
            command.name,
            help=command.summary,
            description=command.about,
            epilog=command.examples_text(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if command.add_arguments is not None:
            command.add_arguments(subparser)
            _add_imports(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def _add_imports(parser: argparse.ArgumentParser) -> None:
    """Declare `--import`, which every command on worlds has."""
    parser.add_argument(
        "--import",
        action="append",
        default=[],
        metavar="MODULE",
        dest="imports",
        help="a module that registers worlds of your own; may be given several times",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
      arguments: what follows `cogrid`; the process's own by default.
    Returns:
      The exit status, an `Exit`.
    """
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except SystemExit as end:  # How argparse ends after --help (0) and after an error (2).
        return end.code if isinstance(end.code, int) else Exit.OK
    except CoGridError as error:
        print(f"cogrid: {error}", file=sys.stderr)
        return Exit.USAGE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read has seen enough (`cogrid list | head`); what Python still holds back goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except OSError as error:
        print(f"cogrid: {error}", file=sys.stderr)
        return Exit.USAGE


def _run(given: list[str]) -> int:
    command = COMMANDS.get(given[0]) if given else None
    if command is not None and command.run_itself is not None:
        return command.run_itself(given[1:])
    parser = build_parser()
    answer_shell(parser)
    if not given:
        print(f"cogrid {cogrid.__version__}: {parser.description}\n\n{FIRST_STEPS}\n\n{ALL_COMMANDS}", file=sys.stderr)
        return Exit.USAGE
    options = parser.parse_args(given)
    for name in options.imports:
        import_here(name)
    status = options.run(options)
    sys.stdout.flush()  # Here, where a pipe that was closed is expected.
    return status
