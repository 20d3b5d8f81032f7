"""Threefry-2x32, the counter-based random generator that JAX's default keys use.

Source: Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", Threefry-2x32 with 20 rounds. Exact, and
equal to `jax.random.fold_in` and to `jax.random.bits` of the partitionable form. Written out here so that the same bits
come under NumPy and under JAX, whatever flags JAX runs with; `threefry_integers` has it on plain integers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jaxtyping import UInt

from cogrid.backend.namespaces import Array, is_numpy, namespace
from cogrid.backend.threefry_integers import threefry
from cogrid.errors import SeedError

_ROTATIONS = tuple(
    tuple((np.array(bits, dtype=np.uint32), np.array(32 - bits, dtype=np.uint32)) for bits in group)
    for group in ((13, 15, 26, 6), (17, 29, 16, 24))
)
"""By how many bits to the left, and by how many the rest comes back from the right; as arrays of one number, since
NumPy takes as long to convert a Python integer as to add."""

_INJECTED = tuple(np.array(number, dtype=np.uint32) for number in range(1, 6))
_PARITY = np.uint32(0x1BD11BDA)
MAX_SEED = 2**32 - 1

FEW = 6
"""Up to so many counters are turned into words one by one, on plain integers: NumPy takes as long over one."""


def threefry2x32(
    key0: UInt[Array, "..."], key1: UInt[Array, "..."], counter0: UInt[Array, "..."], counter1: UInt[Array, "..."]
) -> tuple[UInt[Array, "..."], UInt[Array, "..."]]:
    """Turn counters into two random words each.

    Args:
      key0, key1: the key's two words, uint32.
      counter0, counter1: the counter's two words, uint32, broadcast against the key.
    Returns:
      Two arrays of uint32.
    """
    words = (key0, key1, counter0, counter1)
    if is_numpy(key0) and math.prod(shape := np.broadcast_shapes(*(word.shape for word in words))) <= FEW:
        return _few_words(shape, words)
    keys = (key0, key1, key0 ^ key1 ^ _PARITY)
    zero = _zeros(key0, key1, counter0, counter1)
    x0: Any = zero + counter0 + key0
    x1: Any = zero + counter1 + key1
    for group in range(5):
        for left_by, right_by in _ROTATIONS[group % 2]:  # NumPy works in place: a new array takes longer than the sum.
            x0 += x1
            left = x1 << left_by
            x1 >>= right_by
            x1 |= left
            x1 ^= x0
        x0 += keys[(group + 1) % 3]
        x1 += keys[(group + 2) % 3]
        x1 += _INJECTED[group]
    return x0, x1


def _few_words(
    shape: tuple[int, ...], words: tuple[UInt[np.ndarray, "..."], ...]
) -> tuple[UInt[np.ndarray, "..."], UInt[np.ndarray, "..."]]:
    """`threefry2x32` on plain integers."""
    each = zip(*(np.broadcast_to(word, shape).reshape(-1).tolist() for word in words), strict=True)
    pairs = np.array([threefry(*integers) for integers in each], dtype=np.uint32).reshape(*shape, 2)
    return pairs[..., 0], pairs[..., 1]


def _zeros(*words: Array) -> UInt[Array, "..."]:
    """Zeros of the shape that all words together have."""
    shape = np.broadcast_shapes(*(word.shape for word in words))
    return namespace(words[0]).zeros(shape, dtype=np.uint32)


def random_bits(key: UInt[Array, "*B 2"], n: int) -> UInt[Array, "*B n"]:
    """Draw n words from a key; equal to `jax.random.bits(key, (n,))`.

    Args:
      key: `[*B, 2]` uint32.
      n: how many.
    Returns:
      `[*B, n]` uint32.
    """
    if is_numpy(key) and key.ndim == 1 and n <= FEW:
        key0, key1 = key.tolist()
        pairs = [threefry(key0, key1, 0, number) for number in range(n)]
        return np.array([first ^ second for first, second in pairs], dtype=np.uint32)
    xp = namespace(key)
    counter = xp.arange(n, dtype=xp.uint32).reshape(*[1] * (key.ndim - 1), n)
    x0, x1 = threefry2x32(key[..., 0:1], key[..., 1:2], xp.zeros_like(counter), counter)
    return x0 ^ x1


def seed_words(seed: object) -> tuple[int, int]:
    """The key of a seed, as two integers; equal to the data of `jax.random.key(seed)`.

    Args:
      seed: an integer, 0..2**32-1. Zero is a seed like any other.
    Raises:
      SeedError: for anything else.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise SeedError(f"A seed is an integer from 0 to 2**32 - 1, not {seed!r} ({type(seed).__name__}).")
    if not 0 <= int(seed) <= MAX_SEED:
        raise SeedError(f"A seed is an integer from 0 to 2**32 - 1, and {seed} is not.")
    return 0, int(seed)


def raw_key(key: Array) -> UInt[Array, "*B 2"]:
    """The two words of a key, whichever form it comes in.

    Args:
      key: a typed key (`jax.random.key`), a raw one (`[*B, 2]` uint32, NumPy or JAX), or under NumPy
        anything that `numpy.asarray` makes a raw one of.
    Returns:
      `[*B, 2]` uint32.
    Raises:
      SeedError: before tracing, for a key of another generator or of another shape or dtype.
    """
    dtype = getattr(key, "dtype", None)
    if dtype is not None and not isinstance(dtype, np.dtype):
        return _typed_key_data(key)
    if not hasattr(key, "shape"):
        try:
            key = np.asarray(key)
        except (TypeError, ValueError) as error:  # A list of traced numbers, or a ragged one.
            raise SeedError(f"A random key is an array, not {key!r}. Make one with jax.random.key(seed).") from error
    if key.ndim < 1 or key.shape[-1] != 2 or key.dtype != np.uint32:
        raise SeedError(
            f"A raw random key is uint32 of shape (..., 2), threefry's; this one is {key.dtype} of shape "
            f"{tuple(key.shape)}. Make one with jax.random.key(seed)."
        )
    return key


def _typed_key_data(key: Array) -> UInt[Array, "*B 2"]:
    import jax

    implementation = str(jax.random.key_impl(key))
    if implementation != "threefry2x32":
        raise SeedError(
            f"Random keys must be threefry keys, and this is a key of {implementation!r}. "
            'Make one with jax.random.key(seed, impl="threefry2x32").'
        )
    return jax.random.key_data(key)
