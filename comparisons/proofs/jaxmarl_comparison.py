"""Steps that JaxMARL made in its kitchens, made here, and what comes of them compared bit for bit."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from jaxtyping import Shaped

import cogrid
from cogrid.backend.env_state import EnvState
from cogrid.cogrid_env import CoGridEnv
from cogrid.envs.kitchen.layouts import id_name
from cogrid.envs.overcooked_v2.features import OvercookedV2Planes
from cogrid.errors import CoGridError
from cogrid.feature_space.local_view import local_view
from comparisons.proofs.kitchen_recordings import (
    Arrays,
    Recording,
    build_states,
    in_order,
    read_as_recorded,
    state_arrays,
    world_values,
)

BATCH = 2_000
"""How many steps are made at once, so that their observations fit into memory."""

USEFUL_PLATE = 3
"""What JaxMARL pays for a plate that a pot waits for."""

FOUR_COOKS = ("CCCUCCC", "a1 2  =", "C 3 4 @", "b  L  R", "CCCUCCC")
"""The recorder's kitchen for four cooks."""

FAMILIES = {"overcooked": "JaxMARLOvercooked", "overcooked_v2": "OvercookedV2"}
"""What stands before the hyphen in our ids, by JaxMARL's names."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """A kitchen of JaxMARL's under some options.

    Attributes:
      game: "overcooked" or "overcooked_v2".
      layout: its name there.
      options: of OvercookedV2, by the names that both libraries have for them.
    """

    game: str
    layout: str
    options: Mapping[str, bool] = dataclasses.field(default_factory=dict)

    def make(self, max_steps: int | None) -> CoGridEnv:
        """Our environment for it; one that can be in any state that a random reset gives.

        Args:
          max_steps: how long an episode is.
        """
        settings: dict[str, Any] = {**self.options, "max_steps": max_steps}
        if self.game == "overcooked_v2":
            settings["random_reset"] = True
        if self.layout == "four_cooks":
            return cogrid.make("OvercookedV2-CrampedRoom-V0", layout=FOUR_COOKS, num_agents=4, **settings)
        return cogrid.make(f"{FAMILIES[self.game]}-{id_name(self.layout)}-V0", **settings)

    def __str__(self) -> str:
        return f"{self.game} {self.layout}" + (" with options" if self.options else "")


@dataclasses.dataclass(kw_only=True)
class Count:
    """What was compared in one run, and how much of it differed.

    Attributes:
      run: the kitchen.
      n_agents: how many cooks.
      steps: how many steps were made by both.
      deliveries: soups delivered, of any kind.
      wanted: of these, the wanted ones; all in the first Overcooked, which has one soup.
      plates: plates taken, and
      paid_plates: of these, those that JaxMARL paid for.
      differences: for each thing compared, in how many steps it differed.
      first: says which difference is the first one, None if there is none; `first_step` is its time.
    """

    run: Run
    n_agents: int = 0
    steps: int = 0
    deliveries: int = 0
    wanted: int = 0
    plates: int = 0
    paid_plates: int = 0
    differences: dict[str, int] = dataclasses.field(default_factory=dict)
    first: str | None = None
    first_step: int | None = None

    def compare(self, what: str, steps: Shaped[np.ndarray, "K 2"], ours: Any, theirs: Any) -> None:
        """Compare two arrays, row by row along the first axis.

        Args:
          what: the name of what is compared.
          steps: `[K, 2]`, the episode and the time of each row.
          ours, theirs: `[K, ...]`.
        """
        ours, theirs = np.asarray(ours), np.asarray(theirs)
        is_equal = np.zeros(len(steps), dtype=bool)
        if ours.shape == theirs.shape:
            is_equal = (ours == theirs).reshape(len(steps), -1).all(axis=-1)
        if is_equal.all():
            return
        self.differences[what] = self.differences.get(what, 0) + int(np.sum(~is_equal))
        row = int(np.argmin(is_equal))
        episode, time = steps[row].tolist()
        if self.first_step is None or time < self.first_step:
            self.first_step = time
            self.first = (
                f"{self.run}: {what} differ first at step {time} of episode {episode}, {_told(ours, theirs, row)}"
            )

    @property
    def n_differences(self) -> int:
        """Everything that differed."""
        return sum(self.differences.values())


def _told(ours: Shaped[np.ndarray, "..."], theirs: Shaped[np.ndarray, "..."], row: int) -> str:
    """Where two rows differ first, and what they have there."""
    if ours.shape != theirs.shape:
        return f"of shape {ours.shape[1:]} here and {theirs.shape[1:]} there."
    places = np.argwhere(ours[row] != theirs[row])[0].tolist()
    where = f"in {places}: " if places else ""
    return f"{where}{ours[row][*places]} here and {theirs[row][*places]} there."


def replay(run: Run, recording: Recording) -> Count:
    """Make every recorded step, from the recorded state before it, and compare what comes of it.

    Args:
      run: the kitchen.
      recording: episodes: states `[E, T + 1, ...]`; what was told of steps `[E, T, ...]`, observations of the states
        after them among it; `obs_start`, if it is there, of the first states; `max_steps`.
    Raises:
      CoGridError: for a recorded state that our world can never be in.
    """
    n_episodes, n_steps, n_agents = recording.actions.shape
    count = Count(run=run, n_agents=n_agents, steps=n_episodes * n_steps)
    _count_plates(count, recording)
    try:
        _compare_all(count, run.make(int(recording["max_steps"])), recording)
    except CoGridError as error:
        raise CoGridError(f"{run}: {error}") from error
    return count


def _compare_all(count: Count, env: CoGridEnv, recording: Recording) -> None:
    n_episodes, n_steps, _ = recording.actions.shape
    arrays = state_arrays(recording, env)
    if "obs_start" in recording:
        first = build_states(env, {name: values[:, 0] for name, values in arrays.items()})
        count.compare("observations", _numbers(n_episodes, [0]), env.observation(first), recording["obs_start"])
    size = max(1, BATCH // n_episodes)
    for start in range(0, n_steps, size):
        _compare_steps(count, env, _Steps(recording, arrays, slice(start, min(start + size, n_steps))))


def _numbers(n_episodes: int, times: Sequence[int] | range) -> Shaped[np.ndarray, "K 2"]:
    """The episode and the time of each of a batch of steps, `[K, 2]`, earlier times first."""
    return np.array([(episode, time) for time in times for episode in range(n_episodes)])


class _Steps:
    """Some times of all episodes as one batch, earlier times first.

    Args:
      recording: the episodes.
      arrays: its states, in our terms.
      times: which times.
    """

    def __init__(self, recording: Recording, arrays: Arrays, times: slice) -> None:
        self.recording = recording
        self._times = times
        self.before = {name: _flat(values, times) for name, values in arrays.items()}
        self.after = {name: _flat(values, _later(times)) for name, values in arrays.items()}
        self.actions = _flat(recording.actions, times)
        self.numbers = _numbers(len(recording.actions), range(times.start, times.stop))
        self.views = sorted(name for name in recording.arrays if name.startswith("obs_view_"))

    def told(self, name: str, is_of_states: bool = False) -> Shaped[np.ndarray, "K ..."]:
        """What was recorded of each step; or of the state after it, where states were recorded."""
        return _flat(self.recording[name], _later(self._times) if is_of_states else self._times)


def _later(times: slice) -> slice:
    return slice(times.start + 1, times.stop + 1)


def _flat(values: Shaped[np.ndarray, "E T ..."], times: slice) -> Shaped[np.ndarray, "K ..."]:
    cut = np.swapaxes(values[:, times], 0, 1)
    return cut.reshape(cut.shape[0] * cut.shape[1], *cut.shape[2:])


def _compare_steps(count: Count, env: CoGridEnv, steps: _Steps) -> None:
    before = build_states(env, steps.before)
    after, seen, paid, done, _ = env.jax_step(before, steps.actions)
    if env.config.rules.redraw_on:
        after = _with_their_recipe(env, after, steps.after["recipe"])
        seen = env.observation(after)
    shaped = cast(Any, env.game.shaped_reward)(before, after, steps.actions)  # These kitchens all have one.
    for name, recorded in steps.after.items():
        count.compare(name, steps.numbers, read_as_recorded(after, name), in_order(name, recorded))
    count.compare("rewards", steps.numbers, paid, steps.told("rewards"))
    count.compare("shaped rewards", steps.numbers, shaped, steps.told("reward_shaped"))
    count.compare("dones", steps.numbers, done, steps.told("done") != 0)
    count.compare("observations", steps.numbers, seen, steps.told("obs"))
    for name in steps.views:
        count.compare(f"views of {name[-1]}", steps.numbers, _view(env, after, int(name[-1])), steps.told(name))
    is_delivery = is_correct = _has_happened(env, after, "delivery")
    if count.run.game == "overcooked_v2":
        is_correct = _has_happened(env, after, "correct_delivery")
        if "new_correct_delivery" in steps.recording:
            told = steps.told("new_correct_delivery", is_of_states=True) != 0
            count.compare("correct deliveries", steps.numbers, is_correct.any(axis=-1), told)
    count.deliveries += int(is_delivery.sum())
    count.wanted += int(is_correct.sum())


def _with_their_recipe(env: CoGridEnv, after: EnvState, recipes: Shaped[np.ndarray, "K L"]) -> EnvState:
    """The same states, but with their recipe where one was drawn anew: there any that can be wanted is right."""
    is_drawn = np.zeros(len(recipes), dtype=bool)
    for event in env.config.rules.redraw_on:
        is_drawn |= _has_happened(env, after, event).any(axis=-1)
    return after.replace(world_value=np.where(is_drawn, world_values(env, recipes), np.asarray(after.world_value)))


def _has_happened(env: CoGridEnv, state: EnvState, event: str) -> Shaped[np.ndarray, "K A"]:
    mask = 1 << env.event_names.index(event)
    return (np.asarray(state.events) & mask) != 0


def _view(env: CoGridEnv, state: EnvState, radius: int) -> Shaped[np.ndarray, "K A S S C"]:
    """What is seen around each agent, without our channel for cells off the grid."""
    planes = OvercookedV2Planes(shows_delivery="delivered" in env.observation.channels(env.tables))
    return np.asarray(local_view(radius, of=planes)(state))[..., :-1]


def _count_plates(count: Count, recording: Recording) -> None:
    """Count the plates that were taken, by what was recorded alone."""
    names = recording.names("item")
    held = recording["agent_item"]
    is_taken = (held[:, :-1] == names.index("none")) & (held[:, 1:] == names.index("plate"))
    count.plates = int(is_taken.sum())
    count.paid_plates = int((is_taken & (recording["reward_shaped"] == USEFUL_PLATE)).sum())


def first_difference(counts: Sequence[Count]) -> str | None:
    """Which difference is the first one of the first run that has any; None if nothing differed."""
    return next((count.first for count in counts if count.first is not None), None)
