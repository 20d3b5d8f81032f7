"""Rollouts: equal to environments stepped by hand, wherever their parts are played."""

import socket
import subprocess
import sys

import numpy as np
import pytest

import cogrid
from cogrid.backend.threefry import raw_key
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.draws import Purpose, derived_key, split_key
from cogrid.errors import ActionError, ConfigError, SeedError, StateError
from cogrid.policy import random_policy
from cogrid.vector.rollout import everything, rollout, step_in_place

jax = pytest.importorskip("jax")

NUM_ENVS, NUM_STEPS, MAX_STEPS = 4, 50, 15


@pytest.fixture(scope="module")
def env():
    rewards = ["delivery_reward", "onion_in_pot_reward"]
    return cogrid.make("Overcooked-CrampedRoom-V0", backend="jax", max_steps=MAX_STEPS, rewards=rewards)


@pytest.fixture(scope="module")
def played(env):
    return rollout(env, random_policy(7, 2), jax.random.key(5), NUM_ENVS, NUM_STEPS, collect=everything)


def actions_by_hand(policy, state):
    key = derived_key(state.rng_key, Purpose.POLICY, state.time)
    return np.asarray(policy(None, key[None])[0])


@pytest.mark.parametrize("env_idx", range(NUM_ENVS))
def test_each_environment_plays_the_episodes_that_numpy_plays_by_hand(env, played, env_idx):
    policy = random_policy(7, 2)
    numpy_env = CoGridEnv(env.config)
    key = split_key(np.asarray(raw_key(jax.random.key(5))), NUM_ENVS)[env_idx]
    state, _ = numpy_env.jax_reset(key)
    numpy_env.set_state(state)
    observations = list(numpy_env.observation(state))

    for t in range(NUM_STEPS):
        seen = jax.tree.map(lambda leaf, t=t: np.asarray(leaf)[t, env_idx], played.trajectory)
        np.testing.assert_array_equal(seen.last_obs, observations)
        actions = actions_by_hand(policy, numpy_env.get_state())
        np.testing.assert_array_equal(seen.action, actions)
        obs, rewards, terminations, truncations, _ = numpy_env.step(
            {f"agent_{idx}": int(action) for idx, action in enumerate(actions)}
        )
        np.testing.assert_array_equal(seen.final_obs, list(obs.values()))
        np.testing.assert_array_equal(seen.reward, list(rewards.values()))
        np.testing.assert_array_equal(seen.terminated, list(terminations.values()))
        np.testing.assert_array_equal(seen.truncated, list(truncations.values()))
        observations = list(obs.values())
        if not numpy_env.agents:
            observations = list(numpy_env.reset()[0].values())


def test_episode_statistics_count_the_running_episode(played):
    lengths = np.asarray(played.trajectory.episode_length)[:, 0]
    rewards = np.asarray(played.trajectory.reward)
    returns = np.asarray(played.trajectory.episode_return)

    np.testing.assert_array_equal(lengths, [t % MAX_STEPS + 1 for t in range(NUM_STEPS)])
    np.testing.assert_array_equal(np.asarray(played.trajectory.done)[:, 0], lengths == MAX_STEPS)
    np.testing.assert_allclose(returns[MAX_STEPS - 1], rewards[:MAX_STEPS].sum(axis=0), rtol=1e-6)
    np.testing.assert_allclose(returns[2 * MAX_STEPS - 1], rewards[MAX_STEPS : 2 * MAX_STEPS].sum(axis=0), rtol=1e-6)


@pytest.mark.long
def test_observations_are_left_out_unless_asked_for(env, played):
    result = rollout(env, random_policy(7, 2), jax.random.key(5), NUM_ENVS, NUM_STEPS)

    assert result.trajectory.last_obs is None
    np.testing.assert_array_equal(result.trajectory.reward, played.trajectory.reward)
    np.testing.assert_array_equal(result.obs, played.obs)


@pytest.mark.long
def test_a_policy_with_parameters_is_a_partial(env):
    def policy(favourite, obs, key):
        return jax.numpy.full((key.shape[0], 2), favourite, dtype=np.int32)

    for favourite in (0, 3):
        partial = jax.tree_util.Partial(policy, jax.numpy.asarray(favourite))
        result = rollout(env, partial, jax.random.key(0), 2, 3)
        assert (np.asarray(result.trajectory.action) == favourite).all()


def test_a_step_in_place_is_the_step_and_deletes_the_observations_before():
    env = cogrid.make("Overcooked-CrampedRoom-V0", "jax", features=["object_planes"])
    in_place, step = step_in_place(env), jax.jit(jax.vmap(env.jax_step))
    state, obs = jax.vmap(env.jax_reset)(jax.random.split(jax.random.key(1), NUM_ENVS))

    for action in range(7):
        actions = np.full((NUM_ENVS, 2), action, dtype=np.int32)
        expected = step(state, actions)
        state, seen, *others = in_place(state, obs, actions)
        assert obs.is_deleted()
        for leaf, wanted in zip(jax.tree.leaves((state, seen, others)), jax.tree.leaves(expected), strict=True):
            np.testing.assert_array_equal(leaf, wanted)
        obs = seen


@pytest.mark.long
def test_progress_is_shown_from_inside_the_compiled_loop(env, capfd):
    result = rollout(env, random_policy(7, 2), jax.random.key(0), 2, 10, progress=True)
    jax.block_until_ready(result)
    jax.effects_barrier()

    assert "10 of 10 steps (100 %)" in capfd.readouterr().err


@pytest.mark.parametrize("numbers", [(0, 5), (5, 0), (1.5, 5), (True, 5)])
def test_a_number_below_one_is_refused(env, numbers):
    with pytest.raises(ConfigError, match="is an integer of at least 1"):
        rollout(env, random_policy(7, 2), jax.random.key(0), *numbers)


def test_environments_that_cannot_be_spread_evenly_are_refused(env):
    class TwoDevices:
        size, devices = 2, ()

    with pytest.raises(ConfigError, match="cannot be spread evenly over the mesh's 2 devices"):
        rollout(env, random_policy(7, 2), jax.random.key(0), 3, 5, mesh=TwoDevices())


def run_scripts(*argument_lists):
    command = [sys.executable, "-m", "cogrid.tests.sharded_rollout"]
    scripts = [
        subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for arguments in argument_lists
    ]
    return [(script.communicate(timeout=300), script.returncode) for script in scripts]


@pytest.mark.long
def test_four_devices_play_what_one_device_plays():
    [((out, err), code)] = run_scripts([])

    assert code == 0, err
    assert out.strip() == "equal"


@pytest.mark.long
def test_two_processes_play_what_one_device_plays():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"

    results = run_scripts([address, "0", "2"], [address, "1", "2"])

    for (out, err), code in results:
        assert code == 0, err
        assert "equal" in out


@pytest.mark.long
def test_a_rollout_can_be_part_of_a_compiled_function(env):
    keys = jax.random.split(jax.random.key(5), 2)

    def total(key):
        return rollout(env, random_policy(7, 2), key, NUM_ENVS, 3).trajectory.reward.sum(), key

    expected = [rollout(env, random_policy(7, 2), key, NUM_ENVS, 3).trajectory.reward.sum() for key in keys]
    np.testing.assert_array_equal(jax.jit(jax.vmap(total))(keys)[0], expected)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"policy": 3}, ConfigError, "policy is a function"),
        ({"collect": "all"}, ConfigError, "collect is a function"),
        ({"mesh": "devices"}, ConfigError, "mesh is a jax.sharding.Mesh"),
        ({"key": np.zeros((4, 2), np.uint32)}, SeedError, "not a batch of keys"),
    ],
)
def test_arguments_of_another_kind_are_refused(env, changes, error, message):
    arguments = {"policy": random_policy(7, 2), "key": jax.random.key(0), "num_envs": 2, "num_steps": 5} | changes
    with pytest.raises(error, match=message):
        rollout(env, **arguments)


def test_a_step_in_place_of_a_single_state_is_refused(env):
    state, obs = env.jax_reset(jax.random.key(0))

    with pytest.raises(StateError, match=r"use env\.jax_step"):
        step_in_place(env)(state, obs, np.zeros(2, np.int32))


def test_an_environment_that_keeps_its_state_is_not_stepped_inside_a_compiled_function(env):
    vec_env = cogrid.make_vec("Overcooked-CrampedRoom-V0", 2, "jax")
    vec_env.reset(seed=0)
    env.reset(seed=0)

    with pytest.raises(ActionError, match=r"Use env\.jax_step or rollout"):
        jax.jit(lambda actions: vec_env.step(actions)[0])(np.zeros((2, 2), np.int32))
    with pytest.raises(ActionError, match=r"Use env\.jax_step or rollout"):
        jax.jit(lambda action: env.step({"agent_0": action, "agent_1": action})[1])(1)
