"""What rule sets give to the compiler: whether it is a value of theirs, and what it must be."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from types import NoneType
from typing import Any

import numpy as np
from jaxtyping import Bool

from cogrid.core.agent import Agent
from cogrid.core.grid_object import GridObject, Outcome
from cogrid.core.item import Item
from cogrid.core.rule_calls import ask, call_rule, is_hashable
from cogrid.core.rules import Rules, kind_of
from cogrid.errors import RuleError


def check_cell_value(value: Any, source: str, rules: Rules) -> None:
    """Raise RuleError for what can be in no cell of a rule set.

    Args:
      value: what is to be in a cell.
      source: the rule or setting that has given it.
      rules: the rule set.
    """
    if not isinstance(value, GridObject):
        raise RuleError(f"{source} gave {value!r} for a cell: a cell holds a GridObject.{_remedy(value)}")
    if type(value) not in rules.kinds:
        raise RuleError(
            f"{source} gave {value!r}, and {type(value).__name__} is not among the objects of rules {rules.name!r}."
        )
    _check_fields(value, source)
    declared = call_rule(value, "object_type")
    if not isinstance(declared, (str, Item, NoneType)):
        raise RuleError(
            f"{type(value).__name__}.object_type returned {declared!r} for {value!r}: it returns an item, None, or the "
            "name of an object type."
        )
    name = declared.name if isinstance(declared, Item) else declared
    if name is not None and name not in rules.type_names:
        raise RuleError(
            f"{source} gave {value!r}, and {name!r} is not among the items of rules {rules.name!r}, nor an object type."
        )


def _remedy(value: Any, base: type = GridObject) -> str:
    """What to write in place of something that stands in no cell, or is no agent; nothing where that is not plain."""
    if isinstance(value, type) and issubclass(value, base):
        return f" Write a value, {value.__name__}(), in place of the class."
    if isinstance(value, Outcome):
        return " This rule gives what becomes of its object alone, without events: return that."
    if base is Agent:
        return ""
    if value is None:
        return " For an empty cell write cogrid.Floor(); for an object that stays write self."
    return " Return what stands there then, such as self." if isinstance(value, bool) else ""


def check_agent_value(value: Any, source: str, rules: Rules) -> None:
    """Raise RuleError for what no agent of a rule set can be.

    Args:
      value: what an agent is to be.
      source: the rule or setting that has given it.
      rules: the rule set.
    """
    if not isinstance(value, Agent):
        raise RuleError(f"{source} gave {value!r} for an agent: an agent is an Agent.{_remedy(value, Agent)}")
    _check_fields(value, source)
    if value.held is not None and value.held not in rules.items:
        raise RuleError(f"{source} gave {value!r}, and {value.held!r} is not among the items of rules {rules.name!r}.")


def read_blocking(values: Sequence[GridObject], passable: Bool[np.ndarray, "V"]) -> Bool[np.ndarray, "V"]:
    """Whether a beam goes no further than a cell of each value.

    Args:
      values: the cell values.
      passable: `[V]` bool, whether an agent can move into a cell of each; what else lets a beam through.
    Raises:
      RuleError: for an answer that is neither True nor False.
    """
    blocks = ~passable
    for idx, value in enumerate(values):
        if type(value).blocks_beam is not GridObject.blocks_beam:
            (answer,) = ask([value], "blocks_beam")
            if not isinstance(answer, (bool, np.bool_)):
                name = f"{type(value).__name__}.blocks_beam"
                raise RuleError(f"{name} returned {answer!r} for {value!r}: it is True or False.")
            blocks[idx] = answer
    return blocks


def check_thing(value: Any, source: str, rules: Rules) -> None:
    """Raise RuleError for what cannot be moved from cell to cell.

    Args:
      value: what is to move.
      source: the rule that has given it.
      rules: the rule set.
    """
    if not is_hashable(value):
        raise RuleError(f"{source} moves {value!r}: what moves must be hashable (a tuple instead of a list).")


def read_examples(owner: GridObject | type[GridObject]) -> tuple[GridObject, ...]:
    """The examples that an object declares.

    Args:
      owner: the object; its class, where there is no fresh value to ask.
    Raises:
      RuleError: when it fails.
    """
    if kind_of(owner).examples is GridObject.examples:
        return ()
    try:
        examples: Any = owner.examples  # of a class that has no fresh value it must be a class method
        return tuple(examples())
    except Exception as error:
        raise RuleError(f"{kind_of(owner).__name__}.examples failed: {type(error).__name__}: {error}") from error


def _check_fields(value: Any, source: str) -> None:
    for field in dataclasses.fields(value):
        if not is_hashable(getattr(value, field.name)):
            raise RuleError(
                f"{source} gave a {type(value).__name__} whose field {field.name!r} is {getattr(value, field.name)!r}: "
                "fields of a value must be hashable (a tuple instead of a list)."
            )
