"""The JavaScript engine plays what was recorded of other simulators and of people.

That the array step plays it as recorded is tested where these recordings are read (`test_golden_traces.py`, the
`test_recorded.py` of the families, `test_human_trials.py`). Here JavaScript is held against the array step, from the
same states with the same actions.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.jaxmarl_overcooked.layouts import LAYOUTS
from cogrid.envs.overcooked_ai.human_trials import HumanTrial, load_trial, trial_names
from cogrid.envs.overcooked_ai.recordings import our_arrays
from cogrid.game import Game
from cogrid.tests import test_golden_traces as classic
from cogrid.tests.envs.jaxmarl_overcooked import test_recorded as jaxmarl
from cogrid.tests.envs.overcooked_ai import test_recorded as overcooked_ai
from cogrid.tests.envs.overcooked_v2 import test_recorded as overcooked_v2
from cogrid.tests.golden_traces import LAYOUT_NAMES, load
from cogrid.tests.kitchen_traces import Steps
from cogrid.tests.page.test_engine import needs_node
from cogrid.tests.page.transitions import Recording, play_in_javascript, record_from
from cogrid.tests.states import stack_states

pytestmark = [pytest.mark.long, needs_node]

NOOP = 5
"""What both do in a kitchen where a trial is over, while a longer one goes on."""


def assert_played_alike(recordings: dict[str, tuple[Game, Recording]]) -> int:
    """Hold JavaScript against recordings, and return how many steps there were."""
    found = play_in_javascript(recordings)
    assert {name: result["difference"] for name, result in found.items()} == dict.fromkeys(recordings)
    return sum(result["steps"] for result in found.values())


def single_steps(env: CoGridEnv, steps: Steps) -> tuple[Game, Recording]:
    return env.game, record_from(env.game, steps.before, steps.actions[None])


def test_the_classic_episodes_are_played_alike() -> None:
    recordings = {}
    for layout in LAYOUT_NAMES:
        env = load("A_np", layout).make_env()
        actions = classic.all_actions(layout).swapaxes(0, 1)
        recordings[layout] = env.game, record_from(env.game, classic.start_states(env, layout), actions)

    assert assert_played_alike(recordings) >= 5 * 18 * 1080


@pytest.mark.parametrize("series", ["B", "B_old"])
def test_the_episodes_of_overcooked_ai_are_played_alike(series: str) -> None:
    recordings = {}
    for layout in overcooked_ai.CLASSIC:
        env = overcooked_ai.make(series, layout)
        for kind in ("", ".unfiltered"):
            recorded = overcooked_ai.recording(series, layout, kind)
            arrays = our_arrays(recorded, overcooked_ai.ITEMS)
            start = overcooked_ai.starts(env, {name: values[:, 0] for name, values in arrays.items()})
            actions = overcooked_ai.OUR_ACTIONS[recorded["actions"]].swapaxes(0, 1)
            recordings[f"{layout}{kind}"] = env.game, record_from(env.game, start, actions)

    assert assert_played_alike(recordings) >= 5 * 8 * 400


def test_the_recorded_steps_of_jaxmarl_are_played_alike() -> None:
    steps = {layout: single_steps(jaxmarl.make(layout), jaxmarl.all_steps(layout)) for layout in LAYOUTS}

    assert assert_played_alike(steps) >= 5 * 3536


def test_the_recorded_steps_of_overcooked_v2_are_played_alike() -> None:
    steps = {
        layout: single_steps(overcooked_v2.make(layout), overcooked_v2.all_steps(layout))
        for layout in overcooked_v2.LAYOUTS
    }

    assert assert_played_alike(steps) >= 4 * 3536


def test_all_trials_of_people_are_played_alike() -> None:
    kitchens: dict[tuple[str, bool], list[HumanTrial]] = defaultdict(list)
    for trial in map(load_trial, trial_names()):
        kitchens[trial.layout, trial.old_dynamics].append(trial)
    recordings = {}
    for (layout, is_old), trials in kitchens.items():
        env = trials[0].make_env()
        actions = np.full((max(trial.n_steps for trial in trials), len(trials), 2), NOOP)
        for number, trial in enumerate(trials):
            actions[: trial.n_steps, number] = trial.arrays["actions"]
        start = stack_states([trial.start_state(env) for trial in trials])
        recordings[f"{layout}, {is_old}"] = env.game, record_from(env.game, start, actions)

    assert sum(len(trials) for trials in kitchens.values()) == 40
    assert assert_played_alike(recordings) >= 45_559
