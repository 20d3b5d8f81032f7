"""A rollout over eight host devices, as a script of its own: `XLA_FLAGS` must be set before JAX starts.

    python -m cogrid.tests.sharded_rollout                          one process with eight devices
    python -m cogrid.tests.sharded_rollout ADDRESS RANK PROCESSES   one of several processes with eight devices in all

Prints "equal" when what this process holds of the spread rollout equals the same part of the rollout on one device.
"""

from __future__ import annotations

import os
import sys

DEVICES = 8


def main(arguments: list[str]) -> None:
    """Play the rollout twice and compare."""
    n_processes = int(arguments[2]) if arguments else 1
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={DEVICES // n_processes}"
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax

    if arguments:
        jax.distributed.initialize(arguments[0], num_processes=n_processes, process_id=int(arguments[1]))
    import numpy as np

    import cogrid
    from cogrid.policy import random_policy
    from cogrid.vector.rollout import everything, rollout

    env = cogrid.make("Overcooked-CrampedRoom-V0", backend="jax", max_steps=15)
    policy = random_policy(7, 2)
    alone = rollout(env, policy, jax.random.key(3), 2 * DEVICES, 40, collect=everything)
    mesh = jax.make_mesh((DEVICES,), ("environments",))
    spread = rollout(env, policy, jax.random.key(3), 2 * DEVICES, 40, collect=everything, mesh=mesh)

    assert len(jax.devices()) == DEVICES
    assert len(spread.trajectory.reward.sharding.device_set) == DEVICES
    for whole, parts in zip(jax.tree.leaves(alone), jax.tree.leaves(spread), strict=True):
        for shard in parts.addressable_shards:
            np.testing.assert_array_equal(np.asarray(shard.data), np.asarray(whole)[shard.index])
    print("equal")


if __name__ == "__main__":
    main(sys.argv[1:])
