"""RLlib plays our environments through its own wrapper, and learns from them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

ray = pytest.importorskip("ray")

import cogrid  # noqa: E402
from cogrid.cogrid_env import CoGridEnv  # noqa: E402

MAX_STEPS = 12
N_STEPS = 24
POLICY = "cook"


@pytest.fixture(scope="module")
def rllib() -> Iterator[Any]:
    """RLlib's names, and one Ray worker on this machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.rllib.algorithms.ppo import PPOConfig  # pyright: ignore[reportMissingImports]

        ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        yield PPOConfig
        ray.shutdown()


def kitchen(settings: Any = None) -> Any:
    """A small kitchen as RLlib wants it."""
    from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv  # pyright: ignore[reportMissingImports]

    env = cogrid.make("Overcooked-CrampedRoom-V0", features=["object_planes"], max_steps=MAX_STEPS)
    return ParallelPettingZooEnv(env)


def flatten(env: Any = None, spaces: Any = None, device: Any = None) -> Any:
    """RLlib's own connector from small integers in planes to a vector of floats."""
    from ray.rllib.connectors.env_to_module import FlattenObservations  # pyright: ignore[reportMissingImports]

    return FlattenObservations(multi_agent=True)


@pytest.mark.filterwarnings("ignore")
def test_an_episode_through_its_wrapper_is_ours(rllib: Any) -> None:
    env, ours = kitchen(), cogrid.make("Overcooked-CrampedRoom-V0", features=["object_planes"], max_steps=MAX_STEPS)
    assert isinstance(env.par_env, CoGridEnv)
    observations, _ = env.reset(seed=4)
    expected, _ = ours.reset(seed=4)
    n_steps, is_over = 0, False
    while not is_over:
        for agent in ours.agents:
            np.testing.assert_array_equal(observations[agent], expected[agent])
            assert env.get_observation_space(agent).contains(observations[agent])
        actions = {agent: env.get_action_space(agent).sample() for agent in observations}
        observations, rewards, terminations, truncations, _ = env.step(actions)
        expected, paid, *_ = ours.step(actions)
        assert rewards == paid
        assert not terminations["__all__"]
        is_over = truncations["__all__"]
        n_steps += 1
    assert n_steps == MAX_STEPS


@pytest.mark.filterwarnings("ignore")
def test_an_iteration_of_ppo_samples_its_steps_and_changes_the_weights(rllib: Any) -> None:
    from ray.tune.registry import register_env  # pyright: ignore[reportMissingImports]

    register_env("kitchen", kitchen)
    algorithm = (
        rllib()
        .environment("kitchen")
        .env_runners(num_env_runners=0, env_to_module_connector=flatten)
        .multi_agent(policies={POLICY}, policy_mapping_fn=lambda agent, episode, **_: POLICY)
        .training(train_batch_size_per_learner=N_STEPS, minibatch_size=N_STEPS, num_epochs=1)
        .build_algo()
    )
    before = {name: np.array(values) for name, values in algorithm.get_module(POLICY).get_state().items()}
    result = algorithm.train()
    after = algorithm.get_module(POLICY).get_state()
    algorithm.stop()

    sampled, learned = result["env_runners"], result["learners"][POLICY]
    assert sampled["num_env_steps_sampled"] == N_STEPS
    assert sampled["num_agent_steps_sampled"] == {"agent_0": N_STEPS, "agent_1": N_STEPS}
    assert sampled["num_module_steps_sampled"] == {POLICY: 2 * N_STEPS}
    assert sampled["num_episodes"] == N_STEPS // MAX_STEPS
    assert sampled["episode_len_mean"] == MAX_STEPS
    assert learned["num_module_steps_trained"] >= 2 * N_STEPS
    assert np.isfinite(learned["total_loss"])
    assert learned["entropy"] > 0
    weights = [name for name in before if name.endswith("weight")]
    assert weights
    assert all((np.asarray(after[name]) != before[name]).any() for name in weights)
