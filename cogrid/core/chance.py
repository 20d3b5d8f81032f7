"""`Chance`: several results of a rule, of which one is drawn when the rule applies; and how a word decides."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from cogrid.errors import RuleError

N_WORDS = 2**32
"""How many words there are to draw."""

MAX_RESULTS = 64
"""How many results one chance can have: each takes a comparison, in every cell and step in which it may be drawn."""

Weight = int | float | Fraction
"""How often a result comes, compared with the others of its chance."""


@dataclasses.dataclass(frozen=True, init=False, repr=False)
class Chance:
    """Several results of a rule, of which one is drawn: what any rule may return in place of its result.

        def tick(self):
            return Chance((1, Apple()), (19, self))  # One time in twenty an apple grows here.

    A rule stays a pure function: it names the results and their weights, and the draw is made when a world is stepped.
    Each cell and each agent draws for itself in each step. A result of weight 0 is left out, and equal results are one.

    Attributes:
      branches: `(weight, result)` of each result, in the order given; the weights are fractions that add up to 1.
    """

    branches: tuple[tuple[Fraction, Any], ...]

    def __init__(self, *branches: tuple[Weight, Any]) -> None:
        """Make a chance.

        Args:
          branches: `(weight, result)` each. A weight is an integer, a `Fraction` or a finite float, at least 0; a
            result is whatever the rule could return alone.
        Raises:
          RuleError: for anything else, for weights that add up to 0, and for a chance within a chance.
        """
        merged: list[tuple[Fraction, Any]] = []
        for branch in branches:
            weight, result = _read(branch)
            same = next((idx for idx, (_, other) in enumerate(merged) if other == result), None)
            if same is not None:
                merged[same] = (merged[same][0] + weight, result)
            elif weight:
                merged.append((weight, result))
        total = sum(weight for weight, _ in merged)
        if not total:
            raise RuleError(f"The weights of Chance{branches!r} add up to 0: one result at least must be possible.")
        if len(merged) > MAX_RESULTS:
            raise RuleError(f"A Chance of {len(merged)} results: there can be up to {MAX_RESULTS} of them.")
        object.__setattr__(self, "branches", tuple((weight / total, result) for weight, result in merged))

    def __repr__(self) -> str:
        return f"Chance({', '.join(f'({weight}, {result!r})' for weight, result in self.branches)})"


def _read(branch: Any) -> tuple[Fraction, Any]:
    """The weight, exactly, and the result."""
    if not isinstance(branch, tuple) or len(branch) != 2:
        raise RuleError(f"A Chance is made of pairs (weight, result), and {branch!r} is none.")
    weight, result = branch
    is_number = isinstance(weight, numbers.Real) and not isinstance(weight, (bool, np.bool_))
    if not is_number or not math.isfinite(weight) or weight < 0:
        is_turned = not isinstance(weight, numbers.Real) and isinstance(result, numbers.Real)
        remedy = " The weight comes first: (weight, result)." if is_turned else ""
        raise RuleError(f"{weight!r} is no weight of a Chance: it is a number from 0 on, and finite.{remedy}")
    if isinstance(result, Chance):
        raise RuleError(f"A Chance within a Chance, {result!r}: write one Chance, with the weights multiplied.")
    return Fraction(weight if isinstance(weight, numbers.Rational) else float(weight)), result


def results_of(returned: Any) -> tuple[Any, ...]:
    """What a rule may come to: the results of a chance, or the one that it has returned.

    Args:
      returned: what the rule returned.
    """
    return tuple(result for _, result in returned.branches) if isinstance(returned, Chance) else (returned,)


def last_words_of(returned: Any) -> tuple[int, ...]:
    """The last word that stands for each result: result j is drawn by a word that is above j of them.

    With n words in all, result j comes with its weight, to 1/n exactly.

    Args:
      returned: what a rule returned, a chance or not.
    Returns:
      One word for each of `results_of`, never falling; the last one is 2**32 - 1.
    """
    weights = [weight for weight, _ in returned.branches] if isinstance(returned, Chance) else [Fraction(1)]
    return tuple(math.ceil(share * N_WORDS) - 1 for share in _running_sums(weights))


def _running_sums(weights: Sequence[Fraction]) -> list[Fraction]:
    return [sum(weights[: end + 1], Fraction(0)) for end in range(len(weights))]
