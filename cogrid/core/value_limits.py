"""How many values a rule set can have, and what is said of one that has more."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from cogrid.core.agent import Agent
from cogrid.core.chance import results_of
from cogrid.core.grid_object import GridObject
from cogrid.core.rule_calls import call_rule
from cogrid.core.rule_kinds import RuleKind, Space
from cogrid.core.rules import Rules
from cogrid.errors import RuleError

MAX_VALUES = {Space.CELL: 10_000, Space.AGENT: 1_000, Space.THING: 1_000}
MAX_PAIRS = 1_000_000

Newest = tuple[RuleKind, Any, int, Mapping[str, Any]]
"""The kind of a rule, its last result and which of its results that was, and what it asked for by name."""


def too_many(
    rules: Rules,
    cells: Mapping[GridObject, int],
    agents: Mapping[Agent, int],
    space: Space,
    source: str,
    newest: Newest | None,
) -> RuleError:
    """The error for a rule set of too many values: of which class they are, and what its fields take.

    Args:
      rules: the rule set.
      cells, agents: its values so far.
      space: of what there are too many.
      source: the rule or setting that has given the last one.
      newest: the rule that has made it, if it was a rule.
    """
    values: Mapping[Any, int] = cells if space is Space.CELL else agents
    kind, taken, widest = _taken_by_fields(values)
    if newest is not None and _never_stops(newest, {Space.CELL: cells, Space.AGENT: agents}):
        return RuleError(
            f"The values of {kind} do not stop growing ({len(values):,} so far, last from {source}): its field "
            f"{widest!r} always takes another one. Bound what the rules can make of it."
        )
    which = space.name.lower()
    return RuleError(
        f"Rules {rules.name!r} make {len(cells):,} cell values and {len(agents):,} agent values by now (last from "
        f"{source}); there can be up to {MAX_VALUES[space]:,} {which} values, and {MAX_PAIRS:,} pairs of a cell "
        f"and an agent value. Most {which} values are {kind}s, whose fields take so many values each: {taken}. "
        "Let the rules tell fewer of them apart, or fewer of them at once."
    )


def _never_stops(newest: Newest, known: Mapping[Space, Mapping[Any, int]]) -> bool:
    """Whether a rule goes on to make other values, for longer than anybody counts.

    It is applied to its own result again and again, until that is of known values or one of its earlier results.
    """
    kind, given, idx, asked = newest
    values = _made(kind, given)
    mark, n_until_mark = values, 1
    for count in range(2 * MAX_VALUES[Space.CELL]):
        results = results_of(call_rule(values[0], kind.name, *values[1:], **asked))
        given = results[min(idx, len(results) - 1)]
        values = values if given is None else _made(kind, given)
        is_looked_up = count % 64 == 0  # A long tuple takes its time to be hashed.
        if values == mark or (is_looked_up and _are_known(kind, values, known)):
            return False
        if count == n_until_mark:
            mark, n_until_mark = values, 2 * n_until_mark
    return True


def _made(kind: RuleKind, given: Any) -> tuple[Any, ...]:
    """What a rule makes of its owner, and of the value that it is called with, if with one."""
    fields = (kind.result.owner, *(() if kind.partner is None else (kind.result.partner or "",)))
    return tuple(kind.result.read(given, field) for field in fields)


def _are_known(kind: RuleKind, values: tuple[Any, ...], known: Mapping[Space, Mapping[Any, int]]) -> bool:
    spaces = (kind.owner, *(() if kind.partner is None else (kind.partner,)))
    return all(value in known[space] for space, value in zip(spaces, values, strict=True))


def _taken_by_fields(values: Collection[GridObject | Agent]) -> tuple[str, str, str]:
    """The class of most of some values; how many values each of its fields takes; and the field that takes the most."""
    kind, _ = Counter(type(value) for value in values).most_common(1)[0]
    names = [field.name for field in dataclasses.fields(kind)]
    members = [value for value in values if type(value) is kind]
    counts = {name: len({getattr(value, name) for value in members}) for name in names}
    taken = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count > 1)
    return kind.__name__, taken, max(counts, key=lambda name: counts[name])
