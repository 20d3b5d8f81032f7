"""The web server of a study: a handful of addresses, each one named here; no address and no query names a file."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import gc
import io
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cogrid.page.study import study_script, study_style, worlds_text
from cogrid.serve.connections import TOKEN_COOKIE, Door
from cogrid.serve.export import csv_rows
from cogrid.serve.limits import Bucket
from cogrid.serve.pages import DOWNLOADS, admin_page, consent_page, login_page, message_page, play_page
from cogrid.serve.study import EXTERNAL_IDS, UNFINISHED, JoinError, Person, Study

MAX_FORM: Final = 4096
"""Bytes that a form may have."""

ADMIN_COOKIE: Final = "cogrid_admin"
ADMIN_SECONDS: Final = 12 * 3600

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
"""What every answer says to browsers."""


class StudyApp:
    """The application.

    Args:
      study: the study.
      admin_token: what opens the admin page.
    """

    def __init__(self, study: Study, admin_token: str) -> None:
        self._study = study
        self._settings = study.settings
        self._admin_token = admin_token
        self._admins: dict[str, float] = {}
        self._logins = Bucket(rate=0.2, burst=5)
        names = {world.name: world.env for world in study.worlds}
        self._files = {
            "/study.js": ("text/javascript", study_script()),
            "/study.css": ("text/css", study_style()),
            "/worlds": ("text/plain", worlds_text(names)),
        }

    def application(self) -> ASGIApp:
        """The application as a web server runs it."""
        routes = [
            Route("/", self._consent),
            Route("/join", self._join, methods=["POST"]),
            Route("/play", self._play),
            Route("/health", self._health),
            Route("/admin", self._admin, methods=["GET"]),
            Route("/admin", self._log_in, methods=["POST"]),
            *(Route(f"/admin/{name}.csv", self._table_route(name)) for name in DOWNLOADS),
            *(Route(address, self._file_route(address)) for address in self._files),
            WebSocketRoute("/socket", Door(self._study).enter),
        ]
        return _SecurityHeaders(Starlette(routes=routes, lifespan=self._lifespan))

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # Tables and modules stay; whoever looks for garbage need not look at them, and is back at once.
        clock = asyncio.create_task(self._study.run())
        yield
        clock.cancel()
        await asyncio.gather(clock, return_exceptions=True)
        gc.unfreeze()
        self._study.storage.close()

    # For people

    def _person(self, request: Request) -> Person | None:
        return self._study.find(request.cookies.get(TOKEN_COOKIE, ""))

    async def _consent(self, request: Request) -> Response:
        person = self._person(request)
        if person is not None and person.status in UNFINISHED:
            return RedirectResponse("/play", 303)
        external = {name: request.query_params.get(name, "") for name in EXTERNAL_IDS}
        return HTMLResponse(consent_page(self._settings, external))

    async def _join(self, request: Request) -> Response:
        form = await _read_form(request)
        if form is None:
            return PlainTextResponse("This is too much.", 413)
        try:
            token = self._study.join(form)
        except JoinError as error:
            return HTMLResponse(message_page(self._settings, str(error)), 403)
        await self._study.settle()
        answer = RedirectResponse("/play", 303)
        _set_cookie(answer, request, TOKEN_COOKIE, token)
        return answer

    async def _play(self, request: Request) -> Response:
        if self._person(request) is None:
            return RedirectResponse("/", 303)
        return HTMLResponse(play_page(self._settings))

    async def _health(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    def _file_route(self, address: str) -> Any:
        kind, text = self._files[address]

        async def answer(_: Request) -> Response:
            return Response(text, media_type=kind)

        return answer

    # For the admin

    def _is_admin(self, request: Request) -> bool:
        return self._admins.get(request.cookies.get(ADMIN_COOKIE, ""), 0.0) > time.time()

    async def _admin(self, request: Request) -> Response:
        if not self._is_admin(request):
            return HTMLResponse(login_page(self._settings, is_wrong=False), 401)
        people = await asyncio.to_thread(self._study.storage.counts, "participants", "status")
        incidents = await asyncio.to_thread(self._study.storage.latest, "incidents", 20)
        rooms = [(room.id, _about_room(room)) for room in self._study.rooms.values()]
        return HTMLResponse(admin_page(self._settings, people, rooms, self._study.relay_ms(), incidents))

    async def _log_in(self, request: Request) -> Response:
        form = await _read_form(request)
        if form is None:
            return PlainTextResponse("This is too much.", 413)
        if not self._logins.take(time.monotonic()):
            return PlainTextResponse("Too many tries. Wait a little.", 429)
        if not secrets.compare_digest(form.get("token", "").encode(), self._admin_token.encode()):
            return HTMLResponse(login_page(self._settings, is_wrong=True), 403)
        session = secrets.token_urlsafe(24)
        self._admins[session] = time.time() + ADMIN_SECONDS
        answer = RedirectResponse("/admin", 303)
        _set_cookie(answer, request, ADMIN_COOKIE, session)
        return answer

    def _table_route(self, name: str) -> Any:
        async def answer(request: Request) -> Response:
            if not self._is_admin(request):
                return PlainTextResponse("Log in at /admin first.", 401)
            return StreamingResponse(_csv_lines(self._study.storage.stream(name)), media_type="text/csv")

        return answer


def _about_room(room: Any) -> str:
    state = "the clock runs" if room.is_running else "waits"
    step = 0 if room.live is None else room.live.time
    return f"{room.episode.world.name}, episode {room.number + 1} of {len(room.plan)}, step {step}, {state}"


def _csv_lines(rows: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    """A table as CSV."""
    for row in csv_rows(rows):
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


async def _read_form(request: Request) -> dict[str, str] | None:
    """The fields of a form; None for one that is too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            return None
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=20, keep_blank_values=True))
    except ValueError:
        return {}


def _set_cookie(answer: Response, request: Request, name: str, value: str) -> None:
    """A cookie that no script reads, and that no other site makes the browser send."""
    answer.set_cookie(name, value, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/")


class _SecurityHeaders:
    """Adds `HEADERS` to every answer, those of errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
