"""Measure this library beside CoGrid 0.3.2, JaxMARL, Overcooked-AI, jumanji and others, in turn, on the same work.

Each peer is installed into a virtual environment of its own at the first use. Every library runs in a process of its
own, and those of one race take turns, A B A B, so that what else the machine does hits all of them; ratios are taken
round by round. The work is the cramped room with two agents and random actions, or the world that a race names.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import os
import pathlib
import platform
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

import cogrid
from cogrid.backend._dispatch import check_backend
from cogrid.errors import CoGridError, ConfigError
from comparisons.chart import check_chart, draw_chart
from comparisons.measuring import PLATFORMS, Crew, Result, run_race, start_crew
from comparisons.peer_environments import PEERS, PeerEnvironments, PeerError, default_directory, has_gpu
from comparisons.race_list import all_races, race_names
from comparisons.races import OWN, Race, Settings
from comparisons.report import closing_lines, fill_in, machine_line, race_lines

COMMAND = "python -m comparisons.compare"
CPU_INFO = pathlib.Path("/proc/cpuinfo")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line asks for.

    Attributes:
      settings: how much is measured.
      environments: where the peers are, and the device.
      peers: names of the peers that take part.
      only: names of the races that are run; all, if empty.
      is_quick: whether the figures mean nothing.
      json_file, markdown_files, chart_file: what is written.
      results_file: results of an earlier run, to write from instead of measuring.
    """

    settings: Settings
    environments: PeerEnvironments
    peers: tuple[str, ...] = tuple(PEERS)
    only: tuple[str, ...] = ()
    is_quick: bool = False
    json_file: pathlib.Path | None = None
    markdown_files: tuple[pathlib.Path, ...] = ()
    chart_file: pathlib.Path | None = None
    results_file: pathlib.Path | None = None


def choose_races(options: Options) -> list[Race]:
    """The races that are asked for, without contestants that do not take part.

    On a GPU those who run NumPy do not take part; a race that is left without a contestant of ours is left out.

    Args:
      options: what is asked for.
    """
    chosen = []
    for race in all_races(options.settings):
        entrants = tuple(
            entrant
            for entrant in race.contestants
            if entrant.library in (OWN, *options.peers)
            and (options.environments.device == "cpu" or entrant.work.kind.startswith("jax"))
        )
        has_own = any(entrant.library == OWN for entrant in entrants)
        if has_own and (not options.only or race.name in options.only):
            chosen.append(dataclasses.replace(race, contestants=entrants))
    return chosen


def compare(options: Options, crew: Crew) -> Result:
    """Run the races, print what they say, and return all of it.

    Args:
      options: what is asked for.
      crew: the workers.
    """
    results: Result = {
        "version": cogrid.__version__,
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "is_quick": options.is_quick,
        "settings": options.settings.as_json(),
        "machine": describe_machine(crew.describe(OWN)),
        "requirements": {
            name: PEERS[name].wanted(options.environments.device)
            for name in options.peers
            if name not in options.environments.pythons
        },
        "races": [],
    }
    print(machine_line(results).replace("**", ""), flush=True)
    races = choose_races(options)
    prepare_peers(races, crew)
    for race in races:
        results["races"].append(run_race(race, crew, options.settings))
        print("\n".join(race_lines(results["races"][-1])), flush=True)
    results["libraries"] = crew.descriptions
    print("\n" + "\n".join(line.rstrip() for line in closing_lines(results)), flush=True)
    return results


def prepare_peers(races: list[Race], crew: Crew) -> None:
    """Install and start every peer before anything is measured; what cannot be installed is told, and left out.

    Args:
      races: what will be run.
      crew: the workers.
    """
    for library in sorted({entrant.library for race in races for entrant in race.contestants}):
        try:
            crew.describe(library)
        except PeerError as error:
            print(f"{library} is left out: {error}", file=sys.stderr, flush=True)


def describe_machine(worker: dict[str, Any]) -> dict[str, Any]:
    """What is measured on.

    Args:
      worker: how our worker describes itself.
    """
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return {
        "processor": processor_name(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": load,
        "python": worker["python"],
        "numpy": np.__version__,
        "jax": worker["versions"].get("jax", "none"),
        "device": worker["device"] or "cpu",
    }


def processor_name() -> str:
    """The processor's name, as far as the system tells it."""
    if CPU_INFO.is_file():
        for line in CPU_INFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def write(results: Result, options: Options) -> None:
    """Write the files that are asked for.

    Args:
      results: of a comparison.
      options: which files.
    """
    if options.json_file is not None:
        options.json_file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    for file in options.markdown_files:
        page = file.read_text(encoding="utf-8") if file.is_file() else ""
        file.write_text(fill_in(page, results), encoding="utf-8")
    if options.chart_file is not None:
        draw_chart(results, options.chart_file)


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line; ends the process with a message and status 2 where it makes no sense.

    Args:
      arguments: what follows the command; the process's own by default.
    """
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    add, file = parser.add_argument, pathlib.Path
    add("--json", type=file, metavar="FILE", help="write all figures there")
    add("--markdown", type=file, metavar="FILE", nargs="+", default=[], help="write tables there, or into its blocks")
    add("--chart", type=file, metavar="FILE", help="draw steps/s over the number of environments (.svg, .png)")
    add("--from", type=file, metavar="FILE", dest="results", help="measure nothing: write from an earlier --json")
    add("--only", nargs="+", metavar="NAME", choices=race_names(), default=[], help=", ".join(race_names()))
    add("--peers", nargs="*", choices=[*PEERS], default=[*PEERS], help="who takes part (everybody; none: ours alone)")
    add("--quick", action="store_true", help="as short as can be, to see that everything works")
    add("--rounds", type=int, default=Settings.rounds, help="turns of each contestant (%(default)s)")
    add("--seconds", type=float, default=Settings.seconds, help="least time of a measurement (%(default)s)")
    add("--device", choices=[*PLATFORMS], default="cpu", help="what JAX runs on (%(default)s)")
    add("--venvs", type=file, metavar="DIR", default=default_directory(), help="the peers' environments (%(default)s)")
    add("--python", action="append", metavar="PEER=FILE", default=[], help="a Python that has a peer already")
    given = parser.parse_args(arguments)
    try:
        options = _read(given)
        _check(options)
    except CoGridError as error:
        parser.error(str(error))
    return options


def _read(given: argparse.Namespace) -> Options:
    settings = Settings(rounds=given.rounds, seconds=given.seconds)
    if given.device == "gpu":
        settings = settings.on_gpu()
    return Options(
        settings=settings.quick() if given.quick else settings,
        environments=PeerEnvironments(directory=given.venvs, pythons=_pythons(given.python), device=given.device),
        peers=tuple(given.peers),
        only=tuple(given.only),
        is_quick=given.quick,
        json_file=given.json,
        markdown_files=tuple(given.markdown),
        chart_file=given.chart,
        results_file=given.results,
    )


def _pythons(given: Sequence[str]) -> dict[str, pathlib.Path]:
    found = {}
    for entry in given:
        name, _, python = entry.partition("=")
        if name not in PEERS or not pathlib.Path(python).is_file():
            raise ConfigError(f"--python takes PEER=FILE, a peer of {', '.join(PEERS)} and its Python, not {entry!r}.")
        found[name] = pathlib.Path(python).absolute()
    return found


def _check(options: Options) -> None:
    files = [options.json_file, *options.markdown_files, options.chart_file]
    for file in (file for file in files if file is not None):
        if not file.absolute().parent.is_dir():
            raise ConfigError(f"There is no folder {str(file.absolute().parent)!r} to write {file.name!r} into.")
    if options.results_file is not None and not options.results_file.is_file():
        raise ConfigError(f"There are no results in {str(options.results_file)!r}.")
    if options.chart_file is not None:
        check_chart(options.chart_file)
        if options.only and "scaling" not in options.only:
            raise ConfigError("The chart shows the races `scaling`: name them after --only, or leave --only out.")
    if options.results_file is None:
        if options.peers or any(race.is_jax for race in choose_races(options)):
            check_backend("jax")  # Peers are measured with the JAX version that is installed here.
        if options.environments.device == "gpu" and not has_gpu():
            raise ConfigError(
                "There is no GPU that JAX can use here: --device gpu needs one, and a JAX that is installed for it "
                "(pip install 'jax[cuda12]')."
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
      arguments: what follows the command; the process's own by default.
    Returns:
      The exit status: 1 where one of our own figures is missing.
    """
    options = read_options(arguments)
    if options.results_file is not None:
        write(json.loads(options.results_file.read_text(encoding="utf-8")), options)
        return 0
    with start_crew(options.environments) as crew:
        results = compare(options, crew)
    write(results, options)
    return int(any(not entry["trials"] for race in results["races"] for entry in race["contestants"][:1]))


if __name__ == "__main__":
    sys.exit(main())
