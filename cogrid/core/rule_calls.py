"""Calls of the methods that rule sets write: errors for one that fails, or gives two results for the same values."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cogrid.errors import RuleError

NOTHING_ASKED: Mapping[str, Any] = MappingProxyType({})
"""What a rule asks for that asks for nothing by name."""


def call_rule(value: Any, name: str, *args: Any, **asked: Any) -> Any:
    """Call a method that a rule set has written.

    Args:
      value: the object whose method it is.
      name: the method's name.
      args: the value that it is called with, if with any.
      asked: what it asks for by name: the world value, a count.
    Raises:
      RuleError: when the method fails; names class, method and values.
    """
    try:
        return getattr(value, name)(*args, **asked)
    except Exception as error:
        raise failure(value, name, args, error, asked) from error


def ask(values: Sequence[Any], name: str, *args: Any) -> list[Any]:
    """What a method returns for each of some values.

    Each is asked twice, the second time in the reverse order: a rule is a function of its arguments.

    Args:
      values: the objects.
      name: the method's name.
      args: what each of them is asked with.
    Raises:
      RuleError: when the method fails, or returns something else the second time.
    """
    answers, again = _answers(values, name, args), _answers(values[::-1], name, args)[::-1]
    if answers != again:
        pairs = enumerate(zip(answers, again, strict=True))
        idx = next(idx for idx, (before, after) in pairs if before != after)
        raise impurity(values[idx], name, args, answers[idx], again[idx])
    return answers


def _answers(values: Sequence[Any], name: str, args: tuple[Any, ...]) -> list[Any]:
    value, answers = None, list[Any]()
    try:
        for value in values:
            answers.append(getattr(value, name)(*args))
    except Exception as error:
        raise failure(value, name, args, error) from error
    return answers


def failure(
    value: Any, name: str, args: Sequence[Any], error: Exception, asked: Mapping[str, Any] = NOTHING_ASKED
) -> RuleError:
    """The error for a method that has raised one.

    Args:
      value: the object whose method it is.
      name: the method's name.
      args: what it was called with.
      error: what it raised.
      asked: what it asked for by name.
    """
    parameters = "self, agent" if args else "self"
    remedy = "" if _takes(getattr(value, name), args, asked) else f". Write def {name}({parameters})"
    remedy += _remedy(error)
    given = f"{value!r}({_told(args, asked)})"
    return RuleError(f"{type(value).__name__}.{name} failed for {given}: {type(error).__name__}: {error}{remedy}")


def _remedy(error: Exception) -> str:
    """What to do about some mistakes that are easily made."""
    if isinstance(error, dataclasses.FrozenInstanceError) and "return replace" not in str(error):
        return ". Values never change: return a changed copy, replace(self, ...) or replace(agent, ...)"
    wrong = re.search(r"unexpected keyword argument '(\w+)'", str(error))
    if wrong and wrong[1] in _PLACES:
        return ". Rules do not place agents: actions move them"
    return ""


_PLACES = ("pos", "position", "place", "cell", "row", "column", "x", "y", "direction", "dir", "agent_pos", "agent_dir")
"""Under what names rules try to place agents."""


def impurity(
    value: Any, name: str, args: Sequence[Any], first: Any, again: Any, asked: Mapping[str, Any] = NOTHING_ASKED
) -> RuleError:
    """The error for a method that has returned two things for the same values.

    Args:
      value: the object whose method it is.
      name: the method's name.
      args: what it was called with, both times.
      first, again: what it returned.
      asked: what it asked for by name, both times.
    """
    return RuleError(
        f"{type(value).__name__}.{name} is not pure: for {value!r}({_told(args, asked)}) it returned "
        f"{first!r}, and {again!r} when it was called again. What a rule returns depends on the object and the "
        "arguments alone: name what can happen by a Chance, and remember in a field."
    )


def is_hashable(value: Any) -> bool:
    """Whether a value can be hashed."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _told(args: Sequence[Any], asked: Mapping[str, Any]) -> str:
    """What a method is called with, as it is written."""
    return ", ".join([*map(repr, args), *(f"{name}={value!r}" for name, value in asked.items())])


def _takes(method: Callable[..., Any], args: Sequence[Any], asked: Mapping[str, Any]) -> bool:
    """Whether a method can be called with so many arguments."""
    try:
        inspect.signature(method).bind(*args, **asked)
    except TypeError:
        return False
    return True
