"""Which array library a name stands for, and the process's default one."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from typing import Literal, cast

import numpy as np

from cogrid.errors import BackendError, MissingDependencyError, did_you_mean
from cogrid.extras import installing

Backend = Literal["numpy", "jax"]
BACKENDS: tuple[Backend, ...] = ("numpy", "jax")

_DEFAULT: Backend = "numpy"
_current: Backend = _DEFAULT


def check_backend(name: object) -> Backend:
    """Return a backend's name, or say why it cannot be used.

    Args:
      name: "numpy" or "jax".
    Raises:
      BackendError: for any other name.
      MissingDependencyError: for "jax" where JAX is not installed.
    """
    if name not in BACKENDS:
        raise BackendError(f"There is no backend {name!r}. {did_you_mean(name, BACKENDS)}")
    if name == "jax" and not has_jax():
        raise MissingDependencyError(f'backend="jax" needs JAX, which is not installed: {installing("jax")}')
    return cast(Backend, name)


def has_jax() -> bool:
    """Whether JAX can be imported here."""
    return importlib.util.find_spec("jax") is not None


def namespace_of(name: Backend) -> ModuleType:
    """The array library that a checked backend name stands for."""
    if name == "jax":
        import jax.numpy as jnp

        return jnp
    return np


def get_backend() -> Backend:
    """The name of the default backend, the one behind `cogrid.backend.xp`."""
    return _current


def set_backend(name: str) -> None:
    """Choose what `cogrid.backend.xp` stands for from now on.

    A convenience for code that is written against `xp`. Nothing in the library depends on it: every function of
    ours takes its array library from its arguments, and environments of both backends live side by side.

    Args:
      name: "numpy" or "jax".
    Raises:
      BackendError: for any other name.
      MissingDependencyError: for "jax" where JAX is not installed.
    """
    global _current
    _current = check_backend(name)


def _reset_backend_for_testing() -> None:
    """Put the default backend back to NumPy."""
    set_backend(_DEFAULT)


class DefaultNamespace:
    """The default array library's namespace: `xp.zeros` is `numpy.zeros`, or `jax.numpy.zeros` after `set_backend`."""

    def __getattr__(self, name: str) -> object:
        """Look a name up in the default array library."""
        return getattr(namespace_of(_current), name)

    def __repr__(self) -> str:
        return f"<cogrid.backend.xp: {_current}>"


xp: DefaultNamespace = DefaultNamespace()
