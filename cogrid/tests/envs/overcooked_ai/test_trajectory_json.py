"""Trajectory files of the original are read, checked, and written in its form."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import cogrid
from cogrid.envs.overcooked_ai.human_trials import Mismatch
from cogrid.envs.overcooked_ai.layouts import kitchens
from cogrid.envs.overcooked_ai.trajectory_json import (
    KEYS,
    read_trajectories,
    state_from_json,
    state_to_json,
    write_trajectories,
)
from cogrid.errors import StateError
from cogrid.recording.trajectory import TrajectoryRecorder
from cogrid.tests.states import arrays_of

WRITTEN_BY_THE_ORIGINAL = pathlib.Path(__file__).parents[2] / "golden" / "overcooked_ai_trajectory.json"


def test_a_file_of_the_original_is_what_the_rules_make_of_its_actions() -> None:
    (episode,) = read_trajectories(WRITTEN_BY_THE_ORIGINAL)
    assert (episode.layout, episode.horizon, episode.actions.shape) == ("counter_circuit", 200, (90, 2))
    assert episode.check() == []


def test_a_tampered_file_is_caught_at_its_step(tmp_path: pathlib.Path) -> None:
    told = json.loads(WRITTEN_BY_THE_ORIGINAL.read_text(encoding="utf-8"))
    told["ep_states"][0][31]["players"][1]["orientation"] = [0, -1]
    told["ep_states"][0][32]["players"][1]["orientation"] = [0, 1]
    told["ep_rewards"][0][12] = 5
    where = tmp_path / "tampered.json"
    where.write_text(json.dumps(told), encoding="utf-8")
    found = read_trajectories(where)[0].check()
    assert found[0] == Mismatch(12, "rewards")
    assert {mismatch.step for mismatch in found[1:]} <= {30, 31}
    assert len(found) > 1


def test_every_state_of_the_original_is_written_as_it_was() -> None:
    (episode,) = read_trajectories(WRITTEN_BY_THE_ORIGINAL)
    env = episode.make_env()
    orders = kitchens()["counter_circuit"].orders
    for theirs in episode.states:
        ours = state_to_json(state_from_json(env, theirs), orders)
        assert ours["players"] == theirs["players"]
        assert ours["timestep"] == theirs["timestep"]
        assert sorted(map(str, ours["all_orders"])) == sorted(map(str, theirs["all_orders"]))
        assert ours["bonus_orders"] == theirs["bonus_orders"]
        told, wanted = ({tuple(thing["position"]): thing for thing in state["objects"]} for state in (ours, theirs))
        assert told.keys() == wanted.keys()
        for place, thing in wanted.items():
            for name, value in thing.items():
                if name == "_ingredients":
                    assert sorted(map(str, told[place][name])) == sorted(map(str, value))
                else:
                    assert told[place][name] == value


def test_what_is_written_is_read_again_and_stands_its_check(tmp_path: pathlib.Path) -> None:
    env = cogrid.make("OvercookedAI-CrampedRoom-V0", max_steps=80)
    recorder = TrajectoryRecorder(env)
    rng = np.random.default_rng(0)
    trajectories = []
    for seed in (1, 2):
        recorder.reset(seed=seed)
        while env.agents:
            recorder.step({agent: int(rng.choice([0, 1, 2, 3, 4, 4, 4])) for agent in env.agents})
        trajectories.append(recorder.trajectory())
    where = write_trajectories(tmp_path / "ours.json", env, trajectories)
    assert set(json.loads(where.read_text(encoding="utf-8"))) == set(KEYS)
    episodes = read_trajectories(where)
    assert [len(episode.states) for episode in episodes] == [80, 80]
    assert [episode.check() for episode in episodes] == [[], []]
    for episode, trajectory in zip(episodes, trajectories, strict=True):
        np.testing.assert_array_equal(episode.actions, trajectory.actions)


def test_a_state_survives_the_way_there_and_back() -> None:
    env = cogrid.make("OvercookedAI-MdpTest-V0")
    state, _ = env.jax_reset(np.array([0, 3], dtype=np.uint32))
    rng = np.random.default_rng(5)
    orders = kitchens()["mdp_test"].orders
    for _ in range(150):
        state = env.jax_step(state, rng.choice([0, 1, 2, 3, 4, 4, 4], size=2))[0]
        again = state_from_json(env, state_to_json(state, orders))
        for name, values in arrays_of(again):
            if name not in ("rng_key", "events"):
                np.testing.assert_array_equal(values, np.asarray(getattr(state, name)), err_msg=name)


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "no trajectory file"), ("{}", "no trajectory file"), ("[1]", "no trajectory file")],
)
def test_what_is_no_trajectory_file_is_refused(text: str, message: str, tmp_path: pathlib.Path) -> None:
    where = tmp_path / "bad.json"
    where.write_text(text, encoding="utf-8")
    with pytest.raises(StateError, match=message):
        read_trajectories(where)


def test_an_unknown_kitchen_and_another_environment_are_refused(tmp_path: pathlib.Path) -> None:
    told = json.loads(WRITTEN_BY_THE_ORIGINAL.read_text(encoding="utf-8"))
    told["mdp_params"][0]["layout_name"] = "cramped_rom"
    where = tmp_path / "unknown.json"
    where.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(StateError, match="cramped_room"):
        read_trajectories(where)
    with pytest.raises(StateError, match="no kitchen of overcooked_ai"):
        write_trajectories(tmp_path / "no.json", cogrid.make("Overcooked-CrampedRoom-V0"), [])
