"""A server that is killed loses at most the step that it was making, and the rooms go on in the next one."""

from __future__ import annotations

import contextlib
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from cogrid.serve.export import export_study
from cogrid.serve.settings import read_study
from cogrid.serve.storage import Storage, open_database
from cogrid.tests.serve.running import Player, pair
from cogrid.tests.serve.studies import KITCHEN

N_STEPS = 40
N_ROOMS = 3

STUDY = f"""
title = "Two cooks"
speed = 15
[[episodes]]
world = "{KITCHEN}"
settings = {{ max_steps = {N_STEPS} }}
[codes]
completed = "DONE"
"""


@contextlib.contextmanager
def killed_server(study: pathlib.Path) -> Iterator[int]:
    """A server in a process of its own, which is killed without a warning in the end."""
    command = [sys.executable, "-m", "cogrid", "serve", str(study), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        line = server.stdout.readline() if server.stdout else ""
        found = re.search(r"http://[^:]+:(\d+)/", line)
        assert found is not None, line
        yield int(found[1])
        server.kill()


def last_step(player: Player) -> int:
    """The last step that somebody was told."""
    return max(message["time"] for message in player.messages if message["type"] == "step")


@pytest.mark.long
def test_rooms_go_on_after_a_kill_and_lose_one_step_at_most(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(STUDY, encoding="utf-8")
    with killed_server(file) as port:
        players = [player for _ in range(N_ROOMS) for player in pair(port)]
        for idx, player in enumerate(players):
            player.say("input", episode=0, time=0, action=idx % 4)
        players[-1].hear("step", time=10)
    for player in players:
        with contextlib.suppress(Exception):
            while True:  # What was sent before the kill is still read.
                player.hear("nothing")
        player.close()
    storage = Storage(open_database(read_study(file).database_address))
    stored = storage.counts("steps", "episode")
    told = [max(last_step(player) for player in players[2 * room : 2 * room + 2]) for room in range(N_ROOMS)]

    assert [stored[room + 1] - told[room] in (0, 1) for room in range(N_ROOMS)] == [True] * N_ROOMS
    with killed_server(file) as port:
        again = [Player(port, player.cookie).greet() for player in players]
        states = [player.hear("state") for player in again]
        ends = [player.hear("end") for player in again]
        for player in again:
            player.close()
    exported = export_study(read_study(file), storage, tmp_path / "out")
    storage.close()

    assert sorted({state["state"]["time"] for state in states}) == sorted(set(stored.values()))
    assert {end["code"] for end in ends} == {"DONE"}
    assert exported.problems == []
    assert exported.n_trajectories == N_ROOMS
