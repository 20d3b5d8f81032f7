"""Tools for hooks: what a hook or a guard needs to read a state and to change it, on NumPy and on JAX, also in batches.

A hook sees values as numbers. These functions take the values themselves, and find the numbers: `Tree(age=2)`, the
class `Tree`, an event's name. What a world does not have is refused by name, as hooks run once when a world is built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Bool, Int, Integer, UInt

from cogrid.backend.array_ops import any_of, lookup
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import Array, namespace
from cogrid.core.agent import Agent
from cogrid.core.draws import Purpose, words
from cogrid.core.events import event_mask
from cogrid.core.grid_object import GridObject
from cogrid.core.tables import Tables
from cogrid.errors import RuleError

Wanted = GridObject | type[GridObject] | Callable[[Any], bool]
"""Which cell values are meant: one value, those of a class, or those for which a function holds."""


def value_id(state: EnvState, value: GridObject | Agent) -> int:
    """The number of a value, as `state.cells` or `state.agent_value` has it.

    Args:
      state: any state of the world.
      value: what stands in a cell, or an agent.
    Raises:
      RuleError: for a value that no play leads to; list it in `examples` of its class.
    """
    compiled = _tables(state).rules.compiled
    values: tuple[Any, ...] = compiled.agent_values if isinstance(value, Agent) else compiled.cell_values
    if value not in values:
        kind = type(value).__name__
        raise RuleError(
            f"A hook asks for {value!r}, which rules {compiled.rules.name!r} never make: return it from a rule, or "
            f"list it in {kind}.examples."
        )
    return values.index(value)


def cells_with(state: EnvState, wanted: Wanted) -> Bool[Array, "*B N"]:
    """Where something stands: `[*B, N]` bool.

    Args:
      state: a state.
      wanted: a value, a class, or a function of a value.
    Raises:
      RuleError: for a class that the rule set does not have, and for a value that no play leads to.
    """
    values = _tables(state).rules.compiled.cell_values
    if isinstance(wanted, type):
        _check_kind(state, wanted)
        is_wanted = [isinstance(value, wanted) for value in values]
    elif isinstance(wanted, GridObject):
        is_wanted = (np.arange(len(values)) == value_id(state, wanted)).tolist()
    else:
        is_wanted = [bool(wanted(value)) for value in values]
    return lookup(np.array(is_wanted), state.cells)


def count_cells(state: EnvState, wanted: Wanted) -> Int[Array, "*B"]:
    """In how many cells something stands: `[*B]` int32; arguments and errors as of `cells_with`."""
    return namespace(state.cells).sum(cells_with(state, wanted), axis=-1, dtype=np.int32)


def write_cells(state: EnvState, is_written: Bool[Array, "*B N"], value: GridObject) -> EnvState:
    """The state with a value in some cells.

    Args:
      state: a state.
      is_written: `[*B, N]` bool, which cells.
      value: what stands there from now on.
    Raises:
      RuleError: for a value that no play leads to.
    """
    number = np.asarray(value_id(state, value), dtype=state.cells.dtype)
    return state.replace(cells=namespace(state.cells).where(is_written, number, state.cells))


def agent_cells(state: EnvState) -> Bool[Array, "*B N"]:
    """In which cells agents stand: `[*B, N]` bool."""
    xp = namespace(state.cells)
    numbers = xp.arange(state.cells.shape[-1], dtype=np.int32)
    return any_of(numbers[:, None] == state.agent_cell[..., None, :])


def draw_below(key: UInt[Array, "*B 2"], n: Integer[Array, "*B"] | int, number: int = 0) -> Int[Array, "*B"]:
    """A number from 0 to n - 1, any as likely as any other: `[*B]` int32.

    Args:
      key: `[*B, 2]` uint32, the key that a hook is given.
      n: at least 1, one for all or one for each environment.
      number: which draw of this key; two draws of one number are equal.
    """
    time = namespace(key).zeros(key.shape[:-1], dtype=np.int32)
    word = words(key, Purpose.STEP_HOOK, time, number + 1)[..., number]
    return (word % namespace(key).asarray(n).astype(np.uint32)).astype(np.int32)


def draw_cell(key: UInt[Array, "*B 2"], can_be: Bool[Array, "*B N"], number: int = 0) -> Bool[Array, "*B N"]:
    """One of some cells, any as likely as any other: `[*B, N]` bool, True in one place, nowhere if there is none.

    Args:
      key: `[*B, 2]` uint32, the key that a hook is given.
      can_be: `[*B, N]` bool, the cells.
      number: which draw of this key.
    """
    xp = namespace(can_be)
    nth = xp.cumsum(can_be, axis=-1, dtype=np.int32)
    most = xp.maximum(nth[..., -1], xp.ones_like(nth[..., -1]))
    return can_be & (nth == draw_below(key, most, number)[..., None] + 1)


def emit(state: EnvState, event: str, to: Bool[Array, "*B A"]) -> EnvState:
    """The state in which an event has happened to some agents.

    Args:
      state: a state.
      event: its name, one that a rule of the rule set reports.
      to: `[*B, A]` bool, to whom.
    Raises:
      ConfigError: for an event that no rule reports. Names the close ones.
    """
    bits = to.astype(np.int32) * event_mask(_tables(state), event)
    return state.replace(events=state.events | bits)


def _tables(state: EnvState) -> Tables:
    return state.tables


def _check_kind(state: EnvState, kind: type[GridObject]) -> None:
    rules = _tables(state).rules.compiled.rules
    if not any(issubclass(known, kind) for known in rules.kinds):
        raise RuleError(
            f"A hook asks for objects of {kind.__name__}, which rules {rules.name!r} do not have: list it in objects."
        )
