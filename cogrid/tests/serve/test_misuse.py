"""Whoever does what they may not harms nobody, and is refused by a rule."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cogrid.serve.connections import HELLO_SECONDS, MAX_UNREAD, MESSAGES_AT_ONCE, Connection
from cogrid.serve.protocol import CloseCode
from cogrid.tests.serve.running import HOST, Player, ask, goes_on, join, pair, running
from cogrid.tests.serve.studies import NOOP, fast, run


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server whose episodes last."""
    with running(fast(tmp_path_factory.mktemp("study"), 100_000)) as port:
        yield port


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        b"\x00\x01\x02",
        '{"type": "ready", "episode": 0, "room": 2}',
        '{"type": "input", "episode": 0, "time": 0, "action": 250}',
        '{"type": "input", "episode": 0, "time": 99999, "action": 0}',
        '{"type": "input", "episode": 0, "time": 0, "action": "4\'; DROP TABLE steps; --"}',
    ],
)
def test_garbage_ends_the_connection_of_who_sends_it_and_the_room_goes_on_when_they_are_back(
    text: str | bytes, port: int
) -> None:
    first, second = pair(port)
    cookie = first.cookie
    first.socket.send(text)
    assert first.closing_code() == CloseCode.BAD_MESSAGE
    second.hear("room", running=False, away=1)
    with Player(port, cookie).greet() as again, second:
        assert goes_on(again, second)


def test_a_message_before_the_greeting_is_refused(port: int) -> None:
    with Player(port, join(port)) as player:
        player.say("ready", episode=0)
        assert player.closing_code() == CloseCode.BAD_MESSAGE


def test_a_flood_ends_the_connection(port: int) -> None:
    first, second = pair(port)
    others = pair(port)
    with contextlib.suppress(ConnectionClosed):
        for _ in range(int(MESSAGES_AT_ONCE) + 30):
            first.say("input", episode=0, time=0, action=1)
    assert first.closing_code() == CloseCode.FLOOD
    assert goes_on(*others)
    for player in (second, *others):
        player.close()


def test_ten_megabytes_are_refused_before_they_are_read(port: int) -> None:
    first, second = pair(port)
    others = pair(port)
    with contextlib.suppress(ConnectionClosed):
        first.socket.send("x" * 10_000_000)
    assert first.closing_code() in (1006, 1009)  # Whoever is still writing may not hear the reason any more.
    status, _, _ = ask(port, "/join", method="POST", body=b"x" * 100_000)
    assert status == 413
    assert goes_on(*others)
    for player in (second, *others):
        player.close()


def test_a_token_plays_in_the_room_of_its_person_only_and_the_last_connection_has_the_seat(port: int) -> None:
    first, second = pair(port)
    others = pair(port)
    cookie = first.cookie
    with Player(port, cookie).greet() as thief:
        assert first.closing_code() == CloseCode.REPLACED
        about = thief.hear("episode")
        thief.hear("room", running=True)
        thief.say("input", episode=0, time=0, action=2)
        step = next(message for message in iter(lambda: thief.hear("step"), None) if message["actions"] != [NOOP] * 2)
        assert step["actions"][about["agent"]] == 2
        heard = [others[0].hear("step") for _ in range(5)]
        assert {tuple(message["actions"]) for message in heard} == {(NOOP, NOOP)}
    for player in (second, *others):
        player.close()


@pytest.mark.parametrize("cookie", ["", "cogrid_token=", "cogrid_token=abc", "cogrid_token=' OR 1=1 --"])
def test_who_has_no_token_is_not_let_in(cookie: str, port: int) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        Player(port, cookie)
    status, headers, _ = ask(port, "/play", cookie=cookie)
    assert (status, headers["location"]) == (303, "/")


def test_a_page_of_another_site_is_not_let_in(port: int) -> None:
    cookie = join(port)
    with pytest.raises(InvalidStatus, match="403"):
        Player(port, cookie, Origin="https://example.org")
    with Player(port, cookie, Origin=f"http://{HOST}:{port}").greet() as player:
        assert player.hear("waiting")
    assert ask(port, "/play", cookie=cookie)[0] == 200


def test_somebody_who_connects_again_and_again_is_stopped(port: int) -> None:
    cookie = join(port)
    n_times = 0
    with contextlib.suppress(InvalidStatus):
        while n_times < 40:
            Player(port, cookie).close()
            n_times += 1

    assert 5 < n_times < 40


def test_a_connection_that_says_nothing_harms_nobody(port: int) -> None:
    silent = [socket.create_connection((HOST, port)) for _ in range(50)]
    half = socket.create_connection((HOST, port))
    half.sendall(b"GET / HTTP/1.1\r\nHost: ")
    first, second = pair(port)
    assert goes_on(first, second)
    for player in (first, second):
        player.close()
    for connection in (*silent, half):
        connection.close()


def test_a_browser_that_answers_no_ping_is_given_up(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogrid.serve.server.PING_SECONDS", 0.2)
    with running(fast(tmp_path, 100_000)) as port:
        request = (
            f"GET /socket HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: {join(port)}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        with socket.create_connection((HOST, port), timeout=HELLO_SECONDS / 2) as silent:
            silent.sendall(request.encode())
            heard = b"".join(iter(lambda: silent.recv(4096), b""))

    assert heard.startswith(b"HTTP/1.1 101")


def test_a_browser_that_does_not_greet_is_given_up(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogrid.serve.connections.HELLO_SECONDS", 0.2)
    with Player(port, join(port)) as player:
        assert player.closing_code() == CloseCode.SILENT


def test_a_browser_that_reads_nothing_is_given_up() -> None:
    class Stuck:
        """A socket whose other side reads nothing."""

        async def send_text(self, text: str) -> None:
            await asyncio.sleep(60)

        async def receive(self) -> dict[str, str]:
            await asyncio.sleep(60)
            return {}

    class NoStudy:
        """A study in which nothing happens."""

        async def disconnect(self, person: object, link: object) -> None:
            """Somebody has gone."""

    async def serve() -> bool:
        connection: Any = Connection(cast(Any, Stuck()))
        work = asyncio.create_task(connection.serve(NoStudy(), None))
        await asyncio.sleep(0)
        for _ in range(MAX_UNREAD + 2):
            connection.send("x")
            await asyncio.sleep(0)
        await asyncio.wait_for(work, 5)
        return work.done()

    assert run(serve())
