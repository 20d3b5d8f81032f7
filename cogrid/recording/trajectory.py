"""`Trajectory`: an episode as it was played, kept in a file, and checked against the rules."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import AgentID, CoGridEnv, StepDicts
from cogrid.errors import ActionError, EpisodeError, StateError
from cogrid.recording.archive import (
    check_environment,
    environment_header,
    read_archive,
    state_from_leaves,
    state_leaves,
    write_archive,
)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Trajectory:
    """An episode of T steps of A agents.

    Attributes:
      environment: what the environment is called, and the fingerprint of its rules, map and settings.
      seed: what it was reset with; None if it went on from a state, or from an earlier episode.
      start: the stored arrays of the first state.
      actions: `[T, A]` int32; Noop for an agent that had terminated.
      rewards: `[T, A]` float32.
      terminations, truncations: `[T, A]` bool.
      observations: `[T + 1, A, ...]`, zeros for an agent that had terminated; None if they were not kept.
      notebook_html: what a notebook shows of a trajectory, set when the package is imported; its fields for None.
    """

    notebook_html: ClassVar[Callable[[Trajectory], str] | None] = None

    environment: Mapping[str, Any]
    seed: int | None
    start: Mapping[str, Shaped[np.ndarray, "..."]]
    actions: Int[np.ndarray, "T A"]
    rewards: Float[np.ndarray, "T A"]
    terminations: Bool[np.ndarray, "T A"]
    truncations: Bool[np.ndarray, "T A"]
    observations: Shaped[np.ndarray, "..."] | None = None

    @property
    def n_steps(self) -> int:
        """How many steps were played, T."""
        return len(self.actions)

    def _repr_html_(self) -> str | None:
        """The episode in a notebook, to be stepped through."""
        show = type(self).notebook_html
        return None if show is None else show(self)

    def save(self, path: str | os.PathLike[str]) -> pathlib.Path:
        """Write the trajectory to a file.

        Args:
          path: where to; ".npz" is added if it is missing.
        Returns:
          Where the file is.
        """
        arrays = {name: getattr(self, name) for name in _KINDS if getattr(self, name) is not None}
        return write_archive(path, "trajectory", {**self.environment, "seed": self.seed}, {**self.start, **arrays})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a trajectory from a file; no code in it is run.

        Raises:
          StateError: if there is no such file, or it is damaged, of another kind, or lacks something.
        """
        header, arrays = read_archive(path, "trajectory")
        seed = header.get("seed")
        if not (seed is None or type(seed) is int):
            raise StateError(f"{os.fspath(path)!r}: the seed is an integer or null, not {seed!r}.")
        for name, kinds in _KINDS.items():
            if name not in arrays and name != "observations":
                raise StateError(f"{os.fspath(path)!r} has no array {name!r}.")
            if name in arrays and (arrays[name].ndim < 2 or arrays[name].dtype.kind not in kinds):
                raise StateError(
                    f"{os.fspath(path)!r}: {name} cannot be of shape {arrays[name].shape} and dtype "
                    f"{arrays[name].dtype}."
                )
        start = {name: values for name, values in arrays.items() if name.startswith("state.")}
        played = {name: arrays[name] for name in _KINDS if name in arrays}
        environment = {name: header.get(name) for name in ("environment", "fingerprint")}
        return cls(environment=environment, seed=seed, start=start, **played)

    def start_state(self, env: CoGridEnv) -> EnvState:
        """The first state, for an environment of the same rules, map and settings.

        Raises:
          StateError: when the trajectory is of another environment, or its start is not a state of it.
        """
        check_environment("the trajectory", self.environment, env.tables, env.config.name)
        return state_from_leaves(env.tables, self.start)

    def check(self, env: CoGridEnv) -> list[Difference]:
        """Play the episode again from its seed and its first state, and compare everything that was kept.

        Args:
          env: an environment of the same rules, map and settings, on either backend; it is left where the replay ends.
        Returns:
          What differs, in order; nothing if the trajectory is what the rules make of its seed, its first state and its
          actions.
        Raises:
          StateError: when the trajectory is of another environment, or its start is not a state of it.
        """
        start = self.start_state(env)
        found = [] if self._begins_as_seeded(env, start) else [Difference(0, "start")]
        recorder = TrajectoryRecorder(env, keep_observations=self.observations is not None)
        recorder.start_from(start)
        if self.actions.shape[1:] == (env.tables.n_agents,):
            _play(recorder, self.actions.tolist())
        again = recorder.trajectory()
        for name in _KINDS:
            ours, theirs = getattr(again, name), getattr(self, name)
            found += [] if theirs is None else [Difference(step, name) for step in _differing_rows(ours, theirs)]
        return sorted(found)

    def _begins_as_seeded(self, env: CoGridEnv, start: EnvState) -> bool:
        """Whether the first state is the one that the seed gives, on the start's layout; true without a seed."""
        if self.seed is None:
            return True
        env.reset(seed=self.seed, options=None if start.layout_idx is None else {"layout": int(start.layout_idx)})
        seeded, given = state_leaves(env.get_state()), state_leaves(start)
        return all(np.array_equal(seeded[name], given[name]) for name in seeded)


_KINDS = {"actions": "iu", "rewards": "f", "terminations": "b", "truncations": "b", "observations": "iufb"}
"""The arrays of an episode, and the kinds of dtype that each can have."""


@dataclasses.dataclass(frozen=True, order=True)
class Difference:
    """Where a trajectory is not what the rules make of it.

    Attributes:
      step: index of the step, from 0; of the state, for observations. Where an array is longer or shorter than the
        replay this is its first row too many, or the first that is missing.
      what: "start" if the seed gives another first state; else the array that differs: "actions", "rewards",
        "terminations", "truncations" or "observations". Actions differ where they could not be played: after the
        episode's end, for an agent that had terminated, or because they are not actions of the environment.
    """

    step: int
    what: str


def _play(recorder: TrajectoryRecorder, joint_actions: list[list[int]]) -> None:
    """Play actions up to the end of the episode, or to the first that the environment refuses."""
    env = recorder.env
    for actions in joint_actions:
        if not env.agents:
            return
        try:
            recorder.step({agent: actions[env.possible_agents.index(agent)] for agent in env.agents})
        except ActionError:
            return


def _differing_rows(ours: Shaped[np.ndarray, "..."], theirs: Shaped[np.ndarray, "..."]) -> list[int]:
    """The rows in which two arrays differ, and the first row that only one of them has."""
    if ours.shape[1:] != theirs.shape[1:]:
        return [0]
    n_rows = min(len(ours), len(theirs))
    is_other = (ours[:n_rows] != theirs[:n_rows]).any(axis=tuple(range(1, ours.ndim)))
    return [*np.flatnonzero(is_other).tolist(), *([] if len(ours) == len(theirs) else [n_rows])]


class TrajectoryRecorder:
    """Plays an environment, and keeps what happens.

        recorder = TrajectoryRecorder(env)
        observations, infos = recorder.reset(seed=7)
        while env.agents:
            recorder.step(actions)
        recorder.trajectory().save("episode.npz")

    Args:
      env: the environment; play it through the recorder only.
      keep_observations: whether the trajectory holds what agents observed.
    """

    def __init__(self, env: CoGridEnv, keep_observations: bool = False) -> None:
        self.env = env
        self.keep_observations = keep_observations
        self._start: EnvState | None = None

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[AgentID, np.ndarray], dict[AgentID, dict[str, Any]]]:
        """Start an episode, and a trajectory."""
        observations, infos = self.env.reset(seed=seed, options=options)
        self._begin(seed, observations)
        return observations, infos

    def start_from(self, state: EnvState) -> None:
        """Start a trajectory from a state.

        Raises:
          StateError: when the environment can never be in that state.
        """
        self.env.set_state(state)
        seen = self.env.observation(self.env.get_state())
        self._begin(None, dict(zip(self.env.possible_agents, np.asarray(seen), strict=True)))

    def step(self, actions: Mapping[AgentID, Any]) -> StepDicts:
        """Make one step, and keep it."""
        if self._start is None:
            raise EpisodeError("There is no trajectory yet: call reset() or start_from() first.")
        noop, live = self.env.tables.action_set.noop, set(self.env.agents)
        results = self.env.step(actions)  # It checks the actions, and `live` are those that they were for.
        joint = [int(actions[agent]) if agent in live else noop for agent in self.env.possible_agents]
        self._actions.append(joint)
        _, rewards, terminations, truncations, _ = results
        names = self.env.possible_agents
        self._rewards.append([float(rewards.get(agent, 0)) for agent in names])
        self._terminations.append([terminations.get(agent, False) for agent in names])
        self._truncations.append([truncations.get(agent, False) for agent in names])
        self._keep(results[0])
        return results

    def trajectory(self) -> Trajectory:
        """What has been played since the last reset.

        Raises:
          EpisodeError: before any reset.
        """
        if self._start is None:
            raise EpisodeError("There is no trajectory yet: call reset() or start_from() first.")
        shape = (len(self._actions), self.env.tables.n_agents)
        return Trajectory(
            environment=environment_header(self.env.tables, self.env.config.name),
            seed=self._seed,
            start=state_leaves(self._start),
            actions=np.array(self._actions, dtype=np.int32).reshape(shape),
            rewards=np.array(self._rewards, dtype=np.float32).reshape(shape),
            terminations=np.array(self._terminations, dtype=np.bool_).reshape(shape),
            truncations=np.array(self._truncations, dtype=np.bool_).reshape(shape),
            observations=np.stack(self._observations) if self.keep_observations else None,
        )

    def _begin(self, seed: int | None, observations: Mapping[AgentID, np.ndarray]) -> None:
        self._start = self.env.get_state()
        self._seed = None if seed is None else int(seed)
        self._actions: list[list[int]] = []
        self._rewards: list[list[float]] = []
        self._terminations: list[list[bool]] = []
        self._truncations: list[list[bool]] = []
        self._observations: list[np.ndarray] = []
        self._keep(observations)

    def _keep(self, observations: Mapping[AgentID, np.ndarray]) -> None:
        if not self.keep_observations:
            return
        space = self.env.observation_space(self.env.possible_agents[0])
        nothing = np.zeros(space.shape, dtype=space.dtype)
        self._observations.append(
            np.stack([np.asarray(observations.get(agent, nothing)) for agent in self.env.possible_agents])
        )
