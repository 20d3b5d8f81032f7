"""Policies in files."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

pytest.importorskip("optax")

import jax
import jax.numpy as jnp

import cogrid
from cogrid.envs.scripts import scripted_policy
from cogrid.errors import CheckpointError, ConfigError
from cogrid.learning.networks import network_for
from cogrid.learning.policy_file import LearnedPolicy, load_policy, read_policy, save_policy
from cogrid.learning.world import World

ROOM = World(id="JaxMARLOvercooked-CrampedRoom-V0")


def write(
    path: pathlib.Path, world: World = ROOM, kind: str = "mlp", n_groups: int = 1, dtype: object = np.float32
) -> LearnedPolicy:
    """A policy with random weights, written and loaded."""
    env = world.make()
    network = network_for(env.game, kind, 16, len(env.tables.action_set))
    params = jax.vmap(lambda key: network.init(key, 3.0))(jax.random.split(jax.random.key(1), n_groups))
    params = jax.tree.map(np.asarray, params)
    save_policy(path, world=world, env=env, network=network, params=params, about={"seed": 1}, dtype=dtype)
    return read_policy(path)


def test_a_policy_is_the_same_function_everywhere(tmp_path: pathlib.Path) -> None:
    policy = write(tmp_path / "one.safetensors")
    env = policy.world.make()
    keys = np.random.default_rng(0).integers(0, 2**32, (5, 2), dtype=np.uint32)
    _, obs = env.game.reset(keys)

    actions = policy(obs, keys)

    assert isinstance(actions, np.ndarray)
    assert actions.shape == (5, 2)
    assert len(np.unique(actions)) > 1
    np.testing.assert_array_equal(policy(jnp.asarray(obs), jnp.asarray(keys)), actions)
    np.testing.assert_array_equal(policy(obs[:, 0], keys), actions[:, 0])
    assert policy(obs[3, 0], keys[3]) == actions[3, 0]
    played = cogrid.rollout(env, policy, jax.random.key(0), num_envs=2, num_steps=3)
    assert played.trajectory.action.shape == (3, 2, 2)


def test_the_greedy_form_takes_the_likeliest_action_whatever_the_key(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "one.safetensors")
    policy = read_policy(tmp_path / "one.safetensors", is_greedy=True)
    _, obs = policy.world.make().game.reset(np.zeros((1, 2), np.uint32))
    keys = np.arange(20, dtype=np.uint32).reshape(10, 2)

    assert len(np.unique(policy(np.repeat(obs[:, 0], 10, axis=0), keys))) == 1


def test_agents_with_parameters_of_their_own_are_played_together(tmp_path: pathlib.Path) -> None:
    policy = write(tmp_path / "two.safetensors", n_groups=2)
    keys = np.zeros((1, 2), np.uint32)
    _, obs = policy.world.make().game.reset(keys)

    assert policy(obs, keys).shape == (1, 2)
    with pytest.raises(ConfigError, match=r"\[\*B, 2, \.\.\.\]"):
        policy(obs[:, 0], keys)


def test_half_precision_takes_half_of_the_room(tmp_path: pathlib.Path) -> None:
    full, half = tmp_path / "full.safetensors", tmp_path / "half.safetensors"
    weights = [write(full).params, write(half, dtype=np.float16).params]

    assert half.stat().st_size < 0.6 * full.stat().st_size
    assert weights[1]["layer_0"]["weight"].dtype == np.float32
    np.testing.assert_allclose(weights[1]["layer_0"]["weight"], weights[0]["layer_0"]["weight"], atol=1e-3)


def test_a_file_that_is_no_policy_is_refused_by_name(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "one.safetensors"
    write(path)
    damaged, text = tmp_path / "damaged.safetensors", tmp_path / "text.safetensors"
    damaged.write_bytes(path.read_bytes()[:-8])
    text.write_text("no weights")

    for match, source in (
        ("no file.*absent", tmp_path / "absent.safetensors"),
        ("damaged", damaged),
        ("text.*not a file that CoGrid wrote", text),
        ("folder.*has no policy.*finish its training", tmp_path / "folder"),
    ):
        (tmp_path / "folder").mkdir(exist_ok=True)
        with pytest.raises(CheckpointError, match=match):
            load_policy(source)


def test_a_world_that_the_policy_is_not_for_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "one.safetensors"
    policy = write(path)

    assert read_policy(path, cogrid.make(ROOM.id)).world == ROOM
    for other in ("JaxMARLOvercooked-CoordRing-V0", "Overcooked-CrampedRoom-V0"):
        with pytest.raises(CheckpointError, match=rf"one\.safetensors.*{ROOM.id}.*{other}"):
            load_policy(path, cogrid.make(other))
    assert read_policy(path, cogrid.make(ROOM.id, max_steps=50)).world == ROOM, "Rules and settings may differ."
    with pytest.raises(ConfigError, match=r"takes observations.*\(4, 5, 26\)"):
        policy(np.zeros((1, 3, 3)), np.zeros((1, 2), np.uint32))


def test_a_partner_observes_what_its_policy_was_made_for(tmp_path: pathlib.Path) -> None:
    policy = write(tmp_path / "one.safetensors")
    shown = {"features": ["object_planes"], "max_steps": 400}

    env = cogrid.make_single_agent(ROOM.id, partners=load_policy(tmp_path / "one.safetensors"), **shown)
    obs, _ = env.reset(seed=0)

    assert env.step(0)[0].shape == obs.shape == (4, 5, 21)
    assert policy.features == ROOM.make().config.features


def test_scripted_policies_are_loaded_by_name_for_a_world() -> None:
    env = cogrid.make(ROOM.id)

    assert load_policy("greedy@0.3", env) == scripted_policy("greedy@0.3", env)
    with pytest.raises(ConfigError, match=r"load_policy\('greedy', env\)"):
        load_policy("greedy")


def test_a_policy_with_a_memory_plays_an_episode_at_a_time(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "one.safetensors", kind="gru")
    policy = read_policy(tmp_path / "one.safetensors", is_greedy=True)
    obs = np.random.default_rng(0).integers(0, 2, (5, *policy.network.obs_shape)).astype(np.uint8)
    key = np.zeros(2, np.uint32)
    params = jax.tree.map(lambda array: array[0], policy.params)
    is_first = jnp.arange(5)[None] == 0
    outputs, _ = policy.network.unroll(params, policy.network.memory(1), jnp.asarray(obs)[None], is_first)
    expected = np.asarray(outputs[0].argmax(axis=-1)).tolist()

    play, again = policy.begin(), policy.begin()

    assert [play(seen, key) for seen in obs] == expected
    assert [again(seen, key) for seen in obs] == expected
    assert len(set(expected)) > 1
    with pytest.raises(ConfigError, match=r"has a memory.*policy.begin\(\)"):
        policy(obs[0], key)
    plain = write(tmp_path / "two.safetensors")
    assert plain.begin() is plain
    with pytest.raises(ConfigError, match="weights of its own for each agent"):
        write(tmp_path / "three.safetensors", kind="gru", n_groups=2).begin()
