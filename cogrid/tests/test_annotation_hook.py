"""The import hook that checks annotations while tests run is really there, and looks at arrays only."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from jaxtyping import Float, Int, TypeCheckError

from cogrid.backend.array_ops import gather

pytestmark = pytest.mark.skipif("annotation_checker" not in sys.modules, reason="the import hook is switched off")


def test_arrays_of_a_wrong_shape_are_refused() -> None:
    values, index = np.zeros((2, 3)), np.zeros((3, 1), dtype=np.int32)

    with pytest.raises(TypeCheckError, match="gather"):
        gather(values, index)


def test_arrays_of_a_wrong_dtype_are_refused() -> None:
    values, index = np.zeros((2, 3)), np.zeros((2, 1), dtype=np.float32)

    with pytest.raises(TypeCheckError, match="gather"):
        gather(values, index)


def test_arrays_as_annotated_pass() -> None:
    values, index = np.array([[5.0, 6.0]]), np.array([[1]])

    assert gather(values, index).tolist() == [[6.0]]


def test_only_annotations_with_an_array_in_them_are_looked_at() -> None:
    mentions_array = sys.modules["annotation_checker"].mentions_array

    assert mentions_array(tuple[Int[np.ndarray, "A"], int] | None)
    assert not mentions_array(tuple[str, int] | None)


def test_a_result_of_another_kind_than_before_is_checked_and_the_function_is_called_once() -> None:
    checker = sys.modules["annotation_checker"]
    results = [np.zeros(2), np.zeros(2), np.zeros(2, dtype=np.int64), np.zeros(3)]

    def next_result(values: Float[np.ndarray, "A"]) -> Float[np.ndarray, "A"] | Int[np.ndarray, "A"]:
        return results.pop(0)

    checked = checker.checked_once_a_kind(next_result, checker.check_annotations)
    for n_left in (3, 2, 1):
        checked(np.ones(2))
        assert len(results) == n_left
    with pytest.raises(TypeCheckError, match="next_result"):
        checked(np.ones(2))
    assert results == []
