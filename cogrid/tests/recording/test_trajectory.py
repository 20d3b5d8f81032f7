"""A trajectory keeps what was played, and its check finds whatever the rules do not make of its actions."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np
import pytest

import cogrid
from cogrid.errors import ActionError, EpisodeError, StateError
from cogrid.recording.trajectory import Difference, Trajectory, TrajectoryRecorder
from cogrid.tests.engines import needs_jax

BACKENDS = ["numpy", pytest.param("jax", marks=needs_jax)]


def recorded(env_id: str = "Overcooked-CrampedRoom-V0", backend: str = "numpy", n_steps: int = 60) -> Trajectory:
    env = cogrid.make(env_id, backend=backend)
    recorder = TrajectoryRecorder(env, keep_observations=True)
    recorder.reset(seed=5)
    rng = np.random.default_rng(0)
    for _ in range(n_steps):
        if not env.agents:
            break
        recorder.step({agent: int(rng.integers(env.action_space(agent).n)) for agent in env.agents})
    return recorder.trajectory()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_trajectory_from_a_file_is_what_the_rules_make_of_it_on_either_backend(
    backend: str, tmp_path: pathlib.Path
) -> None:
    trajectory = Trajectory.load(recorded().save(tmp_path / "episode"))
    assert (trajectory.seed, trajectory.n_steps) == (5, 60)
    assert trajectory.observations is not None
    assert trajectory.observations.shape == (61, 2, 443)
    assert trajectory.check(cogrid.make("Overcooked-CrampedRoom-V0", backend=backend)) == []


def test_agents_that_end_early_are_kept_as_such() -> None:
    trajectory = recorded("GoalSeeking-Fixed-V0", n_steps=400)
    assert trajectory.check(cogrid.make("GoalSeeking-Fixed-V0")) == []
    assert not (trajectory.terminations & trajectory.truncations).any()


def test_what_was_tampered_with_is_found_at_its_step() -> None:
    trajectory = recorded()
    rewards, observations = trajectory.rewards.copy(), np.array(trajectory.observations)
    rewards[17, 1] += 1
    observations[3, 0, 0] += 1
    tampered = dataclasses.replace(trajectory, rewards=rewards, observations=observations)
    assert tampered.check(cogrid.make("Overcooked-CrampedRoom-V0")) == [
        Difference(3, "observations"),
        Difference(17, "rewards"),
    ]


def test_other_actions_lead_elsewhere() -> None:
    trajectory = recorded()
    actions = trajectory.actions.copy()
    actions[30] = (actions[30] + 1) % 4
    found = dataclasses.replace(trajectory, actions=actions).check(cogrid.make("Overcooked-CrampedRoom-V0"))
    assert found[0] == Difference(31, "observations")


def test_a_trajectory_of_another_environment_is_refused() -> None:
    with pytest.raises(StateError, match="is of 'Overcooked-CrampedRoom-V0'"):
        recorded().check(cogrid.make("Overcooked-CoordinationRing-V0"))


def test_a_missing_action_is_refused_as_the_environment_refuses_it_and_nothing_is_kept() -> None:
    recorder = TrajectoryRecorder(cogrid.make("Overcooked-CrampedRoom-V0"))
    recorder.reset(seed=0)
    with pytest.raises(ActionError, match="no action for 'agent_1'"):
        recorder.step({"agent_0": 0})
    assert recorder.trajectory().n_steps == 0


def test_there_is_no_trajectory_before_reset() -> None:
    recorder = TrajectoryRecorder(cogrid.make("Overcooked-CrampedRoom-V0"))
    with pytest.raises(EpisodeError, match="no trajectory yet"):
        recorder.trajectory()
    with pytest.raises(EpisodeError, match="no trajectory yet"):
        recorder.step({"agent_0": 0, "agent_1": 0})
