"""Networks as pytrees."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

pytest.importorskip("optax")

import jax
import jax.numpy as jnp

from cogrid.envs.registry import make
from cogrid.errors import ConfigError
from cogrid.learning.agent_networks import AgentNetworks
from cogrid.learning.networks import KINDS, Network, draw_actions, network_for
from cogrid.tests.engines import first_of

SHAPE = (3, 4, 2)


def network(kind: str, n_outputs: int = 5) -> Network:
    return Network(kind=kind, obs_shape=SHAPE, obs_scale=(1.0, 10.0), n_outputs=n_outputs, width=8)


@pytest.mark.parametrize("kind", first_of(KINDS))
def test_every_kind_gives_its_outputs_for_every_observation(kind: str) -> None:
    one = network(kind)
    params = one.init(jax.random.key(0), 1.0)
    obs = jnp.asarray(np.random.default_rng(0).integers(0, 2, (6, 3, *SHAPE)), jnp.uint8)

    outputs, memory = one.unroll(params, one.memory(6), obs, jnp.zeros((6, 3), bool))

    assert outputs.shape == (6, 3, 5)
    assert memory.shape == (6, 8 if one.has_memory else 0)
    assert len(np.unique(np.asarray(outputs))) > 10
    assert Network.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_observations_are_divided_by_their_bounds() -> None:
    one = network("mlp")
    params = one.init(jax.random.key(0), 1.0)
    first = jnp.zeros((1, 1), bool)
    small, large = jnp.ones((1, 1, *SHAPE)), jnp.ones((1, 1, *SHAPE)) * jnp.array([1.0, 10.0]).reshape(1, 1, 1, 1, 2)
    same = Network(kind="mlp", obs_shape=SHAPE, obs_scale=(1.0, 1.0), n_outputs=5, width=8)

    scaled, _ = one.unroll(params, one.memory(1), large, first)
    plain, _ = same.unroll(params, same.memory(1), small, first)

    np.testing.assert_array_equal(scaled, plain)
    bounds = network_for(make("JaxMARLOvercooked-CrampedRoom-V0").game, "mlp", 8, 6).obs_scale
    assert max(bounds) > 1
    assert min(bounds) == 1


def test_a_dense_network_reads_only_what_it_keeps() -> None:
    few = dataclasses.replace(network("mlp"), kept=(1, 5))
    params = few.init(jax.random.key(0), 1.0)
    first, zeros = jnp.zeros((1, 1), bool), np.zeros((1, 1, *SHAPE), np.float32)

    def output(entry: int, value: float) -> np.ndarray:
        obs = zeros.copy()
        obs.reshape(-1)[entry] = value
        return np.asarray(few.unroll(params, few.memory(1), jnp.asarray(obs), first)[0])

    assert params["layer_0"]["weight"].shape == (2, 8)
    np.testing.assert_array_equal(output(0, 1.0), output(23, 5.0))
    assert (output(1, 10.0) != output(0, 1.0)).any()
    expected = jax.nn.relu(params["layer_0"]["weight"][1])  # Entry 5 is divided by 10, and is the second that is kept.
    hidden = jax.nn.relu(expected @ params["layer_1"]["weight"])
    np.testing.assert_allclose(output(5, 10.0)[0, 0], hidden @ params["output"]["weight"], rtol=1e-5)
    assert Network.from_json(json.loads(json.dumps(few.to_json()))) == few
    with pytest.raises(ConfigError, match="cnn reads whole maps"):
        dataclasses.replace(network("cnn"), kept=(1,))


def test_memory_is_lost_where_an_episode_begins_and_only_there() -> None:
    one = network("gru")
    params = one.init(jax.random.key(0), 1.0)
    obs = jnp.asarray(np.random.default_rng(0).integers(0, 2, (1, 4, *SHAPE)), jnp.uint8)
    is_first = jnp.array([[True, False, True, False]])

    outputs, memory = one.unroll(params, one.memory(1), obs, is_first)
    later, memory_again = one.unroll(params, one.memory(1) + 1, obs[:, 2:], is_first[:, 2:])
    without, _ = one.unroll(params, one.memory(1), obs[:, 3:], is_first[:, 3:])

    np.testing.assert_allclose(outputs[:, 2:], later, rtol=1e-5)
    np.testing.assert_allclose(memory, memory_again, rtol=1e-5)
    assert not np.allclose(outputs[:, 3:], without)


@pytest.mark.long
def test_agents_that_share_parameters_do_as_one_and_others_do_not() -> None:
    obs = jnp.broadcast_to(jnp.arange(24, dtype=jnp.float32).reshape(1, 1, *SHAPE), (2, 3, *SHAPE))
    is_first = jnp.zeros(2, bool)
    outputs = {}
    for is_shared in (True, False):
        agents = AgentNetworks(network("mlp"), 3, is_shared)
        params = agents.init(jnp.zeros(2, jnp.uint32), 1.0)
        outputs[is_shared] = np.asarray(agents.now(params, agents.memory(2), obs, is_first)[0])

    assert np.ptp(outputs[True], axis=1).max() < 1e-6
    assert np.ptp(outputs[False], axis=1).max() > 0.1
    assert np.ptp(outputs[False], axis=0).max() < 1e-6


def test_an_action_is_drawn_with_its_probability() -> None:
    logits = jnp.log(jnp.array([0.25, 0.5, 0.25]))
    words = jnp.array([0, 2**30 - 1, 2**30, 3 * 2**30 - 1, 3 * 2**30, 2**32 - 1], jnp.uint32)

    actions = draw_actions(jnp.broadcast_to(logits, (6, 3)), words)

    assert actions.tolist() == [0, 0, 1, 1, 2, 2]


def test_a_network_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigError, match="'mlp'"):
        Network(kind="mpl", obs_shape=SHAPE, obs_scale=(1.0, 1.0), n_outputs=5)
    with pytest.raises(ConfigError, match="object_planes"):
        Network(kind="cnn", obs_shape=(443,), obs_scale=(1.0,) * 443, n_outputs=5)
