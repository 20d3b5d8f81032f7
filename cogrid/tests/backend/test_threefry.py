"""Our threefry is JAX's, on integers and on arrays; only threefry keys are taken."""

from __future__ import annotations

import numpy as np
import pytest

from cogrid.backend.threefry import FEW, MAX_SEED, random_bits, raw_key, seed_words, threefry2x32
from cogrid.backend.threefry_integers import threefry
from cogrid.core.draws import Purpose, derived_key, move_ranks, words
from cogrid.errors import SeedError
from cogrid.integer.draws import draw_words, move_order
from cogrid.tests.engines import needs_jax

SEEDS = (0, 1, 7, 2**31, MAX_SEED)
COUNTERS = (0, 1, 2, 1000, 2**24, 2**31 + 5, MAX_SEED)


def test_known_answers_of_the_published_generator() -> None:
    """The three test vectors of Threefry-2x32 with 20 rounds that its authors distribute."""
    ones = 0xFFFFFFFF

    assert threefry(0, 0, 0, 0) == (0x6B200159, 0x99BA4EFE)
    assert threefry(ones, ones, ones, ones) == (0x1CB996FC, 0xBB002BE7)
    assert threefry(0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3) == (0xC4923A9C, 0x483DF7A0)


def test_plain_integers_and_arrays_give_the_same_words() -> None:
    generator = np.random.default_rng(2)
    inputs = generator.integers(0, 2**32, (4, 500), dtype=np.uint32)
    inputs[:, 0], inputs[:, 1] = 0, MAX_SEED

    on_arrays = threefry2x32(*inputs)
    on_integers = [threefry(*column) for column in inputs.T.tolist()]

    assert np.stack(on_arrays, axis=-1).tolist() == [list(pair) for pair in on_integers]
    assert {part.dtype for part in on_arrays} == {np.dtype(np.uint32)}


@pytest.mark.parametrize("n", [1, 2, 3, 16])
def test_drawn_words_are_the_same_on_integers_and_arrays(n: int) -> None:
    keys = np.random.default_rng(3).integers(0, 2**32, (20, 2), dtype=np.uint32)
    times = np.arange(0, 2000, 100, dtype=np.int32)

    for purpose in Purpose:
        drawn = words(keys, purpose, times, n)
        expected = [
            draw_words(key0, key1, purpose, time, n)
            for (key0, key1), time in zip(keys.tolist(), times.tolist(), strict=True)
        ]
        assert drawn.tolist() == expected
    ranks = move_ranks(keys, times, n)
    orders = [move_order(key0, key1, time, n) for (key0, key1), time in zip(keys.tolist(), times.tolist(), strict=True)]
    assert np.argsort(ranks, axis=-1).tolist() == orders


def test_no_draw_repeats_another() -> None:
    """Words of different purposes, times and numbers are all different, and so are those of different keys."""
    drawn = [
        word
        for key in ((0, 0), (0, 1), (1, 0))
        for purpose in Purpose
        for time in range(50)
        for word in draw_words(*key, purpose, time, 6)
    ]

    assert len(set(drawn)) >= len(drawn) - 1


@needs_jax
@pytest.mark.parametrize("seed", SEEDS)
def test_seed_words_are_the_key_data_of_jax(seed: int) -> None:
    import jax

    expected = jax.random.key_data(jax.random.key(np.uint32(seed), impl="threefry2x32"))

    assert list(seed_words(seed)) == np.asarray(expected).tolist()


@needs_jax
def test_a_block_is_the_fold_in_of_jax() -> None:
    import jax

    for seed in SEEDS:
        key = jax.random.key(np.uint32(seed), impl="threefry2x32")
        for counter in COUNTERS:
            expected = np.asarray(jax.random.key_data(jax.random.fold_in(key, np.uint32(counter)))).tolist()
            assert list(threefry(*seed_words(seed), 0, counter)) == expected
            key_array = np.array(seed_words(seed), dtype=np.uint32)
            on_arrays = threefry2x32(
                key_array[0:1], key_array[1:2], np.zeros(1, np.uint32), np.array([counter], np.uint32)
            )
            assert [int(part[0]) for part in on_arrays] == expected


@needs_jax
@pytest.mark.parametrize("n", [1, 2, 5, 64])
def test_random_bits_are_the_bits_of_jax(n: int) -> None:
    import jax

    for seed in SEEDS:
        key = jax.random.key(np.uint32(seed), impl="threefry2x32")
        with jax.threefry_partitionable(True):
            expected = np.asarray(jax.random.bits(key, (n,)))
        on_numpy = random_bits(np.array(seed_words(seed), dtype=np.uint32), n)
        under_jit = jax.jit(random_bits, static_argnums=1)(jax.random.key_data(key), n)

        np.testing.assert_array_equal(on_numpy, expected, strict=True)
        np.testing.assert_array_equal(under_jit, expected, strict=True)


def test_batches_of_keys_draw_as_each_key_does() -> None:
    keys = np.random.default_rng(4).integers(0, 2**32, (3, 4, 2), dtype=np.uint32)

    assert random_bits(keys, 5).shape == (3, 4, 5)
    np.testing.assert_array_equal(random_bits(keys, 5)[2, 1], random_bits(keys[2, 1], 5))
    times = np.arange(12, dtype=np.int32).reshape(3, 4)
    derived = derived_key(keys, Purpose.STEP_HOOK, times)
    np.testing.assert_array_equal(derived[1, 2], derived_key(keys[1, 2], Purpose.STEP_HOOK, times[1, 2]))


@needs_jax
def test_typed_and_raw_keys_are_one_key() -> None:
    import jax

    typed, raw = jax.random.key(9, impl="threefry2x32"), jax.random.PRNGKey(9, impl="threefry2x32")

    for key in (typed, raw, np.asarray(raw)):
        np.testing.assert_array_equal(raw_key(key), [0, 9])
    assert raw_key(jax.random.split(typed, 6)).shape == (6, 2)
    np.testing.assert_array_equal(jax.jit(raw_key)(typed), [0, 9])
    np.testing.assert_array_equal(jax.vmap(raw_key)(jax.random.split(typed, 6)), raw_key(jax.random.split(typed, 6)))


@needs_jax
@pytest.mark.parametrize("implementation", ["rbg", "unsafe_rbg"])
def test_keys_of_another_generator_are_refused(implementation: str) -> None:
    import jax

    with pytest.raises(SeedError, match=rf"threefry.*'{implementation}'.*impl="):
        raw_key(jax.random.key(0, impl=implementation))
    with pytest.raises(SeedError, match=r"uint32 of shape \(4,\)"):
        raw_key(jax.random.PRNGKey(0, impl=implementation))
    with pytest.raises(SeedError, match="threefry"):
        jax.jit(raw_key)(jax.random.key(0, impl=implementation))


@pytest.mark.parametrize(
    "key", [np.array([0, 1]), np.array([0, 1, 2], dtype=np.uint32), np.array(3, dtype=np.uint32), np.zeros(2)]
)
def test_a_raw_key_of_another_shape_or_dtype_is_refused(key: np.ndarray) -> None:
    with pytest.raises(SeedError, match=r"uint32 of shape \(\.\.\., 2\)"):
        raw_key(key)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, "7", None, True])
def test_a_seed_that_is_none_is_refused(seed: object) -> None:
    with pytest.raises(SeedError, match=r"0 to 2\*\*32 - 1"):
        seed_words(seed)


@pytest.mark.parametrize("n", [1, FEW, FEW + 1])
def test_few_words_made_one_by_one_equal_those_of_arrays(n: int) -> None:
    key = np.array([3, 2**32 - 5], dtype=np.uint32)
    many = np.stack([key] * (FEW + 1))
    assert random_bits(key, n).tolist() == random_bits(many, n)[0].tolist()
