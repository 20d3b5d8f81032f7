"""Batches on a mesh with explicit axes, as `jax.make_mesh` makes them: all documented calls take them.

One device shows what JAX refuses to trace; `sharded_rollout` plays on several.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.core.jax_step import envstate_to_dict
from cogrid.tests.engines import first_of
from cogrid.vector.rollout import step_in_place

jax: Any = pytest.importorskip("jax")
pytestmark = pytest.mark.skipif(not hasattr(jax.sharding, "auto_axes"), reason="JAX is older than 0.7")

B = 4
WORLDS: dict[str, dict[str, Any]] = {
    "Overcooked-CrampedRoom-V0": {"layout": cogrid.LayoutSet(["CrampedRoom", "ForcedCoordination"])},
    "OvercookedV2-CrampedRoomV2-V0": {"features": ("local_view_2",)},
    "OvercookedOrders-MixedRoom-V0": {},
    "SearchRescue-Small-V0": {},
}


def explicit_mesh() -> Any:
    return jax.make_mesh((1,), ("environments",), axis_types=(jax.sharding.AxisType.Explicit,))


def spread(shape: tuple[int, ...], dtype: Any, mesh: Any) -> Any:
    """What an array looks like to JAX that is spread along its first axis."""
    sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("environments"))
    return jax.ShapeDtypeStruct(shape, dtype, sharding=sharding)


@pytest.mark.parametrize("env_id", first_of(WORLDS))
def test_every_call_returns_arrays_that_are_spread_along_the_batch(env_id: str) -> None:
    env = cogrid.make(env_id, "jax", **WORLDS[env_id])
    mesh = explicit_mesh()
    keys, actions = spread((B, 2), np.uint32, mesh), spread((B, 2), np.int32, mesh)

    def read(state: Any) -> list[Any]:
        return [values for values in envstate_to_dict(state).values() if hasattr(values, "dtype")]

    state, obs = jax.eval_shape(jax.vmap(env.jax_reset), keys)
    results = [
        (state, obs),
        jax.eval_shape(env.jax_reset, keys),
        jax.eval_shape(jax.vmap(env.jax_step), state, actions),
        jax.eval_shape(env.jax_step, state, jax.ShapeDtypeStruct((B, 2), np.int32)),
        jax.eval_shape(step_in_place(env), state, obs, jax.ShapeDtypeStruct((B, 2), np.int32)),
        jax.eval_shape(env.observation, state),
        jax.eval_shape(env.reward, state, state, actions),
        jax.eval_shape(read, state),
    ]

    for leaf in jax.tree.leaves(results):
        assert (leaf.shape[0], leaf.sharding.spec[0]) == (B, "environments")
    vmapped, whole = ([leaf.shape for leaf in jax.tree.leaves(result)] for result in results[:2])
    assert vmapped == whole


@pytest.mark.long
def test_an_environment_plays_where_the_whole_program_has_a_mesh() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0", "jax", features=["agent_position", "agent_dir"])
    expected, _ = env.reset(seed=3)

    with jax.set_mesh(explicit_mesh()):
        seen, _ = env.reset(seed=3)
        vec_env = cogrid.make_vec("Overcooked-CrampedRoom-V0", 2, "jax", features=["agent_position", "agent_dir"])
        batch, _ = vec_env.reset(seed=3)
        vec_env.step(np.zeros((2, 2), dtype=np.int32))

    np.testing.assert_array_equal(seen["agent_0"], expected["agent_0"])
    np.testing.assert_array_equal(batch[0, 0], expected["agent_0"])
