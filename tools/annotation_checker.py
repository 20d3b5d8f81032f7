"""The type checker that pytest's import hook puts around the library's functions: it looks at shapes and dtypes.

Named in `pyproject.toml` (`--jaxtyping-packages`). It lives outside the package because the package's own modules
import it while they are being loaded.

Annotations without an array in them are left alone: what a user may get wrong is checked, with better messages, by the
library itself, and its tests hand in such things on purpose. jaxtyping would still bind the arguments of every call of
such a function, which takes longer than most of them do; so `jaxtyping.jaxtyped` is replaced by one that lets them be.
"""

from __future__ import annotations

import inspect
import re
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
        is_checked = any(mentions_array(hint) for hint in hints.values())
        return _jaxtyped(decorated, typechecker=typechecker) if is_checked else decorated

    return decorate


jaxtyping.jaxtyped = jaxtyped_where_arrays_are
