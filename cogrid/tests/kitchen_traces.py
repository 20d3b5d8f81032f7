"""Recorded traces of the other kitchens (series B, B_old, C, D) in our own terms: see `golden/README.md`.

One vocabulary serves all of them: soups are called by their contents, numbers are looked up by name in the rules of the
environment that is compared.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.reward import TotalReward, make_reward
from cogrid.tests.states import assert_same_bits, assert_same_states, map_leaves, pick_states, stack_states

GOLDEN = pathlib.Path(__file__).parent / "golden"

OUR_ACTIONS = np.array([0, 1, 2, 3, 4, 5, 5], dtype=np.int32)
"""Our action for each recorded one, which has a toggle that was never used."""

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

    arrays: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    @property
    def actions(self) -> np.ndarray:
        """The recorded actions as ours, `[..., A]` int32."""
        return OUR_ACTIONS[self["actions"]]

    def names(self, kind: str) -> list[str]:
        """What the numbers of a kind ("terrain", "item") mean: the recording's own names, or else the vocabulary's."""
        if f"{kind}_names" in self:
            return self[f"{kind}_names"].tolist()
        return _vocabulary()["items" if kind == "item" else kind]


@functools.cache
def load(series: str, layout: str, kind: str = "episodes", folder: pathlib.Path = GOLDEN) -> Recording:
    """Read a recording.

    Args:
      series: its folder.
      layout: its layout, by the recorded name.
      kind: "episodes", "unfiltered", "single" or "contention".
      folder: where the series are.
    """
    name = layout if kind == "episodes" else f"{layout}.{kind}"
    with np.load(folder / series / f"{name}.npz") as file:
        return Recording(dict(file))


@functools.cache
def load_every_layout(series: str) -> dict[str, Recording]:
    """Read the recorded single steps on every layout that JaxMARL ships, by its names.

    In the file all layouts are padded to one size, and `shape` tells (height, width, agents, pots, channels) of each.
    """
    with np.load(GOLDEN / series / "every_layout.npz") as file:
        arrays = dict(file)
    names = {name: arrays.pop(name) for name in ("terrain_names", "item_names")}
    layouts, shapes = arrays.pop("layouts").tolist(), arrays.pop("shape").tolist()
    recordings = {}
    for idx, (layout, (height, width, n_agents, n_pots, n_channels)) in enumerate(zip(layouts, shapes, strict=True)):
        real = {"agent": (n_agents,), "cell": (height, width), "button": (height, width), "pot": (n_pots,)}
        real |= {"actions": (n_agents,), "rewards": (n_agents,), "reward": (n_agents,)}
        real |= {"obs": (n_agents, height, width, n_channels)}
        cut = {"terrain": arrays["terrain"][idx, :height, :width]}
        for name in arrays.keys() - cut.keys():
            of = name.removeprefix("before_").removeprefix("after_").split("_")[0]
            cut[name] = arrays[name][idx][:, *(slice(size) for size in real.get(of, ()))]
        recordings[layout] = Recording(names | cut)
    return recordings


@functools.cache
def _vocabulary() -> Mapping[str, Any]:
    return json.loads((GOLDEN / "vocab.json").read_text(encoding="utf-8"))


def our_type_ids(recorded_names: Sequence[str], env: CoGridEnv) -> np.ndarray:
    """The type id of each recorded name, in order; a number that is never right for a name that the world lacks."""
    ours = env.config.rules.type_names
    names = [_OUR_NAMES.get(name, name) for name in recorded_names]
    return np.array([ours.index(name) if name in ours else _UNKNOWN for name in names], dtype=np.int32)


def state_arrays(recording: Recording, env: CoGridEnv, prefix: str = "") -> dict[str, np.ndarray]:
    """Recorded states as the arrays that our states read as, all batch axes kept.

    Args:
      recording: any recording that has states.
      env: the environment that plays them.
      prefix: what stands before the names of the recorded arrays ("before_", "after_").
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
        arrays["pot_timer"] = recording[prefix + "pot_timer"].astype(np.int32)
        arrays["time"] = recording[prefix + "time"].astype(np.int32)
    if prefix + "recipe" in recording:
        arrays["recipe"] = recording[prefix + "recipe"].astype(np.int32)
        rows, columns = np.nonzero(recording["terrain"] == recording.names("terrain").index("button_indicator"))
        grid = prefix + "button_grid"
        timers = recording[grid] if grid in recording else recording[prefix + "raw_grid"][..., _BUTTON_TIMER]
        arrays["button_timer"] = timers[..., rows, columns].astype(np.int32)
    return arrays


def _translated(kind: str, recording: Recording, name: str, env: CoGridEnv) -> np.ndarray:
    ours = our_type_ids(recording.names(kind), env)[recording[name]]
    if (ours == _UNKNOWN).any():
        raise ValueError("The recording names something that this world does not have.")
    return ours


def build_states(env: CoGridEnv, arrays: Mapping[str, np.ndarray]) -> EnvState:
    """The states of `state_arrays` with one batch axis, NumPy leaves.

    Made by table for the whole batch, since `state_from_arrays` takes its time; the first and the last are held against
    it.
    """
    start = env.state_from_arrays()
    n_states = len(arrays["agent_pos"])
    every = map_leaves(lambda leaf: np.repeat(np.asarray(leaf)[None], n_states, axis=0), start)
    value_of = {int(item): idx for idx, item in reversed(list(enumerate(start.tables.item_type)))}
    states = every.replace(
        cells=_cells(start, arrays),
        agent_cell=arrays["agent_pos"] @ np.array([start.width, 1], dtype=np.int32),
        agent_dir=arrays["agent_dir"],
        agent_value=np.vectorize(value_of.__getitem__, otypes=[np.int32])(arrays["agent_inv"][..., 0]),
        time=arrays.get("time", every.time),
        world=_worlds(start, arrays["recipe"]) if "recipe" in arrays else every.world,
    )
    for idx in (0, n_states - 1):
        wanted = env.state_from_arrays(**{name: values[idx] for name, values in arrays.items()})
        assert_same_states(pick_states(states, idx), wanted)
    return states


def _cells(start: EnvState, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value of each cell: counters by what lies on them, other objects by the arrays that they declare."""
    tables = start.tables
    cells = np.repeat(start.cells[None], len(arrays["agent_pos"]), axis=0)
    is_counter = start.object_type_map.reshape(-1) == tables.type_names.index("counter")
    counters = np.flatnonzero(tables.object_type == tables.type_names.index("counter"))
    counter_of = np.zeros(len(tables.type_names), dtype=cells.dtype)
    counter_of[tables.object_state[counters]] = counters
    cells[:, is_counter] = counter_of[arrays["object_state_map"].reshape(len(cells), -1)[:, is_counter]]
    for kind in {kind for name in arrays if (kind := tables.listed_kind(name)) is not None}:
        rows = {name: row for name, row in tables.listed_rows(kind).items() if name in arrays}
        ids = [idx for idx, value in enumerate(tables.compiled.cell_values) if isinstance(value, kind)]
        positions = getattr(start, f"{kind.name}_positions")
        for nth, cell in enumerate(positions @ [start.width, 1]):
            known = _sorted_rows([row[ids] for row in rows.values()])
            wanted = _sorted_rows([arrays[name][:, nth] for name in rows])
            distinct, number = np.unique(wanted, axis=0, return_inverse=True)
            cells[:, cell] = np.array([ids[known.tolist().index(row)] for row in distinct.tolist()])[number]
    return cells


def _sorted_rows(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Several arrays side by side, `[K, L]`, the entries of each in order."""
    return np.concatenate([np.sort(column.reshape(len(column), -1), axis=1) for column in columns], axis=1)


def _worlds(start: EnvState, recipes: np.ndarray) -> np.ndarray:
    known = start.tables.world_arrays["recipe"].tolist()
    distinct, number = np.unique(recipes, axis=0, return_inverse=True)
    return np.array([known.index(recipe) for recipe in distinct.tolist()], dtype=np.int32)[number.reshape(-1)]


def flat_times(values: np.ndarray) -> np.ndarray:
    """Values of episodes `[E, T, ...]` as one batch, `[E * T, ...]`."""
    return values.reshape(values.shape[0] * values.shape[1], *values.shape[2:])


def assert_states_as_recorded(state: EnvState, arrays: Mapping[str, np.ndarray], what: str = "") -> None:
    """Our states read as the recorded arrays: pots' ingredients in any order, object states on counters only."""
    names = state.tables.type_names
    for name, recorded in arrays.items():
        told, wanted = np.asarray(getattr(state, name)), recorded
        if name == "object_state_map":
            told = np.where(np.asarray(state.object_type_map) == names.index("counter"), told, 0)
        if name == "pot_contents":
            told, wanted = np.sort(told, axis=-1), np.sort(wanted, axis=-1)
        np.testing.assert_array_equal(told, wanted, err_msg=f"{name} {what}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Steps:
    """Many single steps, one batch axis in front of everything.

    Attributes:
      before: the states that were stepped.
      actions: `[K, A]` int32.
      after: the states that followed.
      seen: `[K, A, ...]`, observations of the latter.
      rewards: `[K, A]` float32.
      done: `[K]` bool.
    """

    before: EnvState
    actions: np.ndarray
    after: EnvState
    seen: np.ndarray
    rewards: np.ndarray
    done: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Steps]) -> Steps:
        """Several batches of steps as one."""

        def joined(name: str) -> np.ndarray:
            return np.concatenate([getattr(part, name) for part in parts])

        return cls(
            before=_joined_states([part.before for part in parts]),
            actions=joined("actions"),
            after=_joined_states([part.after for part in parts]),
            seen=joined("seen"),
            rewards=joined("rewards"),
            done=joined("done"),
        )


def _joined_states(states: Sequence[EnvState]) -> EnvState:
    return map_leaves(lambda *leaves: np.concatenate(leaves), *states)


def make_steps(env: CoGridEnv, before: EnvState, actions: np.ndarray) -> Steps:
    """Make one NumPy step of a batch of states."""
    after, seen, rewards, done, _ = env.jax_step(before, actions)
    return Steps(before=before, actions=actions, after=after, seen=seen, rewards=rewards, done=done)


def paid_by(names: Sequence[str], steps: Steps) -> np.ndarray:
    """What some registered rewards would have paid for steps, in sum, `[K, A]`."""
    rewards = [make_reward(name) for name in names]
    return TotalReward(tuple(rewards))(steps.before, steps.after, steps.actions)


def assert_episodes_as_recorded(env: CoGridEnv, shaped_rewards: Sequence[str], recording: Recording) -> Steps:
    """Make every step of recorded episodes under NumPy, in one batch.

    Compares states, rewards, shaped rewards, ends and observations.
    """
    arrays = state_arrays(recording, env)
    before = build_states(env, {name: flat_times(values[:, :-1]) for name, values in arrays.items()})
    steps = make_steps(env, before, flat_times(recording.actions))

    assert_states_as_recorded(steps.after, {name: flat_times(values[:, 1:]) for name, values in arrays.items()})
    np.testing.assert_array_equal(steps.rewards, flat_times(recording["rewards"]))
    np.testing.assert_array_equal(paid_by(shaped_rewards, steps), flat_times(recording["reward_shaped"]))
    np.testing.assert_array_equal(steps.done, flat_times(recording["done"] != 0))
    if "obs" in recording:
        seen = steps.seen.reshape(*recording.actions.shape[:2], *steps.seen.shape[1:])
        np.testing.assert_array_equal(seen[recording["obs_episode"]], recording["obs"][:, 1:])
    return steps


def assert_single_steps_as_recorded(env: CoGridEnv, shaped_rewards: Sequence[str], recording: Recording) -> Steps:
    """Make recorded single steps under NumPy, and compare states, rewards, shaped rewards and ends.

    If there are observations, they are of every n-th step.
    """
    steps = make_steps(env, build_states(env, state_arrays(recording, env, "before_")), recording.actions)

    assert_states_as_recorded(steps.after, state_arrays(recording, env, "after_"))
    np.testing.assert_array_equal(steps.rewards, recording["rewards"])
    np.testing.assert_array_equal(paid_by(shaped_rewards, steps), recording["reward_shaped"])
    np.testing.assert_array_equal(steps.done, recording["done"] != 0)
    if "obs" in recording:
        every = len(steps.seen) // len(recording["obs"])
        np.testing.assert_array_equal(steps.seen[::every], recording["obs"])
    return steps


def assert_conflicts_end_as_recorded(env: CoGridEnv, recording: Recording) -> Steps:
    """Make recorded conflicts of moves under NumPy: each has one outcome, and so do ours."""
    steps = make_steps(env, build_states(env, state_arrays(recording, env)), recording.actions)

    assert set(recording["n_outcomes"].tolist()) == {1}
    np.testing.assert_array_equal(steps.after.agent_pos, recording["outcome_pos"][:, 0])
    np.testing.assert_array_equal(steps.after.agent_dir, recording["outcome_dir"][:, 0])
    for name in ("agent_inv", "cells"):
        np.testing.assert_array_equal(getattr(steps.after, name), getattr(steps.before, name))
    return steps


def assert_jax_makes_the_same_steps(jax_env: CoGridEnv, shaped_rewards: Sequence[str], steps: Steps) -> None:
    """Make all steps in one vmapped and jitted call under JAX: every bit is the same, that of shaped rewards too."""
    import jax

    rewards = TotalReward(tuple(make_reward(name) for name in shaped_rewards))

    def step(state: EnvState, actions: Any) -> Any:
        after, *results, _ = jax_env.jax_step(state, actions)
        return after, results, rewards(state, after, actions)

    after, results, shaped = jax.device_get(jax.jit(jax.vmap(step))(steps.before, steps.actions))
    assert_same_states(after, steps.after)
    for told, wanted in zip(results, (steps.seen, steps.rewards, steps.done), strict=True):
        assert_same_bits(told, wanted)
    assert_same_bits(shaped, paid_by(shaped_rewards, steps))


def assert_environment_plays_as_recorded(
    env: CoGridEnv, recording: Recording, episode: int, is_shaped: bool = True
) -> None:
    """Play one recorded episode through `CoGridEnv.step`, on plain integers.

    Args:
      env: the environment, under NumPy.
      recording: the recording.
      episode: one of its episodes that has observations.
      is_shaped: whether the recorded shaped rewards are those that the environment's infos tell.
    """
    arrays = {name: values[episode] for name, values in state_arrays(recording, env).items()}
    env.set_state(env.state_from_arrays(**{name: values[0] for name, values in arrays.items()}))
    states, paid, shaped, seen = [], [], [], []
    for actions in recording.actions[episode].tolist():
        observations, rewards, *_, infos = env.step(dict(zip(env.agents, actions, strict=True)))
        states.append(env.get_state())
        paid.append(list(rewards.values()))
        shaped.append([info["shaped_reward"] for info in infos.values()])
        seen.append(np.stack(list(observations.values())))
    assert_states_as_recorded(stack_states(states), {name: values[1:] for name, values in arrays.items()})
    np.testing.assert_array_equal(paid, recording["rewards"][episode])
    if is_shaped:
        np.testing.assert_array_equal(shaped, recording["reward_shaped"][episode])
    row = recording["obs_episode"].tolist().index(episode)
    np.testing.assert_array_equal(np.stack(seen), recording["obs"][row, 1:])
