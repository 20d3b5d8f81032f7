"""The tables of a study's database."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

FORMAT: Final = 1
"""Version of the tables; a database of another version is refused."""

METADATA: Final = sa.MetaData()

_SHORT: Final = sa.String(200)

ABOUT: Final = sa.Table(
    "about",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("format", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),  # What the rooms play; another study needs another database.
)

PARTICIPANTS: Final = sa.Table(
    "participants",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token", sa.String(64), nullable=False, unique=True),  # Its SHA-256: who reads the table cannot play.
    sa.Column("prolific_pid", _SHORT, nullable=False, index=True),
    sa.Column("study_id", _SHORT, nullable=False),
    sa.Column("session_id", _SHORT, nullable=False),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("room", sa.Integer),
    sa.Column("agent", sa.Integer),
    sa.Column("consented_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
)

ROOMS: Final = sa.Table(
    "rooms",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("began_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
)

EPISODES: Final = sa.Table(
    "episodes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("room", sa.Integer, nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.Integer, nullable=False),  # Which table [[episodes]] of the settings.
    sa.Column("world", _SHORT, nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("partner", _SHORT, nullable=False),
    sa.Column("players", sa.Text),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("n_steps", sa.Integer),
    sa.Column("returns", sa.Text),
)

# Steps of all rooms come mixed, and are written behind each other: an index by episodes would write a page for each
# room, and whoever reads the steps of an episode can wait.
STEPS: Final = sa.Table(
    "steps",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("episode", sa.Integer, nullable=False),
    sa.Column("time", sa.Integer, nullable=False),
    sa.Column("actions", sa.String(100), nullable=False),
    sa.Column("sources", sa.String(20), nullable=False),
    sa.Column("hash", sa.BigInteger, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

INCIDENTS: Final = sa.Table(
    "incidents",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("participant", sa.Integer),
    sa.Column("room", sa.Integer),
    sa.Column("episode", sa.Integer),
    sa.Column("time", sa.Integer),
)

BY_NAME: Final = {table.name: table for table in METADATA.sorted_tables}
