"""Serves one page to the browsers of this machine."""

from __future__ import annotations

import http.server
from http import HTTPStatus
from typing import Any

ADDRESS = "127.0.0.1"


def page_server(text: str, port: int = 0) -> http.server.ThreadingHTTPServer:
    """A server of one page, on this machine only; `serve_forever` runs it.

    Args:
      text: the page, at "/" and at "/index.html"; there is nothing else.
      port: which port; a free one for 0. `server_port` of the result says which.
    """
    content = text.encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        """Answers with the page, or that there is no such thing."""

        def do_GET(self) -> None:
            is_page = self.path.partition("?")[0] in ("/", "/index.html")
            body = content if is_page else b"There is only one page here: /"
            self.send_response(HTTPStatus.OK if is_page else HTTPStatus.NOT_FOUND)
            self.send_header("Content-Type", f"text/{'html' if is_page else 'plain'}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return http.server.ThreadingHTTPServer((ADDRESS, port), Handler)
