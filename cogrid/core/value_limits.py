"""How many values a rule set can have, and what is said of one that has more."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.rule_calls import call_rule
from cogrid.core.rules import Rules
from cogrid.errors import RuleError

MAX_CELL_VALUES = 10_000
MAX_AGENT_VALUES = 1_000
MAX_PAIRS = 1_000_000

Newest = tuple[str, GridObject, tuple[Any, ...]]
"""A rule, the cell value that it has made, and with it the agent and the world value, if it takes them."""


def too_many(
    rules: Rules,
    cells: Mapping[GridObject, int],
    agents: Mapping[Agent, int],
    which: str,
    source: str,
    newest: Newest | None,
) -> RuleError:
    """The error for a rule set of too many values: of which class they are, and what its fields take.

    Args:
      rules: the rule set.
      cells, agents: its values so far.
      which: "cell" or "agent", of what there are too many.
      source: the rule or setting that has given the last one.
      newest: the rule that has made it, if it was a rule.
    """
    values = cells if which == "cell" else agents
    kind, taken, widest = _taken_by_fields(values)
    if newest is not None and _never_stops(newest, cells, agents):
        return RuleError(
            f"The values of {kind} do not stop growing ({len(values):,} so far, last from {source}): its field "
            f"{widest!r} always takes another one. Bound what the rules can make of it."
        )
    limit = MAX_CELL_VALUES if which == "cell" else MAX_AGENT_VALUES
    return RuleError(
        f"Rules {rules.name!r} make {len(cells):,} cell values and {len(agents):,} agent values by now (last from "
        f"{source}); there can be up to {limit:,} {which} values, and {MAX_PAIRS:,} pairs of a cell and an agent "
        f"value. Most {which} values are {kind}s, whose fields take so many values each: {taken}. Let the rules tell "
        "fewer of them apart, or fewer of them at once."
    )


def _never_stops(newest: Newest, cells: Mapping[GridObject, int], agents: Mapping[Agent, int]) -> bool:
    """Whether a rule goes on to make other values, for longer than anybody counts.

    It is applied to its own result again and again, until that is a known value or one of its earlier results.
    """
    name, cell, args = newest
    mark, n_until_mark = (cell, args), 1
    for count in range(2 * MAX_CELL_VALUES):
        cell, args = _applied(name, cell, args)
        is_looked_up = count % 64 == 0  # A long tuple takes its time to be hashed.
        if (cell, args) == mark or (is_looked_up and cell in cells and all(agent in agents for agent in args[:1])):
            return False
        if count == n_until_mark:
            mark, n_until_mark = (cell, args), 2 * n_until_mark
    return True


def _applied(name: str, cell: GridObject, args: tuple[Any, ...]) -> tuple[GridObject, tuple[Any, ...]]:
    """What a rule makes of a cell value, and of the agent that it is called with, if with one."""
    if not args:
        return call_rule(cell, name), ()
    outcome = call_rule(cell, name, *args)
    return (outcome.cell, (outcome.agent, *args[1:])) if isinstance(outcome, Outcome) else (cell, args)


def _taken_by_fields(values: Collection[GridObject | Agent]) -> tuple[str, str, str]:
    """The class of most of some values; how many values each of its fields takes; and the field that takes the most."""
    kind, _ = Counter(type(value) for value in values).most_common(1)[0]
    names = [field.name for field in dataclasses.fields(kind)]
    members = [value for value in values if type(value) is kind]
    counts = {name: len({getattr(value, name) for value in members}) for name in names}
    taken = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count > 1)
    return kind.__name__, taken, max(counts, key=lambda name: counts[name])
