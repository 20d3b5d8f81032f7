"""What XLA is told changes no result, and is heeded: the effect shows in the compiled program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cogrid.backend.xla import compute_first, compute_once, single_or_batched

jax: Any = pytest.importorskip("jax")
jnp: Any = jax.numpy

BOUND = 64
N_MULTIPLICATIONS = 6
NUMBERS = np.arange(200, dtype=np.int32).reshape(2, 100)
TABLE = np.arange(BOUND, dtype=np.uint32)[:, None] ** np.array([1, 2, 3], dtype=np.uint32)


def scramble(numbers: Any) -> Any:
    """Numbers below `BOUND` that take some work, which is easy to find in a program."""
    for _ in range(N_MULTIPLICATIONS):
        numbers = (numbers * 1103515245) ^ (numbers >> 3)
    return numbers % BOUND


def program(function: Callable[..., Any], *arrays: Any) -> str:
    """What XLA makes of a function on this machine's processor."""
    with jax.default_device(jax.devices("cpu")[0]):
        return jax.jit(function).lower(*arrays).compile().as_text()


def count(operation: str, function: Callable[..., Any], *arrays: Any) -> int:
    return program(function, *arrays).count(f" {operation}(")


def test_numbers_with_two_readers_are_computed_once() -> None:
    def read_twice(tell: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def read(numbers: Any) -> Any:
            scrambled = tell(scramble(numbers))[..., None]
            return tuple(scrambled == np.arange(n, dtype=np.int32)[None, None] for n in (50, 70))

        return read

    anew, once = read_twice(lambda numbers: numbers), read_twice(lambda numbers: compute_once(numbers, BOUND))

    assert count("multiply", anew, NUMBERS) == 2 * N_MULTIPLICATIONS
    assert count("multiply", once, NUMBERS) == N_MULTIPLICATIONS
    for result, expected in zip(jax.jit(once)(NUMBERS), anew(NUMBERS), strict=True):
        np.testing.assert_array_equal(result, expected)


def test_numbers_with_one_reader_are_finished_before_it_starts() -> None:
    def read(numbers: Any, witness: Any) -> Any:
        return jnp.asarray(TABLE)[scramble(numbers)]

    def read_later(numbers: Any, witness: Any) -> Any:
        (finished,) = compute_first((scramble(numbers),), witness)
        return jnp.asarray(TABLE)[finished]

    assert count("fusion", read, NUMBERS, NUMBERS) == 1
    assert count("conditional", read_later, NUMBERS, NUMBERS) == 1
    np.testing.assert_array_equal(jax.jit(read_later)(NUMBERS, NUMBERS), TABLE[scramble(NUMBERS)])


def test_neither_does_anything_under_numpy() -> None:
    assert compute_once(NUMBERS, BOUND) is NUMBERS
    assert compute_first((NUMBERS,), NUMBERS)[0] is NUMBERS


def test_one_environment_and_a_batch_are_computed_each_in_its_own_way() -> None:
    double = single_or_batched(lambda values: values + values, lambda values: values * 2)
    values = jnp.arange(6, dtype=np.int32).reshape(2, 3)

    assert (count("add", double, values[0]), count("multiply", double, values[0])) == (1, 0)
    assert (count("add", jax.vmap(double), values), count("multiply", jax.vmap(double), values)) == (0, 1)
    np.testing.assert_array_equal(jax.vmap(jax.vmap(double))(values[None])[0], values * 2)


def test_what_all_environments_share_is_repeated_for_the_way_of_a_batch() -> None:
    scale = single_or_batched(lambda values, factor: values * factor, lambda values, factor: values * factor[:, None])
    values = jnp.arange(6, dtype=np.int32).reshape(2, 3)

    np.testing.assert_array_equal(jax.vmap(scale, in_axes=(0, None))(values, jnp.int32(3)), values * 3)
