"""Which count a rule asks for, by the names of its parameters."""

from __future__ import annotations

import inspect

from cogrid.core.counts import ACTORS, Count
from cogrid.core.rule_kinds import RuleKind
from cogrid.core.rules import Rules
from cogrid.errors import RuleError, did_you_mean


def asked_count(owner: type, kind: RuleKind, rules: Rules) -> Count | None:
    """The count that a rule asks for.

    Args:
      owner: the class whose method the rule is.
      kind: which of its rules.
      rules: the rule set, which declares the counts.
    Returns:
      The count, None for none.
    Raises:
      RuleError: for a parameter that is no count, for two counts, and for a count that such a rule cannot ask for.
    """
    parameters = inspect.signature(getattr(owner, kind.name)).parameters.values()
    counts = {count.name: count for count in rules.counts}
    source = f"{owner.__name__}.{kind.name}"
    for parameter in parameters:
        is_asked = parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
        if is_asked and parameter.name not in (*counts, "world_value"):
            raise RuleError(
                f"{source} asks for {parameter.name!r}, and rules {rules.name!r} have no count of that name: list a "
                f"Count({parameter.name!r}, ...) in counts. {did_you_mean(parameter.name, counts)}"
            )
    asked = [counts[parameter.name] for parameter in parameters if parameter.name in counts]
    if not asked:
        return None
    if len(asked) > 1:
        raise RuleError(
            f"{source} asks for two counts, {asked[0].name!r} and {asked[1].name!r}, and a rule can ask for one: "
            "declare one count that tells what the rule must know."
        )
    _check_place(source, asked[0], kind)
    return asked[0]


def _check_place(source: str, count: Count, kind: RuleKind) -> None:
    """Refuse a count where there is nothing that it could be counted over."""
    if not kind.takes_counts:
        raise RuleError(f"{source} asks for the count {count.name!r}: rules of this kind cannot ask for any.")
    if count.over is ACTORS and not kind.is_act:
        raise RuleError(
            f"{source} asks for the count {count.name!r}, over the agents that act on a cell: only the rule of an act "
            "can ask for it."
        )
