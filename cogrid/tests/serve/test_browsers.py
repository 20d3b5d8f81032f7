"""Two browsers in one room: people play by keys, a page is reloaded, and a difference is mended."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import cogrid
from cogrid.rendering import render_ansi
from cogrid.serve.settings import EpisodeSettings, StudySettings
from cogrid.serve.storage import Storage, open_database
from cogrid.tests.page.browser import PATIENCE, needs_browser, shared_browser
from cogrid.tests.serve.running import HOST, running
from cogrid.tests.serve.studies import KITCHEN, fast

pytestmark = needs_browser


class Visitor:
    """Somebody with a browser of their own.

    Args:
      page: Playwright's page.
      port: of the server.
    """

    def __init__(self, page: Any, port: int) -> None:
        self.page = page
        self.port = port
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)

    def agree(self) -> None:
        """Open the study, and agree to take part."""
        self.page.goto(f"http://{HOST}:{self.port}/?PROLIFIC_PID=abc{id(self)}&STUDY_ID=s&SESSION_ID=t")
        self.page.click("#agree")

    def be_ready(self) -> None:
        self.page.click("#ready")

    @property
    def text(self) -> str:
        """The world as text."""
        return str(self.page.text_content("#game pre"))

    @property
    def time(self) -> int:
        """Steps made."""
        return int(self.text.rpartition(" ")[2])

    def wait_for_time(self, time: int) -> None:
        self.page.wait_for_function(
            "time => Number(document.querySelector('#game pre')?.textContent.split(' ').pop()) >= time", arg=time
        )

    def wait_for_end(self) -> None:
        self.page.wait_for_selector("#code")


@contextlib.contextmanager
def visitors(port: int, **settings: Any) -> Iterator[tuple[Visitor, Visitor]]:
    """Two people with browsers of their own, whose pages must do nothing wrong."""
    contexts = [shared_browser().new_context(**settings) for _ in range(2)]
    first, second = [Visitor(context.new_page(), port) for context in contexts]
    yield first, second
    for context in contexts:
        context.close()
    assert [fault for visitor in (first, second) for fault in visitor.faults] == []


def one_episode(folder: pathlib.Path, n_steps: int) -> StudySettings:
    """A study of a single episode."""
    episodes = (EpisodeSettings(world=KITCHEN, settings={"max_steps": n_steps}, seed=7),)
    return dataclasses.replace(fast(folder), episodes=episodes)


def last_text(settings: StudySettings, n_steps: int) -> str:
    """The last state by the actions that were stored, as text."""
    storage = Storage(open_database(settings.database_address))
    env = cogrid.make(KITCHEN, max_steps=n_steps)
    env.reset(seed=7)
    for step in storage.rows("steps", episode=1):
        env.step(dict(zip(env.possible_agents, json.loads(step["actions"]), strict=True)))
    storage.close()
    return render_ansi(env.get_state())


def test_two_people_play_by_keys_and_both_see_what_the_server_has(tmp_path: pathlib.Path) -> None:
    settings = one_episode(tmp_path, 60)
    with running(settings) as port, visitors(port) as (first, second):
        for visitor in (first, second):
            visitor.agree()
        for visitor in (first, second):
            visitor.be_ready()
        for key in ("ArrowUp", "ArrowRight", "Enter", "ArrowLeft"):
            before = first.time
            first.page.keyboard.press(key)
            second.page.keyboard.press({"Enter": "Space"}.get(key, key))
            first.wait_for_time(before + 2)
        first.page.screenshot(path=tmp_path / "playing.png")
        for visitor in (first, second):
            visitor.wait_for_end()
        texts = first.text, second.text
        code = first.page.inner_text("#code")
    storage = Storage(open_database(settings.database_address))
    people, steps = storage.rows("participants"), storage.rows("steps", episode=1)
    incidents = storage.rows("incidents")
    storage.close()

    assert texts == (last_text(settings, 60),) * 2
    assert code == "DONE"
    assert {row["status"] for row in people} == {"finished"}
    assert [row["study_id"] for row in people] == ["s", "s"]
    for agent_idx in (0, 1):
        assert sum(step["sources"][agent_idx] == "k" for step in steps) == 4
    assert incidents == []


def test_a_reload_in_mid_game_goes_on_where_it_was(tmp_path: pathlib.Path) -> None:
    settings = one_episode(tmp_path, 60)
    with running(settings) as port, visitors(port) as (first, second):
        for visitor in (first, second):
            visitor.agree()
        for visitor in (first, second):
            visitor.be_ready()
        first.page.keyboard.press("ArrowLeft")
        first.wait_for_time(5)
        before = first.time
        first.page.reload()
        first.wait_for_time(before + 3)
        second.wait_for_time(before + 3)
        for visitor in (first, second):
            visitor.wait_for_end()
        texts = first.text, second.text

    assert texts == (last_text(settings, 60),) * 2


def test_a_browser_that_has_another_state_gets_the_servers(tmp_path: pathlib.Path) -> None:
    settings = one_episode(tmp_path, 40)

    def disturb(route: Any) -> None:
        server = route.connect_to_server()

        def pass_on(text: str) -> None:
            message = json.loads(text)
            if message["type"] == "step" and message["time"] == 5:
                message["actions"] = [1, 1]
            route.send(json.dumps(message))

        server.on_message(pass_on)

    with running(settings) as port, visitors(port) as (first, second):
        second.page.route_web_socket("**/socket", disturb)
        for visitor in (first, second):
            visitor.agree()
        for visitor in (first, second):
            visitor.be_ready()
        for visitor in (first, second):
            visitor.wait_for_end()
        texts = first.text, second.text
    storage = Storage(open_database(settings.database_address))
    incidents = storage.rows("incidents")
    storage.close()

    assert texts == (last_text(settings, 40),) * 2
    assert [(row["kind"], row["time"]) for row in incidents] == [("difference", 5)]


def test_a_page_that_lost_the_server_tries_again(tmp_path: pathlib.Path) -> None:
    settings = one_episode(tmp_path, 30)
    with visitors(0) as (first, second):
        with running(settings) as port:
            first.port = second.port = port
            for visitor in (first, second):
                visitor.agree()
            for visitor in (first, second):
                visitor.be_ready()
            first.wait_for_time(5)
        with running(settings, port):
            for visitor in (first, second):
                visitor.wait_for_end()
        texts = first.text, second.text
        first.faults.clear()  # The browser reports connections that failed.
        second.faults.clear()

    assert texts == (last_text(settings, 30),) * 2
