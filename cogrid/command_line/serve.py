"""`cogrid serve`: a study with people, from a file with its settings."""

from __future__ import annotations

import argparse
import os
import pathlib
import secrets

from cogrid.command_line.command import Command, Exit
from cogrid.command_line.output import count
from cogrid.errors import MissingDependencyError
from cogrid.extras import installing, missing

TOKEN_VARIABLE = "COGRID_ADMIN_TOKEN"


def run(options: argparse.Namespace) -> int:
    """Run a study's server, or write what it has stored."""
    if lacking := missing("serve"):
        raise MissingDependencyError(f"A study needs {', '.join(lacking)}: {installing('serve')}.")
    return _export(options) if options.export is not None else _serve(options)


def _export(options: argparse.Namespace) -> int:
    from cogrid.serve.export import export_study
    from cogrid.serve.settings import read_study
    from cogrid.serve.storage import Storage, open_database

    settings = read_study(options.study)
    storage = Storage(open_database(settings.database_address))
    exported = export_study(settings, storage, options.export)
    storage.close()
    print(f"{options.export}: {count(exported.n_trajectories, 'episode')} as trajectories, and the tables as CSV")
    for problem in exported.problems:
        print(problem)
    return Exit.PROBLEM if exported.problems else Exit.OK


def _serve(options: argparse.Namespace) -> int:
    from cogrid.serve.server import make_server, open_port
    from cogrid.serve.settings import read_study

    settings = read_study(options.study)
    token = os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(16)
    server = make_server(settings, token)
    with open_port(options.host, options.port) as listening:
        address = f"http://{options.host}:{listening.getsockname()[1]}"
        print(f"{settings.title}: {address}/   (Ctrl-C ends it; what was played is kept)")
        told = f"with the token in {TOKEN_VARIABLE}" if os.environ.get(TOKEN_VARIABLE) else f"with the token {token}"
        print(f"admin: {address}/admin {told}", flush=True)
        server.run(sockets=[listening])
    return Exit.OK


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=pathlib.Path, metavar="STUDY.toml", help="the settings of the study")
    parser.add_argument("--host", default="127.0.0.1", metavar="ADDRESS", help="where to listen (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="a free one for 0 (%(default)s)")
    parser.add_argument("--export", type=pathlib.Path, metavar="FOLDER", help="write what is stored, and end")


SERVE = Command(
    name="serve",
    summary="run a study with people",
    about="Bring people together in worlds: consent, a waiting room, pairs that play over the network, a database\n"
    "with every step, codes at the end. docs/studies.md has all settings.",
    examples=(
        ("cogrid serve STUDY.toml", "on this machine only, port 8000"),
        ("cogrid serve STUDY.toml --host 0.0.0.0 --port 80", "for everybody; better behind a web server with HTTPS"),
        ("cogrid serve STUDY.toml --export results", "trajectories and CSV files of what was played"),
    ),
    add_arguments=_add_arguments,
    run=run,
)
