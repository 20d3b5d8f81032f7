"""The pages of a study: what they hand out, to whom, and what they say to browsers."""

from __future__ import annotations

import base64
import json
import pathlib
import re
import zlib
from collections.abc import Iterator

import pytest

from cogrid.serve.app import HEADERS
from cogrid.tests.serve.running import ADMIN_TOKEN, ask, join, running
from cogrid.tests.serve.studies import KITCHEN, fast


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server whose episodes last."""
    with running(fast(tmp_path_factory.mktemp("study"), 100_000)) as port:
        yield port


def test_every_answer_has_the_security_headers(port: int) -> None:
    cookie = join(port)
    for path in (
        "/",
        "/play",
        "/study.js",
        "/study.css",
        "/worlds",
        "/health",
        "/admin",
        "/admin/steps.csv",
        "/nowhere",
    ):
        _, headers, _ = ask(port, path, cookie=cookie)
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
        assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/../study.toml",
        "/..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/static/study.db",
        "/study.db",
        "/study.js/../study.db",
        "/admin/about.csv",
        "/admin/steps'; DROP TABLE steps; --.csv",
        "/%00",
    ],
)
def test_no_address_leads_to_a_file(path: str, port: int) -> None:
    status, _, text = ask(port, path.replace(" ", "%20"))

    assert status in (401, 404)
    assert text in ("Not Found", "Log in at /admin first.")


def test_what_an_address_says_is_escaped_and_checked(port: int) -> None:
    _, _, text = ask(port, "/?PROLIFIC_PID=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    status, _, refused = ask(port, "/join", {"PROLIFIC_PID": '"><script>alert(1)</script>'})

    assert "<script>" not in text + refused
    assert status == 403


def test_cookies_are_for_this_server_and_no_script(port: int) -> None:
    _, headers, _ = ask(port, "/join", {})

    assert re.search(r"HttpOnly.*SameSite=strict", headers["set-cookie"], re.IGNORECASE)


def test_a_form_of_bytes_that_are_no_text_is_read_as_nothing(port: int) -> None:
    assert ask(port, "/join", method="POST", body=b"\xff\xfe" * 20)[0] == 303
    assert ask(port, "/join", method="POST", body=b"a&" * 100)[0] in (303, 403)


def test_the_admin_page_opens_with_its_token_only(port: int) -> None:
    for path in ("/admin", "/admin/steps.csv", "/admin/participants.csv"):
        assert ask(port, path, cookie="cogrid_admin=x")[0] == 401
    assert ask(port, "/admin", {"token": "wrong"})[0] == 403
    status, headers, _ = ask(port, "/admin", {"token": ADMIN_TOKEN})
    assert status == 303
    cookie = headers["set-cookie"].partition(";")[0]
    status, _, text = ask(port, "/admin", cookie=cookie)
    assert (status, "<h2>Rooms</h2>" in text) == (200, True)
    _, _, table = ask(port, "/admin/participants.csv", cookie=cookie)
    assert table.startswith("id,prolific_pid,study_id,session_id,status,")


def test_guesses_of_the_admins_token_are_slowed_down(tmp_path: pathlib.Path) -> None:
    with running(fast(tmp_path)) as port:
        statuses = [ask(port, "/admin", {"token": str(guess)})[0] for guess in range(8)]

    assert statuses[0] == 403
    assert statuses[-1] == 429


def test_the_worlds_of_the_page_have_the_names_that_the_server_says(port: int) -> None:
    _, _, text = ask(port, "/worlds")
    bundle = zlib.decompress(base64.b64decode(text))
    document = json.loads(bundle[8 : 8 + int.from_bytes(bundle[:8], "little")])

    assert [world["id"] for world in document["worlds"]] == [KITCHEN]
