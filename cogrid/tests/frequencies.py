"""Whether counts are what a distribution gives: Pearson's chi-square test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped

QUANTILE = 3.72
"""Of the normal distribution: what it exceeds once in 10,000 times. Seeds are fixed, so a test that passes stays so."""


def assert_frequencies(counts: Sequence[int], weights: Sequence[Any]) -> None:
    """Assert that counts are drawn by weights.

    Args:
      counts: how often each thing has come.
      weights: how often each should, up to a common factor; above 0.
    """
    observed, shares = np.array(counts, dtype=float), np.array([float(weight) for weight in weights])
    expected = shares / shares.sum() * observed.sum()
    assert expected.min() >= 5, "Too few draws for a chi-square test."
    statistic = float(((observed - expected) ** 2 / expected).sum())
    assert statistic < critical_value(len(counts) - 1), f"{counts} for the weights {weights}: chi-square {statistic}"


def assert_independent(first: Shaped[np.ndarray, "..."], second: Shaped[np.ndarray, "..."]) -> None:
    """Assert that two series of draws have nothing to do with each other.

    Args:
      first, second: small numbers from 0 on, of one shape, each of which comes in both.
    """
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first.reshape(-1).astype(int), second.reshape(-1).astype(int)), 1)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    assert expected.min() >= 5, "Too few draws for a chi-square test."
    statistic = float(((table - expected) ** 2 / expected).sum())
    assert statistic < critical_value((table.shape[0] - 1) * (table.shape[1] - 1)), f"{table}: chi-square {statistic}"


def critical_value(n_degrees: int) -> float:
    """What a chi-square statistic exceeds once in 10,000 times, by the approximation of Wilson and Hilferty (1931)."""
    spread = 2 / (9 * n_degrees)
    return n_degrees * (1 - spread + QUANTILE * spread**0.5) ** 3
