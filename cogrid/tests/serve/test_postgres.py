"""A study whose database is Postgres: the same as with SQLite, and the rooms wait while it is away."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator

import pytest

from cogrid.serve.export import export_study
from cogrid.serve.storage import Storage, open_database
from cogrid.tests.serve.running import HOST, goes_on, pair, running
from cogrid.tests.serve.studies import fast

FOLDERS = [*map(str, pathlib.Path("/usr/lib/postgresql").glob("*/bin")), os.environ.get("PATH", "")]
PG_CTL = shutil.which("pg_ctl", path=os.pathsep.join(FOLDERS))

pytestmark = pytest.mark.skipif(
    PG_CTL is None or importlib.util.find_spec("psycopg") is None, reason="needs Postgres and psycopg"
)


class Postgres:
    """A server of Postgres with a database of its own."""

    def __init__(self, folder: pathlib.Path) -> None:
        with socket.create_server((HOST, 0)) as free:
            self.port = free.getsockname()[1]
        self.data = folder / "data"
        self.log = folder / "log"
        self.address = f"postgresql+psycopg://study@{HOST}:{self.port}/postgres"
        folder.chmod(0o777)
        self._run("initdb", "--username=study", "--auth=trust", "--no-sync")
        self.start()

    def start(self) -> None:
        settings = f"-p {self.port} -c listen_addresses={HOST} -c unix_socket_directories='' -c fsync=off"
        self._run("start", "--wait", f"--log={self.log}", f"--options={settings}")

    def stop(self) -> None:
        self._run("stop", "--wait", "--mode=immediate")

    def _run(self, *arguments: str) -> None:
        command = [str(PG_CTL), f"--pgdata={self.data}"]
        if arguments[0] == "initdb":
            command += ["initdb", f"--options={' '.join(arguments[1:])}"]
        else:
            command += arguments
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """Postgres, started for these tests."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cogrid-postgres"))
    server = Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_rooms_play_wait_while_the_database_is_away_and_go_on_after_a_restart(
    postgres: Postgres, tmp_path: pathlib.Path
) -> None:
    settings = dataclasses.replace(fast(tmp_path, 100), database=postgres.address)
    with running(settings) as port:
        players = pair(port)
        players[0].say("input", episode=0, time=0, action=2)
        players[0].hear("step", time=5)
        postgres.stop()
        postgres.start()
        assert goes_on(*players)
        for player in players:
            player.close()
    with running(settings):
        storage = Storage(open_database(postgres.address))
        n_steps = len(storage.rows("steps"))
        exported = export_study(settings, storage, tmp_path / "out")
        storage.close()

    assert n_steps > 5
    assert exported.problems == []
    assert exported.n_trajectories == 1
