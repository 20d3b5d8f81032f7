"""Every error that the library raises on purpose, as one tree.

Each one also derives from the built-in exception that a Python user would expect, so
`except ValueError` keeps working.
"""

from __future__ import annotations

import difflib
import inspect
import numbers
from collections.abc import Callable, Iterable
from typing import Any


class CoGridError(Exception):
    """Root of all errors of this library."""


class ConfigError(CoGridError, ValueError):
    """A setting, a name or an override that cannot be used."""


class LayoutError(ConfigError):
    """A drawing that cannot be read, or that is too small for what is asked of it."""


class RuleError(CoGridError, ValueError):
    """A rule set that cannot be compiled: names the class, and the field or method, at fault."""


class ActionError(CoGridError, ValueError):
    """An action that is missing, unknown, not an integer or out of range."""


class StateError(CoGridError, ValueError):
    """A state that this world can never be in, or arrays that do not describe one."""


class CheckpointError(CoGridError, ValueError):
    """A file of a training run or of a policy that cannot be read, written, or used for what is asked."""


class SeedError(CoGridError, ValueError):
    """A seed or a random key that cannot be used."""


class EpisodeError(CoGridError, RuntimeError):
    """A call that comes too early (before `reset`) or too late (after the episode's end)."""


class BackendError(CoGridError, ValueError):
    """A backend that does not exist."""


class MissingDependencyError(CoGridError, ImportError):
    """An optional library that is not installed: says what to install."""


MAX_LISTED = 30
"""Names that a message lists at most."""


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Say which known names are close to a misspelt one, or list them all.

    Args:
      name: what was given.
      known: the names that would have been accepted.
    Returns:
      A sentence to end an error message with.
    """
    known = [str(k) for k in known]
    by_lower = {k.lower(): k for k in known}
    close = [by_lower[k] for k in difflib.get_close_matches(str(name).lower(), by_lower, n=3, cutoff=0.5)]
    if close:
        return f"Did you mean {' or '.join(repr(k) for k in close)}?"
    listed = [repr(k) for k in sorted(known)]
    more = f" and {len(listed) - MAX_LISTED} more" if len(listed) > MAX_LISTED else ""
    return f"Known: {', '.join(listed[:MAX_LISTED]) or 'none'}{more}."


def function_name(function: object) -> str:
    """A function's name for a message, with the class or the function that it stands in."""
    return str(getattr(function, "__qualname__", repr(function)))


def can_be_called(function: Callable[..., Any], *arguments: Any, **settings: Any) -> bool:
    """Whether a function takes these arguments; of one whose signature is not known, True."""
    try:
        inspect.signature(function).bind(*arguments, **settings)
    except TypeError:
        return False
    except ValueError:  # It has no signature that Python could read.
        return True
    return True


def check_integer(name: str, value: object, least: int) -> None:
    """Refuse anything but an integer of at least so much.

    Raises:
      ConfigError: naming the setting.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or int(value) < least:
        raise ConfigError(f"{name} is an integer of at least {least}, not {value!r}.")
