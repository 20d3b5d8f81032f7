"""Words on plain integers: one by one, and many at once in one long integer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cogrid.backend.threefry_integers import threefry, threefry_of_many
from cogrid.core.draws import Purpose, words, words_at
from cogrid.integer.draws import draw_some_words, draw_words

word = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=50)
@given(key=st.tuples(word, word), counters=st.lists(word, min_size=1, max_size=40), second=word)
def test_many_at_once_are_the_same_as_one_by_one(key: tuple[int, int], counters: list[int], second: int) -> None:
    first_words, second_words = threefry_of_many(*key, counters, second)

    assert list(zip(first_words, second_words, strict=True)) == [threefry(*key, each, second) for each in counters]


@pytest.mark.parametrize("n", [1, 2, 3, 8, 51])
def test_words_equal_those_of_arrays(n: int) -> None:
    key, time = (7, 2**32 - 3), 5
    at_time, arrays_key = np.array(time, dtype=np.int32), np.array(key, dtype=np.uint32)
    numbers = list(range(n))[::-1]

    assert draw_words(*key, Purpose.TICK, time, n) == words(arrays_key, Purpose.TICK, at_time, n).tolist()
    some = words_at(arrays_key, Purpose.TICK, at_time, np.array(numbers, dtype=np.int32))
    assert draw_some_words(key, Purpose.TICK, time, numbers) == some.tolist()
