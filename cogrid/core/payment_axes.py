"""What a payment may depend on beside who has earned it: the time, and a count; as one flat table of sums."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from cogrid.core.count_table import Summed
from cogrid.core.counts import ACTORS, Count, Disc
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, did_you_mean, function_name

MAX_SUMS = 1_000_000
"""How many entries a table of payments can have."""

AXES = ("amount", "count", "time")
"""What the function of a table may ask for."""


def find_count(tables: Tables, name: str | None, what: str) -> tuple[Count, Summed] | None:
    """The count that a payment depends on.

    Args:
      tables: the world.
      name: the count's name; None for none.
      what: what the message calls the reward.
    Raises:
      ConfigError: for a count that the rule set does not declare, or one that has no single number for a world.
    """
    if name is None:
        return None
    counts = {count.name: count for count in tables.settings.rules.counts}
    if name not in counts:
        raise ConfigError(
            f"{what} depends on the count {name!r}, which no rule set declares. {did_you_mean(name, counts)}"
        )
    if counts[name].over is ACTORS or isinstance(counts[name].over, Disc):
        raise ConfigError(f"{what} depends on the count {name!r}: it must be one over MAP or over AGENTS.")
    return counts[name], tables.rules.compiled.counts[counts[name]]


def asked_axes(table: Callable[..., Any], what: str) -> tuple[str, ...]:
    """What the function of a table asks for, by the names of its parameters.

    Args:
      table: the function.
      what: what the message calls the reward.
    Raises:
      ConfigError: for a parameter that is not one of `AXES`.
    """
    names = tuple(inspect.signature(table).parameters)
    for name in names:
        if name not in AXES:
            raise ConfigError(
                f"{what}: its table {function_name(table)} asks for {name!r}; it can ask for {' and '.join(AXES)}."
            )
    return names


def sums_by_axes(
    table: Callable[..., Any], coefficient: float, most: int, cap: int, n_times: int, what: str
) -> Float[np.ndarray, "K"]:
    """What is paid for each number, count and time: `[N * (cap + 1) * n_times]`.

    The numbers are those of earners, 0 to most, who are paid together what each of them is; or, where the table asks
    for the amount, 0 for nobody and then one more than the amount, 0 to most.

    Args:
      table: what one earner is paid, before the coefficient, as a function of some of `AXES`.
      coefficient: what the table is multiplied with.
      most: how many can earn it in one step, or the largest amount.
      cap: the largest count; 0 if the table asks for none.
      n_times: the times 0 to n_times - 1 are told apart; 1 if the table does not ask for the time.
      what: what messages call the reward.
    Raises:
      ConfigError: for a table that fails or gives something else than a finite number, or that is too large.
    """
    names = asked_axes(table, what)
    by_amount = "amount" in names
    sizes = {"amounts" if by_amount else "earners": most + 1, "counts": cap + 1, "times": n_times}
    if math.prod(sizes.values()) > MAX_SUMS:
        raise ConfigError(
            f"{what}: its table has {' x '.join(f'{size:,} {axis}' for axis, size in sizes.items())} entries, and "
            f"{MAX_SUMS:,} are the most. Let the count go less far, or end episodes earlier."
        )
    single = np.zeros((most + 1 if by_amount else 1, cap + 1, n_times))
    for amount, count, time in np.ndindex(single.shape):
        if time > 0 or "time" not in names:  # Nothing is paid before the first step.
            asked = {"amount": amount, "count": count, "time": time}
            single[amount, count, time] = _entry(table, {name: asked[name] for name in names}, what)
    if by_amount:
        sums = np.concatenate([np.zeros_like(single[:1]), float(coefficient) * single])
    else:
        sums = np.arange(most + 1)[:, None, None] * float(coefficient) * single
    return sums.astype(np.float32).reshape(-1)


def _entry(table: Callable[..., Any], asked: dict[str, int], what: str) -> float:
    given = ", ".join(f"{name}={value}" for name, value in asked.items())
    try:
        paid = table(**asked)
    except Exception as error:
        raise ConfigError(f"{what}: its table failed for {given}: {type(error).__name__}: {error}") from error
    if not isinstance(paid, (int, float, np.integer, np.floating)) or not math.isfinite(paid):
        raise ConfigError(f"{what}: its table gave {paid!r} for {given}: it is a finite number.")
    return float(paid)
