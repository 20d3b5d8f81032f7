"""A vector environment is many `CoGridEnv`s, bit for bit, in every auto-reset mode and on both backends."""

from __future__ import annotations

import copy
import dataclasses
import functools
import importlib.util
from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import cogrid
from cogrid import EnvConfig
from cogrid.backend._dispatch import BACKENDS
from cogrid.cogrid_env import CoGridEnv
from cogrid.errors import ActionError, ConfigError, EpisodeError, MissingDependencyError, SeedError
from cogrid.tests.engines import needs_jax
from cogrid.tests.test_without_jax import run_without_jax
from cogrid.tests.vector.reference import GATES, KITCHEN, NOOP, TOGGLE, WORLDS, Reference, Told, random_actions
from cogrid.vector.environment import CoGridVectorEnv
from cogrid.vector.single_agent import SingleAgentVectorEnv

B, T, SEED = 4, 40, 11
RESET_MODES = (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP)
MODES = (*RESET_MODES, AutoresetMode.DISABLED)
RUNS = [
    pytest.param(
        backend, world, mode, marks=[needs_jax] if backend == "jax" else [], id=f"{backend}-{world}-{mode.value}"
    )
    for backend in BACKENDS
    for world in WORLDS
    for mode in MODES
]
BUFFER_WORLDS = {**WORLDS, "planes": dataclasses.replace(KITCHEN, features=("object_planes",))}
"""With planes of whole words, of broken ones, and several features joined: each is written in its own way."""

KITCHEN_ID = "Overcooked-CrampedRoom-V0"


@dataclasses.dataclass(frozen=True)
class Run:
    """A vector environment and its references, played side by side.

    Attributes:
      steps: what each step of the vector environment gave back, as NumPy arrays.
      told: what the references gave back, per step and environment.
      last_state, reference_states: the states at the end.
    """

    steps: list[Any]
    told: list[list[Told]]
    last_state: Any
    reference_states: list[Any]


@functools.cache
def play(backend: str, world: str, mode: AutoresetMode) -> Run:
    """Play a world; without auto-reset, the mask resets what is over after every step."""
    config = WORLDS[world]
    envs = CoGridVectorEnv(config, B, backend, autoreset_mode=mode)
    references = [Reference(config, mode, SEED + idx) for idx in range(B)]
    first, infos = envs.reset(seed=SEED)
    np.testing.assert_array_equal(first, np.stack([reference.observe() for reference in references]))
    assert infos == {}
    steps, told = [], []
    for actions in random_actions(config, B, T):
        obs, reward, terminated, truncated, infos = envs.step(actions)
        steps.append((np.array(obs), np.array(reward), np.array(terminated), np.array(truncated), as_numpy(infos)))
        told.append([reference.step(joint) for reference, joint in zip(references, actions, strict=True)])
        if mode == AutoresetMode.DISABLED and infos["_episode"].any():
            obs, _ = envs.reset(options={"reset_mask": np.array(infos["_episode"])})
            for reference in references:
                if reference.is_over:
                    reference.reset()
            np.testing.assert_array_equal(obs, np.stack([reference.observe() for reference in references]))
    return Run(steps, told, envs.get_state(), [reference.env.get_state() for reference in references])


def as_numpy(infos: Any) -> Any:
    """Nested infos with NumPy arrays, copied."""
    return {name: as_numpy(value) for name, value in infos.items()} if isinstance(infos, dict) else np.array(infos)


@pytest.mark.parametrize(("backend", "world", "mode"), RUNS)
def test_environment_i_plays_the_episodes_of_its_seed_one_after_the_other(
    backend: str, world: str, mode: AutoresetMode
) -> None:
    run = play(backend, world, mode)

    for time, ((*arrays, _), told) in enumerate(zip(run.steps, run.told, strict=True)):
        for name, values in zip(("obs", "reward", "terminated", "truncated"), arrays, strict=True):
            expected = np.stack([getattr(one, name) for one in told])
            assert values.dtype == expected.dtype, name
            np.testing.assert_array_equal(values, expected, err_msg=f"{name} at step {time}")
    for name in ("agent_pos", "agent_dir", "object_state_map", "rng_key", "time"):
        expected = np.stack([getattr(state, name) for state in run.reference_states])
        np.testing.assert_array_equal(getattr(run.last_state, name), expected, err_msg=name)


@pytest.mark.parametrize(("backend", "world", "mode"), RUNS)
def test_the_return_and_the_length_are_those_of_the_episode_that_ended(
    backend: str, world: str, mode: AutoresetMode
) -> None:
    run = play(backend, world, mode)

    for (*_, infos), told in zip(run.steps, run.told, strict=True):
        ended = [one.has_ended for one in told]
        np.testing.assert_array_equal(infos["_episode"], ended)
        for idx in np.flatnonzero(ended):
            np.testing.assert_array_equal(infos["episode"]["r"][idx], told[idx].episode_return)
            assert infos["episode"]["l"][idx] == told[idx].length


@pytest.mark.parametrize(("backend", "world", "mode"), RUNS)
def test_the_true_last_observation_is_kept_in_the_same_step_mode_and_only_there(
    backend: str, world: str, mode: AutoresetMode
) -> None:
    run = play(backend, world, mode)

    if mode != AutoresetMode.SAME_STEP:
        assert not any("final_obs" in infos or "final_info" in infos for *_, infos in run.steps)
        return
    n_unlike = 0
    for (obs, *_, infos), told in zip(run.steps, run.told, strict=True):
        np.testing.assert_array_equal(infos["_final_obs"], [one.has_ended for one in told])
        np.testing.assert_array_equal(infos["_final_info"], infos["_final_obs"])
        for idx in np.flatnonzero(infos["_final_obs"]):
            np.testing.assert_array_equal(infos["final_obs"][idx], told[idx].final_obs)
            n_unlike += int((infos["final_obs"][idx] != obs[idx]).any())
            np.testing.assert_array_equal(infos["final_info"]["episode"]["r"][idx], infos["episode"]["r"][idx])
    assert n_unlike > B


@pytest.mark.parametrize("mode", MODES)
def test_the_episodes_of_these_tests_end_in_every_way(mode: AutoresetMode) -> None:
    ends = [
        (tuple(one.terminated), tuple(one.truncated))
        for world in WORLDS
        for told in play("numpy", world, mode).told
        for one in told
        if one.has_ended
    ]
    partly = [one for told in play("numpy", "gates", mode).told for one in told if one.terminated.any()]

    assert ((True, True), (False, False)) in ends
    assert ((False, False), (True, True)) in ends
    assert ((True, False), (False, True)) in ends or ((False, True), (True, False)) in ends
    assert ((False,) * 3, (True,) * 3) in ends
    assert any(not one.has_ended for one in partly)
    assert any(one.reward.any() for told in play("numpy", "gates", mode).told for one in told)


def test_the_step_that_resets_ignores_its_actions_and_pays_nothing(backend: str) -> None:
    config = dataclasses.replace(GATES, max_steps=1)
    first, second = (CoGridVectorEnv(config, B, backend) for _ in range(2))
    for envs, action in ((first, NOOP), (second, TOGGLE)):
        envs.reset(seed=SEED)
        assert np.all(envs.step(np.full((B, 2), NOOP))[3])
        _, reward, terminated, truncated, infos = envs.step(np.full((B, 2), action))
        for values in (reward, terminated, truncated, infos["_episode"]):
            assert not np.any(values)
    np.testing.assert_array_equal(first.get_state().cells, second.get_state().cells)
    np.testing.assert_array_equal(first.get_state().numbers, second.get_state().numbers)
    np.testing.assert_array_equal(second.get_state().time, np.zeros(B))


def test_a_reset_without_a_seed_goes_on_from_the_last_keys(backend: str) -> None:
    envs = CoGridVectorEnv(KITCHEN, B, backend)
    env = CoGridEnv(KITCHEN)
    envs.reset(seed=SEED)
    env.reset(seed=SEED + 2)

    for _ in range(2):
        envs.reset()
        env.reset()

    np.testing.assert_array_equal(envs.get_state().rng_key[2], env.get_state().rng_key)
    np.testing.assert_array_equal(envs.get_state().agent_dir[2], env.get_state().agent_dir)


def test_the_first_reset_without_a_seed_starts_somewhere_else_every_time() -> None:
    keys = set()
    for _ in range(3):
        envs = CoGridVectorEnv(KITCHEN, B)
        envs.reset()
        keys |= {tuple(key) for key in envs.get_state().rng_key.tolist()}

    assert len(keys) > B


def test_seeds_start_again_at_zero_after_the_last_one(backend: str) -> None:
    envs = CoGridVectorEnv(KITCHEN, 3, backend)

    envs.reset(seed=2**32 - 2)

    np.testing.assert_array_equal(envs.get_state().rng_key, [[0, 2**32 - 2], [0, 2**32 - 1], [0, 0]])


@pytest.mark.parametrize("seed", [None, 70])
def test_a_mask_resets_those_that_it_names_and_leaves_the_others_alone(backend: str, seed: int | None) -> None:
    envs = CoGridVectorEnv(KITCHEN, B, backend, autoreset_mode=AutoresetMode.DISABLED)
    references = [CoGridEnv(KITCHEN) for _ in range(B)]
    envs.reset(seed=SEED)
    actions = random_actions(KITCHEN, B, 3)
    for idx, env in enumerate(references):
        env.reset(seed=SEED + idx)
        for joint in actions[:, idx]:
            env.step(dict(zip(env.agents, joint.tolist(), strict=True)))
    for joint in actions:
        envs.step(joint)

    mask = np.array([False, True, False, True])
    obs, _ = envs.reset(seed=seed, options={"reset_mask": mask, "of another library": 1})
    for idx in np.flatnonzero(mask):
        references[idx].reset(seed=None if seed is None else seed + int(idx))

    np.testing.assert_array_equal(obs, np.stack([env.observation(env.get_state()) for env in references]))
    np.testing.assert_array_equal(envs.get_state().time, [3, 0, 3, 0])
    *_, infos = envs.step(np.full((B, 3), NOOP))
    np.testing.assert_array_equal(infos["episode"]["l"], [4, 1, 4, 1])


def test_a_mask_does_away_with_the_reset_that_was_due(backend: str) -> None:
    envs = CoGridVectorEnv(dataclasses.replace(GATES, max_steps=2), 2, backend)
    envs.reset(seed=0)
    for _ in range(2):
        envs.step(np.full((2, 2), NOOP))

    envs.reset(options={"reset_mask": np.array([True, False])})
    envs.step(np.full((2, 2), NOOP))

    np.testing.assert_array_equal(envs.get_state().time, [1, 0])


def test_without_auto_reset_an_ended_episode_stays_ended_and_is_told_once(backend: str) -> None:
    envs = CoGridVectorEnv(dataclasses.replace(GATES, max_steps=2), 2, backend, AutoresetMode.DISABLED)
    envs.reset(seed=0)

    told = [envs.step(np.full((2, 2), NOOP)) for _ in range(4)]

    assert [bool(np.all(truncated)) for _, _, _, truncated, _ in told] == [False, True, True, True]
    assert [np.asarray(infos["_episode"]).tolist() for *_, infos in told] == [[value] * 2 for value in (0, 1, 0, 0)]
    np.testing.assert_array_equal(envs.get_state().time, [4, 4])


@pytest.mark.parametrize("world", BUFFER_WORLDS)
@pytest.mark.parametrize("mode", MODES)
def test_an_observation_that_was_returned_is_never_written_to(world: str, mode: AutoresetMode) -> None:
    envs = CoGridVectorEnv(BUFFER_WORLDS[world], B, autoreset_mode=mode)
    kept = [envs.reset(seed=SEED)[0]]
    copies = [kept[0].copy()]

    for actions in random_actions(BUFFER_WORLDS[world], B, 15):
        obs, *_, infos = envs.step(actions)
        for seen in (obs, infos.get("final_obs")):
            if seen is not None:
                kept.append(seen)
                copies.append(seen.copy())

    for seen, kept_copy in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(seen, kept_copy)


@pytest.mark.parametrize("world", BUFFER_WORLDS)
@pytest.mark.parametrize("mode", MODES)
def test_reused_buffers_show_what_new_arrays_show(world: str, mode: AutoresetMode) -> None:
    config = BUFFER_WORLDS[world]
    fresh, reusing = (CoGridVectorEnv(config, B, autoreset_mode=mode, copy=copy) for copy in (True, False))
    first, expected = reusing.reset(seed=SEED)[0], fresh.reset(seed=SEED)[0]
    np.testing.assert_array_equal(first, expected)
    is_shared = []

    for actions in random_actions(config, B, T):
        (one, *_, infos), (other, *_, expected_infos) = reusing.step(actions), fresh.step(actions)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
        for idx in np.flatnonzero(infos["_episode"]) if mode == AutoresetMode.SAME_STEP else ():
            np.testing.assert_array_equal(infos["final_obs"][idx], expected_infos["final_obs"][idx])
        is_shared.append(np.shares_memory(one, first))

    assert all(is_shared) or (mode == AutoresetMode.SAME_STEP and any(is_shared))


@pytest.mark.long
@needs_jax
@pytest.mark.parametrize("mode", MODES)
def test_jax_takes_the_memory_of_the_last_observations_if_it_may(mode: AutoresetMode) -> None:
    config = BUFFER_WORLDS["planes"]
    keeping, taking = (CoGridVectorEnv(config, B, "jax", autoreset_mode=mode, copy=copy) for copy in (True, False))
    before, _ = taking.reset(seed=SEED)
    np.testing.assert_array_equal(before, keeping.reset(seed=SEED)[0])

    for actions in random_actions(config, B, T):
        (obs, *_, infos), (expected, *_, expected_infos) = taking.step(actions), keeping.step(actions)
        np.testing.assert_array_equal(obs, expected)
        np.testing.assert_array_equal(infos.get("final_obs", 0), expected_infos.get("final_obs", 0))
        assert before.is_deleted()
        assert not expected.is_deleted()
        before = obs


def test_buffers_are_safe_when_all_environments_end_at_once() -> None:
    config = dataclasses.replace(KITCHEN, max_steps=3)
    envs = CoGridVectorEnv(config, B, autoreset_mode="SameStep", copy=False)
    env = CoGridEnv(config)
    envs.reset(seed=0)
    env.reset(seed=0)

    for _ in range(2):
        envs.step(np.full((B, 3), 0))
        env.step(dict.fromkeys(env.agents, 0))
    obs, *_, infos = envs.step(np.full((B, 3), 0))
    last, *_ = env.step(dict.fromkeys(env.agents, 0))
    first, _ = env.reset()

    assert infos["_final_obs"].all()
    np.testing.assert_array_equal(infos["final_obs"][0], np.stack(list(last.values())))
    np.testing.assert_array_equal(obs[0], np.stack(list(first.values())))


@pytest.mark.parametrize("mode", MODES)
def test_what_was_returned_may_be_written_to(mode: AutoresetMode) -> None:
    spoilt, untouched = (CoGridVectorEnv(GATES, B, autoreset_mode=mode) for _ in range(2))
    for envs in (spoilt, untouched):
        envs.reset(seed=SEED)

    for actions in random_actions(GATES, B, 20):
        expected = as_numpy(untouched.step(actions)[4]["episode"])
        *arrays, infos = spoilt.step(actions)
        np.testing.assert_array_equal(infos["episode"]["r"], expected["r"])
        np.testing.assert_array_equal(infos["episode"]["l"], expected["l"])
        for values in (*arrays, infos["episode"]["r"], infos["episode"]["l"], infos["_episode"]):
            values[...] = 1

    np.testing.assert_array_equal(spoilt.get_state().numbers, untouched.get_state().numbers)


@pytest.mark.parametrize("world", WORLDS)
def test_the_spaces_contain_what_is_returned_and_accepted(backend: str, world: str) -> None:
    config = WORLDS[world]
    envs = CoGridVectorEnv(config, B, backend)
    envs.action_space.seed(0)
    first, _ = envs.reset(seed=SEED)

    obs, *_ = envs.step(envs.action_space.sample())

    assert envs.observation_space.contains(np.asarray(first))
    assert envs.observation_space.contains(np.asarray(obs))
    assert envs.single_observation_space.contains(np.asarray(obs)[0, 0])
    assert envs.observation_space.shape == (B, config.num_agents, *envs.single_observation_space.shape)
    assert envs.action_space.shape == (B, config.num_agents)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP


@needs_jax
def test_jax_arrays_come_out_of_jax_and_equal_settings_share_what_was_compiled() -> None:
    import jax

    one, other = (CoGridVectorEnv(KITCHEN, B, "jax") for _ in range(2))
    obs, _ = one.reset(seed=0)
    obs, reward, terminated, truncated, infos = one.step(np.full((B, 3), NOOP))

    assert all(isinstance(values, jax.Array) for values in (obs, reward, terminated, truncated, infos["_episode"]))
    assert one._engine._step is other._engine._step


BAD_ACTIONS = {
    "too few": (np.zeros((B, 1), dtype=np.int32), r"Actions are integers of shape \(4, 3\), not int32 of \(4, 1\)"),
    "not integers": (np.zeros((B, 3)), r"not float64 of \(4, 3\)"),
    "truth values": (np.zeros((B, 3), dtype=bool), r"not bool of \(4, 3\)"),
    "no array": ("up", "not <U2"),
    "ragged": ([[0, 1, 2], [0]], r"an array of integers, not \[\["),
}


@pytest.mark.usefixtures("type_checks_off")
@pytest.mark.parametrize("case", BAD_ACTIONS)
def test_bad_actions_are_refused(backend: str, case: str) -> None:
    actions, message = BAD_ACTIONS[case]
    envs = CoGridVectorEnv(KITCHEN, B, backend)
    envs.reset(seed=0)

    with pytest.raises(ActionError, match=message):
        envs.step(actions)


@pytest.mark.parametrize("action", [-1, 7, 2**40])
def test_an_action_out_of_range_is_refused_by_name(action: int) -> None:
    envs = CoGridVectorEnv(KITCHEN, B)
    envs.reset(seed=0)
    actions = np.full((B, 3), NOOP)
    actions[2, 1] = action

    with pytest.raises(
        ActionError, match=rf"The action {action} of 'agent_1' in environment 2 is out of range: 0 MoveUp"
    ):
        envs.step(actions)
    assert envs.get_state().time.tolist() == [0] * B


def test_lists_and_any_integer_dtype_are_actions(backend: str) -> None:
    envs = CoGridVectorEnv(GATES, 2, backend)
    envs.reset(seed=0)

    envs.step([[0, 1], [2, 3]])
    envs.step(np.zeros((2, 2), dtype=np.uint8))

    assert np.asarray(envs.get_state().time).tolist() == [2, 2]


@pytest.mark.usefixtures("type_checks_off")
@pytest.mark.parametrize("seed", [-1, 2**32, 1.0, True, "7"])
def test_what_is_no_seed_is_refused(seed: Any) -> None:
    envs = CoGridVectorEnv(KITCHEN, B)

    with pytest.raises(SeedError, match="A seed is an integer from 0"):
        envs.reset(seed=seed)
    with pytest.raises(EpisodeError):
        envs.get_state()


@pytest.mark.parametrize("mask", [np.ones(3, dtype=bool), np.ones(B, dtype=int), [1, 0, 0, 0]])
def test_a_mask_that_does_not_fit_is_refused(mask: Any) -> None:
    envs = CoGridVectorEnv(KITCHEN, B)
    envs.reset(seed=0)

    with pytest.raises(ConfigError, match=r"reset_mask is bool of shape \(4,\)"):
        envs.reset(options={"reset_mask": mask})


def test_a_call_that_comes_too_early_is_refused() -> None:
    envs = CoGridVectorEnv(KITCHEN, B)

    with pytest.raises(EpisodeError, match="call reset"):
        envs.step(np.full((B, 3), NOOP))
    with pytest.raises(EpisodeError, match="first reset must be one of all"):
        envs.reset(options={"reset_mask": np.ones(B, dtype=bool)})


BAD_SETTINGS = {
    "num_envs": ({"num_envs": 0}, "num_envs is an integer of at least 1, not 0"),
    "mode": ({"autoreset_mode": "NextStp"}, "Did you mean 'NextStep'"),
    "copy": ({"copy": 1}, "copy is True or False"),
    "backend": ({"backend": "torch"}, "torch"),
    "setting": ({"max_step": 3}, "Did you mean 'max_steps'"),
    "controlled_agent": ({"controlled_agent": 1}, "is for make_single_agent_vec"),
}


@pytest.mark.usefixtures("type_checks_off")
@pytest.mark.parametrize("case", BAD_SETTINGS)
def test_make_vec_refuses_bad_settings(case: str) -> None:
    settings, message = BAD_SETTINGS[case]

    with pytest.raises(ValueError, match=message):
        cogrid.make_vec(KITCHEN_ID, **{"num_envs": B, **settings})


def test_make_vec_says_which_ids_are_close() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'Overcooked-CrampedRoom-V0'"):
        cogrid.make_vec("Overcooked-CrampedRom-V0", 2)


def test_make_vec_hands_its_settings_on(backend: str) -> None:
    envs = cogrid.make_vec(KITCHEN_ID, 3, backend, "SAME_STEP", features=["object_planes"], num_agents=4)

    assert isinstance(envs, CoGridVectorEnv)
    assert (envs.num_envs, envs.num_agents, envs.backend) == (3, 4, backend)
    assert envs.autoreset_mode is AutoresetMode.SAME_STEP
    assert envs.reset(seed=0)[0].shape == (3, 4, 6, 7, 24)


def test_make_vec_has_an_agent_axis_however_many_agents_there_are() -> None:
    alone = cogrid.make_vec(KITCHEN_ID, 3, num_agents=1)

    assert isinstance(alone, CoGridVectorEnv)
    assert alone.reset(seed=0)[0].shape[:2] == (3, 1)


def test_shaped_rewards_are_in_the_infos_and_are_those_of_the_single_environment(backend: str) -> None:
    config = dataclasses.replace(GATES, rewards=GATES.rewards[:1], shaped_rewards=GATES.rewards)
    envs = CoGridVectorEnv(config, B, backend)
    learners = SingleAgentVectorEnv(config, B, backend, partners=lambda obs, key: np.full(len(obs), TOGGLE))
    references = [CoGridEnv(config) for _ in range(B)]
    for one in (envs, learners):
        one.reset(seed=SEED)
    for idx, env in enumerate(references):
        env.reset(seed=SEED + idx)
    total = 0.0

    for _ in range(config.max_steps or 0):
        *_, infos = envs.step(np.full((B, 2), TOGGLE))
        *_, own_infos = learners.step(np.full(B, TOGGLE))
        shaped = np.asarray(infos["shaped_reward"])
        assert (shaped.shape, shaped.dtype) == ((B, 2), np.float32)
        for row, env in zip(shaped, references, strict=True):
            of_agents = env.step(dict.fromkeys(env.agents, TOGGLE))[4] if env.agents else {}
            assert row.tolist() == [of_agents.get(name, {}).get("shaped_reward", 0) for name in env.possible_agents]
        if not np.any(envs.get_state().terminated) and not np.any(learners.get_state().terminated):
            np.testing.assert_array_equal(own_infos["shaped_reward"], shaped[:, 0])
        assert np.shape(own_infos["shaped_reward"]) == (B,)
        total += float(shaped.sum())

    assert total > 0


def test_writing_into_a_snapshot_changes_no_running_environment() -> None:
    spoilt, untouched = (CoGridVectorEnv(GATES, B) for _ in range(2))
    for envs in (spoilt, untouched):
        envs.reset(seed=SEED)
        envs.step(np.full((B, 2), NOOP))
    state = spoilt.get_state()
    state.cells[...], state.numbers[...] = 0, 0

    np.testing.assert_array_equal(spoilt.get_state().cells, untouched.get_state().cells)
    np.testing.assert_array_equal(spoilt.get_state().numbers, untouched.get_state().numbers)


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy])
def test_a_copy_plays_on_by_itself(backend: str, clone: Any) -> None:
    envs = CoGridVectorEnv(GATES, B, backend, copy=False)
    learners = SingleAgentVectorEnv(GATES, B, backend, partners=lambda obs, key: np.full(len(obs), NOOP))
    for one, shape in ((envs, (B, 2)), (learners, (B,))):
        one.reset(seed=SEED)
        one.step(np.full(shape, 1))
        twin = clone(one)
        twin.step(np.full(shape, TOGGLE))
        assert np.asarray(one.get_state().time).tolist() == [1] * B
        after, expected = (env.step(np.full(shape, TOGGLE))[0] for env in (one, clone(one)))
        np.testing.assert_array_equal(after, expected)
        assert np.asarray(twin.get_state().time).tolist() == [2] * B


def test_each_environment_may_have_a_seed_of_its_own(backend: str) -> None:
    envs = CoGridVectorEnv(KITCHEN, 3, backend)

    envs.reset(seed=[7, 2, 9])

    assert np.asarray(envs.get_state().rng_key)[:, 1].tolist() == [7, 2, 9]
    with pytest.raises(SeedError, match="There are 3 environments and 2 seeds"):
        envs.reset(seed=[1, 2])


@pytest.mark.parametrize("name", ["reset_masks", "layuot", "Layout"])
def test_a_misspelt_reset_option_is_refused(name: str) -> None:
    envs = CoGridVectorEnv(KITCHEN, 2)

    with pytest.raises(ConfigError, match=f"no reset option '{name}'. Did you mean"):
        envs.reset(seed=0, options={name: 1})
    envs.reset(seed=0, options={"of another library": 1})


@needs_jax
def test_numbers_on_a_device_are_read_where_a_check_is_asked_for() -> None:
    import jax

    actions = jax.numpy.full((2, 2), 9)
    unchecked, checked = (CoGridVectorEnv(dataclasses.replace(GATES, check=check), 2, "jax") for check in (False, True))
    for envs in (unchecked, checked):
        envs.reset(seed=0)
        with pytest.raises(ActionError, match="The action 9 of 'agent_0' in environment 0"):
            envs.step(np.full((2, 2), 9))
    unchecked.step(actions)
    with pytest.raises(ActionError, match="The action 9 of 'agent_0' in environment 0"):
        checked.step(actions)


def test_vector_environments_need_no_jax() -> None:
    told = run_without_jax(
        """
        import sys

        import numpy as np

        import cogrid

        envs = cogrid.make_vec("Overcooked-CrampedRoom-V0", 5, max_steps=3)
        envs.reset(seed=0)
        for _ in range(5):
            obs, reward, terminated, truncated, infos = envs.step(np.full((5, 2), 6))
        print(obs.shape, envs.get_state().time, "jax" in sys.modules)
        """
    )

    assert told == "(5, 2, 443) [1 1 1 1 1] False"


@pytest.mark.long
def test_a_leader_ends_the_episode_for_all(backend: str) -> None:
    config: EnvConfig = GATES
    envs = CoGridVectorEnv(config, B, backend, leader=1)
    references = [Reference(config, AutoresetMode.NEXT_STEP, SEED + idx, leader=1) for idx in range(B)]
    envs.reset(seed=SEED)
    n_left_early = 0

    for actions in random_actions(config, B, T):
        obs, *_, infos = envs.step(actions)
        told = [reference.step(joint) for reference, joint in zip(references, actions, strict=True)]
        np.testing.assert_array_equal(obs, np.stack([one.obs for one in told]))
        np.testing.assert_array_equal(infos["_episode"], [one.has_ended for one in told])
        n_left_early += sum(one.has_ended and one.terminated.tolist() == [False, True] for one in told)

    assert n_left_early > 0
    with pytest.raises(ConfigError, match="There is no agent 2"):
        CoGridVectorEnv(config, B, leader=2)


def test_arrays_are_handed_to_no_library_but_pytorch() -> None:
    with pytest.raises(ConfigError, match='to is "torch", or None'):
        cogrid.make_vec(KITCHEN_ID, 2, to="tensorflow")  # pyright: ignore[reportCallIssue, reportArgumentType]


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="PyTorch is installed")
def test_tensors_without_pytorch_say_what_to_install() -> None:
    with pytest.raises(MissingDependencyError, match="pip install torch"):
        cogrid.make_vec(KITCHEN_ID, 2, to="torch")
