"""Trials of two people playing together, and their replay under the exact rules.

37 trials of 2019, played under the old dynamics, and 3 of 2020, under the new. The states are those that were recorded,
not a simulation.

Source: Carroll et al. (2019), "On the utility of learning about humans for human-AI coordination" (arXiv 1910.05789),
published with the overcooked_ai project of the Center for Human-Compatible AI under the MIT licence, whose notice is
beside the files. People are numbers; in 2019 it is known which pair played, not who of them was which agent.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np
from jaxtyping import Shaped

from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.core.state_builder import build_state
from cogrid.envs.overcooked_ai.layouts import kitchens
from cogrid.envs.overcooked_ai.recordings import differing, our_arrays
from cogrid.envs.registry import make
from cogrid.errors import ConfigError, did_you_mean
from cogrid.recording.archive import read_arrays


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class HumanTrial:
    """A trial of two people.

    Attributes:
      name: what `load_trial` calls it: year, layout and number.
      layout: the original's name of the kitchen.
      year: of the study, 2019 or 2020.
      old_dynamics: whether it was played with soups that cook by themselves.
      pair: number of the two people, within a year.
      players: their numbers, agent 0's first; None where they are not known apart.
      deliveries: soups delivered.
      total_reward: what the trial earned: 20 a soup in 2019, in 2020 what each order was worth.
      first_mismatch_under_new_dynamics: the step at which the new dynamics of the original leave what was recorded, as
        its own replay found; None where they never do.
      arrays: `actions` `[T, 2]` (0 to 5, as in our action set), `rewards` `[T, 2]`, and the states, `[T + 1, ...]`, by
        the names of `recordings.our_arrays`.
    """

    name: str
    layout: str
    year: int
    old_dynamics: bool
    pair: int
    players: tuple[int, ...] | None
    deliveries: int
    total_reward: float
    first_mismatch_under_new_dynamics: int | None
    arrays: dict[str, Shaped[np.ndarray, "..."]]

    @property
    def n_steps(self) -> int:
        """How many steps were played, T."""
        return len(self.arrays["actions"])

    def make_env(self, backend: str = "numpy", old_dynamics: bool | None = None, **overrides: Any) -> CoGridEnv:
        """The trial's kitchen.

        Args:
          backend: "numpy" or "jax".
          old_dynamics: the rules; by default those that the trial was played under.
          overrides: further settings, as for `make`.
        """
        rules = self.old_dynamics if old_dynamics is None else old_dynamics
        env_id = f"OvercookedAI-{kitchens()[self.layout].id_name}-V0"
        return make(env_id, backend=backend, **{"old_dynamics": rules, "max_steps": None, **overrides})

    def start_state(self, env: CoGridEnv) -> EnvState:
        """The first recorded state, as a state of an environment of the trial's kitchen."""
        return env.state_from_arrays(**{name: values[0] for name, values in self._states().items()})

    def observations(self, features: Sequence[Any] = ("overcooked_ai_features",), **overrides: Any) -> np.ndarray:
        """What each of the two observed, at every recorded state: what a network that clones them sees.

        Args:
          features: what is observed, as the setting of `make`.
          overrides: further settings, such as `observation_dtype="float32"`.
        Returns:
          `[T + 1, 2, ...]`; row t is what was seen when `arrays["actions"][t]` were chosen.
        """
        env = self.make_env(features=features, **overrides)
        return env.observation(self.states(env))

    def states(self, env: CoGridEnv) -> EnvState:
        """All recorded states as one batch of T + 1, of an environment of the trial's kitchen; NumPy leaves.

        They are played, which is much faster than to build each, and built where the rules of the environment do not
        lead to what was recorded.
        """
        recorded, game = self._states(), env.game
        each = [build_state(env.tables, {name: values[0] for name, values in recorded.items()})]
        for joint in self.arrays["actions"].astype(np.int32):
            each.append(game.play(each[-1], joint)[0])
        played = each[0].map_arrays(lambda *arrays: np.stack(arrays), *each[1:])
        if not differing(played, recorded):
            return played
        each = [
            build_state(env.tables, {name: values[time] for name, values in recorded.items()})
            for time in range(self.n_steps + 1)
        ]
        return each[0].map_arrays(lambda *arrays: np.stack(arrays), *each[1:])

    def _states(self) -> dict[str, Shaped[np.ndarray, "..."]]:
        return our_arrays(self.arrays, _index()["items"])


@dataclasses.dataclass(frozen=True, order=True)
class Mismatch:
    """A step after which a replay differs from what was recorded.

    Attributes:
      step: index of the step, from 0.
      array: what differs, by its name in the state, or "rewards".
    """

    step: int
    array: str


@functools.cache
def _index() -> dict[str, Any]:
    return json.loads((_folder() / "index.json").read_text(encoding="utf-8"))


def _folder() -> Any:
    return resources.files("cogrid.envs.overcooked_ai") / "human_trials"


def trial_names() -> list[str]:
    """The names of all trials."""
    return [trial["name"] for trial in _index()["trials"]]


def layouts_of_2019() -> list[str]:
    """The kitchens of the trials of 2019, by the original's names: those that proxies are made for."""
    return sorted({trial["layout"] for trial in _index()["trials"] if trial["year"] == 2019})


def load_trial(name: str) -> HumanTrial:
    """Load a trial.

    Args:
      name: one of `trial_names()`.
    Raises:
      ConfigError: for an unknown name, with the close ones.
      StateError: when the trial's file is damaged or missing.
    """
    about = next((trial for trial in _index()["trials"] if trial["name"] == name), None)
    if about is None:
        raise ConfigError(f"There is no trial {name!r}. {did_you_mean(name, trial_names())}")
    settings = {key: value for key, value in about.items() if key not in ("steps", "players")}
    players = None if about["players"] is None else tuple(about["players"])
    with resources.as_file(_folder() / f"{name}.npz") as path:
        return HumanTrial(**settings, players=players, arrays=read_arrays(path))


def replay_trial(trial: HumanTrial, old_dynamics: bool | None = None) -> list[Mismatch]:
    """Play a trial's actions from its first state, and compare every state and reward with what was recorded.

    Args:
      trial: the trial.
      old_dynamics: the rules; by default those that it was played under.
    Returns:
      Every mismatch, in order; none if the rules reproduce the trial exactly. A replay that has left the recording once
      goes on by itself, so that the first mismatch is the one that tells.
    Raises:
      ConfigError: for old dynamics in a kitchen that has none.
    """
    env = trial.make_env(old_dynamics=old_dynamics, features=["agent_position"])
    env.set_state(trial.start_state(env))
    states, paid = [], []
    for actions in trial.arrays["actions"].tolist():
        _, rewards, *_ = env.step(dict(zip(env.agents, actions, strict=True)))
        states.append(env.get_state())
        paid.append(list(rewards.values()))
    played = states[0].map_arrays(lambda *arrays: np.stack(arrays), *states[1:])
    recorded = {name: values[1:] for name, values in trial._states().items()}
    mismatches = {
        Mismatch(int(place[0]), name) for name, places in differing(played, recorded).items() for place in places
    }
    unpaid = np.argwhere(np.array(paid, dtype=np.float32) != trial.arrays["rewards"])
    return sorted(mismatches | {Mismatch(int(place[0]), "rewards") for place in unpaid})
