"""Threefry-2x32, the counter-based random generator that JAX's default keys use.

Source: Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3", Threefry-2x32 with 20 rounds. Exact, and
equal to `jax.random.fold_in` and to `jax.random.bits` of the partitionable form. Written out here so that the same bits
come under NumPy, under JAX and on plain integers, whatever flags JAX runs with.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from jaxtyping import UInt

from cogrid.backend.namespaces import Array, is_numpy, namespace
from cogrid.errors import SeedError

Word = TypeVar("Word", int, Any)

_ROTATIONS = tuple(tuple((bits, 32 - bits) for bits in group) for group in ((13, 15, 26, 6), (17, 29, 16, 24)))
"""By how many bits to the left, and by how many the rest comes back from the right."""

_INJECTED = (1, 2, 3, 4, 5)
_ARRAY_ROTATIONS = tuple(
    tuple((np.array(left_by, dtype=np.uint32), np.array(right_by, dtype=np.uint32)) for left_by, right_by in group)
    for group in _ROTATIONS
)
_ARRAY_INJECTED = tuple(np.array(number, dtype=np.uint32) for number in _INJECTED)
"""The same as arrays of one number: NumPy takes as long to convert a Python integer as to add."""
_PARITY = 0x1BD11BDA
_MASK = 0xFFFFFFFF
MAX_SEED = _MASK


def threefry2x32(key0: Word, key1: Word, counter0: Word, counter1: Word) -> tuple[Word, Word]:
    """Turn a counter into two random words.

    The same lines serve uint32 arrays, which wrap by themselves, and plain Python integers, which a mask keeps to 32
    bits.

    Args:
      key0, key1: the key's two words, 0..2**32-1.
      counter0, counter1: the counter's two words, 0..2**32-1, broadcast against the key.
    Returns:
      Two words of the same kind.
    """
    is_plain = isinstance(key0, int)
    keys: tuple[Any, ...] = (key0, key1, key0 ^ key1 ^ _PARITY)
    zero = 0 if is_plain else _zeros(key0, key1, counter0, counter1)
    rotations, injected = (_ROTATIONS, _INJECTED) if is_plain else (_ARRAY_ROTATIONS, _ARRAY_INJECTED)
    x0: Any = zero + counter0 + key0
    x1: Any = zero + counter1 + key1
    for group in range(5):
        if is_plain:
            x0, x1 = x0 & _MASK, x1 & _MASK
        for left_by, right_by in rotations[group % 2]:  # NumPy works in place: a new array takes longer than the sum.
            x0 += x1
            left = x1 << left_by
            if is_plain:
                x0, left = x0 & _MASK, left & _MASK
            x1 >>= right_by
            x1 |= left
            x1 ^= x0
        x0 += keys[(group + 1) % 3]
        x1 += keys[(group + 2) % 3]
        x1 += injected[group]
    return (x0 & _MASK, x1 & _MASK) if is_plain else (x0, x1)


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
        key = np.asarray(key)
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


def key_like(words: tuple[int, int], like: Array | None = None) -> UInt[Array, "2"]:
    """Two integers as a raw key of an array's backend (NumPy's without one)."""
    key = np.array(words, dtype=np.uint32)
    return key if like is None or is_numpy(like) else namespace(like).asarray(key)
