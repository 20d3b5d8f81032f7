"""What a subcommand is, and what all of them share: exit codes, help that teaches, settings of a world."""

from __future__ import annotations

import argparse
import ast
import dataclasses
import enum
from collections.abc import Callable, Sequence
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.registry import make
from cogrid.errors import ConfigError


class Exit(enum.IntEnum):
    """The exit status of the command."""

    OK = 0
    PROBLEM = 1
    USAGE = 2
    INTERRUPTED = 130


@dataclasses.dataclass(frozen=True, kw_only=True)
class Command:
    """A subcommand.

    Attributes:
      name: how it is called.
      summary: what it does, in a line.
      about: more of that, for its help.
      examples: command lines, each with what it does.
      add_arguments: declares the arguments; None for a command that reads its command line itself.
      run: what it does, given the arguments; returns the exit status.
      run_itself: the same for a command that reads its command line itself.
    """

    name: str
    summary: str
    about: str
    examples: Sequence[tuple[str, str]]
    add_arguments: Callable[[argparse.ArgumentParser], None] | None = None
    run: Callable[[argparse.Namespace], int] | None = None
    run_itself: Callable[[Sequence[str]], int] | None = None

    def examples_text(self) -> str:
        """The examples, as they end the help."""
        width = max(len(line) for line, _ in self.examples)
        return "examples:\n" + "\n".join(f"  {line:<{width}}   # {what}" for line, what in self.examples)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare `--json`."""
    parser.add_argument("--json", action="store_true", help="write JSON instead of text")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that change a world's settings."""
    parser.add_argument("--layout", metavar="LAYOUT", help="another map: a registered name, or a file with a drawing")
    parser.add_argument("--agents", type=positive_integer, metavar="N", help="how many agents play")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="overrides",
        help="change any other setting, such as max_steps=50 or action_set=rotation; may be given several times",
    )


def make_world(options: argparse.Namespace, backend: str = "numpy") -> CoGridEnv:
    """The world that is asked for.

    Args:
      options: `id`, and what `add_settings` declares.
      backend: "numpy" or "jax".
    Raises:
      ConfigError: for anything that is not an override, for one that is given twice; what `make` raises.
    """
    return make(options.id, backend=backend, **read_overrides(options))


def read_overrides(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that `add_settings` has read, by name.

    Raises:
      ConfigError: for anything that is not an override, for one that is given twice.
    """
    named = {"layout": options.layout, "num_agents": options.agents}
    overrides = {name: value for name, value in named.items() if value is not None}
    for name, value in (read_value("--set", given) for given in options.overrides):
        if name in overrides:
            raise ConfigError(f"The setting {name!r} is given twice.")
        overrides[name] = value
    return overrides


def read_value(option: str, given: str) -> tuple[str, Any]:
    """Read `NAME=VALUE`.

    Raises:
      ConfigError: for anything else, naming the option.
    """
    name, is_there, written = given.partition("=")
    if not is_there:
        raise ConfigError(f"{option} takes NAME=VALUE, not {given!r}.")
    try:
        return name, ast.literal_eval(written)
    except (ValueError, SyntaxError):
        return name, written  # A word that is no Python, such as `rotation`, stands for itself.


def positive_integer(given: str) -> int:
    """Read a number of at least 1.

    Raises:
      ArgumentTypeError: for anything else.
    """
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError(f"{given!r} is not an integer of at least 1")
    return int(given)
