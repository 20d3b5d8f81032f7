"""What a rule set names that none of its classes has: acts and draws without a method, events that no rule reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cogrid.core.acts import ITSELF, Act
from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject
from cogrid.core.rules import Rules
from cogrid.errors import RuleError, did_you_mean


def check_that_acts_are_answered(rules: Rules, answered: Collection[str], classes: Collection[type]) -> None:
    """Refuse an act of the rule set's own that calls a method that nothing has.

    Args:
      rules: the rule set.
      answered: the methods that its objects and agents write.
      classes: their classes.
    """
    for act in () if rules.own_actions is None else rules.own_actions.own_acts:
        if act.calls not in answered:
            who = "agent" if act.reach is ITSELF else "object and no agent"
            arguments = "self" if act.reach is ITSELF else "self, agent"
            raise RuleError(
                f"Rules {rules.name!r}: no {who} answers the act {act.name!r}: {_misplaced(act, rules)}"
                f"write def {act.calls}({arguments}) in the class that it is for. "
                f"{did_you_mean(act.calls, _methods_of(*classes))}"
            )


def check_that_draws_are_answered(rules: Rules, answered: Collection[str], classes: Collection[type]) -> None:
    """Refuse a draw that calls a method that nothing has; the arguments are the same."""
    for draw in rules.draws:
        if draw.calls not in answered:
            raise RuleError(
                f"Rules {rules.name!r}: no object and no agent answers the draw of {draw.calls!r}: write def "
                f"{draw.calls}(self) in the class that it is for. {did_you_mean(draw.calls, _methods_of(*classes))}"
            )


def check_event_names(rules: Rules, event_names: Sequence[str]) -> None:
    """Refuse a setting that names an event that no rule reports.

    Args:
      rules: the rule set.
      event_names: the events that its rules report.
    """
    by_draws = tuple(name for draw in rules.draws for name in draw.on)
    for setting, names in (("redraw_on", rules.redraw_on), ("guards", tuple(rules.guards)), ("draws", by_draws)):
        for name in names:
            if name not in event_names:
                raise RuleError(
                    f"Rules {rules.name!r}: {setting} names the event {name!r}, which no rule reports. "
                    f"{did_you_mean(name, event_names)}"
                )


def _misplaced(act: Act, rules: Rules) -> str:
    """Of an act on the agent itself, which object has the method that it calls, to begin a remedy with."""
    objects = [kind.__name__ for kind in rules.kinds if act.calls in _methods_of(kind)]
    if act.reach is not ITSELF or not objects:
        return ""
    return f"{objects[0]} has {act.calls!r}, and reach=ITSELF calls the acting agent's own; choose another reach, or "


def _methods_of(*classes: type) -> list[str]:
    """The methods that classes write themselves and the library does not know, to find a misspelt one."""
    known = {*dir(GridObject), *dir(Agent)}
    return sorted({name for kind in classes for name, value in vars(kind).items() if callable(value)} - known)
