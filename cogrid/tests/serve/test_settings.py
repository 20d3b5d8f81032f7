"""The settings of a study: a file that is right is read, and one that is wrong is told where."""

from __future__ import annotations

import pathlib

import pytest

from cogrid.errors import ConfigError
from cogrid.serve.settings import read_study
from cogrid.serve.worlds import make_worlds

EPISODE = '[[episodes]]\nworld = "Overcooked-CrampedRoom-V0"\n'


def read(folder: pathlib.Path, text: str) -> object:
    file = folder / "study.toml"
    file.write_text(text, encoding="utf-8")
    return read_study(file)


def test_a_study_is_read_with_all_its_tables(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(
        'title = "Two cooks"\nspeed = 5\norder = "rotated"\n[waiting]\nseconds = 60\npartner = "greedy"\n'
        '[codes]\ncompleted = "C1"\naddress = "https://example.org/?cc={code}"\n[participants]\nneeds_id = true\n'
        + EPISODE
        + "settings = { max_steps = 400 }\nrepeat = 2\n",
        encoding="utf-8",
    )
    study = read_study(file)

    assert (study.title, study.speed, study.order, study.people) == ("Two cooks", 5, "rotated", 2)
    assert (study.waiting.seconds, study.waiting.partner, study.codes.completed) == (60, "greedy", "C1")
    assert study.participants.needs_id
    assert study.episodes[0].settings == {"max_steps": 400}
    assert study.partner_of(study.episodes[0]) == "greedy"
    assert study.database_address == f"sqlite:///{tmp_path.resolve() / 'study.db'}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "is no TOML"),
        (EPISODE, "'title' is missing"),
        ('title = "x"\nepisodes = []', "at least one table"),
        ('title = "x"\nepisodes = 3', "episodes is written as tables"),
        ('title = "x"\nsped = 3\n' + EPISODE, "no key 'sped'. Did you mean 'speed'"),
        ('title = "x"\nfolder = "y"\n' + EPISODE, "no key 'folder'"),
        ('title = "x"\nspeed = "fast"\n' + EPISODE, "speed is a number, not 'fast'"),
        ('title = "x"\nspeed = true\n' + EPISODE, "speed is a number, not True"),
        ('title = "x"\nspeed = 60\n' + EPISODE, "speed is from 1 to 15, not 60"),
        ('title = "x"\norder = "latin"\n' + EPISODE, "order is one of 'fixed', 'rotated', 'shuffled', not 'latin'"),
        ('title = "x"\n[waiting]\nsecond = 3\n' + EPISODE, "no key 'waiting.second'. Did you mean 'seconds'"),
        ('title = "x"\n[waiting]\nseconds = 0\n' + EPISODE, "waiting.seconds is from 1"),
        ('title = "x"\nwaiting = 3\n' + EPISODE, "waiting is a table, not 3"),
        ('title = "x"\n[codes]\naddress = "javascript:x"\n' + EPISODE, "codes.address begins with https"),
        ('title = "x"\n' + EPISODE + "seed = -1", "episodes.seed is from 0"),
        ('title = "x"\n' + EPISODE + "repeat = 1.5", "episodes.repeat is a whole number"),
    ],
)
def test_a_wrong_setting_is_named(text: str, message: str, tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, text)


def test_a_file_that_is_missing_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        read_study(tmp_path / "nowhere.toml")


def test_an_absolute_database_and_one_elsewhere_stay_as_they_are(tmp_path: pathlib.Path) -> None:
    for address in ("sqlite:////data/x.db", "postgresql+psycopg://me@host/cooks", "sqlite://"):
        (tmp_path / "study.toml").write_text(f'title = "x"\ndatabase = "{address}"\n{EPISODE}', encoding="utf-8")
        assert read_study(tmp_path / "study.toml").database_address == address


@pytest.mark.parametrize(
    ("episode", "message"),
    [
        ('[[episodes]]\nworld = "Overcooked-Nowhere-V0"', "Overcooked-Nowhere-V0"),
        ('[[episodes]]\nworld = "OvercookedOrders-MixedRoom-V0"', "cannot be played in the page"),
        (EPISODE + "settings = { max_step = 3 }", "max_step"),
    ],
)
def test_a_world_that_cannot_be_played_is_refused(episode: str, message: str, tmp_path: pathlib.Path) -> None:
    (tmp_path / "study.toml").write_text(f'title = "x"\n{episode}', encoding="utf-8")
    study = read_study(tmp_path / "study.toml")

    with pytest.raises(ConfigError, match=message):
        make_worlds(study.episodes)


def test_equal_worlds_are_one_and_others_of_the_same_id_have_names_of_their_own(tmp_path: pathlib.Path) -> None:
    short = EPISODE + "settings = { max_steps = 5 }\n"
    (tmp_path / "study.toml").write_text(f'title = "x"\n{EPISODE}{short}{EPISODE}', encoding="utf-8")
    worlds = make_worlds(read_study(tmp_path / "study.toml").episodes)

    assert worlds[0] is worlds[2]
    assert [world.name for world in worlds[:2]] == ["Overcooked-CrampedRoom-V0", "Overcooked-CrampedRoom-V0#2"]
