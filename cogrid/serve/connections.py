"""A browser's connection: who speaks is told by a token, and what a connection may do has limits."""

from __future__ import annotations

import asyncio
import time
from typing import Final
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from cogrid.serve.limits import Bucket
from cogrid.serve.protocol import VERSION, ClientMessage, CloseCode, ProtocolError, read_message
from cogrid.serve.study import Person, Study

TOKEN_COOKIE: Final = "cogrid_token"

HELLO_SECONDS: Final = 10.0
"""A connection that has not greeted by then is ended."""

MESSAGES_A_SECOND: Final = 25.0
MESSAGES_AT_ONCE: Final = 50.0
"""A person sends one message for a step, and few besides; more than this is a flood."""

CONNECTIONS_A_SECOND: Final = 0.5
CONNECTIONS_AT_ONCE: Final = 20.0
"""How often one person may connect again."""

MAX_UNREAD: Final = 100
"""Messages that may wait for a browser that does not read; then its connection is ended."""


class Connection:
    """One connection of a person; the study's `Link` to their browser.

    Args:
      socket: the accepted socket.
    """

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._unsent: asyncio.Queue[str | int] = asyncio.Queue()
        self._is_open = True

    def send(self, text: str) -> None:
        """Send a message, some time; a browser that reads nothing is given up."""
        if not self._is_open:
            return
        if self._unsent.qsize() >= MAX_UNREAD:
            self._is_open = False
            self._sender.cancel()
            return
        self._unsent.put_nowait(text)

    def close(self, code: int) -> None:
        """End the connection, after what was sent before."""
        if self._is_open:
            self._is_open = False
            self._unsent.put_nowait(code)

    async def serve(self, study: Study, person: Person) -> None:
        """Speak with a browser until one side ends the connection.

        Args:
          study: the study.
          person: whose token it has.
        """
        self._sender: asyncio.Task[None] = asyncio.create_task(self._send_all())
        receiver = asyncio.create_task(self._receive_all(study, person))
        try:
            await asyncio.wait((self._sender, receiver), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._is_open = False
            for task in (self._sender, receiver):
                task.cancel()
            await asyncio.gather(self._sender, receiver, return_exceptions=True)
            await study.disconnect(person, self)

    async def _send_all(self) -> None:
        while True:
            message = await self._unsent.get()
            if isinstance(message, int):
                await self._socket.close(message)
                return
            await self._socket.send_text(message)

    async def _receive_all(self, study: Study, person: Person) -> None:
        bucket = Bucket(MESSAGES_A_SECOND, MESSAGES_AT_ONCE)
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                greeting = await self._read(bucket)
            if greeting.kind != "hello" or greeting.fields["version"] != VERSION:
                raise ProtocolError(f"The first message is a hello of version {VERSION}.")
            await study.connect(person, self)
            while True:
                await study.receive(person, await self._read(bucket))
        except ProtocolError as error:
            await self._refuse(study, person, CloseCode.BAD_MESSAGE, "bad message", str(error))
        except _FloodError:
            await self._refuse(study, person, CloseCode.FLOOD, "flood", "")
        except TimeoutError:
            await self._refuse(study, person, CloseCode.SILENT, "silent", "")
        except WebSocketDisconnect:
            return
        await self._sender  # It sends the reason, and ends.

    async def _read(self, bucket: Bucket) -> ClientMessage:
        event = await self._socket.receive()
        if event["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(event.get("code", 1005))
        if not bucket.take(time.monotonic()):
            raise _FloodError
        return read_message(event.get("text"))

    async def _refuse(self, study: Study, person: Person, code: int, kind: str, detail: str) -> None:
        study.note(kind, detail, person.id)
        self.close(code)
        await study.settle()


class _FloodError(Exception):
    """More messages than a person can send."""


class Door:
    """Lets browsers of the study's own page in, and nobody else.

    Args:
      study: the study.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._buckets: dict[int, Bucket] = {}

    async def enter(self, socket: WebSocket) -> None:
        """A browser wants to connect."""
        person = self._study.find(socket.cookies.get(TOKEN_COOKIE, ""))
        if person is None or not _is_own_page(socket) or not self._bucket(person).take(time.monotonic()):
            await socket.close(CloseCode.UNKNOWN)  # Before it is accepted: the browser is told 403.
            return
        await socket.accept()
        connection = Connection(socket)
        await connection.serve(self._study, person)
        if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
            await socket.close(CloseCode.SILENT)

    def _bucket(self, person: Person) -> Bucket:
        return self._buckets.setdefault(person.id, Bucket(CONNECTIONS_A_SECOND, CONNECTIONS_AT_ONCE))


def _is_own_page(socket: WebSocket) -> bool:
    """Whether the page that connects came from here; programs that are no browsers say nothing of a page."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")
