"""A room: people, and partners that the server plays, in one world after another. It does no input and output."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cogrid.serve.journal import Journal
from cogrid.serve.protocol import ProtocolError, write_message, write_step
from cogrid.serve.settings import WaitingSettings
from cogrid.serve.worlds import LiveWorld, Partner, StudyWorld

KEY, NOTHING, PARTNER = "k", "n", "p"
"""Where an action of a step comes from: a person's key, nothing that a person did, or a partner."""

MAX_LAG_SECONDS = 1.0
"""An input that was made for a state that is older than this counts no more."""


class PlannedEpisode(NamedTuple):
    """An episode that a room will play.

    Attributes:
      id: of its row.
      world: where.
      seed: of its reset.
      partner: who plays the agents that no person plays; "" for nobody.
    """

    id: int
    world: StudyWorld
    seed: int
    partner: str


class Question(NamedTuple):
    """What a partner is asked: whose turn it is, who is asked, and with what."""

    agent_idx: int
    partner: Partner
    observation: Any
    key: Any


@dataclasses.dataclass
class Seat:
    """A place in a room.

    Attributes:
      participant: who sits there; None for a partner that the server plays.
      is_here: whether that person's browser is connected.
      is_ready: whether that person wants the next episode to begin.
      since: when they were last seen to do something: pressed a key, came, or went; seconds of the room's clock.
      next_action: what they asked for since the last step.
    """

    participant: int | None
    is_here: bool = False
    is_ready: bool = False
    since: float = 0.0
    next_action: int | None = None


class Departure(NamedTuple):
    """Somebody who is done with the study, and why: "finished", "left", "idle" or "partner_left"."""

    participant: int
    status: str


PartnerMaker = Callable[[str, StudyWorld], Partner]
"""The partner of a name in a world."""


class Room:
    """People who play together.

    Args:
      id: of the room's row.
      plan: the episodes, in order.
      participants: who sits in the first seats.
      waiting: how long the room has patience.
      speed: steps a second.
      journal: what changes goes there.
      partners: makes partners.
      now: the time; seconds from no particular time, as everywhere here.
    """

    def __init__(
        self,
        id: int,
        plan: Sequence[PlannedEpisode],
        participants: Sequence[int],
        waiting: WaitingSettings,
        speed: float,
        journal: Journal,
        partners: PartnerMaker,
        now: float,
    ) -> None:
        self.id = id
        self.plan = plan
        self.seats: list[Seat] = [Seat(participant, since=now) for participant in participants]
        self.waiting = waiting
        self.speed = speed
        self.number: int = 0
        self.live: LiveWorld | None = None
        self.is_closed: bool = False
        self.departures: list[Departure] = []
        self._journal = journal
        self._partners = partners

    # Who is there

    @property
    def episode(self) -> PlannedEpisode:
        """The episode that is played, or comes next."""
        return self.plan[self.number]

    @property
    def is_running(self) -> bool:
        """Whether the clock makes steps now: an episode is played, and everybody is there."""
        return self.live is not None and not self.is_closed and all(seat.is_here for seat in self._people)

    @property
    def has_partners(self) -> bool:
        """Whether the server plays a seat."""
        return any(seat.participant is None for seat in self.seats)

    @property
    def _people(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.participant is not None]

    def seat_of(self, participant: int) -> Seat:
        """Where somebody sits."""
        return next(seat for seat in self.seats if seat.participant == participant)

    def enter(self, participant: int, now: float) -> None:
        """Somebody's browser is connected: tell it everything, and go on if nobody is missing any more."""
        seat = self.seat_of(participant)
        seat.is_here, seat.next_action, seat.is_ready = True, None, False
        for other in self._people:
            other.since = now if other.is_here else other.since
        self._tell_episode(participant)
        if self.live is not None:
            self.tell_state(participant)
        self._tell_who_is_here(now)

    def leave(self, participant: int, now: float) -> None:
        """Somebody's connection is lost: the clock stands until they come back, or are given up."""
        seat = self.seat_of(participant)
        seat.is_here, seat.since, seat.next_action, seat.is_ready = False, now, None, False
        if not self.is_closed:
            self._tell_who_is_here(now)

    # What people say

    def set_ready(self, participant: int, number: int, now: float) -> None:
        """Somebody wants the next episode to begin; it does when all want it."""
        seat = self.seat_of(participant)
        if self.live is not None or number != self.number:
            return
        seat.is_ready, seat.since = True, now
        self._tell_who_is_here(now)
        self._begin_if_ready(now)

    def put_input(self, participant: int, number: int, made_at: int, action: int, now: float) -> None:
        """Keep what somebody asks for; of several inputs between two steps the last one counts.

        Args:
          participant: who.
          number: the episode that it is for; an input for another one comes too late, and does not count.
          made_at: the time of the state that the person saw.
          action: the action.
          now: the time.
        Raises:
          ProtocolError: for an action that there is not, or a state that there has not been yet.
        """
        if self.live is None or number != self.number:
            return
        if action >= self.live.world.n_actions or made_at > self.live.time:
            raise ProtocolError(f"There is no action {action}, or no state {made_at} yet.")
        seat = self.seat_of(participant)
        seat.since = now
        if self.live.time - made_at <= MAX_LAG_SECONDS * self.speed:
            seat.next_action = action

    def report_difference(self, participant: int, number: int, made_at: int, hash_: int) -> None:
        """A browser has another state than ours: note that, and send ours."""
        if self.live is None or number != self.number:
            return
        where = {"participant": participant, "room": self.id, "episode": self.episode.id}
        self._journal.note("difference", f"the browser has the hash {hash_}", time=made_at, **where)
        self.tell_state(participant)

    # The clock

    def questions(self) -> list[Question]:
        """What the partners are asked for the next step."""
        live = self.live
        if live is None:
            return []
        asked = []
        for agent_idx, seat in enumerate(self.seats):
            if seat.participant is None:
                partner = self._partners(self.episode.partner, self.episode.world)
                asked.append(Question(agent_idx, partner, *live.observed_by(partner, agent_idx)))
        return asked

    def step(self, answers: Mapping[int, int], due: float, now: float) -> None:
        """Make a step, if the room is running.

        Args:
          answers: the partners' actions, by agent.
          due: when it was due.
          now: the time.
        """
        live = self.live
        if live is None or not self.is_running:
            return
        sources = "".join(self._source(idx, answers) for idx in range(len(self.seats)))
        chosen = [self._taken(idx, answers) for idx in range(len(self.seats))]
        made = live.step(chosen)
        hash_ = live.hash()
        self._journal.insert(
            "steps",
            episode=self.episode.id,
            time=live.time,
            actions=json.dumps(made),
            sources=sources,
            hash=hash_,
            at=time.time(),
        )
        self._tell_all(write_step(live.time, made, hash_, 1000 * due))
        if live.is_over:
            self._end_episode("complete", now)

    def _source(self, agent_idx: int, answers: Mapping[int, int]) -> str:
        if agent_idx in answers:
            return PARTNER
        return NOTHING if self.seats[agent_idx].next_action is None else KEY

    def _taken(self, agent_idx: int, answers: Mapping[int, int]) -> int:
        seat = self.seats[agent_idx]
        action, seat.next_action = seat.next_action, None
        return answers.get(agent_idx, self.episode.world.noop if action is None else action)

    def look(self, now: float) -> None:
        """See who has been away, or has done nothing, for too long."""
        for seat in list(self._people):
            if self.is_closed:
                return
            if not seat.is_here and now - seat.since > self.waiting.return_seconds:
                self._give_up(seat, "left", now)
            elif seat.is_here and self._is_asked(seat) and now - seat.since > self.waiting.idle_seconds:
                self._give_up(seat, "idle", now)

    def _is_asked(self, seat: Seat) -> bool:
        """Whether it is this person's turn to do something: to play, or to say that they are ready."""
        return self.is_running or (self.live is None and not seat.is_ready)

    def _give_up(self, seat: Seat, status: str, now: float) -> None:
        """Go on without somebody: with a partner in their seat, or not at all."""
        participant = seat.participant
        if participant is None:
            return
        self._journal.note(status, participant=participant, room=self.id, episode=self.episode.id, time=self._time)
        self.departures.append(Departure(participant, status))
        seat.participant = None
        can_go_on = bool(self._people) and all(episode.partner for episode in self.plan[self.number :])
        if not can_go_on:
            self._close("partner_left" if self._people else status, now)
            return
        for other in self._people:
            other.since = now
        self._tell_who_is_here(now)
        self._begin_if_ready(now)

    @property
    def _time(self) -> int | None:
        return None if self.live is None else self.live.time

    # Episodes

    def _begin_if_ready(self, now: float) -> None:
        if self.live is not None or not all(seat.is_ready and seat.is_here for seat in self._people):
            return
        self.live = LiveWorld(self.episode.world, self.episode.seed)
        players = ["partner" if seat.participant is None else str(seat.participant) for seat in self._seats_of_all()]
        self._journal.update(
            "episodes", self.episode.id, status="playing", players=json.dumps(players), started_at=time.time()
        )
        for seat in self.seats:
            seat.since, seat.next_action = now, None
        for seat in self._people:
            self.tell_state(seat.participant or 0)
        self._tell_who_is_here(now)

    def _seats_of_all(self) -> list[Seat]:
        """The seats of all agents of the world; those beyond the people's are the partners'."""
        n_agents = self.episode.world.n_agents
        self.seats.extend(Seat(None) for _ in range(n_agents - len(self.seats)))
        del self.seats[n_agents:]
        return self.seats

    def resume(self, number: int, steps: Sequence[Sequence[int]] | None, now: float) -> None:
        """Go on after a restart of the server; everybody is away at first.

        Args:
          number: the episode that was played, or comes next.
          steps: the actions of its steps so far; None if it had not begun.
          now: the time.
        """
        self.number = number
        for seat in self.seats:
            seat.since = now
        if steps is None:
            return
        self._seats_of_all()
        self.live = LiveWorld(self.episode.world, self.episode.seed)
        for actions in steps:
            self.live.step(actions)
        if self.live.is_over:
            self._end_episode("complete", now)

    def _end_episode(self, status: str, now: float) -> None:
        live = self.live
        if live is not None:
            returns = json.dumps(live.returns)
            self._journal.update(
                "episodes", self.episode.id, status=status, returns=returns, n_steps=live.time, ended_at=time.time()
            )
            self._tell_all(write_message("over", episode=self.number, returns=live.returns))
        self.live = None
        if status != "complete":
            return
        if self.number + 1 == len(self.plan):
            self._close("finished", now)
            return
        self.number += 1
        for seat in self.seats:
            seat.is_ready, seat.since = False, now
        for seat in self._people:
            self._tell_episode(seat.participant or 0)
        self._tell_who_is_here(now)

    def _close(self, status: str, now: float) -> None:
        """End the room for everybody who is still in it."""
        if self.live is not None:
            self._end_episode("incomplete", now)
        self.is_closed = True
        self.departures.extend(Departure(seat.participant, status) for seat in self._people if seat.participant)
        self._journal.update("rooms", self.id, status=status, ended_at=time.time())

    # What people are told

    def _tell_all(self, text: str) -> None:
        for seat in self._people:
            if seat.is_here:
                self._journal.tell(seat.participant or 0, text)

    def _tell_episode(self, participant: int) -> None:
        about = {
            "episode": self.number,
            "of": len(self.plan),
            "world": self.episode.world.name,
            "seed": self.episode.seed,
            "agent": next(idx for idx, seat in enumerate(self.seats) if seat.participant == participant),
            "speed": self.speed,
        }
        self._journal.tell(participant, write_message("episode", **about))

    def tell_state(self, participant: int) -> None:
        """Send somebody the whole state."""
        if self.live is None:
            return
        state, returns, hash_ = self.live.snapshot(), self.live.returns, self.live.hash()
        self._journal.tell(
            participant, write_message("state", episode=self.number, state=state, returns=returns, hash=hash_)
        )

    def _tell_who_is_here(self, now: float) -> None:
        """Say whether the clock runs, and for whom it waits."""
        missing = [seat for seat in self._people if not seat.is_here]
        left = min((self.waiting.return_seconds - (now - seat.since) for seat in missing), default=0.0)
        about = {
            "running": self.is_running,
            "away": len(missing),
            "seconds": max(0, round(left)),
            "unready": 0 if self.live is not None else sum(not seat.is_ready for seat in self._people),
            "partners": sum(seat.participant is None for seat in self.seats),
        }
        self._tell_all(write_message("room", **about))
