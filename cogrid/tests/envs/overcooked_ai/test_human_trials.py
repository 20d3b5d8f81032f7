"""What people did in 2019 and 2020 is what the exact rules make of their actions, and no other rules do."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cogrid.envs.overcooked_ai.human_trials import HumanTrial, Mismatch, load_trial, replay_trial, trial_names
from cogrid.errors import ConfigError
from cogrid.tests.engines import first_of


def beginning_of(trial: HumanTrial, n_steps: int) -> HumanTrial:
    """The first steps of a trial."""
    by_time = {name: values for name, values in trial.arrays.items() if len(values) >= trial.n_steps}
    cut = {name: values[: n_steps + len(values) - trial.n_steps] for name, values in by_time.items()}
    return dataclasses.replace(trial, arrays={**trial.arrays, **cut})


LAYOUTS_FIRST = sorted(trial_names(), key=lambda name: name.rpartition(".")[2])
"""The trials, the first ones on each layout first."""

OF_2019 = [name for name in LAYOUTS_FIRST if name.startswith("2019")]


@pytest.mark.parametrize("name", first_of(LAYOUTS_FIRST, n_short=10))
def test_every_trial_is_reproduced_by_the_rules_that_it_was_played_under(name: str) -> None:
    trial = load_trial(name)
    assert trial.old_dynamics == (trial.year == 2019)
    assert replay_trial(trial) == []
    assert trial.arrays["rewards"][:, 0].sum() == trial.total_reward


@pytest.mark.parametrize("name", first_of(OF_2019, n_short=5))
def test_no_trial_of_2019_is_reproduced_by_the_new_rules(name: str) -> None:
    trial = load_trial(name)
    mismatches = replay_trial(trial, old_dynamics=False)
    assert mismatches[0].step == trial.first_mismatch_under_new_dynamics


def test_a_tampered_trial_is_caught_at_its_step() -> None:
    trial = load_trial(OF_2019[0])
    arrays = {key: values.copy() for key, values in trial.arrays.items()}
    arrays["agent_dir"][101, 1] = (arrays["agent_dir"][101, 1] + 1) % 4
    arrays["rewards"][200] += 1
    tampered = dataclasses.replace(trial, arrays=arrays)
    assert replay_trial(tampered) == [Mismatch(100, "agent_dir"), Mismatch(200, "rewards")]


def test_there_are_37_trials_of_2019_and_3_of_2020() -> None:
    steps = {
        year: [load_trial(name).n_steps for name in trial_names() if name.startswith(year)] for year in ("2019", "2020")
    }
    assert {year: (len(counts), sum(counts)) for year, counts in steps.items()} == {
        "2019": (37, 44373),
        "2020": (3, 1186),
    }


def test_arrays_of_a_trial_fit_together() -> None:
    trial = load_trial(OF_2019[0])
    assert trial.arrays["actions"].shape == (trial.n_steps, 2)
    assert trial.arrays["agent_pos"].shape == (trial.n_steps + 1, 2, 2)
    assert np.array_equal(trial.arrays["time"], np.arange(trial.n_steps + 1))


def test_an_unknown_trial_is_refused_with_the_close_ones() -> None:
    with pytest.raises(ConfigError, match=r"no trial '2019_cramped_room.t99'.*2019_cramped_room"):
        load_trial("2019_cramped_room.t99")


def test_what_people_saw_is_what_an_agent_in_their_place_observes() -> None:
    trial = load_trial("2020_you_shall_not_pass.t00")
    features = ["overcooked_ai_planes"]
    env = trial.make_env(features=features)
    env.set_state(trial.start_state(env))
    seen = [
        np.stack(list(env.step(dict(zip(env.agents, joint, strict=True)))[0].values()))
        for joint in trial.arrays["actions"][:40].tolist()
    ]

    observed = trial.observations(features=features)

    assert observed.shape == (trial.n_steps + 1, 2, *env.observation_space("agent_0").shape)
    np.testing.assert_array_equal(observed[1:41], np.stack(seen), strict=True)
    assert trial.observations().shape == (trial.n_steps + 1, 2, 96)


def test_the_states_of_a_trial_are_those_that_were_recorded_also_under_other_rules() -> None:
    trial = load_trial("2019_cramped_room.t00")
    short = beginning_of(trial, 60)
    own, other = (short.make_env(old_dynamics=rules) for rules in (True, False))

    states = short.states(own)

    np.testing.assert_array_equal(states.agent_pos, trial.arrays["agent_pos"][:61])
    np.testing.assert_array_equal(short.states(other).agent_pos, states.agent_pos)
    np.testing.assert_array_equal(short.states(other).pot_timer, states.pot_timer)
