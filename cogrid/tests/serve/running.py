"""A study's server on this machine, in a thread of its own, and people without browsers who speak with it."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import urllib.parse
from collections.abc import Iterator
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

from cogrid.serve.server import make_server, open_port
from cogrid.serve.settings import StudySettings

HOST = "127.0.0.1"
ADMIN_TOKEN = "the admin's token"
PATIENCE = 10.0


@contextlib.contextmanager
def running(settings: StudySettings, port: int = 0) -> Iterator[int]:
    """Run a server, and give its port; a free one for 0."""
    server = make_server(settings, ADMIN_TOKEN)
    with open_port(HOST, port) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def ask(
    port: int, path: str, form: dict[str, str] | None = None, cookie: str = "", method: str = "", body: bytes = b""
) -> tuple[int, dict[str, str], str]:
    """Ask for an address, without following redirects: status, headers and text.

    Args:
      port: of the server.
      path: the address, as it stands in the request.
      form: the fields that are posted.
      cookie: what the browser keeps.
      method: GET or POST, by whether there is a form, if left out.
      body: what is sent in place of a form.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    sent = urllib.parse.urlencode(form).encode() if form is not None else body
    headers = {"Cookie": cookie} if cookie else {}
    connection.request(method or ("GET" if form is None else "POST"), path, sent or None, headers)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text


def join(port: int, name: str = "") -> str:
    """Agree to take part: the cookie with the token."""
    status, headers, text = ask(port, "/join", {"PROLIFIC_PID": name})
    assert status == 303, text
    return headers["set-cookie"].partition(";")[0]


class Player:
    """Somebody who plays over the network.

    Args:
      port: of the server.
      cookie: with their token.
      headers: further headers of the request.
    """

    def __init__(self, port: int, cookie: str, **headers: str) -> None:
        address, own = f"ws://{HOST}:{port}/socket", {"Cookie": cookie, **headers}
        self._connecting = connect(address, additional_headers=own, open_timeout=PATIENCE)
        self.cookie = cookie
        self.socket: ClientConnection = self._connecting.__enter__()
        self.messages: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._connecting.__exit__(None, None, None)

    def say(self, kind: str, **fields: int) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def greet(self) -> Self:
        self.say("hello", version=1)
        return self

    def hear(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Wait for a message of a type, with some fields; what comes before is kept in `messages`."""
        while True:
            message = json.loads(self.socket.recv(timeout=PATIENCE))
            self.messages.append(message)
            if message["type"] == kind and all(message[name] == value for name, value in fields.items()):
                return message

    def closing_code(self) -> int:
        """Read to the end of the connection, and say with which code it ended."""
        with contextlib.suppress(Exception):
            while True:
                self.socket.recv(timeout=PATIENCE)
        return self.socket.close_code or 0


def goes_on(*players: Player) -> bool:
    """Whether the clock still makes steps for these."""
    times = [[player.hear("step")["time"] for _ in range(3)] for player in players]
    return all(first < second < third for first, second, third in times)


def pair(port: int) -> tuple[Player, Player]:
    """Two people in a room, whose clock runs."""
    players = Player(port, join(port)).greet(), Player(port, join(port)).greet()
    for player in players:
        player.hear("episode")
        player.say("ready", episode=0)
    for player in players:
        player.hear("room", running=True)
    return players
