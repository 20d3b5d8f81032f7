"""What was recorded is what we do: episodes, single steps, observations, and the outcomes of conflicts."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.array_rewards import delivery_reward_array, onion_in_pot_reward_array, soup_in_dish_reward_array
from cogrid.core.grid_object import get_object_names
from cogrid.feature_space.array_features import build_feature_fn_jax, get_all_agent_obs_jax
from cogrid.tests.engines import first_of, needs_jax
from cogrid.tests.golden_traces import (
    LAYOUT_NAMES,
    REWARD_PARTS,
    Recording,
    Series,
    assert_states_as_recorded,
    build_states,
    load,
    our_observations,
    state_arrays,
    takes_from_counter,
)
from cogrid.tests.states import arrays_of, assert_same_bits, map_leaves, pick_states, stack_states

NOOP = 6
N_KEYS = 64
VMAP_SIZE = 4096
TYPE_IDS = {name: idx for idx, name in enumerate(get_object_names("overcooked"))}
PART_FUNCTIONS = dict(
    zip(REWARD_PARTS, (delivery_reward_array, onion_in_pot_reward_array, soup_in_dish_reward_array), strict=True)
)
ALL_REWARDS = ("delivery_reward", "onion_in_pot_reward", "soup_in_dish_reward")
on_every_layout = pytest.mark.parametrize("layout_name", LAYOUT_NAMES)
under_jax_on_every_layout = pytest.mark.parametrize("layout_name", first_of(LAYOUT_NAMES))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Replay:
    """What our step made of recorded actions: episodes in front, then time.

    Attributes:
      states: `[E, T + 1]`, the start in front.
      rewards: `[E, T, A]` float32.
      done: `[E, T]` bool.
    """

    states: EnvState
    rewards: np.ndarray
    done: np.ndarray


def both_kinds(layout_name: str) -> tuple[Recording, Recording]:
    return load("A_np", layout_name, "episodes"), load("A_np", layout_name, "long")


def start_states(env: CoGridEnv, layout_name: str) -> EnvState:
    """The first states of all episodes, the long ones last."""
    starts = [
        env.state_from_arrays(**{name: values[episode, 0] for name, values in arrays.items()})
        for arrays in map(state_arrays, both_kinds(layout_name))
        for episode in range(len(arrays["time"]))
    ]
    return stack_states(starts)


def all_actions(layout_name: str) -> np.ndarray:
    """The actions of all episodes, `[E, T, A]`; Noop after an episode's last recorded step."""
    short, long = (recording["actions"].astype(np.int32) for recording in both_kinds(layout_name))
    padded = np.full((len(short), *long.shape[1:]), NOOP, dtype=np.int32)
    padded[:, : short.shape[1]] = short
    return np.concatenate([padded, long])


@functools.cache
def replay_in_numpy_environment(layout_name: str) -> Replay:
    """All episodes through `CoGridEnv.step` under NumPy, one after the other, with all three rewards paid."""
    recording = both_kinds(layout_name)[0]
    env = recording.make_env(rewards=ALL_REWARDS)
    endless_env = recording.make_env(rewards=ALL_REWARDS, max_steps=None)
    starts = start_states(env, layout_name)
    states, rewards, dones = [], [], []
    for episode, actions in enumerate(all_actions(layout_name)):
        env.set_state(pick_states(starts, episode))
        for results, result in zip(
            (states, rewards, dones), step_through_dicts(env, endless_env, actions), strict=True
        ):
            results.append(result)
    return Replay(states=stack_states(states), rewards=np.stack(rewards), done=np.stack(dones))


def replay_one_by_one_under_jax(layout_name: str) -> Replay:
    """All episodes through the single JAX step, one after the other."""
    import jax

    env = both_kinds(layout_name)[0].make_env("jax")

    def replay_one(episode: tuple[EnvState, Any]) -> Any:
        def step(state: EnvState, actions: Any) -> Any:
            after, _, reward, done, _ = env.jax_step(state, actions)
            return after, (after, reward, done)

        return jax.lax.scan(step, *episode)[1]

    starts = start_states(env, layout_name)
    replay_all = jax.jit(lambda episodes: jax.lax.map(replay_one, episodes))
    states, rewards, done = jax.device_get(replay_all((starts, all_actions(layout_name))))
    return Replay(states=joined_in_time(starts, states), rewards=rewards, done=done)


def joined_in_time(starts: EnvState, later: EnvState) -> EnvState:
    """States of `[E]` in front of states of `[E, T]`."""
    return map_leaves(lambda first, rest: np.concatenate([first[:, None], rest], axis=1), starts, later)


@functools.cache
def vmapped_step(layout_name: str) -> Callable[[EnvState, np.ndarray], Any]:
    """The JAX step of `VMAP_SIZE` environments at once, compiled once for all the tests of a map."""
    import jax

    return jax.jit(jax.vmap(both_kinds(layout_name)[0].make_env("jax").jax_step))


def step_vmapped(layout_name: str, states: EnvState, actions: np.ndarray) -> tuple[EnvState, Any, Any, Any]:
    """Make the vmapped JAX step of any number of states; state, observation, reward and done."""
    import jax

    results = []
    for first in range(0, len(actions), VMAP_SIZE):
        index = np.minimum(np.arange(first, first + VMAP_SIZE), len(actions) - 1)
        results.append(jax.device_get(vmapped_step(layout_name)(pick_states(states, index), actions[index])[:4]))
    after, *others = zip(*results, strict=True)
    joined = map_leaves(lambda *leaves: np.concatenate(leaves)[: len(actions)], *after)
    obs, rewards, done = (np.concatenate(parts)[: len(actions)] for parts in others)
    return joined, obs, rewards, done


def step_through_dicts(env: CoGridEnv, endless_env: CoGridEnv, actions: np.ndarray) -> tuple[EnvState, Any, Any]:
    """Step an environment that has been set to its first state; past the end of the episode go on in an endless one."""
    states, rewards, dones = [env.get_state()], [], []
    for joint in actions.tolist():
        _, reward, terminations, truncations, _ = env.step(dict(zip(env.possible_agents, joint, strict=True)))
        assert not any(terminations.values())
        assert len(set(truncations.values())) == 1
        states.append(env.get_state())
        rewards.append(list(reward.values()))
        dones.append(truncations["agent_0"])
        if not env.agents:
            endless_env.set_state(env.get_state())
            env = endless_env
    return stack_states(states), np.array(rewards, dtype=np.float32), np.array(dones)


def by_recording(layout_name: str) -> Iterator[tuple[Recording, Any]]:
    """Each recording of whole episodes, and where its steps are in a replay."""
    first = 0
    for recording in both_kinds(layout_name):
        n_episodes, n_steps = recording["actions"].shape[:2]
        yield recording, np.s_[first : first + n_episodes, :n_steps]
        first += n_episodes


def assert_replay_is_as_recorded(replay: Replay, layout_name: str) -> None:
    for recording, (episodes, steps) in by_recording(layout_name):
        states = pick_states(replay.states, (episodes, slice(steps.stop + 1)))
        assert_states_as_recorded(states, state_arrays(recording))
        assert_same_bits(replay.rewards[episodes, steps], recording["rewards"])
        assert_same_bits(replay.done[episodes, steps], recording["done"].astype(bool))


@on_every_layout
def test_numpy_environment_replays_every_episode_and_pays_the_sum_of_the_parts(layout_name: str) -> None:
    replay = replay_in_numpy_environment(layout_name)

    for recording, (episodes, steps) in by_recording(layout_name):
        states = pick_states(replay.states, (episodes, slice(steps.stop + 1)))
        assert_states_as_recorded(states, state_arrays(recording))
        delivery, onion, soup = (recording[name] for name in REWARD_PARTS)
        assert_same_bits(replay.rewards[episodes, steps], delivery + onion + soup)


@on_every_layout
def test_numpy_environment_is_truncated_once_where_the_recording_is_done(layout_name: str) -> None:
    """A step after the end is refused, so the steps after it were made in a world without an end."""
    replay = replay_in_numpy_environment(layout_name)

    for recording, where in by_recording(layout_name):
        done = recording["done"].astype(bool)
        is_first = done & (np.cumsum(done, axis=1) == 1)
        assert_same_bits(replay.done[where], is_first)
        assert is_first.any() == (recording is both_kinds(layout_name)[1])


@on_every_layout
def test_numpy_array_step_replays_every_transition_in_one_batch(layout_name: str) -> None:
    replay = replay_in_numpy_environment(layout_name)
    env = both_kinds(layout_name)[0].make_env()
    before = pick_states(replay.states, np.s_[:, :-1])

    after, _, rewards, done, info = env.jax_step(before, all_actions(layout_name))

    states = joined_in_time(pick_states(replay.states, np.s_[:, 0]), after)
    assert_replay_is_as_recorded(Replay(states=states, rewards=rewards, done=done), layout_name)
    assert info == {}


@needs_jax
@under_jax_on_every_layout
def test_vmapped_jax_step_replays_every_transition(layout_name: str) -> None:
    replay = replay_in_numpy_environment(layout_name)
    actions = all_actions(layout_name)
    shape = actions.shape[:2]
    before = map_leaves(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), pick_states(replay.states, np.s_[:, :-1]))

    after, _, rewards, done = step_vmapped(layout_name, before, actions.reshape(-1, actions.shape[-1]))

    later = map_leaves(lambda leaf: leaf.reshape(*shape, *leaf.shape[1:]), after)
    states = joined_in_time(pick_states(replay.states, np.s_[:, 0]), later)
    told = Replay(states=states, rewards=rewards.reshape(*shape, -1), done=done.reshape(shape))
    assert_replay_is_as_recorded(told, layout_name)


@needs_jax
@under_jax_on_every_layout
def test_single_jax_step_replays_every_episode(layout_name: str) -> None:
    assert_replay_is_as_recorded(replay_one_by_one_under_jax(layout_name), layout_name)


@needs_jax
@under_jax_on_every_layout
def test_jax_environment_replays_an_episode_through_dicts(layout_name: str) -> None:
    recording = load("A_np", layout_name)
    arrays = state_arrays(recording)
    env = recording.make_env("jax")
    episode = int(np.argmax(recording["rewards"].sum(axis=(1, 2))))

    env.set_state(env.state_from_arrays(**{name: values[episode, 0] for name, values in arrays.items()}))
    states, rewards, dones = step_through_dicts(env, env, recording["actions"][episode])

    assert_states_as_recorded(states, {name: values[episode] for name, values in arrays.items()})
    assert_same_bits(rewards, recording["rewards"][episode])
    assert not dones.any()


@on_every_layout
def test_reward_parts_of_all_episodes_are_as_recorded(layout_name: str) -> None:
    replay = replay_in_numpy_environment(layout_name)
    actions = all_actions(layout_name)
    before, after = pick_states(replay.states, np.s_[:, :-1]), pick_states(replay.states, np.s_[:, 1:])

    for name, function in PART_FUNCTIONS.items():
        told = function(before, after, actions, TYPE_IDS, 2)
        for recording, where in by_recording(layout_name):
            assert_same_bits(told[where], recording[name], name)


def test_recorded_episodes_deliver_and_hand_over() -> None:
    """The traces above are worth replaying: soups are delivered everywhere, and taken from counters somewhere."""
    recordings = [load("A_np", layout_name) for layout_name in LAYOUT_NAMES]

    assert all(recording["reward_delivery"].any() for recording in recordings)
    assert any(takes_from_counter(recording).any() for recording in recordings)


@functools.cache
def single_cases(layout_name: str) -> EnvState:
    """The states before all one-step cases, as one batch."""
    recording = load("A_np", layout_name, "single")
    return build_states(recording.make_env(), state_arrays(recording, "before_"), range(len(recording["actions"])))


def assert_single_steps_are_as_recorded(after: EnvState, rewards: Any, done: Any, recording: Recording) -> None:
    assert_states_as_recorded(after, state_arrays(recording, "after_"))
    assert_same_bits(rewards, recording["rewards"])
    assert_same_bits(done, recording["done"].astype(bool))


@pytest.mark.parametrize("layout_name", first_of(LAYOUT_NAMES, n_short=2))
def test_states_are_built_as_recorded(layout_name: str) -> None:
    recording = load("A_np", layout_name, "single")

    assert_states_as_recorded(single_cases(layout_name), state_arrays(recording, "before_"))


@on_every_layout
def test_numpy_array_step_replays_single_cases(layout_name: str) -> None:
    recording = load("A_np", layout_name, "single")
    before, actions = single_cases(layout_name), recording["actions"].astype(np.int32)

    after, _, rewards, done, info = recording.make_env().jax_step(before, actions)

    assert_single_steps_are_as_recorded(after, rewards, done, recording)
    assert info == {}
    for name, function in PART_FUNCTIONS.items():
        assert_same_bits(function(before, after, actions, TYPE_IDS, 2), recording[name], name)


@needs_jax
@under_jax_on_every_layout
def test_vmapped_jax_step_replays_single_cases(layout_name: str) -> None:
    recording = load("A_np", layout_name, "single")
    cases, actions = single_cases(layout_name), recording["actions"].astype(np.int32)

    after, _, rewards, done = step_vmapped(layout_name, cases, actions)

    assert_single_steps_are_as_recorded(after, rewards, done, recording)


@needs_jax
@under_jax_on_every_layout
def test_single_jax_step_replays_single_cases(layout_name: str) -> None:
    import jax

    recording = load("A_np", layout_name, "single")
    env = recording.make_env("jax")
    cases, actions = single_cases(layout_name), recording["actions"].astype(np.int32)

    results = [env.jax_step(pick_states(cases, case), actions[case]) for case in range(len(actions))]
    states, _, rewards, done, _ = zip(*jax.device_get(results), strict=True)

    assert_single_steps_are_as_recorded(stack_states(states), np.stack(rewards), np.stack(done), recording)


@on_every_layout
def test_numpy_environment_replays_single_cases(layout_name: str) -> None:
    recording = load("A_np", layout_name, "single")
    env = recording.make_env()
    cases = single_cases(layout_name)
    states, rewards, dones = [], [], []

    for case, joint in enumerate(recording["actions"].tolist()):
        env.set_state(pick_states(cases, case))
        _, reward, terminations, truncations, _ = env.step(dict(zip(env.agents, joint, strict=True)))
        assert not any(terminations.values())
        states.append(env.get_state())
        rewards.append(list(reward.values()))
        dones.append(all(truncations.values()))

    assert_single_steps_are_as_recorded(stack_states(states), np.array(rewards), np.array(dones), recording)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ObservedReplay:
    """The observed series, replayed from the recorded state again wherever somebody reached for an item on a counter.

    Attributes:
      is_right: `[E, T]` bool, the transitions in which nobody did.
      before: `[E, T]`, the states before each step.
      after: `[E, T]`, the states after it.
      obs: `[E, T, A, 443]`, the observations after it.
      rewards: `[E, T, A]` float32.
    """

    is_right: np.ndarray
    before: EnvState
    after: EnvState
    obs: np.ndarray
    rewards: np.ndarray


@functools.cache
def observed_replay(layout_name: str) -> ObservedReplay:
    """Step all episodes of the observed series in the NumPy environment."""
    recording = load("A_jax", layout_name)
    arrays, is_at_fault = state_arrays(recording), takes_from_counter(recording)
    env = recording.make_env()
    befores, afters, observations, rewards = [], [], [], []
    for episode, time in np.ndindex(is_at_fault.shape):
        if time == 0 or is_at_fault[episode, time - 1]:
            env.set_state(env.state_from_arrays(**{name: values[episode, time] for name, values in arrays.items()}))
        befores.append(env.get_state())
        actions = recording["actions"][episode, time].tolist()
        obs, reward, *_ = env.step(dict(zip(env.agents, actions, strict=True)))
        afters.append(env.get_state())
        observations.append(np.stack(list(obs.values())))
        rewards.append(list(reward.values()))

    def unrolled(leaf: np.ndarray) -> np.ndarray:
        return leaf.reshape(*is_at_fault.shape, *leaf.shape[1:])

    return ObservedReplay(
        is_right=~is_at_fault,
        before=map_leaves(unrolled, stack_states(befores)),
        after=map_leaves(unrolled, stack_states(afters)),
        obs=unrolled(np.stack(observations)),
        rewards=unrolled(np.array(rewards)),
    )


@pytest.mark.parametrize("layout_name", first_of(LAYOUT_NAMES, n_short=2))
def test_numpy_environment_replays_the_observed_series_wherever_the_counters_worked(layout_name: str) -> None:
    recording, replay = load("A_jax", layout_name), observed_replay(layout_name)
    expected = {name: values[:, 1:][replay.is_right] for name, values in state_arrays(recording).items()}

    assert replay.is_right.mean() > 0.9
    assert_states_as_recorded(pick_states(replay.after, replay.is_right), expected)
    assert_same_bits(replay.rewards, recording["rewards"])


@on_every_layout
def test_numpy_environment_observes_as_recorded(layout_name: str) -> None:
    recording, replay = load("A_jax", layout_name), observed_replay(layout_name)

    np.testing.assert_array_equal(replay.obs[replay.is_right], our_observations(recording)[:, 1:][replay.is_right])


@on_every_layout
def test_numpy_arrays_are_observed_as_recorded(layout_name: str) -> None:
    """Before each step, so that the first observations and those after a fault are looked at too."""
    recording, replay = load("A_jax", layout_name), observed_replay(layout_name)
    feature_fn = build_feature_fn_jax(recording.make_env().config["features"])

    obs = get_all_agent_obs_jax(feature_fn, replay.before, 2)

    np.testing.assert_array_equal(obs, our_observations(recording)[:, :-1])


@needs_jax
@under_jax_on_every_layout
def test_jax_observes_as_recorded(layout_name: str) -> None:
    recording, replay = load("A_jax", layout_name), observed_replay(layout_name)
    before, actions = (
        pick_states(replay.before, replay.is_right),
        recording["actions"][replay.is_right].astype(np.int32),
    )

    _, obs, rewards, _ = step_vmapped(layout_name, before, actions)

    np.testing.assert_array_equal(obs, our_observations(recording)[:, 1:][replay.is_right])
    assert_same_bits(rewards, recording["rewards"][replay.is_right])


def conflicts(series: Series, layout_name: str) -> tuple[Recording, EnvState]:
    """Recorded conflicts, and the states that they start from as one batch."""
    recording = load(series, layout_name, "contention")
    return recording, build_states(recording.make_env(), state_arrays(recording), range(len(recording["actions"])))


def under_keys(cases: EnvState, n_keys: int) -> EnvState:
    """Every state under many random keys, `[n_keys, n]`."""
    n_cases = len(cases.time)
    repeated = pick_states(cases, np.tile(np.arange(n_cases), (n_keys, 1)))
    keys = np.random.default_rng(5).integers(0, 2**32, (n_keys, n_cases, 2), dtype=np.uint32)
    return repeated.replace(rng_key=keys)


def assert_outcomes_are_those_recorded(before: EnvState, after: EnvState, recording: Recording) -> None:
    """Over the keys each case has exactly the recorded outcomes, and nothing but places and directions changed."""
    told = np.concatenate([np.asarray(after.agent_pos), np.asarray(after.agent_dir)[..., None]], axis=-1)
    recorded = np.concatenate([recording["outcome_pos"], recording["outcome_dir"][..., None]], axis=-1)
    for case, n_outcomes in enumerate(recording["n_outcomes"]):
        occurred = {tuple(outcome.reshape(-1).tolist()) for outcome in told[:, case]}
        assert occurred == {tuple(outcome.reshape(-1).tolist()) for outcome in recorded[case, :n_outcomes]}, case
    unchanged = ("agent_inv", "object_type_map", "object_state_map", "pot_contents", "pot_timer")
    start, end = dict(arrays_of(before)), dict(arrays_of(after))
    for name in unchanged:
        assert_same_bits(end[name], start[name], name)


@on_every_layout
@pytest.mark.parametrize("series", ["A_np", "A_jax"])
def test_every_recorded_outcome_of_a_conflict_occurs_and_no_other_on_numpy_arrays(
    series: Any, layout_name: str
) -> None:
    recording, cases = conflicts(series, layout_name)
    before = under_keys(cases, N_KEYS)
    actions = np.broadcast_to(recording["actions"].astype(np.int32), (N_KEYS, *recording["actions"].shape))

    after = recording.make_env().jax_step(before, actions)[0]

    assert set(recording["n_outcomes"].tolist()) == {1, 2}
    assert_outcomes_are_those_recorded(before, after, recording)


@needs_jax
@under_jax_on_every_layout
@pytest.mark.parametrize("series", ["A_np", "A_jax"])
def test_every_recorded_outcome_of_a_conflict_occurs_and_no_other_under_jax(series: Any, layout_name: str) -> None:
    recording, cases = conflicts(series, layout_name)
    before = under_keys(cases, N_KEYS)

    actions = np.tile(recording["actions"].astype(np.int32), (N_KEYS, 1))

    flat = map_leaves(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), before)
    after = map_leaves(
        lambda leaf: leaf.reshape(N_KEYS, -1, *leaf.shape[1:]), step_vmapped(layout_name, flat, actions)[0]
    )

    assert_outcomes_are_those_recorded(before, after, recording)


@on_every_layout
def test_every_recorded_outcome_of_a_conflict_occurs_and_no_other_in_the_numpy_environment(layout_name: str) -> None:
    recording, cases = conflicts("A_np", layout_name)
    n_keys = 24
    before = under_keys(cases, n_keys)
    env = recording.make_env()

    def step(key_idx: int, case: int) -> EnvState:
        env.set_state(pick_states(before, (key_idx, case)))
        env.step(dict(zip(env.agents, recording["actions"][case].tolist(), strict=True)))
        return env.get_state()

    n_cases = len(recording["actions"])
    after = stack_states([stack_states([step(key, case) for case in range(n_cases)]) for key in range(n_keys)])

    assert_outcomes_are_those_recorded(before, after, recording)
