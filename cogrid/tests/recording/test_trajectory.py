"""A trajectory keeps what was played, and its check finds whatever the rules do not make of its actions."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Callable

import numpy as np
import pytest

import cogrid
from cogrid.core.layout_set import LayoutSet
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


KITCHEN = cogrid.make("Overcooked-CrampedRoom-V0")
EPISODE = recorded()


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


def changed(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Trajectory:
    """A recorded trajectory with one of its arrays changed."""
    trajectory = EPISODE
    return dataclasses.replace(trajectory, **{name: change(np.array(getattr(trajectory, name)))})


ARRAYS = ("actions", "rewards", "terminations", "truncations", "observations")


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_lost_its_end_is_found_at_the_first_row_that_is_missing(name: str) -> None:
    found = changed(name, lambda rows: rows[:-3]).check(KITCHEN)
    n_rows = 61 if name == "observations" else 60
    first = {Difference(n_rows - 3, name)}
    others = {Difference(57 + (other == "observations"), other) for other in ARRAYS if other != name}
    assert set(found) == (others if name == "actions" else first)


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_goes_on_too_long_is_found(name: str) -> None:
    found = changed(name, lambda rows: np.concatenate([rows, rows[-1:]])).check(KITCHEN)
    assert found
    assert found[0].step >= 60


@pytest.mark.parametrize("name", ARRAYS)
def test_doubled_columns_of_agents_are_found(name: str) -> None:
    assert Difference(0, name) in changed(name, lambda rows: np.concatenate([rows, rows], axis=1)).check(KITCHEN)


@pytest.mark.parametrize("seed", [6, 0])
def test_another_seed_than_the_one_that_was_played_is_found(seed: int) -> None:
    assert dataclasses.replace(EPISODE, seed=seed).check(KITCHEN) == [Difference(0, "start")]


def test_a_start_that_its_seed_does_not_give_is_found() -> None:
    turned = {**EPISODE.start, "state.agent_dir": (EPISODE.start["state.agent_dir"] + 1) % 4}
    assert Difference(0, "start") in dataclasses.replace(EPISODE, start=turned).check(KITCHEN)


def test_a_trajectory_that_goes_on_from_a_state_is_checked_from_there() -> None:
    recorder = TrajectoryRecorder(KITCHEN, keep_observations=True)
    recorder.start_from(KITCHEN.state_from_arrays(agent_dir=[2, 0]))
    recorder.step(dict.fromkeys(KITCHEN.agents, 4))
    assert recorder.trajectory().seed is None
    assert recorder.trajectory().check(KITCHEN) == []


def test_an_episode_of_no_steps_can_be_kept_and_checked(tmp_path: pathlib.Path) -> None:
    recorder = TrajectoryRecorder(KITCHEN)
    recorder.reset(seed=5)
    trajectory = Trajectory.load(recorder.trajectory().save(tmp_path / "nothing"))
    assert trajectory.n_steps == 0
    assert trajectory.check(KITCHEN) == []
    assert dataclasses.replace(trajectory, rewards=EPISODE.rewards).check(KITCHEN) == [Difference(0, "rewards")]


def test_an_action_that_the_environment_does_not_have_is_found_where_it_stands() -> None:
    def put(actions: np.ndarray) -> np.ndarray:
        actions[12, 1] = 99
        return actions

    assert Difference(12, "actions") in changed("actions", put).check(KITCHEN)


def test_actions_after_the_end_are_found() -> None:
    env = cogrid.make("Overcooked-CrampedRoom-V0", max_steps=4)
    recorder = TrajectoryRecorder(env)
    recorder.reset(seed=1)
    while env.agents:
        recorder.step(dict.fromkeys(env.agents, 0))
    trajectory = recorder.trajectory()
    longer = dataclasses.replace(trajectory, actions=np.concatenate([trajectory.actions, trajectory.actions]))
    assert longer.check(env) == [Difference(4, "actions")]


def test_the_seed_of_an_episode_on_a_chosen_layout_gives_its_start() -> None:
    layouts = LayoutSet(["CrampedRoom", "CoordinationRing"])
    env = cogrid.make("Overcooked-CrampedRoom-V0", layout=layouts)
    recorder = TrajectoryRecorder(env)
    for layout in (0, 1):
        recorder.reset(seed=2, options={"layout": layout})
        recorder.step(dict.fromkeys(env.agents, 0))
        assert recorder.trajectory().check(env) == []


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
