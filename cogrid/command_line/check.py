"""`cogrid check`: whether layouts can be played."""

from __future__ import annotations

import argparse
import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from cogrid.cogrid_env import CoGridEnv
from cogrid.command_line.command import Command, Exit, add_json, positive_integer
from cogrid.command_line.output import count, print_json
from cogrid.command_line.progress import track
from cogrid.core.agent import agent_name
from cogrid.core.layout import read_drawing
from cogrid.envs.registry import make
from cogrid.errors import CoGridError, LayoutError
from cogrid.layout_check import LayoutReport, Station, check_layout

DEFAULT_RULES = "Overcooked-CrampedRoom-V0"
"""The id whose rules a layout is checked against."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Checked:
    """What was found out about a layout.

    Attributes:
      file: where it is, or its registered name.
      env: the world that it makes; None where it makes none.
      report: what the check says.
      error: why it makes none.
    """

    file: str
    env: CoGridEnv | None = None
    report: LayoutReport | None = None
    error: str | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, a sentence each."""
        found = self.report.problems if self.report is not None else ()
        return (*found, *[error for error in (self.error,) if error is not None])


def check_file(file: str, rules_id: str, n_agents: int | None = None) -> Checked:
    """Check a layout.

    Args:
      file: a file, or the name of a registered layout.
      rules_id: the id of the world whose rules are meant.
      n_agents: how many agents play; as many as that world has by default.
    Raises:
      LayoutError: when there is no such file, or it is no text.
    """
    # What agents observe is no matter here, and some observations refuse large maps.
    overrides: dict[str, Any] = {"layout": _read(file), "features": ["object_planes"]}
    if n_agents is not None:
        overrides["num_agents"] = n_agents
    try:
        env = make(rules_id, **overrides)
        return Checked(file=file, env=env, report=check_layout(env.tables))
    except CoGridError as error:
        return Checked(file=file, error=str(error))


def _read(file: str) -> tuple[str, ...]:
    try:
        return read_drawing(file)
    except UnicodeDecodeError as error:
        raise LayoutError(f"{file!r} is no text file in UTF-8: {error}") from error


def run(options: argparse.Namespace) -> int:
    """Check the layouts, and say what there is to say about each."""
    make(options.rules)  # A misspelt id is the command line's fault, not the layout's.
    checked = [
        check_file(file, options.rules, options.agents)
        for file in track(options.files, len(options.files), "checking layouts")
    ]
    if options.json:
        print_json([as_json(one, options.rules) for one in checked])
    else:
        print("\n\n".join("\n".join(lines(one, options.rules)) for one in checked))
    return Exit.PROBLEM if any(one.problems for one in checked) else Exit.OK


def as_json(checked: Checked, rules_id: str) -> dict[str, Any]:
    """What was found out about a layout, for a program."""
    return {
        "file": checked.file,
        "rules": rules_id,
        "is_ok": not checked.problems,
        "problems": checked.problems,
        "remarks": () if checked.report is None else checked.report.remarks,
        "report": None if checked.report is None else dataclasses.asdict(checked.report),
    }


def lines(checked: Checked, rules_id: str) -> Iterator[str]:
    """What was found out about a layout, for people."""
    if checked.env is None or checked.report is None:
        yield f"{checked.file}, rules of {rules_id}"
    else:
        tables, report = checked.env.tables, checked.report
        yield (
            f"{checked.file}: {tables.height} x {tables.width}, {count(tables.n_agents, 'agent')}, rules of {rules_id}"
        )
        yield (
            f"  reachable values: {report.n_cell_values} of {tables.rules.n_cell_values} for a cell, "
            f"{report.n_agent_values} of {tables.rules.n_agent_values} for an agent"
        )
        for room in report.rooms:
            starting = ", ".join(map(agent_name, room.agents)) or "nobody"
            yield f"  room of {room.places[0]}: {count(len(room.places), 'cell')}, {starting} can start here"
        yield f"  stations: {_tally(report.stations)}"
        if report.hand_overs:
            through = ", ".join(f"{station.name} at {station.place}" for station in report.hand_overs)
            yield f"  hand-over between rooms: {through}"
        for remark in report.remarks:
            yield f"  note: {remark}"
    for problem in checked.problems:
        yield f"  PROBLEM: {problem}"
    if not checked.problems:
        yield "  no problem found"


def _tally(stations: Iterable[Station]) -> str:
    names = Counter(station.name for station in stations)
    return ", ".join(f"{number} {name}" for name, number in sorted(names.items())) or "none"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file with a drawing, or a registered layout's name")
    parser.add_argument("--rules", metavar="ID", default=DEFAULT_RULES, help="the rules that count (%(default)s's)")
    parser.add_argument("--agents", type=positive_integer, metavar="N", help="how many agents play (as ID has it)")
    add_json(parser)


CHECK = Command(
    name="check",
    summary="check layouts: can they be played?",
    about="Check drawings against the rules of a world: whether they can be read, which values can be reached, which\n"
    "stations nobody can ever use, which agents are walled in, and what can be handed over between rooms. The check\n"
    "is generous: what it calls out of reach is so for good. The exit status is 1 if anything is wrong.",
    examples=(
        ("cogrid check my_kitchen.txt", "against the rules of the classic kitchens"),
        ("cogrid check site.txt --rules SearchRescue-Small-V0 --agents 3", "other rules, three agents"),
        ("cogrid check layouts/*.txt --json", "many files, for a program"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
