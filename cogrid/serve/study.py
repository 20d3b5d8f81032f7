"""A study while it runs: who has come, who waits, who plays in which room, and the clock."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import hashlib
import json
import logging
import random
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from cogrid.errors import ConfigError
from cogrid.recording.fingerprint import fingerprint
from cogrid.serve.journal import Journal
from cogrid.serve.limits import Bucket
from cogrid.serve.pairing import WaitingLine
from cogrid.serve.protocol import ClientMessage, CloseCode, write_message
from cogrid.serve.rooms import PlannedEpisode, Question, Room, Seat
from cogrid.serve.settings import StudySettings
from cogrid.serve.storage import Storage
from cogrid.serve.worlds import LiveWorld, Partner, StudyWorld, make_worlds

LOG: Final = logging.getLogger("cogrid.serve")

EXTERNAL_IDS: Final = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")
"""What an address may say of a person, as Prolific writes it."""

_EXTERNAL_ID: Final = re.compile(r"[A-Za-z0-9_-]{0,100}")

BEATS: Final = 10
"""Into how many parts a step's time is divided, so that the rooms do not all step at the same moment."""

LOOK_SECONDS: Final = 0.5

UNFINISHED: Final = ("consented", "waiting", "playing")
"""What people can be who are not done."""


class Link(Protocol):
    """A connection to somebody's browser."""

    def send(self, text: str) -> None:
        """Send a message, some time; never waits."""

    def close(self, code: int) -> None:
        """End the connection, after what was sent before."""


class JoinError(Exception):
    """Somebody cannot take part; the message says why, to them."""


@dataclasses.dataclass
class Person:
    """Somebody who has agreed to take part.

    Attributes:
      id: of their row.
      status: "consented", "waiting", "playing", or how it ended for them.
      since: when they began to wait.
      room: where they play.
      link: the connection to their browser, if there is one.
    """

    id: int
    status: str
    since: float | None = None
    room: Room | None = None
    link: Link | None = None


class Study:
    """A study while it runs.

    Everything happens in one thread, that of the event loop; `storage` and partners have their own.

    Args:
      settings: of the study.
      storage: its database; what was going on there when the server ended goes on.
      clock: the time in seconds from no particular time.
    Raises:
      ConfigError: for worlds or partners that cannot be played, or a database of another study.
    """

    def __init__(self, settings: StudySettings, storage: Storage, clock: Callable[[], float] = time.monotonic) -> None:
        self.settings = settings
        self.storage = storage
        self.clock = clock
        self.worlds: list[StudyWorld] = make_worlds(settings.episodes)
        self._fingerprints = [fingerprint(world.env.tables) for world in self.worlds]
        self._partners: dict[tuple[str, str], Partner] = {}
        self._check_seats()
        storage.claim(settings.title, json.dumps([[world.name for world in self.worlds], self._fingerprints]))
        self._journal = Journal(storage.last_ids())
        self._line = WaitingLine(settings.people, settings.waiting.seconds)
        self._joins = Bucket(settings.participants.joins_a_second, max(10.0, settings.participants.joins_a_second))
        self.people: dict[int, Person] = {}
        self.rooms: dict[int, Room] = {}
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.relay_seconds: collections.deque[float] = collections.deque(maxlen=20_000)
        self._ids_by_token: dict[str, int] = {}
        self._external_ids: set[str] = set()
        self._restore()

    def _check_seats(self) -> None:
        """Refuse worlds with too few agents, and agents that nobody would play; makes all partners once."""
        for episode, world in zip(self.settings.episodes, self.worlds, strict=True):
            if world.n_agents < self.settings.people:
                raise ConfigError(f"{world.name} has {world.n_agents} agents, and {self.settings.people} people play.")
            partner = self.settings.partner_of(episode)
            if world.n_agents > self.settings.people and not partner:
                raise ConfigError(
                    f"{world.name} has {world.n_agents} agents, of which people play {self.settings.people}: say who "
                    "plays the others, with a partner in [[episodes]] or [waiting]."
                )
            if partner:
                self.partner(partner, world)

    def partner(self, name: str, world: StudyWorld) -> Partner:
        """The partner of a name in a world; the same object at every call."""
        key = name, world.name
        if key not in self._partners:
            self._partners[key] = made = Partner(name, world, self.settings.folder)
            made.act(*LiveWorld(world, 0).observed_by(made, 0))  # What JAX compiles is compiled before people come.
        return self._partners[key]

    # Coming and going

    def join(self, external: Mapping[str, str]) -> str:
        """Take somebody in who has agreed to take part; `settle` must follow.

        Args:
          external: what the address said, by the names in `EXTERNAL_IDS`.
        Returns:
          The person's token, which nobody else gets to know.
        Raises:
          JoinError: if the address is not right, they have taken part before, or there are too many just now.
        """
        ids = {name: external.get(name, "") for name in EXTERNAL_IDS}
        if not all(_EXTERNAL_ID.fullmatch(value) for value in ids.values()):
            raise JoinError("The address of this page is not complete. Please open the study where you found it.")
        name, rules = ids["PROLIFIC_PID"], self.settings.participants
        if rules.needs_id and not name:
            raise JoinError("The address of this page does not say who you are. Please open it where you found it.")
        if rules.once and name in self._external_ids:
            raise JoinError("You have taken part in this study before, or have it open in another window.")
        n_here = len(self._line) + sum(person.room is not None for person in self.people.values())
        if n_here >= rules.at_once or not self._joins.take(self.clock()):
            raise JoinError("There are too many people here just now. Please try again in a minute.")
        token = secrets.token_urlsafe(24)
        number = self._journal.insert(
            "participants",
            token=_digest(token),
            prolific_pid=name,
            study_id=ids["STUDY_ID"],
            session_id=ids["SESSION_ID"],
            status="consented",
            consented_at=time.time(),
        )
        self.people[number] = Person(number, "consented")
        self._ids_by_token[_digest(token)] = number
        self._external_ids |= {name} if name else set()
        return token

    def find(self, token: str) -> Person | None:
        """Whose token it is; None for one that was never given."""
        number = self._ids_by_token.get(_digest(token))
        return None if number is None else self.people[number]

    async def connect(self, person: Person, link: Link) -> None:
        """Somebody's browser is there; it takes the place of another one of theirs."""
        if person.link is not None:
            person.link.close(CloseCode.REPLACED)
        person.link = link
        if person.status not in UNFINISHED:
            self._tell_end(person)
        elif person.room is not None:
            person.room.enter(person.id, self.clock())
        else:
            self._wait(person)
        await self.settle()

    async def disconnect(self, person: Person, link: Link) -> None:
        """A connection is gone."""
        if person.link is not link:
            return  # Another one has taken its place.
        person.link = None
        self._line.remove(person.id)
        if person.room is not None:
            person.room.leave(person.id, self.clock())
        await self.settle()

    async def receive(self, person: Person, message: ClientMessage) -> None:
        """Somebody says something.

        Raises:
          ProtocolError: for what makes no sense.
        """
        room, fields, now = person.room, message.fields, self.clock()
        if room is None:
            return
        if message.kind == "input":
            room.put_input(person.id, fields["episode"], fields["time"], fields["action"], now)
            return
        if message.kind == "ready":
            room.set_ready(person.id, fields["episode"], now)
        elif message.kind == "differs":
            room.report_difference(person.id, fields["episode"], fields["time"], fields["hash"])
        await self.settle()

    def note(self, kind: str, detail: str, participant: int | None = None) -> None:
        """Note something that a researcher may want to know."""
        self._journal.note(kind, detail, participant=participant)

    def _wait(self, person: Person) -> None:
        person.since = self.clock() if person.since is None else person.since
        if person.status != "waiting":
            person.status = "waiting"
            self._journal.update("participants", person.id, status="waiting")
        self._line.add(person.id, person.since)
        for group in self._line.take_groups():
            self._open_room(group)
        if person.id in self._line:
            left = self._line.seconds_left(person.id, self.clock())
            self._journal.tell(person.id, write_message("waiting", seconds=round(left)))

    # Rooms

    def _open_room(self, group: Sequence[int]) -> None:
        """Bring people together; who gets which seat is drawn."""
        seats = random.SystemRandom().sample(list(group), len(group))
        number = self._journal.insert("rooms", status="playing", began_at=time.time())
        plan = [self._plan_episode(number, idx, kind, seed) for idx, (kind, seed) in enumerate(self._order(number))]
        room = self._make_room(number, plan, seats)
        for agent_idx, participant in enumerate(seats):
            person = self.people[participant]
            person.status, person.room = "playing", room
            self._journal.update("participants", participant, status="playing", room=number, agent=agent_idx)
        for participant in seats:
            if self.people[participant].link is not None:
                room.enter(participant, self.clock())

    def _make_room(self, number: int, plan: Sequence[PlannedEpisode], participants: Sequence[int]) -> Room:
        settings = self.settings
        room = Room(
            number, plan, participants, settings.waiting, settings.speed, self._journal, self.partner, self.clock()
        )
        self.rooms[number] = room
        return room

    def _order(self, room: int) -> list[tuple[int, int]]:
        """What a room plays: the kinds of episodes by their numbers, and seeds."""
        kinds = list(range(len(self.settings.episodes)))
        if self.settings.order == "rotated":
            first = (room - 1) % len(kinds)
            kinds = kinds[first:] + kinds[:first]
        elif self.settings.order == "shuffled":
            kinds = random.SystemRandom().sample(kinds, len(kinds))
        order = []
        for kind in kinds:
            episode = self.settings.episodes[kind]
            for idx in range(episode.repeat):
                drawn = secrets.randbelow(2**32)
                order.append((kind, drawn if episode.seed is None else (episode.seed + idx) % 2**32))
        return order

    def _plan_episode(self, room: int, number: int, kind: int, seed: int) -> PlannedEpisode:
        episode, world = self.settings.episodes[kind], self.worlds[kind]
        partner = self.settings.partner_of(episode)
        row = self._journal.insert(
            "episodes",
            room=room,
            number=number,
            kind=kind,
            world=world.name,
            fingerprint=self._fingerprints[kind],
            seed=seed,
            partner=partner,
            status="planned",
        )
        return PlannedEpisode(row, world, seed, partner)

    def _take_departures(self, room: Room) -> None:
        """Say goodbye to those who are done, and forget a room that is closed."""
        for participant, status in room.departures:
            self._end(self.people[participant], status)
        room.departures.clear()
        if room.is_closed:
            self.rooms.pop(room.id, None)

    def _end(self, person: Person, status: str) -> None:
        person.status, person.room = status, None
        self._journal.update("participants", person.id, status=status, ended_at=time.time())
        self._tell_end(person)

    def _tell_end(self, person: Person) -> None:
        codes = self.settings.codes
        code = {"finished": codes.completed, "left": ""}.get(person.status)
        code = getattr(codes, person.status, "") if code is None else code
        address = codes.address.replace("{code}", code) if code else ""
        told = write_message("end", status=person.status, code=code, address=address, thanks=self.settings.thanks)
        self._journal.tell(person.id, told)

    # The clock

    async def run(self) -> None:
        """Keep the clock until the task is cancelled."""
        beat = 1 / (self.settings.speed * BEATS)
        begin, number, looked_at = self.clock(), 0, self.clock()
        while True:
            number += 1
            due = begin + number * beat
            await asyncio.sleep(max(0.0, due - self.clock()))
            if self.clock() - due > 1:  # The machine stood still; what was missed is not caught up.
                begin, number = self.clock(), 0
                continue
            rooms = [room for room in self.rooms.values() if room.id % BEATS == number % BEATS and room.is_running]
            for group in _without_partners_together(rooms):
                self._start(self.beat(group, due))
            if due - looked_at >= LOOK_SECONDS:
                looked_at = due
                self._start(self.look())

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            LOG.error("A room could not go on.", exc_info=task.exception())

    async def beat(self, rooms: Sequence[Room], due: float) -> None:
        """Have rooms make a step; one whose last step is not stored yet waits for its next turn.

        Args:
          rooms: which.
          due: when.
        """
        rooms = [room for room in rooms if room.id not in self._busy]
        self._busy |= {room.id for room in rooms}
        try:
            asked = {room.id: room.questions() for room in rooms}
            questions = [question for room in rooms for question in asked[room.id]]
            chosen = await asyncio.to_thread(_ask, questions) if questions else []
            answers = iter(chosen)
            for room in rooms:
                room.step({question.agent_idx: next(answers) for question in asked[room.id]}, due, self.clock())
            await self.settle()
            self.relay_seconds.append(self.clock() - due)
        finally:
            self._busy -= {room.id for room in rooms}

    async def look(self) -> None:
        """See who has waited, been away, or done nothing, for too long."""
        now = self.clock()
        for room in list(self.rooms.values()):
            room.look(now)
        for participant in self._line.take_expired(now):
            self._find_last_resort(self.people[participant])
        await self.settle()

    def _find_last_resort(self, person: Person) -> None:
        if all(self.settings.partner_of(episode) for episode in self.settings.episodes):
            self._open_room([person.id])
        else:
            self._end(person, "no_partner")

    async def settle(self) -> None:
        """Store what has changed, and then tell it."""
        for room in list(self.rooms.values()):
            if room.departures or room.is_closed:
                self._take_departures(room)
        records, messages = self._journal.drain()
        if not records and not messages:
            return
        await self.storage.write(records)  # In its order, so that no message overtakes another.
        for participant, text in messages:
            link = self.people[participant].link
            if link is not None:
                link.send(text)
        for participant in {participant for participant, _ in messages}:
            person = self.people[participant]
            if person.link is not None and person.status not in UNFINISHED:
                person.link.close(CloseCode.ENDED)

    def relay_ms(self) -> tuple[float, float]:
        """The median and the 99th percentile of the latest times from when a step was due until it was sent."""
        sorted_ = sorted(self.relay_seconds) or [0.0]
        return 1000 * sorted_[len(sorted_) // 2], 1000 * sorted_[int(0.99 * (len(sorted_) - 1))]

    # After a restart

    def _restore(self) -> None:
        """Go on where the server ended."""
        now = self.clock()
        for row in self.storage.rows("participants"):
            self._ids_by_token[row["token"]] = row["id"]
            self._external_ids |= {row["prolific_pid"]} - {""}
            self.people[row["id"]] = Person(row["id"], row["status"])
        begun = [row["id"] for row in self.storage.rows("episodes", status="playing")]
        played: dict[int, list[list[int]]] = {number: [] for number in begun}
        for step in self.storage.rows("steps", episode=begun) if begun else []:
            played[step["episode"]].append(json.loads(step["actions"]))
        for row in self.storage.rows("rooms", status="playing"):
            self._restore_room(row["id"], played, now)

    def _restore_room(self, number: int, played: Mapping[int, Sequence[Sequence[int]]], now: float) -> None:
        episodes = sorted(self.storage.rows("episodes", room=number), key=lambda row: row["number"])
        plan = [PlannedEpisode(row["id"], self.worlds[row["kind"]], row["seed"], row["partner"]) for row in episodes]
        members = sorted(self.storage.rows("participants", room=number), key=lambda row: row["agent"])
        room = self._make_room(number, plan, [row["id"] for row in members])
        room.seats = [Seat(row["id"] if row["status"] == "playing" else None) for row in members]
        for row in members:
            if row["status"] == "playing":
                self.people[row["id"]].room = room
        current = next(idx for idx, row in enumerate(episodes) if row["status"] in ("planned", "playing"))
        room.resume(current, played.get(episodes[current]["id"]), now)


def _without_partners_together(rooms: Sequence[Room]) -> list[list[Room]]:
    """The rooms in groups that step together; a slow or broken partner holds up its own room only."""
    together = [room for room in rooms if not room.has_partners]
    return [*([together] if together else []), *([room] for room in rooms if room.has_partners)]


def _ask(questions: Sequence[Question]) -> list[int]:
    """What partners do; in a thread of its own."""
    return [question.partner.act(question.observation, question.key) for question in questions]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
