"""What comes out of a study: trajectory files that the library replays, and tables as CSV."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cogrid.cogrid_env import CoGridEnv
from cogrid.recording.fingerprint import fingerprint
from cogrid.recording.trajectory import Trajectory, TrajectoryRecorder
from cogrid.serve.settings import StudySettings
from cogrid.serve.storage import Storage
from cogrid.serve.worlds import LiveWorld, StudyWorld, make_worlds

SOURCES = {"k": "key", "n": "nothing", "p": "partner"}
"""Where an action comes from, by the letter in the database."""

HIDDEN = ("token",)
"""Columns that are not handed out."""


@dataclasses.dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
      n_trajectories: how many files of episodes.
      problems: sentences on episodes that the rules do not reproduce.
    """

    n_trajectories: int
    problems: Sequence[str]


def export_study(settings: StudySettings, storage: Storage, folder: pathlib.Path) -> Exported:
    """Write everything that a study has stored; the server may run meanwhile.

    `participants.csv`, `rooms.csv`, `episodes.csv` and `incidents.csv` are the tables, `actions.csv` has a row for each
    agent and step, and `trajectories` a file for each episode of which something was played. Each is played again, and
    compared with what was stored.

    Args:
      settings: of the study.
      storage: its database.
      folder: where to; it is made if it is missing.
    Raises:
      ConfigError: for worlds that cannot be made.
    """
    worlds = make_worlds(settings.episodes)
    (folder / "trajectories").mkdir(parents=True, exist_ok=True)
    for name in ("participants", "rooms", "episodes", "incidents"):
        _write_csv(folder / f"{name}.csv", storage.stream(name))
    problems: list[str] = []
    n_trajectories = 0
    with (folder / "actions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _ACTION_COLUMNS)
        writer.writeheader()
        episodes = {episode["id"]: episode for episode in storage.rows("episodes")}
        for number, group in itertools.groupby(storage.stream("steps", "episode"), key=lambda step: step["episode"]):
            episode, steps = episodes[number], list(group)
            world = worlds[episode["kind"]]
            trajectory = _play(world.env, episode["seed"], [json.loads(step["actions"]) for step in steps])
            problems += [f"Episode {episode['id']}: {told}" for told in _check(world, episode, steps, trajectory)]
            name = f"room{episode['room']:04}_episode{episode['number']:02}_{episode['world'].replace('#', '-')}"
            trajectory.save(folder / "trajectories" / f"{name}.npz")
            writer.writerows(_action_rows(world, episode, steps, trajectory))
            n_trajectories += 1
    return Exported(n_trajectories, problems)


_ACTION_COLUMNS: Final[Sequence[str]] = (
    "episode",
    "room",
    "world",
    "time",
    "agent",
    "action",
    "source",
    "reward",
    "at",
)


def _play(env: CoGridEnv, seed: int, joint_actions: Sequence[Sequence[int]]) -> Trajectory:
    """Play actions again from a seed."""
    recorder = TrajectoryRecorder(env)
    recorder.reset(seed=seed)
    for joint in joint_actions:
        if not env.agents:
            break
        recorder.step({agent: joint[env.possible_agents.index(agent)] for agent in env.agents})
    return recorder.trajectory()


def _check(
    world: StudyWorld, episode: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], trajectory: Trajectory
) -> list[str]:
    """What is not as it was stored."""
    told = []
    if episode["fingerprint"] != fingerprint(world.env.tables):
        told.append("it was played with other rules, another map or other settings")
    live = LiveWorld(world, episode["seed"])
    for step in steps:
        live.step(json.loads(step["actions"]))
        if live.time != step["time"] or live.hash() != step["hash"]:
            told.append(f"the state after step {step['time']} is another one")
            break
    if trajectory.n_steps != len(steps):
        told.append(f"it has {len(steps)} steps, of which {trajectory.n_steps} can be played")
    told += [f"{found.what} differs at step {found.step}" for found in trajectory.check(world.env)[:1]]
    return told


def _action_rows(
    world: StudyWorld, episode: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], trajectory: Trajectory
) -> Iterator[dict[str, Any]]:
    names = world.env.tables.action_set.names
    for idx, step in enumerate(steps[: trajectory.n_steps]):
        for agent_idx, action in enumerate(json.loads(step["actions"])):
            yield {
                "episode": episode["id"],
                "room": episode["room"],
                "world": episode["world"],
                "time": step["time"],
                "agent": agent_idx,
                "action": names[action],
                "source": SOURCES[step["sources"][agent_idx]],
                "reward": float(trajectory.rewards[idx, agent_idx]),
                "at": step["at"],
            }


def csv_rows(rows: Iterator[Mapping[str, Any]]) -> Iterator[Sequence[Any]]:
    """The rows of a table as they are handed out, the names of the columns first; nothing for an empty table."""
    for number, row in enumerate(rows):
        shown = {name: value for name, value in row.items() if name not in HIDDEN}
        if number == 0:
            yield list(shown)
        yield list(shown.values())


def _write_csv(file: pathlib.Path, rows: Iterator[Mapping[str, Any]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(csv_rows(rows))
