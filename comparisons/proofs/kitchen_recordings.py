"""Recorded states of other kitchens in our own terms, and as batches of our states.

Recordings call things by names: `item_names` and `terrain_names` tell what their numbers mean. The arrays are those
that `tests/golden/README.md` describes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int, Shaped

from cogrid.backend.env_state import LEAF_NAMES, EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.kitchen.objects import CAPACITY
from cogrid.envs.overcooked_v2.objects import NOT_STARTED
from cogrid.errors import CoGridError
from comparisons.proofs.batches import pick, repeat

Arrays = dict[str, Shaped[np.ndarray, "..."]]

OUR_ACTIONS = np.array([0, 1, 2, 3, 4, 5, 5], dtype=np.int32)
"""Our action for each recorded one, of which one, a toggle, was never used."""

_OUR_NAMES = {"none": "floor", "delivery": "delivery_zone"}
_UNKNOWN = -99
_BUTTON_TIMER = 2
"""The channel of the recorded `raw_grid` that holds the timers of buttons."""


@dataclasses.dataclass(frozen=True)
class Recording:
    """One file of recorded arrays.

    Attributes:
      arrays: the arrays as recorded, in the recorded numbering.
    """

    arrays: Mapping[str, Shaped[np.ndarray, "..."]]

    def __getitem__(self, name: str) -> Shaped[np.ndarray, "..."]:
        """An array by its recorded name."""
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    @property
    def actions(self) -> Int[np.ndarray, "*B A"]:
        """The recorded actions as ours, `[*B, A]` int32."""
        return OUR_ACTIONS[self["actions"]]

    def names(self, kind: str) -> list[str]:
        """What the numbers of a kind ("terrain", "item") mean."""
        return self[f"{kind}_names"].tolist()


def our_type_ids(recorded_names: Sequence[str], env: CoGridEnv) -> Int[np.ndarray, "K"]:
    """The type id of each recorded name, in order; a number that is never right for a name that the world lacks."""
    ours = env.config.rules.type_names
    names = [_OUR_NAMES.get(name, name) for name in recorded_names]
    return np.array([ours.index(name) if name in ours else _UNKNOWN for name in names], dtype=np.int32)


def state_arrays(recording: Recording, env: CoGridEnv, prefix: str = "") -> Arrays:
    """Recorded states as the arrays that our states read as, all batch axes kept.

    Args:
      recording: any recording that has states.
      env: the environment that plays them.
      prefix: what stands before the names of the recorded arrays ("before_", "after_").
    Raises:
      CoGridError: for something recorded that the world does not have.
    """
    terrain = _translated("terrain", recording, "terrain", env)
    loose = _translated("item", recording, prefix + "cell_item", env)
    held = _translated("item", recording, prefix + "agent_item", env)
    arrays = {
        "agent_pos": recording[prefix + "agent_pos"].astype(np.int32),
        "agent_dir": recording[prefix + "agent_dir"].astype(np.int32),
        "agent_inv": np.where(held == 0, -1, held)[..., None],
        "object_type_map": np.broadcast_to(terrain, loose.shape),
        "object_state_map": loose,
    }
    if prefix + "pot_contents" in recording:
        contents = _translated("item", recording, prefix + "pot_contents", env)
        arrays["pot_contents"] = np.where(contents == 0, -1, contents)
        arrays["pot_timer"] = _pot_timer(recording, env, prefix)
        arrays["time"] = recording[prefix + "time"].astype(np.int32)
    if prefix + "recipe" in recording:
        arrays["recipe"] = recording[prefix + "recipe"].astype(np.int32)
        rows, columns = np.nonzero(recording["terrain"] == _button(recording))
        grid = prefix + "button_grid"
        timers = recording[grid] if grid in recording else recording[prefix + "raw_grid"][..., _BUTTON_TIMER]
        arrays["button_timer"] = timers[..., rows, columns].astype(np.int32)
    return arrays


def _button(recording: Recording) -> int:
    names = recording.names("terrain")
    return names.index("button_indicator") if "button_indicator" in names else _UNKNOWN


def _pot_timer(recording: Recording, env: CoGridEnv, prefix: str) -> Int[np.ndarray, "*B P"]:
    """The timers of the pots, with ours for those that wait for a cook to start them."""
    timer = recording[prefix + "pot_timer"].astype(np.int32)
    if prefix + "pot_is_ready" not in recording:
        return timer
    fresh: Any = env.config.rules.fresh["pot"]
    is_full = np.sum(recording[prefix + "pot_contents"] != 0, axis=-1) == CAPACITY
    is_idle = (timer == 0) & ~recording[prefix + "pot_is_ready"]
    return np.where(is_idle & (is_full | (fresh.timer == NOT_STARTED)), NOT_STARTED, timer).astype(np.int32)


def _translated(kind: str, recording: Recording, name: str, env: CoGridEnv) -> Int[np.ndarray, "..."]:
    ours = our_type_ids(recording.names(kind), env)[recording[name]]
    if (ours == _UNKNOWN).any():
        raise CoGridError(f"{name} of the recording names something that {env.config.name} does not have.")
    return ours


def build_states(env: CoGridEnv, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> EnvState:
    """The states of `state_arrays` with one batch axis, NumPy leaves.

    Made by table for the whole batch, since `state_from_arrays` takes its time; the first and the last are held against
    it.

    Args:
      env: the environment that plays them.
      arrays: what the states read as.
    Raises:
      CoGridError: for a state that this world can never be in.
    """
    start = env.state_from_arrays()
    n_states = len(arrays["agent_pos"])
    every = repeat(start, n_states)
    value_of = {int(item): idx for idx, item in reversed(list(enumerate(start.tables.declared.item_type)))}
    states = every.replace(
        cells=_cells(start, arrays),
        agent_cell=arrays["agent_pos"] @ np.array([start.width, 1], dtype=np.int32),
        agent_dir=arrays["agent_dir"],
        agent_value=np.vectorize(value_of.__getitem__, otypes=[np.int32])(arrays["agent_inv"][..., 0]),
        time=arrays.get("time", every.time),
    )
    if "recipe" in arrays:
        states = states.replace(world_value=world_values(env, arrays["recipe"]))
    for idx in (0, n_states - 1):
        wanted = env.state_from_arrays(**{name: values[idx] for name, values in arrays.items()})
        built = pick(states, idx)
        if not all(np.array_equal(getattr(built, name), getattr(wanted, name)) for name in LEAF_NAMES):
            raise CoGridError(f"Recorded state {idx} was not built as state_from_arrays builds it.")
    return states


def _cells(start: EnvState, arrays: Mapping[str, Shaped[np.ndarray, "..."]]) -> Int[np.ndarray, "K N"]:
    """The value of each cell: counters by what lies on them, other objects by the arrays that they declare."""
    tables = start.tables
    cells = np.repeat(start.cells[None], len(arrays["agent_pos"]), axis=0)
    is_counter = start.object_type_map.reshape(-1) == tables.declared.type_names.index("counter")
    counters = np.flatnonzero(tables.declared.object_type == tables.declared.type_names.index("counter"))
    counter_of = np.zeros(len(tables.declared.type_names), dtype=cells.dtype)
    counter_of[tables.declared.object_state[counters]] = counters
    cells[:, is_counter] = counter_of[arrays["object_state_map"].reshape(len(cells), -1)[:, is_counter]]
    for kind in {kind for name in arrays if (kind := tables.declared.listed_kind(name)) is not None}:
        rows = {name: row for name, row in tables.declared.listed_rows(kind).items() if name in arrays}
        ids = [idx for idx, value in enumerate(tables.rules.compiled.cell_values) if isinstance(value, kind)]
        positions = getattr(start, f"{kind.name}_positions")
        for nth, cell in enumerate(positions @ [start.width, 1]):
            known = _sorted_rows([row[ids] for row in rows.values()])
            wanted = _sorted_rows([arrays[name][:, nth] for name in rows])
            cells[:, cell] = np.array(ids)[_find_rows(known, wanted, f"{kind.name} {nth}")]
    return cells


def _sorted_rows(columns: Sequence[Shaped[np.ndarray, "..."]]) -> Shaped[np.ndarray, "K L"]:
    """Several arrays side by side, `[K, L]`, the entries of each in order."""
    return np.concatenate([np.sort(column.reshape(len(column), -1), axis=1) for column in columns], axis=1)


def _find_rows(known: Shaped[np.ndarray, "V L"], wanted: Shaped[np.ndarray, "K L"], what: str) -> Int[np.ndarray, "K"]:
    """The place of each wanted row among those that are known."""
    places = {tuple(row): idx for idx, row in reversed(list(enumerate(known.tolist())))}
    distinct, number = np.unique(wanted, axis=0, return_inverse=True)
    for row in distinct.tolist():
        if tuple(row) not in places:
            raise CoGridError(f"There is no {what} with {row} in this world.")
    return np.array([places[tuple(row)] for row in distinct.tolist()])[number.reshape(-1)]


def world_values(env: CoGridEnv, recipes: Int[np.ndarray, "K L"]) -> Int[np.ndarray, "K"]:
    """The world value of each recorded recipe.

    Args:
      env: the environment that plays them.
      recipes: `[K, 3]`, ingredients by number.
    Raises:
      CoGridError: for a recipe that this world never wants.
    """
    known = np.asarray(env.tables.declared.world_arrays["recipe"])
    return _find_rows(_sorted_rows([known]), _sorted_rows([recipes]), "recipe").astype(np.int32)


def read_as_recorded(state: EnvState, name: str) -> Shaped[np.ndarray, "..."]:
    """An array of a state as `state_arrays` has it: object states on counters only, pots' ingredients in order.

    Args:
      state: the state, batched or not.
      name: which array.
    """
    told = np.asarray(getattr(state, name))
    if name == "object_state_map":
        is_counter = np.asarray(state.object_type_map) == state.tables.declared.type_names.index("counter")
        return np.where(is_counter, told, 0)
    return in_order(name, told)


def in_order(name: str, values: Shaped[np.ndarray, "..."]) -> Shaped[np.ndarray, "..."]:
    """An array of `state_arrays` with its entries in one order, where the order means nothing."""
    return np.sort(values, axis=-1) if name == "pot_contents" else values
