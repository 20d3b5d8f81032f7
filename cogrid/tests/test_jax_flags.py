"""No flag of JAX changes an episode, and none stops one.

Most flags act while JAX traces a function. So the default tests compare what JAX traces, which is quick: equal programs
compute equal bits. The long ones play under each flag.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.layout_set import LayoutSet
from cogrid.feature_space.local_view import local_view
from cogrid.tests.engines import first_of, needs_jax
from cogrid.tests.states import arrays_of

pytestmark = needs_jax

ROOM = ("######", "#COUC#", "#    #", "#=  @#", "######")
REWARDS = ("delivery_reward", "onion_in_pot_reward", "soup_in_dish_reward")
HALL = ("######", *["#    #"] * 4, "######")
WORLDS: dict[str, tuple[str, dict[str, Any]]] = {
    "kitchen": ("Overcooked-CrampedRoom-V0", {"layout": ROOM, "num_agents": 3, "rewards": REWARDS}),
    "wanted recipe": ("OvercookedV2-CrampedRoomV2-V0", {}),
    "step hook": ("OvercookedOrders-MixedRoom-V0", {"features": ("order_queue", "agent_dir")}),
    "goals": ("GoalSeeking-Random-V0", {"action_set": "rotation"}),
    "agents that end": ("SearchRescue-Small-V0", {"features": (local_view(2, "symbolic", rotate=True),)}),
    "layout set": ("Overcooked-CrampedRoom-V0", {"layout": LayoutSet(["CrampedRoom", "ForcedCoordination"])}),
    "nine agents": ("Overcooked-CrampedRoom-V0", {"layout": HALL, "num_agents": 9, "features": ("object_planes",)}),
}
"""A world for each mechanism of the step."""

STRICT = {"jax_numpy_rank_promotion": "raise", "jax_numpy_dtype_promotion": "strict"}
FLAGS: dict[str, dict[str, Any]] = {
    "strict": {**STRICT, "jax_debug_nans": True},
    "64 bits": {**STRICT, "jax_enable_x64": True},
    "other keys": {"jax_threefry_partitionable": False, "jax_default_prng_impl": "rbg"},
    "partitionable": {"jax_threefry_partitionable": True, "jax_default_prng_impl": "unsafe_rbg"},
    "no jit": {"jax_disable_jit": True},
}
B, T = 3, 4


@functools.cache
def make_world(name: str, backend: str) -> CoGridEnv:
    env_id, settings = WORLDS[name]
    return cogrid.make(env_id, backend, **settings)


@contextlib.contextmanager
def set_flags(flags: dict[str, Any]) -> Iterator[None]:
    """Set flags of JAX for a while."""
    import jax

    before = {name: getattr(jax.config, name) for name in flags}
    try:
        for name, value in flags.items():
            jax.config.update(name, value)
        yield
    finally:
        for name, value in before.items():
            jax.config.update(name, value)


def keys_of_batch() -> np.ndarray:
    return np.stack([np.zeros(B, np.uint32), np.arange(B, dtype=np.uint32)], axis=-1)


def traced_program(env: CoGridEnv) -> str:
    """What JAX traces of reset and step, under `vmap` and with a batch axis in front, as text."""
    import jax

    keys, actions = keys_of_batch(), np.zeros((B, env.tables.n_agents), dtype=np.int32)
    state = jax.eval_shape(env.jax_reset, keys)[0]
    resets = [jax.make_jaxpr(reset)(keys) for reset in (jax.vmap(env.jax_reset), env.jax_reset)]
    steps = [jax.make_jaxpr(step)(state, actions) for step in (jax.vmap(env.jax_step), env.jax_step)]
    return re.sub("0x[0-9a-f]+", "", "\n".join(map(str, resets + steps)))


@functools.cache
def default_program(world: str) -> str:
    with set_flags({"jax_numpy_rank_promotion": "allow", "jax_numpy_dtype_promotion": "standard"}):
        return traced_program(make_world(world, "jax"))


@pytest.mark.parametrize("world", first_of(WORLDS))
def test_strict_promotion_and_other_keys_leave_the_program_as_it_is(world: str) -> None:
    expected = default_program(world)

    with set_flags({**STRICT, "jax_threefry_partitionable": False, "jax_default_prng_impl": "rbg"}):
        assert traced_program(make_world(world, "jax")) == expected
    with set_flags({"jax_threefry_partitionable": True}):
        assert traced_program(make_world(world, "jax")) == expected


@pytest.mark.parametrize("world", first_of(WORLDS))
def test_no_array_is_wider_where_64_bits_are_enabled(world: str) -> None:
    """A number that the program names (`x + 1`) may be: it adapts to the array that it meets."""
    with set_flags({**STRICT, "jax_enable_x64": True}):
        program = traced_program(make_world(world, "jax"))

    assert re.findall(r"[iuf]64\[\d[^]]*\]", program) == []
    assert len(program.splitlines()) == len(default_program(world).splitlines())


def digest(env: CoGridEnv, backend: str) -> str:
    """A digest of all states, observations and rewards of a batch's first steps, dtypes included."""
    keys, step = keys_of_batch(), env.jax_step
    actions = (
        np.random.default_rng(0).integers(0, len(env.tables.action_set), (T, B, env.tables.n_agents)).astype(np.int32)
    )
    if backend == "jax":
        import jax

        keys, step = jax.numpy.asarray(keys), jax.jit(jax.vmap(step))
    state, _ = env.jax_reset(keys)
    summed = hashlib.sha256()
    for joint in actions:
        state, *shown = step(state, joint)[:4]
        for values in map(np.asarray, [*shown, *(values for _, values in arrays_of(state))]):
            summed.update(f"{values.dtype}{values.shape}".encode())
            summed.update(np.ascontiguousarray(values).tobytes())
    return summed.hexdigest()


def digests(backend: str, worlds: tuple[str, ...]) -> list[str]:
    return [digest(make_world(world, backend), backend) for world in worlds]


def digests_under(flags: dict[str, Any], worlds: tuple[str, ...]) -> list[str]:
    """The digests under JAX in a process of its own, where the flags are set from the start."""
    code = f"from cogrid.tests.test_jax_flags import digests; print(*digests('jax', {worlds!r}))"
    environment = {name.upper(): str(int(value) if isinstance(value, bool) else value) for name, value in flags.items()}
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split()


@pytest.mark.long
def test_an_episode_is_the_same_under_many_flags_at_once() -> None:
    flags = FLAGS["64 bits"] | FLAGS["other keys"] | {"jax_debug_nans": True}

    assert digests_under(flags, ("kitchen",)) == digests("numpy", ("kitchen",))


@pytest.mark.long
@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
def test_an_episode_is_the_same_under_each_flag(flags: dict[str, Any]) -> None:
    assert digests_under(flags, tuple(WORLDS)) == digests("numpy", tuple(WORLDS))
