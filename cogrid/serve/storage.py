"""The database of a study: one writer, which commits what the server wants to tell before it tells it.

All writes go through one thread, in order; what has gathered while it wrote goes into one transaction. If the database
does not answer, the writer tries again until it does, and the rooms stand still meanwhile.
"""

from __future__ import annotations

import asyncio
import collections
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from cogrid.errors import ConfigError
from cogrid.serve.journal import Record
from cogrid.serve.tables import ABOUT, BY_NAME, FORMAT, METADATA

LOG = logging.getLogger("cogrid.serve")

RETRY_SECONDS = 1.0

MAX_GATHERED = 500
"""Requests to write that go into one transaction at most."""

CHUNK = 1000
"""Rows that are fetched at a time where all of a table is read."""

Request = tuple[Sequence[Record], Callable[[Exception | None], None]]
"""Records, and what is called in the writer's thread when they are committed, or with the error if they cannot be."""


def open_database(address: str) -> sa.Engine:
    """Connect to a database, and make its tables if they are missing.

    Args:
      address: of SQLAlchemy, such as "sqlite:///study.db" or "postgresql+psycopg://user@host/name".
    Raises:
      ConfigError: for an address that cannot be read, a driver that is not installed, or a database that refuses.
    """
    try:
        engine = sa.create_engine(address, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_up_sqlite)
        METADATA.create_all(engine)
    except (SQLAlchemyError, ImportError) as error:
        raise ConfigError(f"The database {_without_password(address)} cannot be opened: {error}") from error
    return engine


def _set_up_sqlite(connection: Any, _: Any) -> None:
    """Readers do not wait for the writer, and a process that is killed loses nothing that was committed."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _without_password(address: str) -> str:
    try:
        return repr(sa.make_url(address))
    except ArgumentError:
        return "of the settings"


class Storage:
    """The database, with the thread that writes.

    Args:
      engine: of `open_database`.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="cogrid-storage", daemon=True)
        self._thread.start()

    # Reading

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """The rows of a table, in the order in which they were stored.

        Args:
          table: its name.
          where: what columns must be; one of several values, for a list.
        """
        asked = BY_NAME[table]
        chosen = sa.select(asked).order_by(asked.c.id)
        for name, value in where.items():
            chosen = chosen.where(asked.c[name].in_(value) if isinstance(value, list) else asked.c[name] == value)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(chosen).mappings()]

    def stream(self, table: str, by: str = "id") -> Iterator[dict[str, Any]]:
        """All rows of a table, some at a time.

        Args:
          table: its name.
          by: the column that orders them; the order in which they were stored breaks a tie.
        """
        asked = BY_NAME[table]
        with self.engine.connect().execution_options(yield_per=CHUNK) as connection:
            for row in connection.execute(sa.select(asked).order_by(asked.c[by], asked.c.id)).mappings():
                yield dict(row)

    def latest(self, table: str, n_rows: int) -> list[dict[str, Any]]:
        """The last rows of a table, the newest first."""
        asked = BY_NAME[table]
        with self.engine.connect() as connection:
            chosen = sa.select(asked).order_by(asked.c.id.desc()).limit(n_rows)
            return [dict(row) for row in connection.execute(chosen).mappings()]

    def counts(self, table: str, column: str) -> dict[Any, int]:
        """How many rows there are of each value of a column."""
        by = BY_NAME[table].c[column]
        with self.engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(sa.select(by, sa.func.count()).group_by(by))}

    def last_ids(self) -> dict[str, int]:
        """The greatest id of each table."""
        with self.engine.connect() as connection:
            return {
                name: connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
                for name, table in BY_NAME.items()
            }

    def claim(self, title: str, plan: str) -> None:
        """Make the database that of a study.

        Args:
          title: of the study.
          plan: what its rooms play, as text.
        Raises:
          ConfigError: if it is the database of another study, or of another version of the tables.
        """
        found = self.rows("about")
        if not found:
            with self.engine.begin() as connection:
                connection.execute(sa.insert(ABOUT), [{"id": 1, "format": FORMAT, "title": title, "plan": plan}])
            return
        if found[0]["format"] != FORMAT:
            raise ConfigError(f"The database is of version {found[0]['format']} of the tables, not {FORMAT}.")
        if found[0]["plan"] != plan:
            raise ConfigError(
                f"The database is of the study {found[0]['title']!r} with other episodes: give this one another "
                "database, or the settings that it began with."
            )

    # Writing

    async def write(self, records: Sequence[Record]) -> None:
        """Store records; returns when they are committed."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def tell(error: Exception | None) -> None:
            loop.call_soon_threadsafe(_resolve, done, error)

        self._requests.put((records, tell))
        await done

    def close(self) -> None:
        """Write what is still to be written, and end."""
        self._requests.put(None)
        self._thread.join()
        self.engine.dispose()

    def _write_all(self) -> None:
        """The life of the writer."""
        while (first := self._requests.get()) is not None:
            requests = [first]
            has_ended = False
            while not has_ended and len(requests) < MAX_GATHERED and not self._requests.empty():
                following = self._requests.get()
                has_ended = following is None
                requests += [] if following is None else [following]
            error = self._commit([record for records, _ in requests for record in records])
            for _, tell in requests:
                tell(error)
            if has_ended:
                return

    def _commit(self, records: Sequence[Record]) -> Exception | None:
        """Commit records, however long it takes; returns the error of a database that does not want them."""
        while records:
            try:
                with self.engine.begin() as connection:
                    for statement, rows in _statements(records):
                        connection.execute(statement, rows)
                return None
            except SQLAlchemyError as error:
                is_away = isinstance(error, OperationalError) or getattr(error, "connection_invalidated", False)
                if not is_away:
                    LOG.exception("The database refuses what the study stores.")
                    return error
                LOG.warning("The database does not answer, and is asked again: %s", error)
                time.sleep(RETRY_SECONDS)
        return None


def _resolve(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _statements(records: Sequence[Record]) -> list[tuple[sa.Insert | sa.Update, list[dict[str, Any]]]]:
    """Records as statements, in order; rows that are added to one table in a row go together."""
    found: list[tuple[sa.Insert | sa.Update, list[dict[str, Any]]]] = []
    for (name, id_), group in itertools.groupby(records, key=lambda record: (record.table, record.id)):
        table, rows = BY_NAME[name], [dict(record.row) for record in group]
        if id_ is None:
            found += [(sa.insert(table), alike) for alike in _alike(rows)]
        else:
            merged = dict(collections.ChainMap(*reversed(rows)))
            found.append((_update(table), [{"row_id": id_, **merged}]))
    return found


def _alike(rows: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
    """Rows in groups that have the same columns."""
    return [[dict(row) for row in group] for _, group in itertools.groupby(rows, key=tuple)]


def _update(table: sa.Table) -> sa.Update:
    """Change the columns that are given of the row whose id is `row_id`."""
    return sa.update(table).where(table.c.id == sa.bindparam("row_id"))
