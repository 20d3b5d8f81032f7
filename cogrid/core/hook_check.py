"""What hooks and guards return: checked when a world is built, and at every step where that is asked for.

Hooks and guards are array functions that a rule set brings, and a step uses what they return without a check. When a
world is built, each is run on first states, alone and as a batch, and traced where JAX steps the world; what comes back
must be a state of the same shapes and dtypes that this world can be in. What a hook makes of later states is checked at
each step of a NumPy world made with `check=True`; without `check` it is not checked.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from cogrid.backend.env_state import NUMBER_NAMES, EnvState, register_pytree
from cogrid.backend.namespaces import namespace
from cogrid.core.draws import Purpose, derived_key
from cogrid.core.jax_step import drawn_start
from cogrid.core.state_builder import check_state
from cogrid.core.tables import Tables
from cogrid.errors import ConfigError, RuleError, StateError, function_name

_STORED = ("cells", *NUMBER_NAMES)


@functools.lru_cache(maxsize=256)
def check_hooks(tables: Tables, is_jax: bool) -> None:
    """Run the hooks and guards of a world on its first states, and check what they return.

    Args:
      tables: the world.
      is_jax: whether the world is stepped by JAX: then they are traced, too.
    Raises:
      RuleError: when one fails, returns something else than a state (a guard: than a bool), or a state of other shapes
        or dtypes, or one that this world can never be in, or other results for a batch than for each of its states.
        Names the hook and the array at fault.
    """
    rules = tables.settings.rules
    if rules.start_hook is None and rules.step_hook is None and not rules.guards:
        return
    keys = np.array([[0, 0], [0, 1]], dtype=np.uint32)
    hooks = _Hooks(tables)
    starts = drawn_start(keys, tables)
    batch = hooks.run(starts)
    for idx in range(len(keys)):
        for setting, state in hooks.run(_one_of(starts, idx)).items():
            hooks.check_values(setting, state)
            hooks.check_batch(setting, state, _one_of(batch[setting], idx))
    if is_jax:
        import jax

        register_pytree()
        jax.eval_shape(hooks.trace, _one_of(starts, 0), np.int32(0))


def check_played(state: EnvState) -> None:
    """Check a state that a reset or a step has led to, in a world that has hooks.

    Args:
      state: with NumPy arrays, one or a batch; one at time 0 is the first of an episode.
    Raises:
      RuleError: for one that its world can never be in. Names the hook, and what is wrong.
    """
    rules = state.tables.settings.rules
    if rules.start_hook is None and rules.step_hook is None:
        return
    hooks = _Hooks(state.tables)
    for place in np.ndindex(state.time.shape):
        one = _one_of(state, place)
        setting = "start_hook" if one.time == 0 or rules.step_hook is None else "step_hook"
        if getattr(rules, setting) is not None:
            hooks.check_values(setting, one)


class _Hooks:
    """Runs the hooks and guards of a world, and checks what they return."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.rules = tables.settings.rules

    def run(self, start: EnvState, agent_idx: Any = 0) -> dict[str, EnvState]:
        """Run all of them once on a first state, or a batch; returns what the hooks have made of it, by setting."""
        made: dict[str, EnvState] = {}
        state = start
        if self.rules.start_hook is not None:
            key = derived_key(start.rng_key, Purpose.START_HOOK, start.time)
            made["start_hook"] = state = self._state("start_hook", self.rules.start_hook, start, start, key)
        for event, guard in self.rules.guards.items():
            self._check_guard(event, guard, state, agent_idx)
        if self.rules.step_hook is not None:
            actions = namespace(state.cells).full_like(state.agent_cell, self.tables.action_set.noop)
            key = derived_key(state.rng_key, Purpose.STEP_HOOK, state.time)
            made["step_hook"] = self._state("step_hook", self.rules.step_hook, state, state, state, actions, key)
        return made

    def trace(self, start: EnvState, agent_idx: Any) -> None:
        """Trace all of them."""
        self.run(start, agent_idx)

    def check_values(self, setting: str, state: EnvState) -> None:
        """Refuse a single NumPy state that the world can never be in."""
        try:
            check_state(self.tables, state)
        except StateError as error:
            raise RuleError(f"{self._name(setting)} has made a state that cannot be: {error}") from error

    def check_batch(self, setting: str, state: EnvState, of_batch: EnvState) -> None:
        """Refuse a hook that makes of a state in a batch something else than of the state alone."""
        for name in _STORED:
            if not np.array_equal(getattr(state, name), getattr(of_batch, name)):
                raise RuleError(
                    f"{self._name(setting)} makes {name} something else in a batch of states than for each state "
                    "alone. Batch axes stand in front: address cells and agents on the last axis, as in "
                    "state.cells[..., cell]."
                )

    def _state(self, setting: str, hook: Callable[..., Any], before: EnvState, *args: Any) -> EnvState:
        after = _called(self._name(setting), hook, *args)
        if not isinstance(after, EnvState):
            raise RuleError(
                f"{self._name(setting)} returned {after!r}: it returns a state, such as state.replace(cells=...)."
            )
        for name in _STORED:
            given, wanted = (_form(getattr(state, name)) for state in (after, before))
            if given != wanted:
                raise RuleError(
                    f"{self._name(setting)} returned a state whose {name} is {given}, and it was {wanted}. Keep the "
                    f"shape, and cast with .astype(state.{name}.dtype)."
                )
        return after

    def _check_guard(self, event: str, guard: Callable[..., Any], state: EnvState, agent_idx: Any) -> None:
        what = f"The guard {function_name(guard)} of {event!r} (rules {self.rules.name!r})"
        holds = _called(what, guard, state, state, agent_idx)
        shape, dtype = np.shape(holds), getattr(holds, "dtype", type(holds))
        if dtype not in (np.bool_, bool) or shape not in ((), state.time.shape):
            raise RuleError(
                f"{what} returned {_form(holds)}: it returns a bool for each state, here of shape {state.time.shape}."
            )

    def _name(self, setting: str) -> str:
        return f"The {setting} {function_name(getattr(self.rules, setting))} of rules {self.rules.name!r}"


def _one_of(batch: EnvState, place: int | tuple[int, ...]) -> EnvState:
    """One state of a batch."""
    return batch.map_arrays(lambda array: array[place])


def _called(what: str, function: Callable[..., Any], *args: Any) -> Any:
    """Call a function of a rule set's own on a first state."""
    try:
        return function(*args)
    except ConfigError:
        raise
    except Exception as error:
        raise RuleError(f"{what} failed on a first state of the world: {type(error).__name__}: {error}") from error


def _form(array: Any) -> str:
    """Shape and dtype of an array, in words."""
    return "None" if array is None else f"{getattr(array, 'dtype', type(array).__name__)} of shape {np.shape(array)}"
