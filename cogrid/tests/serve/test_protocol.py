"""Messages of browsers: those that fit a schema are read, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies

from cogrid.serve.protocol import MAX_MESSAGE, SCHEMAS, ProtocolError, read_message, write_step

JSON_VALUES: strategies.SearchStrategy[Any] = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.floats() | strategies.integers(),
    lambda inner: strategies.dictionaries(strategies.sampled_from(["type", "episode", "x"]), inner),
    max_leaves=4,
)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_message_that_fits_its_schema_is_read(kind: str) -> None:
    fields = {name: greatest for name, (_, greatest) in SCHEMAS[kind].items()}

    assert read_message(json.dumps({"type": kind, **fields})) == (kind, fields)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"\x00\xff", "is a text"),
        (None, "is a text"),
        ("", "is JSON"),
        ("[" * 200, "is JSON"),
        ("[1, 2]", "is an object"),
        ("{}", "one of the types hello"),
        ('{"type": ["input"]}', "one of the types hello"),
        ('{"type": "shutdown"}', "one of the types hello"),
        ('{"type": "ready"}', "has the fields episode"),
        ('{"type": "ready", "episode": 0, "room": 3}', "and no others"),
        ('{"type": "ready", "episode": -1}', "whole number from 0"),
        ('{"type": "ready", "episode": true}', "whole number from 0"),
        ('{"type": "ready", "episode": 1.0}', "whole number from 0"),
        ('{"type": "ready", "episode": NaN}', "whole number from 0"),
        ('{"type": "ready", "episode": "0; DROP TABLE steps"}', "whole number from 0"),
        ('{"type": "ready", "episode": 1e999}', "whole number from 0"),
        ('{"type": "ready", "episode": ' + "9" * 300 + "}", f"at most {MAX_MESSAGE} letters"),
    ],
)
def test_anything_else_is_refused(text: str | bytes | None, why: str) -> None:
    with pytest.raises(ProtocolError, match=why):
        read_message(text)


@hypothesis.given(strategies.text() | strategies.binary() | JSON_VALUES.map(json.dumps))
@hypothesis.settings(max_examples=50)
def test_no_text_makes_it_fail_in_another_way(text: str | bytes) -> None:
    try:
        message = read_message(text)
    except ProtocolError:
        message = None

    assert message is None or message.kind in SCHEMAS


def test_a_step_is_json() -> None:
    assert json.loads(write_step(3, [4, 6], 2**32 - 1, 1234.56)) == {
        "type": "step",
        "time": 3,
        "actions": [4, 6],
        "hash": 2**32 - 1,
        "due": 1234.6,
    }
