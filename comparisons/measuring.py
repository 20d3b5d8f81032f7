"""Runs races: a worker process for each library, and turns, A B A B."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import cogrid
from comparisons.peer_environments import PEERS, PeerEnvironments, PeerError, last_lines
from comparisons.races import OWN, Contestant, Race, Settings

PLATFORMS = {"cpu": "cpu", "gpu": "cuda"}
SHARE_OF_GPU_MEMORY = "0.3"
"""Of each of three workers at most."""

Result = dict[str, Any]
"""A race and its figures as they are written to JSON."""


class Asked(Protocol):
    """What answers requests about a library."""

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one; raises PeerError where it cannot."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


class WorkerProcess:
    """A process that measures one library."""

    def __init__(self, command: Sequence[str], directory: str, environment: dict[str, str]) -> None:
        """Start it.

        Args:
          command: what starts it.
          directory: to run in.
          environment: its environment variables.
        """
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed in close
        self._process = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Ask for something and wait for the answer.

        Raises:
          PeerError: when the process ended instead; says how it ended.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise PeerError("The worker was started without pipes.")
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            status = self._process.wait()
            self._log.seek(0)
            raise PeerError(f"The worker ended with status {status}:\n{last_lines(self._log.read())}")
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()
        self._log.close()


class Crew:
    """The workers, each started when it is first needed."""

    def __init__(self, start: Callable[[str], Asked]) -> None:
        """Hire nobody yet.

        Args:
          start: starts the worker of a library; raises PeerError where it cannot.
        """
        self._start = start
        self._workers: dict[str, Asked] = {}
        self._refusals: dict[str, PeerError] = {}
        self.descriptions: dict[str, dict[str, Any]] = {}

    def ask(self, library: str, request: dict[str, Any]) -> dict[str, Any]:
        """Ask a library's worker, starting it if need be.

        Raises:
          PeerError: when it cannot be started, or ends.
        """
        try:
            if library not in self._workers:
                self._hire(library)
            return self._workers[library].ask(request)
        except PeerError:
            self.dismiss(library)
            raise

    def _hire(self, library: str) -> None:
        """Start a worker; one that could not be started once is not tried again, since installing takes long."""
        if library in self._refusals:
            raise self._refusals[library]
        try:
            self._workers[library] = self._start(library)
            self.descriptions[library] = self._workers[library].ask({"do": "describe"})
        except PeerError as error:
            self._refusals[library] = error
            raise

    def describe(self, library: str) -> dict[str, Any]:
        """How a library's worker describes itself.

        Raises:
          PeerError: when it cannot be started.
        """
        if library not in self.descriptions:
            self._hire(library)
        return self.descriptions[library]

    def dismiss(self, library: str) -> None:
        """End a library's worker; the next request starts another."""
        if library in self._workers:
            self._workers.pop(library).close()

    def forget(self) -> None:
        """Have all workers free what they have built; those that hold on to a backend are ended."""
        for library in list(self._workers):
            if library != OWN and PEERS[library].has_one_backend:
                self.dismiss(library)
            else:
                self.ask(library, {"do": "forget"})

    def close(self) -> None:
        """End all workers."""
        for library in list(self._workers):
            self.dismiss(library)


@contextlib.contextmanager
def start_crew(environments: PeerEnvironments) -> Iterator[Crew]:
    """Workers in processes of their own, on one device.

    Args:
      environments: where the peers are, and the device.
    """
    with tempfile.TemporaryDirectory() as directory:
        variables = {
            **os.environ,
            "JAX_PLATFORMS": PLATFORMS[environments.device],
            "XLA_PYTHON_CLIENT_MEM_FRACTION": SHARE_OF_GPU_MEMORY,
        }

        def start(library: str) -> Asked:
            if library == OWN:
                folders = {str(pathlib.Path(file).parents[1]) for file in (cogrid.__file__, __file__)}
                own_path = os.pathsep.join([*sorted(folders), os.environ.get("PYTHONPATH", "")])
                command = [sys.executable, "-m", "comparisons.own_worker"]
                return WorkerProcess(command, directory, {**variables, "PYTHONPATH": own_path})
            peer = PEERS[library]
            return WorkerProcess(peer.command(environments.python(peer)), directory, variables)

        crew = Crew(start)
        try:
            yield crew
        finally:
            crew.close()


def run_race(race: Race, crew: Crew, settings: Settings) -> Result:
    """Let the contestants of a race take turns.

    Args:
      race: what to measure.
      crew: the workers.
      settings: how often, and how long.
    Returns:
      The race with `trials` for each contestant, a figure for each round, or an `error` and what there was before it.
    """
    entries = [
        {
            "library": contestant.library,
            "series": contestant.series,
            "size": contestant.size,
            "work": dataclasses.asdict(contestant.work),
            "trials": [],
        }
        for contestant in race.contestants
    ]
    is_timed = race.figure in {"steps_per_second", "first_step_seconds"}
    for _ in range(settings.rounds if is_timed else 1):
        for contestant, entry in zip(race.contestants, entries, strict=True):
            if "error" not in entry:
                _run_turn(race, contestant, entry, crew, settings.seconds)
    crew.forget()
    fields = ("name", "title", "section", "figure", "least_ratio", "greatest")
    return {**{name: getattr(race, name) for name in fields}, "contestants": entries}


def _run_turn(race: Race, contestant: Contestant, entry: Result, crew: Crew, seconds: float) -> None:
    request = {"work": entry["work"]}
    try:
        if race.figure == "steps_per_second":
            answer = crew.ask(contestant.library, {**request, "do": "measure", "seconds": seconds})
        elif race.figure == "first_step_seconds":
            crew.dismiss(contestant.library)  # A process that has compiled nothing yet.
            answer = crew.ask(contestant.library, {**request, "do": "prepare"})
        else:
            answer = crew.ask(contestant.library, {**request, "do": "inspect"})
        if race.section == "side by side" and not entry["trials"]:
            entry["observation"] = crew.ask(contestant.library, {**request, "do": "observe"})["observation"]
        entry["trials"].append(answer[race.figure])
    except PeerError as error:
        entry["error"] = str(error)
