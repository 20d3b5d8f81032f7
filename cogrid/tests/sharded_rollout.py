"""Batches that are spread over four host devices, as a script of its own: `XLA_FLAGS` must be set before JAX starts.

    python -m cogrid.tests.sharded_rollout                          one process with four devices
    python -m cogrid.tests.sharded_rollout ADDRESS RANK PROCESSES   one of several processes with four devices in all

Prints "equal" when what this process holds of a rollout, and of what the documented calls make of it, equals the same
part of what one device makes; on meshes of both kinds.
"""

from __future__ import annotations

import os
import sys
from typing import Any

DEVICES = 4
B = 2 * DEVICES


def main(arguments: list[str]) -> None:
    """Play on one device and on meshes of both kinds, and compare."""
    n_processes = int(arguments[2]) if arguments else 1
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={DEVICES // n_processes}"
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax

    if arguments:
        jax.distributed.initialize(arguments[0], num_processes=n_processes, process_id=int(arguments[1]))
    assert len(jax.devices()) == DEVICES
    alone = play(None)
    for kind in ("Auto", "Explicit") if hasattr(jax.sharding, "auto_axes") else ("Auto",):
        mesh = jax.make_mesh((DEVICES,), ("environments",), axis_types=(getattr(jax.sharding.AxisType, kind),))
        assert_equal_parts(play(mesh), alone)
    print("equal")


def play(mesh: Any) -> Any:
    """A rollout on a mesh, or on one device, and what further calls make of its last states."""
    import jax
    import numpy as np

    import cogrid
    from cogrid.core.jax_step import envstate_to_dict
    from cogrid.vector.rollout import everything, rollout, step_in_place

    env = cogrid.make("Overcooked-CrampedRoom-V0", backend="jax", max_steps=15)
    key = jax.random.key(3)
    result = rollout(env, cogrid.random_policy(7, 2), key, B, 40, collect=everything, mesh=mesh)
    state, obs, trajectory = result
    if mesh is not None:
        assert len(trajectory.reward.sharding.device_set) == DEVICES
    actions, keys = np.ones((B, 2), dtype=np.int32), np.arange(2 * B, dtype=np.uint32).reshape(B, 2)
    if mesh is not None:
        sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("environments"))
        actions, keys = (
            jax.make_array_from_callback(values.shape, sharding, values.__getitem__) for values in (actions, keys)
        )
    read = [values for values in envstate_to_dict(state).values() if hasattr(values, "dtype")]
    made = (
        trajectory,
        read,
        env.observation(state),
        env.reward(state, state, actions),
        jax.jit(jax.vmap(env.jax_reset))(keys),
        jax.jit(jax.vmap(env.jax_step))(state, actions),
    )
    return made, step_in_place(env)(state, obs, actions)


def assert_equal_parts(spread: Any, alone: Any) -> None:
    """What this process holds of arrays on a mesh equals the same parts of arrays on one device."""
    import jax
    import numpy as np

    for whole, parts in zip(jax.tree.leaves(alone), jax.tree.leaves(spread), strict=True):
        for shard in parts.addressable_shards:
            np.testing.assert_array_equal(np.asarray(shard.data), np.asarray(whole)[shard.index], strict=True)


if __name__ == "__main__":
    main(sys.argv[1:])
