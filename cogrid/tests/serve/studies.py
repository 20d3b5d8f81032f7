"""Studies for tests: settings, people without browsers, and a clock that is set by hand."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import pathlib
from typing import Any

from cogrid.serve.protocol import read_message
from cogrid.serve.settings import CodeSettings, EpisodeSettings, ParticipantSettings, StudySettings, WaitingSettings
from cogrid.serve.storage import Storage, open_database
from cogrid.serve.study import Person, Study

KITCHEN = "Overcooked-CrampedRoom-V0"
NOOP = 6


def settings_of(folder: pathlib.Path, n_steps: int = 20, **changes: Any) -> StudySettings:
    """A study of two short episodes in one kitchen."""
    episodes = (EpisodeSettings(world=KITCHEN, settings={"max_steps": n_steps}, repeat=2, seed=7),)
    waiting = WaitingSettings(seconds=30, return_seconds=10, idle_seconds=20)
    given = {"title": "Two cooks", "episodes": episodes, "waiting": waiting, "folder": folder, **changes}
    return StudySettings(**given)


def fast(folder: pathlib.Path, n_steps: int = 12, partner: str = "") -> StudySettings:
    """A study whose clock is as fast as it may be."""
    return settings_of(
        folder,
        n_steps,
        speed=15,
        waiting=WaitingSettings(seconds=30, return_seconds=5, idle_seconds=60, partner=partner),
        codes=CodeSettings(completed="DONE"),
        participants=ParticipantSettings(joins_a_second=1000),
    )


class FakeBrowser:
    """Somebody without a browser: keeps what the server sends."""

    def __init__(self, study: Study, person: Person) -> None:
        self.study = study
        self.person = person
        self.messages: list[dict[str, Any]] = []
        self.closed_with: int | None = None

    def send(self, text: str) -> None:
        self.messages.append(json.loads(text))

    def close(self, code: int) -> None:
        self.closed_with = code

    def heard(self, kind: str) -> list[dict[str, Any]]:
        """The messages of a type."""
        return [message for message in self.messages if message["type"] == kind]

    async def connect(self) -> FakeBrowser:
        await self.study.connect(self.person, self)
        return self

    async def disconnect(self) -> None:
        await self.study.disconnect(self.person, self)

    async def say(self, kind: str, **fields: int) -> None:
        text = json.dumps({"type": kind, **fields})
        await self.study.receive(self.person, read_message(text))


class Hall:
    """A study with its database and a clock that is set by hand."""

    def __init__(self, settings: StudySettings) -> None:
        self.now = 1000.0
        self.settings = settings
        self.storage = Storage(open_database(settings.database_address))
        self.study = Study(settings, self.storage, lambda: self.now)

    async def come(self, name: str = "") -> FakeBrowser:
        """Somebody joins and is connected."""
        token = self.study.join({"PROLIFIC_PID": name})
        await self.study.settle()
        person = self.study.find(token)
        assert person is not None
        return await FakeBrowser(self.study, person).connect()

    async def pair(self) -> list[FakeBrowser]:
        """Two people who are ready."""
        people = [await self.come(), await self.come()]
        for browser in people:
            await browser.say("ready", episode=0)
        return people

    async def step(self, n_steps: int = 1) -> None:
        """The clock makes steps in all rooms that run."""
        for _ in range(n_steps):
            self.now += 1 / self.settings.speed
            await self.study.beat([room for room in self.study.rooms.values() if room.is_running], self.now)

    async def pass_time(self, seconds: float) -> None:
        """Time passes without a step."""
        self.now += seconds
        await self.study.look()

    def close(self) -> None:
        self.storage.close()


def run(work: Any) -> Any:
    """Run a coroutine to its end, in a thread of its own: Playwright keeps an event loop in this one."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
