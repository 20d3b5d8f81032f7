"""What happens to people: they wait, play, come back, are given up, and what they did is stored before it is told."""

from __future__ import annotations

import asyncio
import json
import pathlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from cogrid.errors import ActionError, ConfigError
from cogrid.serve.protocol import CloseCode, ProtocolError
from cogrid.serve.settings import CodeSettings, EpisodeSettings, ParticipantSettings, WaitingSettings
from cogrid.serve.study import JoinError, Person, Study
from cogrid.tests.serve.studies import KITCHEN, NOOP, FakeBrowser, Hall, run, settings_of

WITH_PARTNER = WaitingSettings(seconds=30, return_seconds=10, idle_seconds=20, partner="random")
CODES = CodeSettings(
    completed="DONE", no_partner="ALONE", partner_left="LEFT", idle="", address="https://example.org/?cc={code}"
)


@pytest.fixture
def hall(tmp_path: pathlib.Path) -> Iterator[Hall]:
    """A study with no partner of last resort."""
    hall = Hall(settings_of(tmp_path, codes=CODES))
    yield hall
    hall.close()


def test_two_people_who_are_ready_play_and_see_the_same_steps(hall: Hall) -> None:
    async def play() -> None:
        first, second = await hall.pair()
        await first.say("input", episode=0, time=0, action=2)
        await hall.step()
        await second.say("input", episode=0, time=1, action=3)
        await hall.step(2)

        assert first.heard("step") == second.heard("step")
        agents = [browser.heard("episode")[0]["agent"] for browser in (first, second)]
        assert sorted(agents) == [0, 1]
        expected = [[NOOP, NOOP] for _ in range(3)]
        expected[0][agents[0]], expected[1][agents[1]] = 2, 3
        assert [step["actions"] for step in first.heard("step")] == expected
        assert [step["time"] for step in first.heard("step")] == [1, 2, 3]

    run(play())


def test_what_is_told_is_stored_before(hall: Hall) -> None:
    async def play() -> None:
        first, _ = await hall.pair()
        told = first.send

        def look(text: str) -> None:
            message = json.loads(text)
            if message["type"] == "step":
                assert hall.storage.rows("steps")[-1]["time"] == message["time"]
            told(text)

        first.send = look  # type: ignore[method-assign]
        await hall.step(3)
        assert len(first.heard("step")) == 3

    run(play())


def test_a_room_plays_all_its_episodes_and_gives_the_codes(hall: Hall) -> None:
    async def play() -> None:
        first, second = await hall.pair()
        await hall.step(25)  # Five more than the episode has.
        assert [message["episode"] for message in first.heard("over")] == [0]
        for browser in (first, second):
            await browser.say("ready", episode=1)
        await hall.step(20)
        end = second.heard("end")[0]
        assert (end["status"], end["code"], end["address"]) == ("finished", "DONE", "https://example.org/?cc=DONE")
        assert second.closed_with == CloseCode.ENDED
        assert hall.study.rooms == {}

    run(play())
    assert [row["status"] for row in hall.storage.rows("episodes")] == ["complete", "complete"]
    assert [row["seed"] for row in hall.storage.rows("episodes")] == [7, 8]
    assert hall.storage.counts("steps", "episode") == {1: 20, 2: 20}
    assert hall.storage.counts("participants", "status") == {"finished": 2}


def test_people_play_in_the_order_in_which_they_came(hall: Hall) -> None:
    async def play() -> None:
        people = [await hall.come() for _ in range(3)]
        rooms = [browser.person.room for browser in people]
        assert rooms[0] is rooms[1] is not None
        assert rooms[2] is None
        assert people[2].heard("waiting") == [{"type": "waiting", "seconds": 30}]

    run(play())


def test_somebody_for_whom_nobody_comes_is_thanked_and_gets_a_code(hall: Hall) -> None:
    async def play() -> None:
        alone = await hall.come()
        await hall.pass_time(29)
        assert alone.heard("end") == []
        await hall.pass_time(2)
        assert (alone.heard("end")[0]["status"], alone.heard("end")[0]["code"]) == ("no_partner", "ALONE")

    run(play())


def test_a_reload_costs_nobody_their_place_in_the_line(hall: Hall) -> None:
    async def play() -> None:
        alone = await hall.come()
        await hall.pass_time(20)
        await alone.disconnect()
        await alone.connect()
        assert alone.heard("waiting")[-1]["seconds"] == 10

    run(play())


def test_the_partner_of_last_resort_plays_with_somebody_for_whom_nobody_came(tmp_path: pathlib.Path) -> None:
    hall = Hall(settings_of(tmp_path, waiting=WITH_PARTNER))

    async def play() -> None:
        alone = await hall.come()
        await hall.pass_time(31)
        await alone.say("ready", episode=0)
        await alone.say("input", episode=0, time=0, action=2)
        await hall.step(20)
        assert len(alone.heard("step")) == 20
        assert alone.heard("step")[0]["actions"][0] == 2

    run(play())
    rows = hall.storage.rows("steps")
    hall.close()
    assert {row["sources"] for row in rows} == {"kp", "np"}
    assert len({json.loads(row["actions"])[1] for row in rows}) > 3


def test_the_clock_waits_for_somebody_who_is_away_and_goes_on_when_they_are_back(hall: Hall) -> None:
    async def play() -> None:
        first, second = await hall.pair()
        await hall.step(3)
        await second.disconnect()
        await hall.step(5)
        assert len(first.heard("step")) == 3
        assert first.heard("room")[-1] == {**first.heard("room")[-1], "running": False, "away": 1, "seconds": 10}
        await second.connect()
        state = second.heard("state")[-1]
        assert state["state"]["time"] == 3
        assert state["hash"] == first.heard("step")[-1]["hash"]
        await hall.step()
        assert first.heard("step")[-1]["time"] == 4

    run(play())


def test_somebody_who_does_not_come_back_ends_the_room_for_the_other(hall: Hall) -> None:
    async def play() -> None:
        first, second = await hall.pair()
        await hall.step(3)
        await second.disconnect()
        await hall.pass_time(11)
        assert (first.heard("end")[0]["status"], first.heard("end")[0]["code"]) == ("partner_left", "LEFT")
        await second.connect()
        assert (second.heard("end")[0]["status"], second.heard("end")[0]["code"]) == ("left", "")

    run(play())
    assert hall.storage.rows("episodes")[0]["status"] == "incomplete"
    assert hall.storage.rows("episodes")[0]["n_steps"] == 3


def test_a_partner_takes_the_seat_of_somebody_who_left(tmp_path: pathlib.Path) -> None:
    hall = Hall(settings_of(tmp_path, waiting=WITH_PARTNER))

    async def play() -> None:
        first, second = await hall.pair()
        await hall.step(3)
        await second.disconnect()
        await hall.pass_time(11)
        await hall.step(17)
        assert len(first.heard("step")) == 20
        await first.say("ready", episode=1)
        await hall.step(20)
        assert first.heard("end")[0]["status"] == "finished"

    run(play())
    sources = [row["sources"] for row in hall.storage.rows("steps")]
    hall.close()
    assert sources[:3] == ["nn"] * 3
    assert set(sources[3:]) <= {"np", "pn"}


def test_somebody_who_presses_nothing_for_too_long_has_left(hall: Hall) -> None:
    async def play() -> None:
        first, second = await hall.pair()
        await hall.pass_time(15)
        await first.say("input", episode=0, time=0, action=1)
        await hall.pass_time(15)
        assert second.heard("end")[0]["status"] == "idle"
        assert first.heard("end")[0]["status"] == "partner_left"

    run(play())
    assert "idle" in [row["kind"] for row in hall.storage.rows("incidents")]


def test_a_difference_is_noted_and_mended_with_the_whole_state(hall: Hall) -> None:
    async def play() -> None:
        first, _ = await hall.pair()
        await hall.step(2)
        n_before = len(first.heard("state"))
        await first.say("differs", episode=0, time=2, hash=12345)
        assert len(first.heard("state")) == n_before + 1
        assert first.heard("state")[-1]["state"]["time"] == 2

    run(play())
    incident = hall.storage.rows("incidents")[0]
    assert (incident["kind"], incident["time"], incident["detail"]) == (
        "difference",
        2,
        "the browser has the hash 12345",
    )


def test_inputs_that_come_too_late_or_make_no_sense_change_nothing(hall: Hall) -> None:
    async def play() -> None:
        first, _ = await hall.pair()
        await hall.step(12)
        await first.say("input", episode=0, time=1, action=2)  # More than a second old.
        await first.say("input", episode=1, time=12, action=2)  # Of another episode.
        await hall.step()
        assert first.heard("step")[-1]["actions"] == [NOOP, NOOP]
        for fields in ({"time": 12, "action": 99}, {"time": 14, "action": 2}):
            with pytest.raises(ProtocolError):
                await first.say("input", episode=0, **fields)

    run(play())


def test_somebody_who_waits_says_nothing_that_counts(hall: Hall) -> None:
    async def play() -> None:
        alone = await hall.come()
        await alone.say("input", episode=0, time=0, action=2)
        await alone.say("ready", episode=0)
        assert alone.heard("episode") == []

    run(play())


def test_a_second_connection_of_the_same_person_takes_the_place_of_the_first(hall: Hall) -> None:
    async def play() -> None:
        first, second = await hall.pair()
        again = type(first)(hall.study, first.person)
        await again.connect()
        assert first.closed_with == CloseCode.REPLACED
        await first.disconnect()  # What the server notices of the old one changes nothing.
        await hall.step()
        assert len(again.heard("step")) == len(second.heard("step")) == 1
        assert first.heard("step") == []

    run(play())


def test_a_token_is_known_and_no_other_text_is(hall: Hall) -> None:
    token = hall.study.join({})

    assert hall.study.find(token) is not None
    assert [hall.study.find(text) for text in ("", "x" * 32, token[:-1], token + "x")] == [None] * 4


def test_the_database_does_not_have_the_tokens(hall: Hall) -> None:
    token = hall.study.join({})
    run(hall.study.settle())

    assert token not in json.dumps(hall.storage.rows("participants"))


@pytest.mark.parametrize("name", ["x'; DROP TABLE steps; --", "../../etc/passwd", "é", "x" * 101, "a b"])
def test_an_address_with_anything_but_a_name_is_refused(name: str, hall: Hall) -> None:
    with pytest.raises(JoinError, match="not complete"):
        hall.study.join({"PROLIFIC_PID": name})


def test_a_named_person_takes_part_once_and_must_be_named_where_that_is_asked(tmp_path: pathlib.Path) -> None:
    hall = Hall(settings_of(tmp_path, participants=ParticipantSettings(needs_id=True)))
    hall.study.join({"PROLIFIC_PID": "abc"})
    for name, why in (("abc", "taken part"), ("", "does not say who you are")):
        with pytest.raises(JoinError, match=why):
            hall.study.join({"PROLIFIC_PID": name})
    hall.close()


def test_no_more_people_come_in_than_the_settings_let(tmp_path: pathlib.Path) -> None:
    hall = Hall(settings_of(tmp_path, participants=ParticipantSettings(at_once=2)))

    async def come() -> None:
        await hall.come()
        await hall.come()
        with pytest.raises(JoinError, match="too many people"):
            await hall.come()

    run(come())
    hall.close()


def test_a_flood_of_newcomers_is_slowed_down(hall: Hall) -> None:
    for _ in range(20):
        hall.study.join({})
    with pytest.raises(JoinError, match="too many people"):
        hall.study.join({})
    hall.now += 1

    assert hall.study.join({})


def test_rooms_go_on_after_a_restart_where_they_were(tmp_path: pathlib.Path) -> None:
    settings = settings_of(tmp_path)
    hall = Hall(settings)

    async def begin() -> list[str]:
        tokens = [hall.study.join({"PROLIFIC_PID": name}) for name in ("one", "two")]
        await hall.study.settle()
        people = [hall.study.find(token) for token in tokens]
        browsers = [await browser_of(hall, person).connect() for person in people]
        for browser in browsers:
            await browser.say("ready", episode=0)
            await browser.say("input", episode=0, time=0, action=1)
        await hall.step(5)
        return [*tokens, str(browsers[0].heard("step")[-1]["hash"])]

    *tokens, last = run(begin())
    hall.close()  # What is told is stored, so that a killed server leaves the same database.
    again = Hall(settings)

    async def go_on() -> None:
        people = [again.study.find(token) for token in tokens]
        first, second = [await browser_of(again, person).connect() for person in people]
        assert str(second.heard("state")[-1]["hash"]) == last
        await again.step(15)
        assert [message["episode"] for message in first.heard("over")] == [0]
        with pytest.raises(JoinError, match="taken part"):
            again.study.join({"PROLIFIC_PID": "two"})

    run(go_on())
    assert again.storage.counts("steps", "episode") == {1: 20}
    again.close()


def test_a_room_to_which_nobody_returns_after_a_restart_ends(tmp_path: pathlib.Path) -> None:
    settings = settings_of(tmp_path)
    hall = Hall(settings)

    async def begin() -> None:
        await hall.pair()
        await hall.step(5)

    run(begin())
    hall.close()
    again = Hall(settings)
    run(again.pass_time(11))

    assert again.storage.rows("rooms")[0]["status"] == "partner_left"
    assert again.storage.rows("episodes")[0]["n_steps"] == 5
    again.close()


def test_a_database_of_other_episodes_is_refused(tmp_path: pathlib.Path) -> None:
    Hall(settings_of(tmp_path)).close()
    with pytest.raises(ConfigError, match="other episodes"):
        Hall(settings_of(tmp_path, n_steps=30))


def test_orders_of_episodes(tmp_path: pathlib.Path) -> None:
    episodes = tuple(
        EpisodeSettings(world=KITCHEN, settings={"max_steps": n}, repeat=n_times) for n, n_times in ((5, 1), (6, 2))
    )
    found = {}
    for order in ("fixed", "rotated", "shuffled"):
        hall = Hall(settings_of(tmp_path, episodes=episodes, order=order))
        found[order] = [[kind for kind, _ in hall.study._order(room)] for room in (1, 2, 3)]
        hall.close()

    assert found["fixed"] == [[0, 1, 1]] * 3
    assert found["rotated"] == [[0, 1, 1], [1, 1, 0], [0, 1, 1]]
    assert all(sorted(kinds) == [0, 1, 1] for kinds in found["shuffled"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"people": 3}, "has 2 agents, and 3 people play"),
        ({"people": 1}, "say who plays the others"),
        ({"waiting": WaitingSettings(partner="gredy")}, "'gredy' is no scripted policy.*Did you mean 'greedy'"),
    ],
)
def test_seats_that_nobody_can_play_are_refused(changes: dict[str, Any], message: str, tmp_path: pathlib.Path) -> None:
    settings = settings_of(tmp_path, **changes)
    hall = Hall(settings_of(tmp_path))
    with pytest.raises(ConfigError, match=message):
        Study(settings, hall.storage)
    hall.close()


def test_partners_play_the_agents_that_no_person_plays(tmp_path: pathlib.Path) -> None:
    episodes = (EpisodeSettings(world=KITCHEN, settings={"max_steps": 10, "num_agents": 3}, partner="random"),)
    hall = Hall(settings_of(tmp_path, episodes=episodes))

    async def play() -> None:
        first, second = await hall.pair()
        await hall.step(10)
        assert [first.heard("end")[0]["status"], second.heard("end")[0]["status"]] == ["finished", "finished"]

    run(play())
    rows = hall.storage.rows("steps")
    hall.close()
    assert {row["sources"] for row in rows} == {"nnp"}
    assert len({json.loads(row["actions"])[2] for row in rows}) > 2


def test_a_partner_that_chooses_no_action_is_refused_before_people_come(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd_partner.py").write_text("def play(obs, key):\n    return 99\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ActionError, match="has chosen 99"):
        Hall(settings_of(tmp_path, waiting=WaitingSettings(partner="odd_partner:play")))


def test_a_partner_that_breaks_holds_up_its_own_room_only(tmp_path: pathlib.Path) -> None:
    hall = Hall(settings_of(tmp_path, waiting=WITH_PARTNER))

    async def play() -> None:
        alone = await hall.come()
        await hall.pass_time(31)
        await alone.say("ready", episode=0)
        others = await hall.pair()
        hall.study.partner("random", hall.study.worlds[0])._policy = broken
        clock = asyncio.create_task(hall.study.run())
        hall.study.clock = time.monotonic
        while len(others[0].heard("step")) < 3:
            await asyncio.sleep(0.02)
        clock.cancel()
        assert alone.heard("step") == []

    run(play())
    hall.close()


def broken(obs: object, key: object) -> int:
    """A policy with a fault."""
    raise RuntimeError("a fault of the policy")


def browser_of(hall: Hall, person: object) -> FakeBrowser:
    assert isinstance(person, Person)
    return FakeBrowser(hall.study, person)
