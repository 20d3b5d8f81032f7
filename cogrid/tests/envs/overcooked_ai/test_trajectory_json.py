"""Trajectory files of the original are read, checked, and written in its form."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Callable
from typing import Any

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
    terrain,
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


@pytest.mark.parametrize(
    ("env_id", "rows"),
    [
        ("OvercookedAI-CrampedRoom-V0", ["XXPXX", "O   O", "X   X", "XDXSX"]),
        ("OvercookedAI-SimpleTomato-V0", None),
    ],
)
def test_the_map_is_written_in_the_originals_characters(env_id: str, rows: list[str] | None) -> None:
    env = cogrid.make(env_id)
    written = ["".join(row) for row in terrain(env)]

    drawing = "\n".join(env.tables.settings.layouts[0].rows)
    assert rows in (None, written)
    assert [len(row) for row in written] == [env.tables.width] * env.tables.height
    assert [written_as in "".join(written) for written_as in "PODT"] == [symbol in drawing for symbol in "UO=T"]


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


@pytest.mark.parametrize("text", ["{", "{}", "[1]", "5", "[" * 100_000])
def test_what_is_no_trajectory_file_is_refused(text: str, tmp_path: pathlib.Path) -> None:
    where = tmp_path / "bad.json"
    where.write_text(text, encoding="utf-8")
    with pytest.raises(StateError, match="is not a trajectory file of overcooked_ai"):
        read_trajectories(where)


def test_an_unknown_kitchen_and_another_environment_are_refused(tmp_path: pathlib.Path) -> None:
    told = json.loads(WRITTEN_BY_THE_ORIGINAL.read_text(encoding="utf-8"))
    told["mdp_params"][0]["layout_name"] = "cramped_rom"
    where = tmp_path / "unknown.json"
    where.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(StateError, match="cramped_room"):
        read_trajectories(where)
    with pytest.raises(StateError, match="not a kitchen of overcooked_ai"):
        write_trajectories(tmp_path / "no.json", cogrid.make("Overcooked-CrampedRoom-V0"), [])


def drop(*path: Any) -> Callable[[Any], None]:
    """Delete what a path of keys leads to."""

    def change(told: Any) -> None:
        for key in path[:-1]:
            told = told[key]
        del told[path[-1]]

    return change


def put(value: Any, *path: Any) -> Callable[[Any], None]:
    """Put something else where a path of keys leads to."""

    def change(told: Any) -> None:
        for key in path[:-1]:
            told = told[key]
        told[path[-1]] = value

    return change


STATE = ("ep_states", 0, 0)
PLAYER = (*STATE, "players", 0)


@pytest.mark.parametrize(
    "change",
    [
        drop("ep_actions"),
        drop("ep_actions", 0),
        drop("ep_actions", 0, -1),
        drop("ep_rewards", 0, 0),
        drop("ep_states", 0, -1),
        drop("mdp_params", 0, "layout_name"),
        put([], "ep_actions", 0),
        put(5, "ep_actions", 0),
        put("fly", "ep_actions", 0, 3, 1),
        put(["interact"], "ep_actions", 0, 2),
        put("many", "ep_rewards", 0, 0),
        put(None, "ep_states", 0),
        put([5], "mdp_params"),
        put(float("inf"), "env_params", 0, "horizon"),
        put(["cramped_room"], "mdp_params", 0, "layout_name"),
    ],
)
def test_a_file_whose_episodes_are_not_whole_is_refused(change: Callable[[Any], None], tmp_path: pathlib.Path) -> None:
    told = json.loads(WRITTEN_BY_THE_ORIGINAL.read_text(encoding="utf-8"))
    change(told)
    where = tmp_path / "bad.json"
    where.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(StateError, match="is not a trajectory file of overcooked_ai"):
        read_trajectories(where)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put(None, *STATE), "not a state in the form"),
        (put([], *STATE), "not a state in the form"),
        (drop(*STATE, "players"), "not a state in the form"),
        (put([1], *PLAYER, "position"), "inhomogeneous|shape"),
        (put("left", *PLAYER, "orientation"), "not a state in the form"),
        (put({"name": "knife"}, *PLAYER, "held_object"), "not a state in the form"),
        (put([1.5, 2], *PLAYER, "position"), "agent_pos must hold integers"),
        (put([99, 2], *PLAYER, "position"), "off the grid"),
        (put([{"name": "onion", "position": [-1, 0]}], *STATE, "objects"), "off the map"),
        (put([{"name": "onion", "position": 3}], *STATE, "objects"), "not a state in the form"),
        (put("soon", *STATE, "timestep"), "time must hold integers"),
    ],
)
def test_a_state_that_cannot_be_read_is_refused(
    change: Callable[[Any], None], message: str, tmp_path: pathlib.Path
) -> None:
    told = json.loads(WRITTEN_BY_THE_ORIGINAL.read_text(encoding="utf-8"))
    change(told)
    where = tmp_path / "bad.json"
    where.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(StateError, match=message):
        read_trajectories(where)[0].check()


def test_a_trajectory_that_the_rules_do_not_reproduce_is_not_written(tmp_path: pathlib.Path) -> None:
    env = cogrid.make("OvercookedAI-CrampedRoom-V0", max_steps=3)
    recorder = TrajectoryRecorder(env)
    recorder.reset(seed=0)
    nothing = recorder.trajectory()
    recorder.step(dict.fromkeys(env.agents, 0))
    longer = dataclasses.replace(nothing, actions=np.zeros((2, 2), dtype=np.int32))
    for trajectory, message in ((nothing, "it has no steps"), (longer, "Trajectory 0 .*do not reproduce it")):
        with pytest.raises(StateError, match=message):
            write_trajectories(tmp_path / "no.json", env, [trajectory])
