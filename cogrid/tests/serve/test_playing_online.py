"""People play over the network, and what they did comes out as it was told."""

from __future__ import annotations

import pathlib

import pytest

import cogrid
from cogrid.serve.export import export_study
from cogrid.serve.protocol import CloseCode
from cogrid.serve.settings import EpisodeSettings
from cogrid.serve.storage import Storage, open_database
from cogrid.tests.command_line.commands import run_command
from cogrid.tests.serve.running import Player, join, pair, running
from cogrid.tests.serve.studies import KITCHEN, NOOP, fast, settings_of


def test_two_people_play_to_the_end_and_every_step_is_as_it_was_told(tmp_path: pathlib.Path) -> None:
    settings = fast(tmp_path)
    with running(settings) as port:
        first, second = pair(port)
        first.say("input", episode=0, time=0, action=3)
        for player in (first, second):
            player.hear("over", episode=0)
        for player in (first, second):
            player.say("ready", episode=1)
        ends = [player.hear("end") for player in (first, second)]
        codes = [player.closing_code() for player in (first, second)]
    steps = [message for message in first.messages if message["type"] == "step"]
    exported = export_study(settings, Storage(open_database(settings.database_address)), tmp_path / "out")
    files = sorted((tmp_path / "out" / "trajectories").iterdir())

    assert codes == [CloseCode.ENDED] * 2
    assert [end["code"] for end in ends] == ["DONE", "DONE"]
    assert steps == [message for message in second.messages if message["type"] == "step"]
    assert len(steps) == 24
    assert exported.problems == []
    assert len(files) == 2
    env = cogrid.make(KITCHEN, max_steps=12)
    trajectories = [cogrid.Trajectory.load(file) for file in files]
    assert [trajectory.check(env) for trajectory in trajectories] == [[], []]
    played = [trajectory.actions.tolist() for trajectory in trajectories]
    assert [*played[0], *played[1]] == [step["actions"] for step in steps]
    assert 3 in [action for joint in played[0] for action in joint]
    rows = (tmp_path / "out" / "actions.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "episode,room,world,time,agent,action,source,reward,at"
    assert len(rows) == 1 + 2 * 24
    assert sum(",MoveRight,key," in row for row in rows) == 1
    assert "token" not in (tmp_path / "out" / "participants.csv").read_text(encoding="utf-8")


def test_the_command_exports_and_tells_what_the_rules_do_not_reproduce(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "study.toml"
    file.write_text(
        f'title = "x"\n[[episodes]]\nworld = "{KITCHEN}"\nsettings = {{ max_steps = 12 }}\nrepeat = 2\nseed = 7\n',
        encoding="utf-8",
    )
    with running(fast(tmp_path)) as port:
        first, second = pair(port)
        first.hear("step", time=4)
        first.close()
        second.close()
    told = run_command(capsys, "serve", str(file), "--export", str(tmp_path / "out"))
    assert (told.status, "1 episode as trajectories" in told.out) == (0, True)

    engine = open_database(f"sqlite:///{tmp_path / 'study.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE steps SET hash = 1 WHERE time = 2")
    engine.dispose()
    told = run_command(capsys, "serve", str(file), "--export", str(tmp_path / "out"))
    assert (told.status, "Episode 1: the state after step 2 is another one" in told.out) == (1, True)


def test_a_partner_that_the_server_plays_is_there_at_once_for_one_person(tmp_path: pathlib.Path) -> None:
    settings = settings_of(
        tmp_path,
        people=1,
        speed=15,
        episodes=(EpisodeSettings(world=KITCHEN, settings={"max_steps": 40}, partner="greedy"),),
    )
    with running(settings) as port, Player(port, join(port)).greet() as alone:
        alone.hear("episode")
        alone.say("ready", episode=0)
        alone.hear("end")
    actions = [message["actions"] for message in alone.messages if message["type"] == "step"]

    assert {joint[0] for joint in actions} == {NOOP}
    assert len({joint[1] for joint in actions}) > 2
