"""What the server and a browser say to each other: one JSON object in each message, checked against a schema.

A browser says whole numbers only, so a schema is a range for each of them. Nothing in a message names a room, a person
or a file: who speaks follows from the connection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

VERSION: Final = 1

MAX_MESSAGE: Final = 256
"""Letters that a message of a browser has at most. A frame that is longer than `MAX_FRAME` ends the connection."""

MAX_FRAME: Final = 4096
"""Bytes that a frame may have before the web server itself refuses it."""

_TIMES = (0, 2**31 - 1)
_WORDS = (0, 2**32 - 1)

SCHEMAS: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "hello": {"version": (1, 1000)},
    "ready": {"episode": (0, 9999)},
    "input": {"episode": (0, 9999), "time": _TIMES, "action": (0, 255)},
    "differs": {"episode": (0, 9999), "time": _TIMES, "hash": _WORDS},
}
"""For each kind of message its fields, and the least and the greatest number of each; it has no other fields."""


class CloseCode:
    """Why the server ends a connection: codes of WebSocket that are free for applications."""

    UNKNOWN: Final = 4001
    """Without a token that the server has given, or from a page of another site."""

    REPLACED: Final = 4002
    """The same person has opened another connection."""

    BAD_MESSAGE: Final = 4003
    """A message that fits no schema, or that comes at a time when it makes no sense."""

    FLOOD: Final = 4004
    """More messages than a person can send."""

    SILENT: Final = 4005
    """No greeting came, or the other side does not read what it is sent."""

    ENDED: Final = 4006
    """The study is over for this person; a page must not connect again."""


class ProtocolError(Exception):
    """A message that fits no schema."""


class ClientMessage(NamedTuple):
    """A message of a browser.

    Attributes:
      kind: one of the names in `SCHEMAS`.
      fields: its numbers, by name.
    """

    kind: str
    fields: Mapping[str, int]


def read_message(text: str | bytes | None) -> ClientMessage:
    """Read what a browser has sent.

    Args:
      text: the text of a frame; None, or bytes, of a frame that is no text.
    Raises:
      ProtocolError: for anything that fits no schema.
    """
    if not isinstance(text, str):
        raise ProtocolError("A message is a text.")
    if len(text) > MAX_MESSAGE:
        raise ProtocolError(f"A message has at most {MAX_MESSAGE} letters.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A message is JSON.") from error
    if not isinstance(document, dict):
        raise ProtocolError("A message is an object.")
    kind = document.pop("type", None)
    schema = SCHEMAS.get(kind) if isinstance(kind, str) else None
    if schema is None:
        raise ProtocolError(f"A message has one of the types {', '.join(SCHEMAS)}.")
    if document.keys() != schema.keys():
        raise ProtocolError(f"A message of the type {kind} has the fields {', '.join(schema)}, and no others.")
    for name, (least, greatest) in schema.items():
        if type(document[name]) is not int or not least <= document[name] <= greatest:
            raise ProtocolError(f"{name} of {kind} is a whole number from {least} to {greatest}.")
    return ClientMessage(str(kind), document)


def write_step(time: int, actions: Sequence[int], hash_: int, due_ms: float) -> str:
    """The message of a step, the only one that is sent often.

    Args:
      time: steps made, this one included.
      actions: what each agent did.
      hash_: of the state after it.
      due_ms: when the step was due, by the server's clock, in milliseconds from no particular time.
    """
    joined = ",".join(map(str, actions))
    return f'{{"type":"step","time":{time},"actions":[{joined}],"hash":{hash_},"due":{due_ms:.1f}}}'


def write_message(kind: str, **fields: Any) -> str:
    """Any other message of the server.

    Args:
      kind: its type.
      fields: JSON values.
    """
    return json.dumps({"type": kind, **fields}, separators=(",", ":"))
