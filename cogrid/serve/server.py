"""Runs a study's web server."""

from __future__ import annotations

import socket

import uvicorn

from cogrid.serve.app import StudyApp
from cogrid.serve.protocol import MAX_FRAME
from cogrid.serve.settings import StudySettings
from cogrid.serve.storage import Storage, open_database
from cogrid.serve.study import Study

PING_SECONDS = 10.0
"""How often a browser is asked whether it is still there, and how long it has to answer."""


def make_server(settings: StudySettings, admin_token: str) -> uvicorn.Server:
    """A server for a study; `server.run(sockets=[...])` runs it.

    Args:
      settings: of the study.
      admin_token: what opens the admin page.
    Raises:
      ConfigError: for worlds, partners or a database that cannot be used.
    """
    study = Study(settings, Storage(open_database(settings.database_address)))
    config = uvicorn.Config(
        StudyApp(study, admin_token).application(),
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


def open_port(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Args:
      host: an address of this machine.
      port: which port; a free one for 0.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((host, port))
    listening.listen(2048)
    return listening
