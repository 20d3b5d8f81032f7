"""The type checker that pytest's import hook puts around the library's functions: it looks at shapes and dtypes.

Named in `pyproject.toml` (`--jaxtyping-packages`). It lives outside the package because the package's own modules
import it while they are being loaded.

Annotations without an array in them are left alone: what a user may get wrong is checked, with better messages, by the
library itself, and its tests hand in such things on purpose. jaxtyping would still bind the arguments of every call of
such a function, which takes longer than most of them do; so `jaxtyping.jaxtyped` is replaced by one that lets them be.

A check takes ten times as long as most functions, and looks at nothing but types, shapes and dtypes. So a call whose
arguments have those of an earlier call that passed, and whose result has those of its result, is not checked again.
"""

from __future__ import annotations

import functools
import inspect
import re
import types
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import jaxtyping
from beartype import beartype

Function = TypeVar("Function", bound=Callable[..., Any])

ARRAY = re.compile(r"\b(Bool|Float|Inexact|Int|Integer|Num|Shaped|UInt)\[")

_jaxtyped = jaxtyping.jaxtyped


def check_annotations(function: Function) -> Function:
    """Check a function's arrays against its annotations at every call.

    Args:
      function: with annotations that are no strings.
    """
    hints = function.__annotations__
    function.__annotations__ = {name: hint for name, hint in hints.items() if mentions_array(hint)}
    return beartype(function) if function.__annotations__ else function


def mentions_array(hint: Any) -> bool:
    """Whether an annotation is a jaxtyping array, or has one inside: `tuple[Int[Array, "A"], int] | None` has."""
    if isinstance(hint, str):
        return ARRAY.search(hint) is not None
    if inspect.isclass(hint) and issubclass(hint, jaxtyping.AbstractArray):
        return True
    return any(mentions_array(part) for part in get_args(hint))


def jaxtyped_where_arrays_are(*, typechecker: Any) -> Callable[[Any], Any]:
    """What the import hook decorates with, in the place of `jaxtyping.jaxtyped`."""

    def decorate(decorated: Any) -> Any:
        function = getattr(decorated, "fget", None) or getattr(decorated, "__func__", None) or decorated
        if inspect.isclass(decorated):
            function = vars(decorated).get("__init__", decorated)
        hints = getattr(function, "__annotations__", {})
        if not any(mentions_array(hint) for hint in hints.values()):
            return decorated
        if inspect.isfunction(decorated):
            return checked_once_a_kind(decorated, typechecker)
        return _jaxtyped(decorated, typechecker=typechecker)

    return decorate


def checked_once_a_kind(function: Callable[..., Any], typechecker: Any) -> Callable[..., Any]:
    """A function whose calls are checked, but for those of a kind that has passed.

    Args:
      function: what is called, once at each call.
      typechecker: what checks it. An inner function is defined anew at every call of the outer one: its checks are made
        when they are first needed.
    """
    passed = _passed.setdefault(function.__code__, {})

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if jaxtyping.config.jaxtyping_disable:
            return function(*args, **kwargs)
        kind = kind_of(args), kind_of(kwargs)
        checked = function
        if kind in passed:
            result = function(*args, **kwargs)
            if kind_of(result) in passed[kind]:
                return result
            checked = giving(result, function)  # Not called twice: JAX may be tracing.
        result = _jaxtyped(checked, typechecker=typechecker)(*args, **kwargs)
        passed.setdefault(kind, set()).add(kind_of(result))
        return result

    return call


def giving(result: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function with another's parameters, annotations and globals that gives what the other has given."""
    given = lambda *args, **kwargs: result  # noqa: E731 - only its code and closure are used
    same = types.FunctionType(given.__code__, function.__globals__, closure=given.__closure__)
    return functools.update_wrapper(same, function)


_passed: dict[types.CodeType, dict[Any, set[Any]]] = {}


def kind_of(value: Any) -> Any:
    """What a check looks at: the type of a value, shape and dtype of an array, and the same of what containers hold."""
    kind = type(value)
    if kind is tuple or kind is list:
        return kind, *map(kind_of, value)
    if kind is dict:
        return kind, *value, *map(kind_of, value.values())
    if kind not in _is_array:
        _is_array[kind] = hasattr(value, "shape") and hasattr(value, "dtype")
    return (kind, value.shape, value.dtype) if _is_array[kind] else kind


_is_array: dict[type, bool] = {}

jaxtyping.jaxtyped = jaxtyped_where_arrays_are
