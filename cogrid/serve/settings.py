"""The settings of a study, read from its TOML file."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import tomllib
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from cogrid.errors import ConfigError, did_you_mean

MIN_SPEED, MAX_SPEED = 1, 15
"""Steps a second."""

MAX_REPEATS = 100

Order = Literal["fixed", "rotated", "shuffled"]
"""How the episodes of a room are ordered: as in the file; each room begins one further; drawn for each room."""

Table = TypeVar("Table")


def _check_range(name: str, value: float, least: float, greatest: float) -> None:
    if not least <= value <= greatest:
        raise ConfigError(f"{name} is from {least} to {greatest}, not {value!r}.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class EpisodeSettings:
    """A kind of episode that every room plays: a table `[[episodes]]`.

    Attributes:
      world: the id of the world.
      settings: what differs from the world's own settings, such as `{max_steps = 400}`.
      repeat: how many episodes in a row.
      seed: of the first one, and counted up from there; drawn for each room if left out.
      partner: who plays the agents that no person plays: a scripted policy, a policy's file, or "module:function".
    """

    world: str
    settings: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    repeat: int = 1
    seed: int | None = None
    partner: str = ""

    def __post_init__(self) -> None:
        _check_range("episodes.repeat", self.repeat, 1, MAX_REPEATS)
        if self.seed is not None:
            _check_range("episodes.seed", self.seed, 0, 2**32 - 1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class WaitingSettings:
    """How people wait for each other: the table `[waiting]`.

    Attributes:
      seconds: how long somebody waits for a partner at most.
      partner: who plays with somebody for whom none came, and in place of somebody who left; "" for nobody, then the
        person is thanked and gets the code `no_partner`.
      return_seconds: how long a room waits for somebody whose connection is lost.
      idle_seconds: after how long without a key somebody counts as having left.
    """

    seconds: float = 180.0
    partner: str = ""
    return_seconds: float = 30.0
    idle_seconds: float = 60.0

    def __post_init__(self) -> None:
        for name in ("seconds", "return_seconds", "idle_seconds"):
            _check_range(f"waiting.{name}", getattr(self, name), 1, 3600)


@dataclasses.dataclass(frozen=True, kw_only=True)
class CodeSettings:
    """What people get at the end, to be paid: the table `[codes]`.

    Attributes:
      completed: who has played all episodes.
      no_partner: for whom no partner came.
      partner_left: whose partner left, where nobody took the seat.
      idle: who pressed nothing for too long; no code is shown where it is "".
      address: where the page sends people on to, with `{code}` for the code; "" for nowhere.
    """

    completed: str = ""
    no_partner: str = ""
    partner_left: str = ""
    idle: str = ""
    address: str = ""

    def __post_init__(self) -> None:
        if self.address and not self.address.startswith("https://"):
            raise ConfigError(f"codes.address begins with https://, unlike {self.address!r}.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParticipantSettings:
    """Who may take part: the table `[participants]`.

    Attributes:
      needs_id: whether the address must name a person (`PROLIFIC_PID`).
      once: whether a named person may take part only once.
      at_once: how many may wait or play at the same time.
      joins_a_second: how many may come in a second, all together.
    """

    needs_id: bool = False
    once: bool = True
    at_once: int = 1000
    joins_a_second: float = 20.0

    def __post_init__(self) -> None:
        _check_range("participants.at_once", self.at_once, 1, 100_000)
        _check_range("participants.joins_a_second", self.joins_a_second, 0.1, 10_000)


@dataclasses.dataclass(frozen=True, kw_only=True)
class StudySettings:
    """A study.

    Attributes:
      title: what people read at the top of every page.
      episodes: what a room plays.
      speed: steps a second.
      people: how many people play in a room.
      order: how the episodes are ordered.
      consent: what people agree to before they begin; an empty line begins a paragraph.
      thanks: what they read at the end.
      database: an address of SQLAlchemy; a relative file of SQLite lies beside the settings.
      waiting, codes, participants: the tables of these names.
      folder: where the file lies; relative paths count from there.
    """

    title: str
    episodes: tuple[EpisodeSettings, ...]
    speed: float = 8.0
    people: int = 2
    order: Order = "fixed"
    consent: str = "You are invited to play a game. You may leave at any time by closing the page."
    thanks: str = "Thank you for taking part."
    database: str = "sqlite:///study.db"
    waiting: WaitingSettings = WaitingSettings()
    codes: CodeSettings = CodeSettings()
    participants: ParticipantSettings = ParticipantSettings()
    folder: pathlib.Path = pathlib.Path()

    def __post_init__(self) -> None:
        _check_range("speed", self.speed, MIN_SPEED, MAX_SPEED)
        _check_range("people", self.people, 1, 8)
        if not self.episodes:
            raise ConfigError("A study has at least one table [[episodes]] with a world.")

    @property
    def database_address(self) -> str:
        """The address of the database, with the folder of the settings in front of a relative file of SQLite."""
        file = self.database.removeprefix("sqlite:///")
        is_relative = file != self.database and file and not pathlib.PurePath(file).is_absolute()
        return f"sqlite:///{self.folder / file}" if is_relative else self.database

    def partner_of(self, episode: EpisodeSettings) -> str:
        """Who plays the agents that no person plays in an episode; "" for nobody."""
        return episode.partner or self.waiting.partner


def read_study(path: str | os.PathLike[str]) -> StudySettings:
    """Read the settings of a study.

    Args:
      path: the TOML file.
    Raises:
      ConfigError: for a file that is missing or no TOML, for a key that does not exist, with the close ones, and for a
        value that cannot be used; it names the file and the key.
    """
    where = pathlib.Path(path)
    try:
        document = tomllib.loads(where.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The study {str(where)!r} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is no TOML: {error}.") from error
    try:
        return _read_table(StudySettings, document, "", {"folder": where.resolve().parent})
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


def _read_table(kind: type[Table], table: Mapping[str, Any], place: str, known: Mapping[str, Any]) -> Table:
    """A table as a settings class.

    Args:
      kind: the class.
      table: the table.
      place: the table's name, for messages.
      known: fields that the file does not say.
    """
    hints = get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name not in known}  # type: ignore[arg-type]
    for key in table:
        if key not in fields:
            raise ConfigError(f"There is no key {place + key!r}. {did_you_mean(key, fields)}")
    for name, field in fields.items():
        has_default = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if name not in table and not has_default:
            raise ConfigError(f"The key {place + name!r} is missing.")
    values = {key: _read_value(hints[key], value, place + key) for key, value in table.items()}
    return kind(**values, **known)


def _read_value(kind: Any, value: Any, place: str) -> Any:
    """A value of a kind.

    Raises:
      ConfigError: names the key, the value and what it must be.
    """
    if dataclasses.is_dataclass(kind) and isinstance(value, Mapping):
        return _read_table(kind, value, f"{place}.", {})  # type: ignore[arg-type]
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_read_value(get_args(kind)[0], entry, place) for entry in value)
    if get_origin(kind) in (Union, types.UnionType):
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ConfigError(f"{place} is one of {', '.join(map(repr, get_args(kind)))}, not {value!r}.")
        return value
    accepted, told = _PLAIN.get(get_origin(kind) or kind, ((Mapping,), "a table"))
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise ConfigError(f"{place} is {told}, not {value!r}.")
    return value


_PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), "true or false"),
    tuple: ((list,), "written as tables [[...]]"),
}
