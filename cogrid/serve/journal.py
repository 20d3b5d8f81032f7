"""What one turn of the study has changed: records for the database, and messages for people, in order.

Everything that is told is stored before: whoever writes a journal hands the records to the storage, and sends the
messages when they are committed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple


class Record(NamedTuple):
    """A row that is added, or changed.

    Attributes:
      table: the table's name.
      row: columns and values.
      id: of the row that is changed; None for one that is added.
    """

    table: str
    row: Mapping[str, Any]
    id: int | None = None


class Journal:
    """Collects records and messages.

    Args:
      last_ids: the greatest id of each table so far; the server alone gives out ids.
    """

    def __init__(self, last_ids: Mapping[str, int]) -> None:
        self._last_ids = dict(last_ids)
        self._records: list[Record] = []
        self._messages: list[tuple[int, str]] = []

    def insert(self, table: str, **row: Any) -> int:
        """Add a row, and return its id."""
        number = self._last_ids.get(table, 0) + 1
        self._last_ids[table] = number
        self._records.append(Record(table, {"id": number, **row}))
        return number

    def update(self, table: str, id: int, **values: Any) -> None:
        """Change a row."""
        self._records.append(Record(table, values, id))

    def note(self, kind: str, detail: str = "", **where: int | None) -> None:
        """Note something that a researcher may want to know.

        Args:
          kind: what, in a word.
          detail: more of it.
          where: `participant`, `room`, `episode` and `time`, as far as they apply.
        """
        self.insert("incidents", at=time.time(), kind=kind, detail=detail[:500], **where)

    def tell(self, participant: int, text: str) -> None:
        """Send a message to somebody, if they are there."""
        self._messages.append((participant, text))

    def drain(self) -> tuple[list[Record], list[tuple[int, str]]]:
        """What was collected since the last time."""
        drained = self._records, self._messages
        self._records, self._messages = [], []
        return drained
