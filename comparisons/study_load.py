"""How many rooms a study's server stands: people who press keys all the time, and how late each step reaches them.

    python -m comparisons.study_load --rooms 200 --seconds 20

runs a server and all browsers on this machine, on 127.0.0.1 only, and ends by itself. The relay time of a step is from
the moment at which the server's clock says that it is due until one of its two browsers has it: the time to make it, to
commit it to the database, to send it and to receive it. The first two seconds do not count, in which everybody comes
at once. A process that does nothing but sleep says how late the machine itself is meanwhile: no server is earlier.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import gc
import http.client
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

import websockets.asyncio.client
from websockets.exceptions import ConnectionClosed

HOST = "127.0.0.1"
WORLD = "Overcooked-CrampedRoom-V0"
N_ACTIONS = 6
START_SECONDS = 60
END_SECONDS = 20
UNCOUNTED_SECONDS = 2
MAX_ROOMS, MAX_SECONDS = 1000, 300


@dataclasses.dataclass(frozen=True)
class Load:
    """What was measured.

    Attributes:
      relay_ms: of every step and browser, how many milliseconds after it was due the step was there.
      steps: of every browser, the steps that it got: time, actions and hash.
      machine_ms: how many milliseconds too late a process woke up that did nothing but sleep.
    """

    relay_ms: Sequence[float]
    steps: Sequence[Sequence[tuple[int, str, int]]]
    machine_ms: Sequence[float]


def percentiles(numbers: Sequence[float]) -> str:
    """The median, the 99th percentile and the greatest of some milliseconds, in words."""
    ordered = sorted(numbers)
    median, p99 = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.99))
    return f"p50 {median:.1f} ms, p99 {p99:.1f} ms, longest {ordered[-1]:.1f} ms"


SLEEPER = """
import json, sys, time
due, late = time.monotonic(), []
for _ in range(int(float(sys.argv[1]) * 200)):
    due += 0.005
    time.sleep(max(0.0, due - time.monotonic()))
    late.append(1000 * (time.monotonic() - due))
print(json.dumps(late))
"""
"""Sleeps until one moment after the other, 200 a second, and prints how late it woke up."""


@contextlib.contextmanager
def study_server(folder: pathlib.Path, n_steps: int, speed: float, database: str) -> Iterator[int]:
    """Run a server in a process of its own, and give its port.

    Args:
      folder: where the study lies.
      n_steps: of each episode.
      speed: steps a second.
      database: an address of SQLAlchemy.
    """
    study = folder / "study.toml"
    study.write_text(
        f'title = "Load"\nspeed = {speed}\ndatabase = "{database}"\n'
        f'[[episodes]]\nworld = "{WORLD}"\nsettings = {{ max_steps = {n_steps} }}\n'
        "[participants]\nat_once = 5000\njoins_a_second = 1000\n"
        "[waiting]\nreturn_seconds = 120\nidle_seconds = 600\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "cogrid", "serve", str(study), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            first = server.stdout.readline() if server.stdout else ""
            found = re.search(rf"http://{HOST}:(\d+)/", first)
            if found is None:
                raise RuntimeError(f"The server has not started: {first!r}")
            yield int(found[1])
        finally:
            server.kill()


def join(port: int) -> str:
    """Somebody agrees to take part: the cookie with the token."""
    connection = http.client.HTTPConnection(HOST, port, timeout=START_SECONDS)
    connection.request("POST", "/join", "x=1")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return (answer.getheader("set-cookie") or "").partition(";")[0]


class Browser:
    """Somebody who presses a key at every step.

    Args:
      cookie: with their token.
      first_key: the keys go round, beginning with this one.
      first_counted: steps until this one do not count for the relay time.
    """

    def __init__(self, cookie: str, first_key: int, first_counted: float) -> None:
        self.cookie = cookie
        self.first_counted = first_counted
        self.relay_ms: list[float] = []
        self.steps: list[tuple[int, str, int]] = []
        self._keys = itertools.cycle([*range(first_key, N_ACTIONS), *range(first_key)])

    async def play(self, port: int) -> None:
        """Play one episode to its end."""
        address, headers = f"ws://{HOST}:{port}/socket", {"Cookie": self.cookie}
        async with websockets.asyncio.client.connect(
            address, additional_headers=headers, compression=None, ping_interval=None, open_timeout=START_SECONDS
        ) as socket:
            await socket.send('{"type":"hello","version":1}')
            async for text in socket:
                now = 1000 * time.monotonic()
                message = json.loads(text)
                if message["type"] == "step":
                    if message["time"] > self.first_counted:
                        self.relay_ms.append(now - message["due"])
                    self.steps.append((message["time"], str(message["actions"]), message["hash"]))
                    action, at = next(self._keys), message["time"]
                    with contextlib.suppress(ConnectionClosed):  # After the last step the server has nothing to hear.
                        await socket.send(f'{{"type":"input","episode":0,"time":{at},"action":{action}}}')
                elif message["type"] == "episode":
                    await socket.send('{"type":"ready","episode":0}')
                elif message["type"] == "end":
                    return


async def _play_all(browsers: Sequence[Browser], port: int, limit: float) -> None:
    async with asyncio.timeout(limit):
        await asyncio.gather(*(browser.play(port) for browser in browsers))


def measure(n_rooms: int, seconds: float, speed: float = 8.0, database: str = "sqlite:///study.db") -> Load:
    """Run a server and its browsers.

    Args:
      n_rooms: how many rooms.
      seconds: how long they play.
      speed: steps a second.
      database: an address of SQLAlchemy; a relative file of SQLite lies in a folder that is removed afterwards.
    Raises:
      TimeoutError: if the rooms have not ended long after they should have.
    """
    n_steps = max(1, round(seconds * speed))
    with tempfile.TemporaryDirectory() as folder, study_server(pathlib.Path(folder), n_steps, speed, database) as port:
        browsers = [
            Browser(join(port), idx % N_ACTIONS, min(UNCOUNTED_SECONDS * speed, n_steps / 2))
            for idx in range(2 * n_rooms)
        ]
        gc.disable()  # A pause of ours is not the server's.
        command = [sys.executable, "-c", SLEEPER, str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sleeper:
            asyncio.run(_play_all(browsers, port, START_SECONDS + 2 * seconds + END_SECONDS))
            machine_ms = json.loads(sleeper.communicate()[0])
        gc.enable()
    relay_ms = [late for browser in browsers for late in browser.relay_ms]
    return Load(relay_ms, [browser.steps for browser in browsers], machine_ms)


def find_faults(load: Load, n_steps: int) -> list[str]:
    """What should not have happened, in sentences: steps that are missing, and partners who saw different ones.

    Args:
      load: what was measured.
      n_steps: how many steps each browser should have got.
    """
    faults = []
    for idx, steps in enumerate(load.steps):
        if [made for made, _, _ in steps] != list(range(1, n_steps + 1)):
            faults.append(f"Browser {idx} got {len(steps)} of {n_steps} steps.")
    shared = {tuple(steps) for steps in load.steps}
    if 2 * len(shared) > len(load.steps):
        faults.append(f"{len(load.steps)} browsers have seen {len(shared)} different episodes.")
    return faults


def main() -> int:
    """Measure, and say what came out."""
    parser = argparse.ArgumentParser(description="Measure how late steps reach the people of a study.")
    parser.add_argument("--rooms", type=int, default=200, help="how many rooms (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20, help="how long they play (%(default)s)")
    parser.add_argument("--speed", type=float, default=8, help="steps a second (%(default)s)")
    parser.add_argument("--database", default="sqlite:///study.db", help="an address of SQLAlchemy (%(default)s)")
    options = parser.parse_args()
    n_rooms, seconds = min(options.rooms, MAX_ROOMS), min(options.seconds, MAX_SECONDS)
    before = os.getloadavg()[0]
    load = measure(n_rooms, seconds, options.speed, options.database)
    faults = find_faults(load, max(1, round(seconds * options.speed)))
    print(f"{n_rooms} rooms, {options.speed:g} steps a second, {len(load.relay_ms):,} steps received")
    print(f"relay time: {percentiles(load.relay_ms)}")
    print(f"a process that only sleeps is late by: {percentiles(load.machine_ms)}")
    print(f"load of the machine ({os.cpu_count()} cores) before: {before:.1f}")
    print("\n".join(faults) or "every browser got every step, and partners got the same")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
