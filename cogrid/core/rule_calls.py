"""Calls of the methods that rule sets write: errors for one that fails, or gives two results for the same values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from cogrid.errors import RuleError


def call_rule(value: Any, name: str, *args: Any) -> Any:
    """Call a method that a rule set has written.

    Args:
      value: the object whose method it is.
      name: the method's name.
      args: the agent and the world value that it is called with, if with any.
    Raises:
      RuleError: when the method fails; names class, method and values.
    """
    try:
        return getattr(value, name)(*args[:1], **({"world_value": args[1]} if args[1:] else {}))
    except Exception as error:
        raise failure(value, name, args, error) from error


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


def failure(value: Any, name: str, args: Sequence[Any], error: Exception) -> RuleError:
    """The error for a method that has raised one.

    Args:
      value: the object whose method it is.
      name: the method's name.
      args: what it was called with.
      error: what it raised.
    """
    parameters = "self, agent" if args else "self"
    remedy = "" if _takes(getattr(value, name), args) else f". Write def {name}({parameters})"
    given = f"{value!r}({', '.join(map(repr, args))})"
    return RuleError(f"{type(value).__name__}.{name} failed for {given}: {type(error).__name__}: {error}{remedy}")


def impurity(value: Any, name: str, args: Sequence[Any], first: Any, again: Any) -> RuleError:
    """The error for a method that has returned two things for the same values.

    Args:
      value: the object whose method it is.
      name: the method's name.
      args: what it was called with, both times.
      first, again: what it returned.
    """
    return RuleError(
        f"{type(value).__name__}.{name} is not pure: for {value!r}({', '.join(map(repr, args))}) it returned "
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


def _takes(method: Callable[..., Any], args: Sequence[Any]) -> bool:
    """Whether a method can be called with so many arguments."""
    try:
        inspect.signature(method).bind(*args[:1], **({"world_value": args[1]} if len(args) > 1 else {}))
    except TypeError:
        return False
    return True
