"""Functions that Numba compiles, and the folder on disk that keeps what it made for later processes.

The folder's name has a hash of all files of this package, so that a changed version of the library never runs what
another one has compiled. Numba itself keeps what was made for another processor, Python or Numba apart.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pathlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import numba
from numba import types
from numba.core import config as numba_config
from numba.extending import intrinsic

Kernel = Any
"""A function as Numba gives it back: it compiles itself for the types of its first arguments."""

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def instruction(function: Any) -> Kernel:
    """A function that writes machine code for kernels; it is given, and gives back, what Numba's `intrinsic` is."""
    made: Any = intrinsic
    return made(function)


@instruction
def pointer(typing_context: Any, array: Any) -> Any:
    """The place in memory where an array begins, as what can be indexed like it.

    Kernels hand places to their inner functions, since an array would be counted (an atomic operation) at each call.
    Whoever asks for the place of an array must use the array itself afterwards, or it may be gone.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(array)(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


def inner(function: Callable[..., Any]) -> Kernel:
    """A function for kernels to call; compiled as part of them, once: not anew for each constant that it is given."""
    made: Kernel = numba.njit(**_OPTIONS)(function)
    find = made.get_call_template
    made.get_call_template = lambda types, named: find(tuple(map(numba.types.unliteral, types)), named)
    return made


def inlined(function: Callable[..., Any]) -> Kernel:
    """A function for kernels to call, compiled in the place of each call: faster to run, slower to compile."""
    return numba.njit(forceinline=True, **_OPTIONS)(function)


def compiled(function: Callable[..., Any]) -> Kernel:
    """A kernel that Python calls: it runs without the interpreter's lock, and what is compiled is kept on disk.

    Where nothing can be kept, since no folder can be written, each process compiles it anew.
    """
    folder = cache_folder()
    if folder is None:
        return numba.njit(**_OPTIONS)(function)
    with _numba_keeps_in(folder):
        return numba.njit(cache=True, **_OPTIONS)(function)


def make_ready(kernel: Kernel, *arguments: Any) -> None:
    """Compile a kernel for arguments of these types, or load it from disk, before it is needed.

    A line on standard error says so if it must be compiled, as that takes seconds.

    Args:
      kernel: what `compiled` gave.
      arguments: of the types that it will be called with.
    """
    types = tuple(numba.typeof(argument) for argument in arguments)
    if types in kernel.signatures:
        return
    name, folder = kernel.py_func.__name__, cache_folder()
    if folder is None or not any(folder.rglob(f"*.{name}-*.nbc")):
        where = "for this process, as no folder for caches can be written" if folder is None else f"once, into {folder}"
        print(f"cogrid: compiling {name} ({where}) ...", file=sys.stderr, flush=True)
    kernel.compile(types)


@functools.cache
def cache_folder() -> pathlib.Path | None:
    """The folder for what is compiled; None if none can be written.

    It is in Numba's folder (`NUMBA_CACHE_DIR`), in the user's folder for caches, or else in one of the user's own among
    the temporary files.
    """
    name = f"kernel-{source_hash()}"
    for folder in (os.environ.get("NUMBA_CACHE_DIR"), _user_folder()):
        if folder and _can_be_written(pathlib.Path(folder, "cogrid", name), mode=0o777):
            return pathlib.Path(folder, "cogrid", name)
    own = pathlib.Path(tempfile.gettempdir(), f"cogrid-{_user_id()}")
    if _can_be_written(own, mode=0o700) and _is_ours_alone(own) and _can_be_written(own / name, mode=0o700):
        return own / name
    return None


@functools.cache
def source_hash(package: pathlib.Path = pathlib.Path(__file__).parent) -> str:
    """A hash of all files of this package: what is compiled depends on nothing else of the library."""
    digest = hashlib.sha256()
    for path in sorted(package.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _user_folder() -> str | None:
    """The user's folder for caches, where the system has one."""
    if sys.platform == "win32":
        return os.environ.get("LOCALAPPDATA")
    try:
        home = pathlib.Path.home()
    except RuntimeError:  # A user without a home.
        return os.environ.get("XDG_CACHE_HOME")
    default = home / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return os.environ.get("XDG_CACHE_HOME") or str(default)


def _user_id() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


def _can_be_written(folder: pathlib.Path, mode: int) -> bool:
    """Whether a file can be made in a folder, which is made if it is not there."""
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _is_ours_alone(folder: pathlib.Path) -> bool:
    """Whether nobody else can write into a folder: what is read from it is run."""
    if not hasattr(os, "getuid"):  # Each user of Windows has temporary files of their own.
        return True
    found = folder.lstat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022 and not folder.is_symlink()


@contextlib.contextmanager
def _numba_keeps_in(folder: pathlib.Path) -> Iterator[None]:
    """Numba's folder for what is compiled, for the functions that are declared meanwhile."""
    config: Any = numba_config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder)
    try:
        yield
    finally:
        config.CACHE_DIR = before
