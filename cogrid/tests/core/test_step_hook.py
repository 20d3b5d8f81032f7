"""A small world with a step hook: who has moved is turned round, who toggles is turned at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from cogrid import EnvConfig, Rules
from cogrid.backend.env_state import EnvState
from cogrid.backend.namespaces import namespace
from cogrid.backend.threefry import random_bits
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.draws import Purpose
from cogrid.integer.draws import draw_words
from cogrid.tests.engines import needs_jax, play_everywhere

TOGGLE = 5


def whirl(prev_state: EnvState, state: EnvState, actions: Any, key: Any) -> EnvState:
    """Turn round who has moved in this step, and at random who has toggled."""
    xp = namespace(state.agent_dir)
    has_moved = xp.any(state.agent_pos != prev_state.agent_pos, axis=-1)
    at_random = (random_bits(key, state.n_agents) >> 30).astype(np.int32)
    turned = xp.where(has_moved, (state.agent_dir + 2) % 4, state.agent_dir)
    return state.replace(agent_dir=xp.where(actions == TOGGLE, at_random, turned))


CONFIG = EnvConfig(
    rules=Rules(name="test_step_hook", step_hook=whirl, start_direction=0),
    layout="#####\n#1 2#\n#####",
    num_agents=2,
    features=("agent_position", "agent_dir"),
)


def test_a_step_hook_sees_the_state_before_the_state_after_and_the_actions(with_jax: bool) -> None:
    episode = play_everywhere(
        CONFIG, [("Noop", "Noop"), ("MoveRight", "MoveRight"), ("MoveUp", "MoveLeft")], with_jax=with_jax
    )

    assert episode.trace("agent_dir") == [[0, 0], [0, 0], [2, 0], [3, 2]]
    assert episode.trace("agent_pos")[-1] == [[1, 2], [1, 3]]


def test_a_step_hook_runs_before_the_clock_and_leaves_its_mark_in_the_observation(with_jax: bool) -> None:
    episode = play_everywhere(CONFIG, [("MoveRight", "Noop")], with_jax=with_jax)

    assert episode.trace("time") == [0, 1]
    assert episode.observations[-1][0].tolist() == [1, 2, 0, 0, 1, 0]


def test_a_step_hook_has_a_key_of_its_own_at_every_step(with_jax: bool) -> None:
    episode = play_everywhere(CONFIG, [("Toggle", "Toggle")] * 40, seed=5, with_jax=with_jax)

    keys = [np.array(draw_words(*(0, 5), Purpose.STEP_HOOK, time, 2), dtype=np.uint32) for time in range(40)]
    assert episode.trace("agent_dir")[1:] == [(random_bits(key, 2) >> 30).tolist() for key in keys]
    assert {direction for joint in episode.trace("agent_dir")[1:] for direction in joint} == {0, 1, 2, 3}


def test_the_key_of_a_step_hook_depends_on_the_seed_and_on_nothing_else() -> None:
    one, same, other = (
        play_everywhere(CONFIG, [("Toggle", "Toggle")] * 20, seed=seed, with_jax=False).trace("agent_dir")
        for seed in (1, 1, 2)
    )

    assert one == same
    assert one != other


def test_a_step_hook_does_not_change_the_key_of_the_state(with_jax: bool) -> None:
    episode = play_everywhere(CONFIG, [("Toggle", "Toggle")] * 3, seed=8, with_jax=with_jax)

    assert episode.trace("rng_key") == [[0, 8]] * 4


@needs_jax
def test_a_step_hook_is_mapped_over_a_batch() -> None:
    import jax

    env, single = CoGridEnv(CONFIG, backend="jax"), CoGridEnv(CONFIG)
    seeds = np.arange(6, dtype=np.uint32)
    keys = np.stack([np.zeros_like(seeds), seeds], axis=-1)
    actions = np.full((6, 2), TOGGLE, dtype=np.int32)

    state, _ = jax.vmap(env.jax_reset)(keys)
    state, *_ = jax.vmap(env.jax_step)(state, actions)

    for idx in range(6):
        alone, _ = single.jax_reset(keys[idx])
        alone, *_ = single.jax_step(alone, actions[idx])
        np.testing.assert_array_equal(state.agent_dir[idx], alone.agent_dir)
