"""The environment as PettingZoo means one: its own tests, seeds over whole episodes, spaces, agents."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pytest
from pettingzoo import ParallelEnv
from pettingzoo.test import parallel_api_test, parallel_seed_test

import cogrid
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.grid_object import object_to_idx
from cogrid.tests.engines import needs_jax

CRAMPED_ROOM = "Overcooked-CrampedRoom-V0"
COUNTER_CIRCUIT = "Overcooked-CounterCircuit-V0"

Story = list[Any]
"""What happened in an episode, as plain values that can be compared."""


def random_joint(env: CoGridEnv, random: np.random.Generator) -> dict[str, int]:
    """An action for each agent whose episode goes on."""
    return {agent: int(random.integers(env.action_space(agent).n)) for agent in env.agents}


def play_on(env: CoGridEnv, seed: int | None, action_seed: int = 0) -> Story:
    """Reset, play to the end at random, and tell all that the environment said."""
    random = np.random.default_rng(action_seed)
    observations, _ = env.reset(seed=seed)
    story: Story = [{agent: seen.tolist() for agent, seen in observations.items()}]
    while env.agents:
        observations, rewards, terminations, truncations, infos = env.step(random_joint(env, random))
        seen = {agent: values.tolist() for agent, values in observations.items()}
        story.append((seen, rewards, terminations, truncations, infos))
    return story


@pytest.mark.parametrize("settings", [{}, {"num_agents": 4, "action_set": "rotation"}], ids=["cardinal", "rotation"])
def test_pettingzoos_own_interface_test_passes(backend: str, settings: dict[str, Any]) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, max_steps=50, **settings)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parallel_api_test(env, num_cycles=120)

    assert isinstance(env, ParallelEnv)


def test_pettingzoos_own_seed_test_passes(backend: str) -> None:
    made: list[CoGridEnv] = []

    def make() -> CoGridEnv:
        made.append(cogrid.make(CRAMPED_ROOM, backend=backend, num_agents=4))
        return made[-1]

    parallel_seed_test(make, num_cycles=50)

    assert len(made) >= 2


def test_one_seed_is_one_episode_to_its_last_step(backend: str) -> None:
    one, other = (cogrid.make(COUNTER_CIRCUIT, backend=backend, num_agents=5, max_steps=60) for _ in range(2))

    first = play_on(one, seed=7)

    assert len(first) == 61
    assert play_on(other, seed=7) == first
    assert play_on(one, seed=7) == first


def test_another_seed_is_another_episode(backend: str) -> None:
    env = cogrid.make(COUNTER_CIRCUIT, backend=backend, num_agents=5, max_steps=60)

    stories = [play_on(env, seed=seed) for seed in (0, 1, 2**32 - 1)]

    assert stories[0] != stories[1] != stories[2] != stories[0]


@needs_jax
def test_one_seed_is_one_episode_on_both_backends() -> None:
    stories = [
        play_on(cogrid.make(COUNTER_CIRCUIT, backend=name, num_agents=5, max_steps=60), seed=3)
        for name in ("numpy", "jax")
    ]

    assert stories[0] == stories[1]


@needs_jax
def test_environments_of_both_backends_live_in_one_process() -> None:
    envs = [cogrid.make(CRAMPED_ROOM, backend=name, num_agents=4) for name in ("numpy", "jax", "numpy")]
    for env in envs:
        env.reset(seed=5)
    random = np.random.default_rng(5)

    for _ in range(30):
        joint = random_joint(envs[0], random)
        results = [env.step(joint) for env in envs]
        assert {type(seen) for result in results for seen in result[0].values()} == {np.ndarray}
        for result in results[1:]:
            for agent in envs[0].possible_agents:
                np.testing.assert_array_equal(result[0][agent], results[0][0][agent])
            assert result[1:] == results[0][1:]


def test_a_reset_without_a_seed_goes_on_from_the_last_key(backend: str) -> None:
    env, other = (cogrid.make(COUNTER_CIRCUIT, backend=backend, num_agents=5, max_steps=20) for _ in range(2))

    told, told_again = ([play_on(one, seed) for seed in (11, None, None)] for one in (env, other))

    assert told == told_again
    assert told[0] != told[1] != told[2] != told[0]


def test_a_reset_goes_on_from_the_key_of_a_state_that_was_set(backend: str) -> None:
    env, other = (cogrid.make(COUNTER_CIRCUIT, backend=backend, num_agents=5, max_steps=20) for _ in range(2))
    env.reset(seed=11)
    other.set_state(env.get_state())

    assert play_on(env, None) == play_on(other, None)


def test_a_first_reset_without_a_seed_is_drawn_from_the_systems_entropy(backend: str) -> None:
    keys = set()
    for _ in range(3):
        env = cogrid.make(CRAMPED_ROOM, backend=backend)
        env.reset()
        keys.add(tuple(np.asarray(env.get_state().rng_key).tolist()))

    assert len(keys) == 3


def test_seed_zero_is_a_seed(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend)
    env.reset(seed=4)
    env.reset(seed=0)

    assert np.asarray(env.get_state().rng_key).tolist() == [0, 0]


def test_unknown_reset_options_are_ignored(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend)

    plain, _ = env.reset(seed=2)
    with_options, _ = env.reset(seed=2, options={"no_such_option": 1})

    for agent, seen in plain.items():
        np.testing.assert_array_equal(with_options[agent], seen)


def test_spaces_are_the_same_objects_at_every_call(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend)

    for agent in env.possible_agents:
        assert env.observation_space(agent) is env.observation_space(agent)
        assert env.action_space(agent) is env.action_space(agent)


def test_agents_are_named_in_order_and_empty_before_reset_and_after_the_end(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, num_agents=3, max_steps=2)
    before = list(env.agents)

    env.reset(seed=0)
    during = list(env.agents)
    env.step(dict.fromkeys(env.agents, 6))
    *_, truncations, _ = env.step(dict.fromkeys(env.agents, 6))

    assert env.possible_agents == ["agent_0", "agent_1", "agent_2"]
    assert (before, during, env.agents) == ([], env.possible_agents, [])
    assert truncations == dict.fromkeys(env.possible_agents, True)
    assert env.num_agents == 0
    assert env.max_num_agents == 3


def test_observations_rewards_and_flags_are_of_the_declared_kinds(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend)
    env.reset(seed=0)

    observations, rewards, terminations, truncations, infos = env.step({"agent_0": 0, "agent_1": np.int64(4)})

    for agent in env.agents:
        assert env.observation_space(agent).contains(observations[agent])
        assert type(rewards[agent]) is np.float32
        assert type(terminations[agent]) is bool
        assert type(truncations[agent]) is bool
        assert infos[agent] == {"events": (), "shaped_reward": np.float32(0)}


def test_the_whole_state_is_a_vector_inside_its_space(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend)
    env.reset(seed=1)
    random = np.random.default_rng(1)
    vectors = []

    for _ in range(20):
        assert env.state_space.contains(env.state())
        vectors.append(env.state())
        env.step(random_joint(env, random))

    assert all((one != other).any() for one, other in itertools.pairwise(vectors))


def test_metadata_says_what_the_environment_is_and_can(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend)

    assert env.metadata["name"] == CRAMPED_ROOM
    assert set(env.metadata["render_modes"]) == {"ansi", "rgb_array", "human"}
    assert env.metadata["is_parallelizable"] is True
    assert env.metadata["render_fps"] > 0


@pytest.mark.parametrize(
    "settings",
    [{}, {"features": ["full_map_encoding"]}, {"features": ["can_move_direction"]}, {"features": ["object_planes"]}],
    ids=["classic", "map", "moves", "planes"],
)
def test_an_observation_once_returned_is_never_written_to_again(backend: str, settings: dict[str, Any]) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, num_agents=4, max_steps=None, **settings)
    random = np.random.default_rng(0)
    kept: list[tuple[np.ndarray, np.ndarray]] = []

    def keep(observations: dict[str, np.ndarray]) -> None:
        kept.extend((seen, seen.copy()) for seen in observations.values())

    keep(env.reset(seed=0)[0])
    for _ in range(40):
        keep(env.step(random_joint(env, random))[0])
    keep(env.reset(seed=1)[0])

    for seen, as_it_was in kept:
        np.testing.assert_array_equal(seen, as_it_was)


def test_observations_of_two_agents_and_two_steps_share_no_memory(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend, features=["full_map_encoding"])
    first, _ = env.reset(seed=0)
    second, *_ = env.step(dict.fromkeys(env.agents, 6))

    assert not np.shares_memory(first["agent_0"], first["agent_1"])
    assert not np.shares_memory(first["agent_0"], second["agent_0"])


def test_a_caller_that_writes_into_an_observation_changes_nothing_but_its_own(backend: str) -> None:
    env, untouched = (cogrid.make(CRAMPED_ROOM, backend=backend) for _ in range(2))
    observations, _ = env.reset(seed=0)
    expected, _ = untouched.reset(seed=0)

    observations["agent_0"][:] = 9

    np.testing.assert_array_equal(observations["agent_1"], expected["agent_1"])
    joint = dict.fromkeys(env.agents, 6)
    np.testing.assert_array_equal(env.step(joint)[0]["agent_0"], untouched.step(joint)[0]["agent_0"])


def test_the_order_of_the_actions_in_the_dict_does_not_matter(backend: str) -> None:
    env, other = (cogrid.make(CRAMPED_ROOM, backend=backend) for _ in range(2))
    for one in (env, other):
        one.reset(seed=0)

    seen, *_ = env.step({"agent_0": 3, "agent_1": 1})
    expected, *_ = other.step({"agent_1": 1, "agent_0": 3})

    for agent in env.agents:
        np.testing.assert_array_equal(seen[agent], expected[agent])


def test_close_can_be_called_at_any_time(backend: str) -> None:
    env = cogrid.make(CRAMPED_ROOM, backend=backend)
    env.close()
    env.reset(seed=0)
    env.close()

    assert env.agents == env.possible_agents


def test_infos_tell_events_shaped_rewards_and_the_episode(backend: str) -> None:
    env = cogrid.make(
        "OvercookedAI-CrampedRoom-V0",
        backend=backend,
        features=["agent_position"],
        shaped_rewards=["overcooked_ai_ingredient_in_pot", "overcooked_ai_soup_in_dish"],
        max_steps=3,
    )
    env.reset(seed=0)
    onion = object_to_idx("onion", scope="overcooked_ai")
    soup = object_to_idx("soup_o3t0", scope="overcooked_ai")
    env.set_state(
        env.state_from_arrays(agent_pos=[[1, 2], [2, 3]], agent_dir=[3, 1], agent_inv=[[onion], [soup]], time=0)
    )

    _, rewards, _, _, infos = env.step({"agent_0": 4, "agent_1": 4})
    assert rewards == {"agent_0": 20, "agent_1": 20}
    assert infos == {
        "agent_0": {"events": ("ingredient_in_pot",), "shaped_reward": 3},
        "agent_1": {"events": ("delivery", "delivery_soup_o3t0"), "shaped_reward": 0},
    }
    assert "episode" not in env.step({"agent_0": 5, "agent_1": 5})[4]["agent_0"]
    assert env.step({"agent_0": 5, "agent_1": 5})[4] == {
        agent: {"events": (), "shaped_reward": 0, "episode": {"r": 20, "l": 3}} for agent in ("agent_0", "agent_1")
    }


def test_wrappers_draw_from_a_generator_that_a_seed_starts_anew(backend: str) -> None:
    env, other = (cogrid.make(CRAMPED_ROOM, backend=backend) for _ in range(2))
    assert isinstance(other.np_random, np.random.Generator)
    for one in (env, other):
        one.reset(seed=3)
    observations, _ = env.reset(seed=3)

    drawn = env.np_random.integers(1000, size=4)

    np.testing.assert_array_equal(drawn, other.np_random.integers(1000, size=4))
    np.testing.assert_array_equal(observations["agent_0"], env.reset(seed=3)[0]["agent_0"])
    np.testing.assert_array_equal(drawn, env.np_random.integers(1000, size=4))
