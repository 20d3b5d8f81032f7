"""Loops, and work for some environments of a batch: plain under NumPy, compiled under JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Bool, Int, Shaped

from cogrid.backend.array_ops import MAX_UNROLLED
from cogrid.backend.namespaces import Array, is_numpy, namespace

Carry = TypeVar("Carry")


def loop(n: int, body: Callable[[Any, Carry], Carry], start: Carry, like: Array) -> Carry:
    """Run `carry = body(i, carry)` for i from 0 to n - 1.

    Args:
      n: how often.
      body: gets the index (traced inside a compiled loop) and what the last turn returned.
      start: what the first turn gets; a tuple of arrays, the same shapes and dtypes at every turn.
      like: an array that says which backend to run on.
    Returns:
      What the last turn returned.
    """
    if is_numpy(like) or n <= MAX_UNROLLED:
        for i in range(n):
            start = body(i, start)
        return start
    import jax
    import jax.numpy as jnp

    return jax.lax.fori_loop(0, n, lambda i, carry: body(jnp.asarray(i, dtype=np.int32), carry), start)


def loop_up_to(n: Int[Array, "*B"], body: Callable[[Any, Carry], Carry], start: Carry, like: Array) -> Carry:
    """Run `carry = body(i, carry)` for i from 0 to the greatest of some numbers of turns, less one.

    Args:
      n: `[*B]` int32, the turns of each environment; a body must do nothing for one whose turns are over.
      body: gets the index (traced under JAX) and what the last turn returned.
      start: what the first turn gets; the same structure, shapes and dtypes at every turn.
      like: an array that says which backend to run on.
    Returns:
      What the last turn returned.
    """
    if is_numpy(like):
        for i in range(int(n.max(initial=0))):
            start = body(i, start)
        return start
    import jax
    import jax.numpy as jnp

    most = n.max(initial=0)
    return jax.lax.fori_loop(jnp.zeros_like(most), most, body, start)


def compute_where(
    is_needed: Bool[Array, "*B"],
    compute: Callable[..., Shaped[Array, "..."]],
    inputs: tuple[Array, ...],
    otherwise: Shaped[Array, "*B A"],
) -> Shaped[Array, "*B A"]:
    """Compute something for the environments that need it; NumPy leaves the others out, XLA computes all.

    Args:
      is_needed: `[*B]` bool, where the result matters.
      compute: a batched function of the inputs.
      inputs: arrays with the batch axes in front.
      otherwise: `[*B, A]`, what NumPy gives where it does not matter.
    Returns:
      `[*B, A]`, meaningful where needed.
    """
    if not is_numpy(is_needed):
        return compute(*inputs)
    if not is_needed.any():
        return otherwise
    results = otherwise.copy()
    results[is_needed] = compute(*(values[is_needed] for values in inputs))
    return results


def replace_where(
    is_replaced: Bool[Array, "*B"], compute: Callable[..., tuple[Any, ...]], values: tuple[Any, ...]
) -> tuple[Any, ...]:
    """Replace some environments' values by what a function makes of them.

    NumPy computes them for those environments alone. JAX skips the computation when there are none, as long as the
    batch is explicit (under `vmap` it is always made).

    Args:
      is_replaced: `[*B]` bool.
      compute: a batched function from the values to a tuple of the same structure.
      values: a tuple of arrays, or of states of them, with the batch axes in front.
    Returns:
      The values, replaced where asked.
    """
    if is_numpy(is_replaced):
        return _replace_rows(is_replaced, compute, values) if is_replaced.any() else values
    import jax
    import jax.numpy as jnp

    def choose(new: Array, old: Array) -> Array:
        return jnp.where(is_replaced.reshape(is_replaced.shape + (1,) * (new.ndim - is_replaced.ndim)), new, old)

    def replace(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return jax.tree.map(choose, compute(*values), values)

    return jax.lax.cond(is_replaced.any(), replace, lambda values: values, values)


def _replace_rows(
    is_replaced: Bool[np.ndarray, "*B"], compute: Callable[..., tuple[Any, ...]], values: tuple[Any, ...]
) -> tuple[Any, ...]:
    """`replace_where` under NumPy: the rows that are replaced, taken out, computed, and put into copies."""

    def put_rows(array: np.ndarray, new: np.ndarray) -> np.ndarray:
        changed = np.array(array)  # A number that NumPy has taken out of an array is none itself.
        changed[is_replaced] = new
        return changed

    rows = [_map_arrays(lambda array: array[is_replaced], value) for value in values]
    return tuple(_map_arrays(put_rows, *pair) for pair in zip(values, compute(*rows), strict=True))


def _map_arrays(function: Callable[..., np.ndarray], value: Any, *others: Any) -> Any:
    """A function of an array, or of every array of a state."""
    return function(value, *others) if is_numpy(value) else value.map_arrays(function, *others)


def take_turns(
    n: int, body: Callable[[Any, Carry], tuple[Carry, tuple[Array, ...]]], start: Carry, like: Array
) -> tuple[Carry, tuple[Array, ...]]:
    """Run `carry, results = body(i, carry)` for i from 0 to n - 1, and stack each turn's results.

    Args:
      n: how often.
      body: gets the index (traced inside a compiled loop) and what the last turn returned; its results are `[*B]`
        arrays.
      start: what the first turn gets; the same structure, shapes and dtypes at every turn.
      like: an array that says which backend to run on.
    Returns:
      What the last turn returned, and the results, each `[*B, n]`.
    """
    if is_numpy(like) or n <= MAX_UNROLLED:
        rows = []
        for i in range(n):
            start, results = body(i, start)
            rows.append(results)
        return start, tuple(namespace(like).stack(column, axis=-1) for column in zip(*rows, strict=True))
    import jax
    import jax.numpy as jnp

    end, stacked = jax.lax.scan(lambda carry, i: body(i, carry), start, jnp.arange(n, dtype=np.int32))
    return end, tuple(jnp.moveaxis(column, 0, -1) for column in stacked)
