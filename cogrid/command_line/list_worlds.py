"""`cogrid list`: a table of the registered ids, by family."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from cogrid.command_line.command import Command, Exit, add_json
from cogrid.command_line.output import count, print_json, table
from cogrid.command_line.progress import track
from cogrid.envs.registry import ConfigFactory, get_factory, make, registered_ids
from cogrid.errors import ConfigError, did_you_mean
from cogrid.game import Game


def describe_world(env_id: str) -> dict[str, Any]:
    """What the table says of a world.

    Args:
      env_id: its id.
    """
    factory = get_factory(env_id)
    game = Game.of(factory.config() if isinstance(factory, ConfigFactory) else make(env_id))
    tables = game.tables
    return {
        "id": env_id,
        "family": family_of(env_id),
        "rows": tables.height,
        "columns": tables.width,
        "agents": tables.n_agents,
        "steps": tables.max_steps,
        "observation": list(game.observation.bounds(tables)[0].shape),
    }


def family_of(env_id: str) -> str:
    """The part of an id in front of its map: `Overcooked` of `Overcooked-CrampedRoom-V0`."""
    return env_id.partition("-")[0]


def matching(text: str | None, names: Sequence[str], what: str) -> list[str]:
    """The names that contain a text, in any case of letters.

    Args:
      text: what to look for; None for everything.
      names: all names.
      what: what they are names of.
    Raises:
      ConfigError: where there is none, with the close ones.
    """
    found = [name for name in names if text is None or text.lower() in name.lower()]
    if text is not None and not found:
        hint = did_you_mean(text, names)
        close = hint if hint.startswith("Did") else "Leave it out to see all names."
        raise ConfigError(f"There is no {what} with {text!r} in its name. {close}")
    return found


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    ids = matching(options.text, registered_ids(), "id")
    if options.ids:
        print("\n".join(ids))
        return Exit.OK
    worlds = [describe_world(env_id) for env_id in track(ids, len(ids), "making worlds")]
    if options.json:
        print_json(worlds)
        return Exit.OK
    rows = [
        (
            world["id"],
            f"{world['rows']} x {world['columns']}",
            world["agents"],
            world["steps"] or "no limit",
            " x ".join(map(str, world["observation"])),
        )
        for world in worlds
    ]
    lines = table(("id", "rows x columns", "agents", "steps", "observation"), rows).splitlines()
    print(lines[0])
    family = ""
    for world, line in zip(worlds, lines[1:], strict=True):
        if world["family"] != family:
            family = world["family"]
            n_members = sum(other["family"] == family for other in worlds)
            print(f"\n{family} ({count(n_members, 'world')})")
        print(line)
    return Exit.OK


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="?", help="only ids that contain this")
    parser.add_argument("--ids", action="store_true", help="only the ids, one a line")
    add_json(parser)


LIST = Command(
    name="list",
    summary="a table of all worlds, by family",
    about="List the registered ids with their map's size, how many agents play by default, the steps of an episode and "
    "the shape of an observation.",
    examples=(
        ("cogrid list", "everything"),
        ("cogrid list searchrescue", "the ids that contain it"),
        ("cogrid list --ids", "one id a line, for a shell's loop"),
        ("cogrid list --json", "the same for a program"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
