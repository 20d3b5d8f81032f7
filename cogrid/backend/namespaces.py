"""Which library an array belongs to."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import array_api_compat
import numpy as np

Array = Any
"""A NumPy or a JAX array; shapes and dtypes are in the jaxtyping annotation around it."""


def namespace(array: Array) -> ModuleType:
    """The array API namespace that an array belongs to.

    Args:
      array: a NumPy array or scalar, a JAX array or tracer.
    """
    if isinstance(array, (np.ndarray, np.generic)):
        return np
    return array_api_compat.array_namespace(array)


def is_traced(value: object) -> bool:
    """Whether a value stands for an array inside a function that JAX transforms (`jit`, `vmap`, `scan`, ...)."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.core.Tracer)


def is_numpy(array: Array) -> bool:
    """Whether an array is NumPy's."""
    return isinstance(array, (np.ndarray, np.generic))
