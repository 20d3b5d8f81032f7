"""What kind of thing a setting is: tests that tables of settings are made of, and the error for a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cogrid.core.rule_calls import is_hashable
from cogrid.errors import RuleError

Kind = tuple[Callable[[Any], bool], str]
"""Whether a value is of the kind, and the kind in words, to follow "is"."""


def check_settings(owner: str, kinds: Mapping[str, Kind], given: Mapping[str, Any]) -> None:
    """Refuse a setting that is of another kind than its table says.

    Args:
      owner: whose settings, for the message.
      kinds: the table.
      given: the settings, of those names.
    Raises:
      RuleError: naming owner and setting, and what it is.
    """
    for name, value in given.items():
        is_right, what = kinds[name]
        if not is_right(value):
            raise RuleError(f"{owner}: {name} is {what}, not {value!r}.{_hint(value)}")


def _hint(value: Any) -> str:
    """What to write where a class stands in place of a value of it."""
    parts: list[Any] = list(value.values()) if isinstance(value, Mapping) else [value]
    parts = [part for entry in parts for part in (entry if isinstance(entry, (list, tuple)) else (entry,))]
    kinds = [part.__name__ for part in parts if isinstance(part, type)]
    return f" Write {kinds[0]}(), a value, in place of the class." if kinds else ""


def is_text(value: Any) -> bool:
    """Whether it is a name."""
    return isinstance(value, str) and bool(value)


def is_flag(value: Any) -> bool:
    """Whether it is True or False."""
    return isinstance(value, bool)


def is_symbol(value: Any) -> bool:
    """Whether it is one character."""
    return isinstance(value, str) and len(value) == 1


def is_color(value: Any) -> bool:
    """Whether it is red, green and blue, 0..255 each."""
    return is_sequence_of(lambda part: isinstance(part, int) and 0 <= part <= 255)(value) and len(value) == 3


def is_optional(is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The test for a kind, or None."""
    return lambda value: value is None or is_right(value)


def is_sequence_of(is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The test for a tuple, a list or a range of a kind, all hashable."""
    return lambda value: (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(is_hashable(part) and is_right(part) for part in value)
    )


def is_mapping_of(is_key: Callable[[Any], bool], is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """The test for a mapping from one kind to another."""
    return lambda value: (
        isinstance(value, Mapping) and all(is_key(key) and is_right(part) for key, part in value.items())
    )


def is_a(*kinds: type[Any]) -> Callable[[Any], bool]:
    """The test for an object of some classes."""
    return lambda value: isinstance(value, kinds)


SYMBOL: Kind = (is_optional(is_symbol), "one character, or None")
COLOR: Kind = (is_optional(is_color), "(red, green, blue), 0 to 255 each")
FLAG: Kind = (is_flag, "True or False")
NAME: Kind = (is_text, "a text that is not empty")
