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
from cogrid.tests.states import assert_same_bits, assert_same_states, map_leaves, stack_states
from comparisons.proofs.kitchen_recordings import Recording, build_states, in_order, read_as_recorded, state_arrays

GOLDEN = pathlib.Path(__file__).parent / "golden"


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
        return Recording(_names_of_numbers() | dict(file))


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
def _names_of_numbers() -> dict[str, np.ndarray]:
    """What the numbers of a recording mean that does not say it itself."""
    vocabulary = json.loads((GOLDEN / "vocab.json").read_text(encoding="utf-8"))
    return {"terrain_names": np.array(vocabulary["terrain"]), "item_names": np.array(vocabulary["items"])}


def flat_times(values: np.ndarray) -> np.ndarray:
    """Values of episodes `[E, T, ...]` as one batch, `[E * T, ...]`."""
    return values.reshape(values.shape[0] * values.shape[1], *values.shape[2:])


def assert_states_as_recorded(state: EnvState, arrays: Mapping[str, np.ndarray], what: str = "") -> None:
    """Our states read as the recorded arrays: pots' ingredients in any order, object states on counters only."""
    for name, recorded in arrays.items():
        np.testing.assert_array_equal(read_as_recorded(state, name), in_order(name, recorded), err_msg=f"{name} {what}")


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
