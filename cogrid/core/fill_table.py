"""How the tables of rules are filled: with a row for each thing that can be looked up, and rows for what is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Int

from cogrid.core.chance_table import ChanceTable
from cogrid.core.compiled_rules import CompiledRules, Key
from cogrid.core.count_table import CountTable
from cogrid.core.rule_kinds import Row, RuleKind, Space
from cogrid.errors import RuleError

MAX_ROWS = 16_000_000
"""How many rows a table of rules can have."""


def check_size(rules_name: str, table: str, axes: Mapping[str, int]) -> None:
    """Refuse a table that would be too large.

    Args:
      rules_name: the name of the rule set.
      table: what the table is of.
      axes: how many entries each of its axes has.
    Raises:
      RuleError: naming the axes and their sizes.
    """
    n_rows = math.prod(axes.values())
    if n_rows > MAX_ROWS:
        sizes = " x ".join(f"{size:,} {axis}" for axis, size in axes.items())
        raise RuleError(
            f"Rules {rules_name!r}: the table of {table} would have {n_rows:,} rows ({sizes}), and {MAX_ROWS:,} are "
            "the most. Let the rules tell fewer of these apart."
        )


def fill_table(
    nothing: Int[np.ndarray, "K C"],
    compiled: CompiledRules,
    places: Sequence[tuple[int, RuleKind, Key]],
    widened: Callable[[int, Row], Row] = lambda thing, row: row,
) -> tuple[Int[np.ndarray, "R C"], ChanceTable | None, CountTable | None]:
    """A table of what rules do: a row for each thing that can be looked up, and then those of further results.

    Where any thing asks for a count, each has a row for every number that a count can be.

    Args:
      nothing: `[K, C]` int32, the rows of a rule that does nothing.
      compiled: the rules.
      places: each thing that something follows for, with the kind of rule and its key.
      widened: the row of the table, for a thing and what the rule gives.
    Returns:
      `[R, C]` int32; which of the first rows are drawn among, None where none is; and which things ask for a count,
      None where none does.
    Raises:
      RuleError: when counts make the table too large.
    """
    asked = {thing: count for thing, kind, key in places if (count := compiled.count_of(kind, key[-1]))}
    counts = CountTable.of(len(nothing), asked, compiled.counts)
    size = 1 if counts is None else counts.size
    check_size(compiled.rules.name, "rules that count", {"pairs": len(nothing), "numbers of a count": size})
    rows, further, drawn = nothing.repeat(size, axis=0), list[Row](), dict[int, tuple[int, ...]]()
    for thing, kind, key in places:
        first, *others = (widened(thing, row) for row in compiled.rows[kind][key])
        place = thing * size + key[0]
        rows[place] = first
        if others:
            further += others
            drawn[place] = compiled.last_words[kind][key]
    more = np.array(further, dtype=np.int32).reshape(-1, rows.shape[1])
    return np.concatenate([rows, more]), ChanceTable.of(len(rows), drawn), counts


def pair_places(compiled: CompiledRules, kinds: Sequence[RuleKind | None]) -> list[tuple[int, RuleKind, Key]]:
    """Each pair of a pair table for which a rule gives anything, with the kind of rule and its key."""
    n_worlds = len(compiled.rules.world_axis)
    n_agents, n_cells = len(compiled.agent_values), len(compiled.cell_values)
    places: list[tuple[int, RuleKind, Key]] = []
    for block, kind in enumerate(kinds):
        for key in compiled.rows.get(kind, {}) if kind else ():
            _, world_id, partner_id, owner_id = key
            if kind is not None and kind.owner is Space.CELL:
                pair = ((block * n_worlds + world_id) * n_agents + partner_id) * n_cells + owner_id
                places.append((pair, kind, key))
            elif kind is not None:
                firsts = [((block * n_worlds + world) * n_agents + owner_id) * n_cells for world in range(n_worlds)]
                places += [(first + cell_id, kind, key) for first in firsts for cell_id in range(n_cells)]
    return places
