"""The fingerprint of a world: equal for two worlds if and only if a state of one means the same in the other."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import inspect
import pickle
import sys
import types
import weakref
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np

from cogrid.core.collisions import CollisionRule
from cogrid.core.compiled_rules import CompiledRules
from cogrid.core.rules import Rules
from cogrid.core.tables import Tables

_LEFT_OUT = {
    (Rules, "pictures"),  # How a world looks decides nothing in it.
    (CompiledRules, "rows"),  # The tables of the rules hold the same.
    (CompiledRules, "last_words"),
    (CompiledRules, "asked"),
    (CollisionRule, "settle"),  # It has a name, which stands for what it does.
}
"""The fields that do not count. Every other one does, one that is added later too."""

_FINGERPRINTS: weakref.WeakKeyDictionary[Tables, str] = weakref.WeakKeyDictionary()


def fingerprint(tables: Tables) -> str:
    """A digest of everything that a reset or a step of a world depends on; the same in every process.

    It covers the settings, the map and all tables, field by field. A hook or a guard counts by its qualified name, its
    source text, its defaults, and the variables that it has taken from the functions around it; a `functools.partial`
    by its function and arguments; another callable object by the source text of its class and by its fields. Where
    Python cannot find a source text (of a function that `exec` made), the compiled code counts, which differs between
    versions of Python; of a function that is written in C only the name does. Not covered is what a function looks up
    in its module, such as constants and other functions, and two lambdas on one line count as one.

    Args:
      tables: the world.
    Returns:
      64 hexadecimal digits.
    """
    if tables not in _FINGERPRINTS:
        _FINGERPRINTS[tables] = _digest(tables, {}).hex()
    return _FINGERPRINTS[tables]


def _digest(thing: Any, known: dict[int, tuple[Any, bytes]]) -> bytes:
    """The digest of a value's type and of the digests of its parts.

    Args:
      thing: the value.
      known: the digests so far, by identity, each with its value, so that no other one gets the same identity.
    """
    if id(thing) not in known:
        known[id(thing)] = thing, b"a value that contains itself"
        parts = [part if isinstance(part, bytes) else _digest(part, known) for part in _parts(thing)]
        if isinstance(thing, (Mapping, AbstractSet)):
            parts.sort()
        digest = hashlib.sha256(type(thing).__qualname__.encode())
        for part in parts:
            digest.update(len(part).to_bytes(8, "little") + part)
        known[id(thing)] = thing, digest.digest()
    return known[id(thing)][1]


def _parts(thing: Any) -> Iterable[Any]:
    """What a value is made of: bytes, and further values."""
    if type(thing) in (type(None), bool, int, float, complex, str):
        return (repr(thing).encode(),)
    for kind, parts in _PARTS_OF:
        if isinstance(thing, kind):
            return parts(thing)
    if hasattr(thing, "__array__"):
        array = np.asarray(thing)
        return (array.dtype.str, array.shape, array.tobytes())
    if hasattr(thing, "__wrapped__"):  # A function that `jax.jit` or `functools.lru_cache` has wrapped.
        return (thing.__wrapped__,)
    return (_sources(thing), _fields(thing))


def _function_parts(function: types.FunctionType) -> Iterable[Any]:
    taken: dict[str, Any] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # The function around it has not set the variable yet.
            taken[name] = cell.cell_contents
    return (function.__qualname__, function.__code__, function.__defaults__, function.__kwdefaults__, taken)


def _source(thing: type | types.CodeType) -> Any:
    """The text that defines a class or a function; where there is none, its functions or its compiled code."""
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        if isinstance(thing, type):
            return {name: value for name, value in vars(thing).items() if inspect.isfunction(value)}
        return (thing.co_code, thing.co_names, thing.co_consts)


def _sources(thing: Any) -> list[Any]:
    """The source texts of the classes of an object that can be called, up to Python's own; none for other objects."""
    bases: tuple[type, ...] = inspect.getmro(type(thing)) if callable(thing) else ()
    return [_source(base) for base in bases if base.__module__.split(".")[0] not in sys.stdlib_module_names]


def _fields(thing: Any) -> Any:
    """The fields of an object, by name: of a dataclass those that decide whether two are equal."""
    if dataclasses.is_dataclass(thing):
        names = (field.name for field in dataclasses.fields(thing) if field.compare)
        return {name: getattr(thing, name) for name in names if (type(thing), name) not in _LEFT_OUT}
    try:
        reduced = thing.__reduce_ex__(pickle.DEFAULT_PROTOCOL)
    except (AttributeError, TypeError, pickle.PicklingError):
        return None
    if isinstance(reduced, str):
        return reduced
    _, arguments, state, *_ = (*reduced, None)
    if isinstance(state, dict):  # Without what the object has only kept of its own results.
        is_kept = {name for name in state if isinstance(getattr(type(thing), name, None), functools.cached_property)}
        state = {name: value for name, value in state.items() if name not in is_kept}
    return (arguments, state)


_PARTS_OF: tuple[tuple[Any, Callable[[Any], Iterable[Any]]], ...] = (
    (bytes, lambda thing: (thing,)),
    ((tuple, list, AbstractSet), lambda thing: thing),
    (Mapping, lambda thing: thing.items()),
    ((type, types.BuiltinFunctionType), lambda thing: (thing.__qualname__,)),
    (types.ModuleType, lambda thing: (thing.__name__,)),
    (np.dtype, lambda thing: (thing.str,)),
    (types.CodeType, lambda thing: (_source(thing),)),
    (types.FunctionType, _function_parts),
    (types.MethodType, lambda thing: (thing.__func__, thing.__self__)),
    (functools.partial, lambda thing: (thing.func, thing.args, thing.keywords)),
)
"""The parts of each kind of value that is not simply an object with fields."""
