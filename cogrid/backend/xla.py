"""Hints with which XLA compiles a step well, and functions with one form for one environment and one for a batch.

Nothing here changes a result. `docs/measurements.md` says how much time each saves.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Int, UInt8, UInt32

from cogrid.backend.namespaces import Array, is_numpy


def single_or_batched(single: Callable[..., Array], batched: Callable[..., Array]) -> Callable[..., Array]:
    """A JAX function of arrays that is computed one way for one environment, and another way under `vmap`.

    What is cheap on a CPU differs: a batch wants long loops without branches, one environment wants few operations. XLA
    runs a program of less than 1,000 operations at once, and hands a longer one to another thread, which takes longer
    than the step.

    Args:
      single: the function for arrays without batch axes.
      batched: the same function for arrays with one batch axis in front.
    """
    import jax

    # Jitted, so that its tables stay constants: JAX refuses tables to which a condition under `vmap` has added an axis.
    function = jax.custom_batching.custom_vmap(jax.jit(single))

    @function.def_vmap
    def _(size: int, is_batched: list[bool], *arrays: Array) -> tuple[Array, bool]:
        wide = [
            array if has_axis else jax.numpy.broadcast_to(array, (size, *jax.numpy.shape(array)))
            for array, has_axis in zip(arrays, is_batched, strict=True)
        ]
        return batched(*wide), True

    return function


def compute_once(values: Int[Array, "*B"], bound: int) -> Int[Array, "*B"]:
    """Have XLA compute small numbers once, instead of anew inside everything that reads them; nothing under NumPy.

    XLA fuses what computes a number into every loop that uses it, and on a CPU it removes `optimization_barrier` before
    it does so. A look-up that several loops use is never computed twice. So each number is looked up in a table in
    which entry i is i.

    Args:
      values: `[*B]` int32, 0..bound-1.
      bound: one more than the greatest that there can be.
    Returns:
      `[*B]` int32, the same numbers.
    """
    if is_numpy(values):
        return values
    import jax.numpy as jnp

    return jnp.asarray(np.arange(bound, dtype=np.int32)).at[values].get(mode="promise_in_bounds")


def compute_first(values: tuple[Int[Array, "..."], ...], witness: Int[Array, "*B K"]) -> tuple[Int[Array, "..."], ...]:
    """Have XLA finish some arrays before it starts on what reads them; nothing under NumPy.

    `compute_once` is for numbers with several readers. With a single reader XLA fuses the two all the same, and an
    outer loop of few turns becomes part of a long inner one. It does not fuse across a condition whose outcome it
    cannot know.

    Args:
      values: arrays.
      witness: `[*B, K]` an array that is computed already, of numbers that are never below 0, at least one.
    Returns:
      The same arrays.
    """
    if is_numpy(witness):
        return values
    import jax
    import jax.numpy as jnp

    def give(*values: Array) -> tuple[Array, ...]:
        return values

    def never(*values: Array) -> tuple[Array, ...]:
        return tuple(map(jnp.zeros_like, values))

    return jax.lax.cond(witness[(0,) * witness.ndim] >= 0, give, never, *values)


def bytes_of_words(words: UInt32[Array, "*B K"]) -> UInt8[Array, "*B K4"]:
    """32-bit words as the bytes that they consist of, in the order in which they lie in memory.

    Args:
      words: `[*B, K]` uint32.
    Returns:
      `[*B, K4]` uint8, four for each word.
    """
    if is_numpy(words):
        return np.ascontiguousarray(words).view(np.uint8)
    import jax
    import jax.numpy as jnp

    parts = jax.lax.bitcast_convert_type(words, jnp.uint8)
    return parts.reshape(*words.shape[:-1], 4 * words.shape[-1])


def on_cpu(function: Callable[..., Array], elsewhere: Callable[..., Array]) -> Callable[..., Array]:
    """A JAX function of arrays that is computed one way on a CPU and another way on every other device.

    Args:
      function: for the CPU.
      elsewhere: the same function for GPUs and TPUs.
    """
    import jax

    return lambda *arrays: jax.lax.platform_dependent(*arrays, cpu=function, default=elsewhere)
