"""Completion in the shell: `cogrid complete bash` prints what the shell runs, and argcomplete answers it."""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Sequence

from cogrid.command_line.command import Command, Exit
from cogrid.envs.registry import registered_ids
from cogrid.errors import MissingDependencyError
from cogrid.extras import installing

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
NAMES_OF_WORLDS = ("id", "ids")
"""The arguments that take ids."""


def answer_shell(parser: argparse.ArgumentParser) -> None:
    """Answer the shell, if it is the shell that asks, and end; do nothing otherwise.

    Args:
      parser: of the whole command line.
    """
    if importlib.util.find_spec("argcomplete") is None:
        return
    import argcomplete

    for subparser in _subparsers(parser):
        for action in subparser._actions:  # pyright: ignore[reportPrivateUsage]
            if action.dest in NAMES_OF_WORLDS:
                action.completer = _ids  # pyright: ignore[reportAttributeAccessIssue] - argcomplete's own.
    argcomplete.autocomplete(parser)


def _subparsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    (commands,) = [
        action
        for action in parser._actions  # pyright: ignore[reportPrivateUsage]
        if isinstance(action, argparse._SubParsersAction)  # pyright: ignore[reportPrivateUsage]
    ]
    return list(commands.choices.values())


def _ids(prefix: str, **_: object) -> Sequence[str]:
    return [name for name in registered_ids() if name.startswith(prefix)]


def run(options: argparse.Namespace) -> int:
    """Print what the shell is to run."""
    if importlib.util.find_spec("argcomplete") is None:
        raise MissingDependencyError(f"Completion needs argcomplete: {installing('completion')}")
    from argcomplete.shell_integration import shellcode

    print(shellcode(["cogrid"], shell=options.shell))
    return Exit.OK


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="which shell")


COMPLETE = Command(
    name="complete",
    summary="what a shell runs to complete commands and ids",
    about="Print what a shell runs, so that it completes subcommands, options and the ids of worlds from then on.",
    examples=(
        ("cogrid complete bash", 'in ~/.bashrc: eval "$(cogrid complete bash)"'),
        ("cogrid complete zsh", 'in ~/.zshrc: eval "$(cogrid complete zsh)"'),
        ("cogrid complete fish > ~/.config/fish/completions/cogrid.fish", "once"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
