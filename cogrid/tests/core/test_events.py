"""Events are read by name from states of either backend, and say what the infos say."""

from __future__ import annotations

import numpy as np
import pytest

import cogrid
from cogrid.core.events import has_happened, read_events
from cogrid.errors import ConfigError
from cogrid.tests.engines import needs_jax

KITCHEN = "Overcooked-CrampedRoom-V0"


def test_read_events_names_what_the_infos_name(backend: str) -> None:
    env = cogrid.make(KITCHEN, backend)
    env.reset(seed=0)
    counted = 0

    for joint in np.random.default_rng(3).integers(0, 7, (150, 2)).tolist():
        infos = env.step(dict(zip(env.agents, joint, strict=True)))[4]
        told = read_events(env.get_state())
        for idx, agent in enumerate(env.possible_agents):
            named = {event for event, happened in told.items() if np.asarray(happened)[idx]}
            assert named == set(infos[agent]["events"])
            counted += len(named)

    assert counted > 10


def test_of_a_batch_every_environment_is_read() -> None:
    envs = cogrid.make_vec(KITCHEN, 32)
    envs.reset(seed=0)
    envs.step(np.random.default_rng(0).integers(0, 4, (32, 2)))
    state = envs.get_state()

    collisions = has_happened(state, "collision")

    assert collisions.shape == (32, 2)
    assert collisions.dtype == np.bool_
    assert 0 < collisions.sum() < 64
    np.testing.assert_array_equal(collisions, (state.events >> state.tables.rules.event_names.index("collision")) & 1)


@pytest.mark.long
@needs_jax
def test_they_can_be_read_inside_jit_and_vmap() -> None:
    import jax

    env = cogrid.make(KITCHEN, "jax")
    states, _ = jax.vmap(env.jax_reset)(jax.random.split(jax.random.key(0), 32))
    actions = np.random.default_rng(0).integers(0, 4, (32, 2), dtype=np.int32)

    after = jax.vmap(env.jax_step)(states, actions)[0]
    told = jax.jit(jax.vmap(lambda state: has_happened(state, "collision")))(after)

    assert told.any()
    np.testing.assert_array_equal(told, read_events(after)["collision"])


def test_an_event_that_no_rule_reports_is_refused() -> None:
    state = cogrid.make(KITCHEN).state_from_arrays()

    with pytest.raises(ConfigError, match=r"No rule of 'overcooked' reports the event 'colision'.*'collision'"):
        has_happened(state, "colision")
