"""Recorded traces in our own terms: see `golden/README.md` for what they are."""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.agent import get_dir_vec_table
from cogrid.core.grid_object import get_object_names, object_to_idx
from cogrid.tests.states import stack_states

GOLDEN = pathlib.Path(__file__).parent / "golden"
LAYOUT_NAMES = ("CrampedRoom", "AsymmetricAdvantages", "CoordinationRing", "ForcedCoordination", "CounterCircuit")
REWARD_PARTS = ("reward_delivery", "reward_onion_in_pot", "reward_soup_in_dish")

Series = Literal["A_np", "A_jax"]
Kind = Literal["episodes", "long", "single", "contention"]

_OUR_NAMES = {
    "none": None,
    "floor": None,
    "(bare floor)": None,
    "delivery": "delivery_zone",
    "soup_o3t0": "onion_soup",
    "soup_o0t3": "tomato_soup",
}
_MAP_SIZE = 12
_MAP = slice(6, 6 + 3 * _MAP_SIZE**2)
_HELD = 442
_UNKNOWN = -99


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recording:
    """One file of recorded arrays.

    Attributes:
      drawing: the map, in characters that our layouts know too.
      arrays: the arrays as recorded, in the recorded numbering.
    """

    drawing: tuple[str, ...]
    arrays: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def make_env(self, backend: str = "numpy", **overrides: Any) -> CoGridEnv:
        """The classic environment on the recorded map."""
        return cogrid.make("Overcooked-CrampedRoom-V0", backend=backend, layout=self.drawing, **overrides)


@functools.cache
def load(series: Series, layout_name: str, kind: Kind = "episodes") -> Recording:
    """Read a recording."""
    name = layout_name if kind == "episodes" else f"{layout_name}.{kind}"
    about = json.loads((GOLDEN / series / f"{name}.json").read_text(encoding="utf-8"))
    with np.load(GOLDEN / series / f"{name}.npz") as file:
        return Recording(drawing=tuple(about["ascii"]), arrays=dict(file))


@functools.lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, Any]:
    """The recorded numbering."""
    return json.loads((GOLDEN / "vocab.json").read_text(encoding="utf-8"))


def our_type_ids(recorded_names: Sequence[str]) -> np.ndarray:
    """Our type id for each recorded name, in order; a number that is never right for a name that we do not have."""
    ours = get_object_names("overcooked")
    table = []
    for recorded in recorded_names:
        name = _OUR_NAMES.get(recorded, recorded)
        table.append(object_to_idx(name, scope="overcooked") if name is None or name in ours else _UNKNOWN)
    return np.array(table, dtype=np.int32)


def terrain_types(terrain: np.ndarray) -> np.ndarray:
    """Recorded terrain as our type ids."""
    return _translated(our_type_ids(vocabulary()["terrain"]), terrain)


def item_types(items: np.ndarray) -> np.ndarray:
    """Recorded items as our type ids, 0 for none."""
    return _translated(our_type_ids(vocabulary()["items"]), items)


def native_types(native: np.ndarray) -> np.ndarray:
    """The functional simulator's own type ids as ours."""
    numbers = vocabulary()["native"]["A_jax"]["type_ids"]
    table = np.full(max(numbers.values()) + 1, _UNKNOWN, dtype=np.int32)
    table[list(numbers.values())] = our_type_ids(list(numbers))
    return _translated(table, native)


def _translated(table: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    ours = table[recorded]
    if (ours == _UNKNOWN).any():
        raise ValueError("The recording names something that this world does not have.")
    return ours


def state_arrays(recording: Recording, prefix: str = "") -> dict[str, np.ndarray]:
    """The recorded states as the arrays that our states read as, all batch axes kept.

    Args:
      recording: any recording that has states.
      prefix: what stands before the names of the recorded arrays ("before_", "after_").
    """
    terrain = terrain_types(recording["terrain"])
    loose = item_types(recording[prefix + "cell_item"])
    held = item_types(recording[prefix + "agent_item"])
    arrays = {
        "agent_pos": recording[prefix + "agent_pos"].astype(np.int32),
        "agent_dir": recording[prefix + "agent_dir"].astype(np.int32),
        "agent_inv": np.where(held == 0, -1, held)[..., None],
        "object_type_map": np.where(terrain == 0, loose, terrain),
        "object_state_map": np.where(terrain == object_to_idx("counter", scope="overcooked"), loose, 0),
    }
    if prefix + "pot_contents" in recording.arrays:
        contents = item_types(recording[prefix + "pot_contents"])
        arrays["pot_contents"] = np.sort(np.where(contents == 0, -1, contents), axis=-1)
        arrays["pot_timer"] = recording[prefix + "pot_timer"].astype(np.int32)
        arrays["time"] = recording[prefix + "time"].astype(np.int32)
        show_pots(arrays["object_state_map"], recording, prefix)
    return arrays


def show_pots(state_map: np.ndarray, recording: Recording, prefix: str = "") -> None:
    """Write every pot's number into maps of object states: ingredients + ingredients * timer."""
    n_ingredients = np.sum(recording[prefix + "pot_contents"] != 0, axis=-1)
    rows, columns = recording["pot_pos"].T
    state_map[..., rows, columns] = n_ingredients * (1 + recording[prefix + "pot_timer"])


def build_states(env: CoGridEnv, arrays: Mapping[str, np.ndarray], indices: Sequence[Any]) -> EnvState:
    """States of an environment from `state_arrays`, one for each index into their batch axes; NumPy leaves."""
    return stack_states(
        [env.state_from_arrays(**{name: values[index] for name, values in arrays.items()}) for index in indices]
    )


def assert_states_as_recorded(state: EnvState, arrays: Mapping[str, np.ndarray]) -> None:
    """A batch of our states reads as the recorded arrays; a pot's ingredients in any order."""
    for name, wanted in arrays.items():
        told = np.asarray(getattr(state, name))
        told = np.sort(told, axis=-1) if name == "pot_contents" else told
        np.testing.assert_array_equal(told, wanted, err_msg=name)


def our_observations(recording: Recording) -> np.ndarray:
    """The recorded 443-number observations with our type ids and agent codes, and the pots as they are."""
    recorded = recording["obs"].astype(np.int32)
    cells = recorded[..., _MAP].reshape(*recorded.shape[:-1], _MAP_SIZE, _MAP_SIZE, 3)
    height, width = recording["terrain"].shape
    told = np.zeros_like(cells)
    inside = told[..., :height, :width, :]
    is_agent = _agent_cells(recording)[:, :, None]
    inside[..., 0] = np.where(is_agent, _agent_codes(cells[..., :height, :width, 0]), 0)
    inside[..., 0] += np.where(is_agent, 0, native_types(np.where(is_agent, 0, cells[..., :height, :width, 0])))
    inside[..., 2] = _map_states(recording, cells[..., :height, :width, 2], is_agent)
    ours = recorded.copy()
    ours[..., _MAP] = told.reshape(*recorded.shape[:-1], -1)
    ours[..., _HELD] = np.where(recorded[..., _HELD] == 0, 0, native_types(np.maximum(recorded[..., _HELD] - 1, 0)) + 1)
    return ours


def _agent_cells(recording: Recording) -> np.ndarray:
    """Where agents stand, `[E, T + 1, H, W]` bool."""
    pos = recording["agent_pos"].astype(np.int64)
    n_episodes, n_states, n_agents = pos.shape[:3]
    is_agent = np.zeros((n_episodes, n_states, *recording["terrain"].shape), dtype=np.bool_)
    episode, time, _ = np.indices((n_episodes, n_states, n_agents))
    is_agent[episode, time, pos[..., 0], pos[..., 1]] = True
    return is_agent


def _agent_codes(recorded: np.ndarray) -> np.ndarray:
    """Agents' codes on the map: ours are the number of object types plus the direction."""
    recorded_codes = vocabulary()["native"]["A_jax"]["obs_agent_type_ids"]
    codes = np.zeros(128, dtype=np.int32)
    for direction, name in enumerate(vocabulary()["directions"]):
        codes[recorded_codes[name]] = len(get_object_names("overcooked")) + direction
    return codes[recorded]


def _map_states(recording: Recording, recorded: np.ndarray, is_agent: np.ndarray) -> np.ndarray:
    """The map's third channel: items on counters and in hands by our ids, pots by contents and timer."""
    is_pot = np.zeros(recording["terrain"].shape, dtype=np.bool_)
    is_pot[tuple(recording["pot_pos"].T)] = True
    pots = np.zeros(recorded.shape[:2] + recorded.shape[3:], dtype=np.int32)
    show_pots(pots, recording)
    return np.where(is_pot, pots[:, :, None], native_types(np.where(is_pot & ~is_agent, 0, recorded)))


def takes_from_counter(recording: Recording) -> np.ndarray:
    """The transitions in which an empty hand reaches for an item on a counter, `[E, T]` bool."""
    steps = get_dir_vec_table()[recording["agent_dir"][:, :-1]]
    faced = recording["agent_pos"][:, :-1] + steps
    episode, time, _ = np.indices(faced.shape[:3])
    item = recording["cell_item"][:, 1:][episode, time, faced[..., 0], faced[..., 1]]
    terrain = terrain_types(recording["terrain"])[faced[..., 0], faced[..., 1]]
    is_counter = terrain == object_to_idx("counter", scope="overcooked")
    reaches = (recording["actions"] == vocabulary()["actions"].index("interact")) & (
        recording["agent_item"][:, :-1] == 0
    )
    return np.any(reaches & is_counter & (item != 0), axis=-1)
